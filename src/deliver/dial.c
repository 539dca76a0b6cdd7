#include "deliver/dial.h"

#include "base/list.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>

enum { BETWEEN_ATTEMPTS = 250 /* ms, RFC 8305 5 */ };

struct attempt {
    struct watch watch;
    struct timer timer;
    struct list link;
    struct dial *dial;
    const struct way *way;
};

struct dial {
    struct dial_settings settings;
    const struct way *ways;
    size_t count, next;
    struct list attempts;
    struct timer timer; /* of the next attempt */
    const struct way *last;
    struct error why;
};

/* One of our addresses, of the family of the other side; false: any. */
static bool choose_source(const struct dial *d, const struct way *w, struct net_address *source)
{
    const struct target *t = d->settings.target;
    struct net_address of_family[64];
    unsigned weights[64], sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < t->source_count && count < 64; i++) {
        struct net_address *a = &of_family[count];
        if (!net_address_parse(a, t->sources[i].address, 0) ||
            a->at.ss_family != w->address.at.ss_family)
            continue;
        sum += weights[count++] = t->sources[i].weight;
    }
    if (!count)
        return false;
    unsigned at = d->settings.chance.number(d->settings.chance.arg) % sum;
    size_t chosen = 0;
    while (at >= weights[chosen])
        at -= weights[chosen++];
    *source = of_family[chosen];
    return true;
}

static void attempt_free(struct attempt *a)
{
    list_remove(&a->link);
    timer_stop(a->dial->settings.loop, &a->timer);
    free(a);
}

static void attempt_close(struct attempt *a)
{
    watch_close(a->dial->settings.loop, &a->watch);
    attempt_free(a);
}

static void close_attempts(struct dial *d)
{
    while (!list_is_empty(&d->attempts))
        attempt_close(LIST_ENTRY(d->attempts.next, struct attempt, link));
}

static void way_failed(struct dial *d, const struct way *w)
{
    d->last = w;
    d->settings.failed(d->settings.arg, w);
}

static void dial_step(struct dial *d);

static void attempt_failed(struct attempt *a)
{
    struct dial *d = a->dial;
    const struct way *w = a->way;
    attempt_close(a);
    way_failed(d, w);
    dial_step(d);
}

static void attempt_ready(struct watch *w, uint32_t events)
{
    struct attempt *a = LIST_ENTRY(w, struct attempt, watch);
    struct dial *d = a->dial;
    const struct way *way = a->way;
    int fd = w->fd, why = net_connect_error(fd);
    if (why) {
        error_system(&d->why, why, "could not connect");
        attempt_failed(a);
        return;
    }
    watch_stop(d->settings.loop, w);
    attempt_free(a);
    close_attempts(d);
    timer_stop(d->settings.loop, &d->timer);
    d->settings.done(d->settings.arg, fd, way, NULL);
}

static void attempt_too_slow(struct timer *t)
{
    struct attempt *a = LIST_ENTRY(t, struct attempt, timer);
    error_set(&a->dial->why, "could not connect: no answer in time");
    attempt_failed(a);
}

/* At once: an address of a family that this machine does not have, or a source that is not its. */
static void no_attempt(struct dial *d, const struct way *w, const struct net_address *source)
{
    int why = errno;
    struct buffer words = BUFFER_EMPTY;
    buffer_add_text(&words, "could not connect");
    if (source) {
        buffer_add_text(&words, " from ");
        net_address_add(&words, source);
    }
    error_system(&d->why, why, "%s", buffer_text(&words));
    buffer_free(&words);
    way_failed(d, w);
}

static bool attempt_start(struct dial *d, const struct way *w)
{
    struct net_address at;
    const struct net_address *source = choose_source(d, w, &at) ? &at : NULL;
    int fd = net_connect(&w->address, source);
    if (fd < 0) {
        no_attempt(d, w, source);
        return false;
    }
    struct attempt *a = memory_new(sizeof *a);
    a->watch = (struct watch){.fd = fd, .ready = attempt_ready};
    a->timer.due = attempt_too_slow;
    a->dial = d;
    a->way = w;
    list_append(&d->attempts, &a->link);
    watch_start(d->settings.loop, &a->watch, EPOLLOUT);
    timer_set(d->settings.loop, &a->timer, loop_now(d->settings.loop) + d->settings.patience);
    return true;
}

/* Does the next way wait for the ones before, which lead to another host? */
static bool next_must_wait(const struct dial *d)
{
    return !list_is_empty(&d->attempts) && d->next &&
           d->ways[d->next].rank != d->ways[d->next - 1].rank;
}

static void dial_step(struct dial *d)
{
    while (d->next < d->count && !next_must_wait(d))
        if (attempt_start(d, &d->ways[d->next++])) {
            timer_set(d->settings.loop, &d->timer, loop_now(d->settings.loop) + BETWEEN_ATTEMPTS);
            return;
        }
    timer_stop(d->settings.loop, &d->timer);
    if (list_is_empty(&d->attempts))
        d->settings.done(d->settings.arg, -1, d->last, &d->why);
}

static void step_due(struct timer *t)
{
    dial_step(LIST_ENTRY(t, struct dial, timer));
}

struct dial *dial_new(const struct dial_settings *s, const struct way *ways, size_t count)
{
    struct dial *d = memory_new(sizeof *d);
    d->settings = *s;
    d->ways = ways;
    d->count = count;
    d->timer.due = step_due;
    list_init(&d->attempts);
    timer_set(s->loop, &d->timer, loop_now(s->loop));
    return d;
}

void dial_free(struct dial **d)
{
    if (!*d)
        return;
    close_attempts(*d);
    timer_stop((*d)->settings.loop, &(*d)->timer);
    free(*d);
    *d = NULL;
}
