#include "events/events.h"

#include "base/memory.h"
#include "events/teller.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <stdlib.h>

enum { LARGEST_SECRET = 4096, SHORTEST_SECRET = 16 };

struct events {
    const struct options *options; /* a reference */
    struct store *store;
    struct buffer secret;
    struct teller **tellers;
    size_t count;
};

static bool read_secret(struct events *ev, struct error *e)
{
    struct span path = ev->options->events_secret;
    if (!path.len)
        return true;
    if (!whole_file_read(path.at, 0, LARGEST_SECRET, &ev->secret))
        return error_system(e, errno, "cannot read the secret of events from %s", path.at);
    while (ev->secret.len &&
           (ev->secret.at[ev->secret.len - 1] == '\n' || ev->secret.at[ev->secret.len - 1] == '\r'))
        ev->secret.at[--ev->secret.len] = '\0';
    return ev->secret.len >= SHORTEST_SECRET ||
           error_set(e,
                     "the secret in %s is too short; it needs %d bytes or more, for example from: "
                     "openssl rand -hex 32",
                     path.at, SHORTEST_SECRET);
}

/* What all sinks have had may be forgotten when its time has come. In any teller's thread. */
static void one_has_moved(void *arg)
{
    const struct events *ev = arg;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < ev->count; i++) {
        uint64_t place = teller_place(ev->tellers[i]);
        least = place < least ? place : least;
    }
    store_keep_unread(ev->store, least);
}

static bool make_tellers(struct events *ev, struct error *e)
{
    const struct options *o = ev->options;
    ev->tellers = memory_new((o->event_sink_count + 1) * sizeof *ev->tellers);
    for (size_t i = 0; i < o->event_sink_count; i++) {
        const struct teller_settings s = {.to = &o->events[i],
                                          .secret = buffer_span(&ev->secret),
                                          .state = o->state,
                                          .store = ev->store,
                                          .moved = one_has_moved,
                                          .arg = ev};
        if (!(ev->tellers[i] = teller_new(&s, e)))
            return false;
        ev->count++;
    }
    return true;
}

struct events *events_new(const struct options *o, struct store *store, struct error *e)
{
    struct events *ev = memory_new(sizeof *ev);
    ev->options = options_ref(o);
    ev->store = store;
    if (!read_secret(ev, e) || !make_tellers(ev, e))
        events_free(&ev);
    return ev;
}

bool events_are_same(const struct events *a, const struct events *b)
{
    bool same =
        a->count == b->count && span_equal(buffer_span(&a->secret), buffer_span(&b->secret));
    for (size_t i = 0; same && i < a->count; i++)
        same = a->options->events[i].kind == b->options->events[i].kind &&
               span_equal(a->options->events[i].target, b->options->events[i].target);
    return same;
}

void events_start(struct events *ev)
{
    one_has_moved(ev);
    store_follow(ev->store, ev->count > 0);
    for (size_t i = 0; i < ev->count; i++)
        teller_start(ev->tellers[i]);
}

void events_free(struct events **events)
{
    struct events *ev = *events;
    if (!ev)
        return;
    for (size_t i = 0; i < ev->count; i++)
        teller_end(ev->tellers[i]);
    for (size_t i = 0; i < ev->count; i++)
        teller_join(ev->tellers[i]); /* each looks at the places of all, so far */
    for (size_t i = 0; i < ev->count; i++)
        teller_free(&ev->tellers[i]);
    free(ev->tellers);
    buffer_free(&ev->secret);
    options_unref(&ev->options);
    free(ev);
    *events = NULL;
}

void events_behind(const struct events *ev, uint64_t behind[EVENT_SINK_KINDS])
{
    for (int i = 0; i < EVENT_SINK_KINDS; i++)
        behind[i] = 0;
    for (size_t i = 0; i < ev->count; i++)
        behind[ev->options->events[i].kind] += teller_behind(ev->tellers[i]);
}
