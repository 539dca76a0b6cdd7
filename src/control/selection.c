/* Those that wait are looked at one after the other, oldest first, for a moment at a time: between
 * two moments what was found is sent, and workers do other things. */
#include "control/server_inside.h"

#include "base/memory.h"
#include "control/listing.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOMENT = 50, /* ms */
    PIECE = 64 * 1024,
    LOOK_AT_CLOCK_EVERY = 64, /* messages */
    TELL_EVERY = 500,         /* ms */
    MOST_CHOSEN = 2 * 1000 * 1000,
    SAMPLES = 5
};

static struct span destination_of(void *arg, const struct envelope *e, size_t recipient)
{
    struct conversation *c = arg;
    return c->control->settings.routes.destination(c->selection.routes, e, recipient);
}

static bool is_meant(struct conversation *c, const struct recovered *r, size_t i)
{
    const struct filter *f = &c->request.filter;
    bool asks_where = f->destination.len && !r->recipients[i].is_final;
    return !r->recipients[i].is_final &&
           filter_recipient(f, r->envelope, i, r->recipients[i].last,
                            asks_where ? destination_of(c, r->envelope, i) : SPAN_NONE);
}

/* Into `which`; how many. */
static size_t choose_recipients(struct conversation *c, const struct recovered *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->envelope->recipient_count; i++)
        if (is_meant(c, r, i)) {
            buffer_add(&c->selection.which, &i, sizeof i);
            count++;
        }
    return count;
}

/* The newest of what stands there. */
static const size_t *last_of(const struct buffer *which, size_t count)
{
    return count ? (const size_t *)(const void *)which->at + which->len / sizeof(size_t) - count
                 : NULL;
}

static void list(struct conversation *c, const struct recovered *r, size_t matched)
{
    const struct listing l = {.message = r,
                              .is_detailed = c->request.verb == VERB_SHOW,
                              .is_users = !c->peer.is_operator,
                              .which = last_of(&c->selection.which, matched),
                              .count = matched,
                              .destination = destination_of,
                              .arg = c};
    listing_add(&c->answer, &l);
    buffer_add_char(&c->answer, '\n');
}

static size_t count_open(const struct recovered *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->envelope->recipient_count; i++)
        count += !r->recipients[i].is_final;
    return count;
}

static void choose(struct conversation *c, const struct recovered *r, size_t matched)
{
    struct selection *s = &c->selection;
    const struct chosen chosen = {r->envelope->id, matched};
    buffer_add(&s->chosen, &chosen, sizeof chosen);
    s->recipients += matched ? matched : count_open(r);
    s->is_full = s->messages + 1 >= MOST_CHOSEN || s->which.len >= MOST_CHOSEN * sizeof(size_t);
    if (s->samples++ >= SAMPLES)
        return;
    buffer_add_text(&c->answer, "sample ");
    list(c, r, matched);
}

/* As its sender wants it (RFC 4865). */
static bool waits_for_release(const struct recovered *r)
{
    return !r->released_ms && r->envelope->parameters.release_ms > clock_now_ms();
}

/* Only what is on hold, or waits as its sender wants it, can be released; only what does neither
 * can be tried. */
static bool is_of_use(const struct conversation *c, const struct recovered *r)
{
    switch (c->request.verb) {
    case VERB_HOLD:
        return !r->is_held;
    case VERB_RETRY:
        return !r->is_held && !waits_for_release(r);
    case VERB_RELEASE:
        return r->is_held || waits_for_release(r);
    default:
        return true;
    }
}

static void look_at(void *arg, const struct recovered *r)
{
    struct conversation *c = arg;
    const struct filter *f = &c->request.filter;
    size_t matched = 0;
    bool is_act = verb_is_act(c->request.verb);
    if (!filter_message(f, r->envelope, r->is_held) || (is_act && !is_of_use(c, r)))
        return;
    if (filter_has_recipients(f)) {
        matched = choose_recipients(c, r);
        if (!matched)
            return;
    }
    if (is_act)
        choose(c, r, matched);
    else
        list(c, r, matched);
    if (!is_act)
        buffer_clear(&c->selection.which);
    c->selection.messages++;
}

static bool is_complete(const struct conversation *c)
{
    const struct selection *s = &c->selection;
    return s->at == s->count || s->is_full || (c->request.limit && s->messages >= c->request.limit);
}

static int by_id(const void *a, const void *b)
{
    message_id x = *(const message_id *)a, y = *(const message_id *)b;
    return (x > y) - (x < y);
}

/* Ids that are named are looked up; the others are all that wait. */
static void start(struct conversation *c)
{
    struct selection *s = &c->selection;
    const struct filter *f = &c->request.filter;
    s->is_started = true;
    s->now_ms = clock_now_ms();
    s->told_ms = clock_monotonic_ms();
    if (!f->id_count) {
        s->count = store_waiting(c->control->settings.store, &s->ids);
        return;
    }
    s->ids = memory_new(f->id_count * sizeof *s->ids);
    for (size_t i = 0; i < f->id_count; i++)
        s->ids[s->count++] = f->ids[i];
    qsort(s->ids, s->count, sizeof *s->ids, by_id);
    for (size_t i = s->count = 0; i < f->id_count; i++)
        if (!i || s->ids[i] != s->ids[i - 1])
            s->ids[s->count++] = s->ids[i];
}

void selection_next(struct conversation *c)
{
    struct selection *s = &c->selection;
    if (!s->is_started)
        start(c);
    int64_t until = clock_monotonic_ms() + MOMENT;
    while (!is_complete(c) && c->answer.len < PIECE) {
        message_id id = s->ids[s->at++];
        if (!filter_id(&c->request.filter, id, s->now_ms))
            continue;
        int failed = store_recall(c->control->settings.store, id, look_at, c);
        if (failed && failed != -ENOENT) { /* else it is finished meanwhile */
            c->ok = error_system(&c->error, -failed, "cannot read the queue");
            return;
        }
        if (s->at % LOOK_AT_CLOCK_EVERY == 0 && clock_monotonic_ms() >= until)
            break;
    }
    c->is_done = is_complete(c);
    if (!c->is_done && clock_monotonic_ms() - s->told_ms >= TELL_EVERY) {
        s->told_ms = clock_monotonic_ms();
        buffer_printf(&c->answer, "progress %zu %zu\n", s->at, s->count);
    }
}

void selection_free(struct conversation *c)
{
    struct selection *s = &c->selection;
    if (s->routes)
        c->control->settings.routes.end(s->routes);
    free(s->ids);
    buffer_free(&s->chosen);
    buffer_free(&s->which);
    *s = (struct selection){0};
}
