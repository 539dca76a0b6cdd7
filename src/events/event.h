/* What happened to a message, as a JSON object for programs; doc/events.md has its members. Pure.
 */
#ifndef EVENTS_EVENT_H
#define EVENTS_EVENT_H

#include "store/ledger_events.h"

enum {
    EVENT_VERSION = 1,
    EVENT_MOST_WORDS = 2000, /* bytes of what a server said */
    EVENT_MOST_NAMED = 1000  /* recipients of an acceptance */
};

/* Append it, without a line end; there is none in it either. */
void event_write(struct buffer *out, const struct ledger_event *e);

/* The name by which who gets an event twice can tell: 16 digits that grow. */
void event_id_add(struct buffer *out, uint64_t number);

#endif
