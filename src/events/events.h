/* Programs are told what becomes of all mail: each sink of the option "events" by a thread of its
 * own. doc/events.md is for those who write such programs. */
#ifndef EVENTS_EVENTS_H
#define EVENTS_EVENTS_H

#include "config/options.h"
#include "store/store.h"

struct events;

/* All that can fail: reads the secret, makes what is needed. Nothing is told yet. Without any sink
 * it is there all the same, and does nothing. NULL: `e`. */
struct events *events_new(const struct options *o, struct store *store, struct error *e);
/* The same sinks, and the same secret. */
bool events_are_same(const struct events *a, const struct events *b);

/* No two may tell the same sink: those that told before are freed first. */
void events_start(struct events *ev);
void events_free(struct events **ev); /* soon: who is just being told is told again by the next */

/* How many events wait to be told, by the kind of the sink. */
void events_behind(const struct events *ev, uint64_t behind[EVENT_SINK_KINDS]);

#endif
