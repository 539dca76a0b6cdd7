/* Who is told what happened: a file, a command or a webhook. */
#ifndef EVENTS_SINK_H
#define EVENTS_SINK_H

#include "base/buffer.h"
#include "base/error.h"
#include "config/event_sink.h"

struct sink; /* used by one thread, but for sink_interrupt */

/* `to` and `secret` must outlive it. NULL: `e`. */
struct sink *sink_new(const struct event_sink *to, struct span secret, struct error *e);
void sink_free(struct sink **s);

/* Hand over some events, a line each. Blocking. False: `e` says why they were not taken; maybe some
 * of them were. */
bool sink_take(struct sink *s, struct span lines, struct error *e);

/* What is under way ends at once; nothing more is taken. From any thread. */
void sink_interrupt(struct sink *s);

/* For the log: "webhook https://app.example.org/mail", without what may be secret in an address. */
void sink_add_name(struct buffer *out, const struct event_sink *to);
/* Lines as a JSON array. */
void sink_add_array(struct buffer *out, struct span lines);

#endif
