/* What is decided of accounts, for a sink: their lines in the book, in the order in which they were
 * written, each once it is durable. It has a place of its own, as the ledger's events have. */
#ifndef EVENTS_ACCOUNT_FEED_H
#define EVENTS_ACCOUNT_FEED_H

#include "base/buffer.h"
#include "base/error.h"
#include "config/event_sink.h"
#include "store/account_book.h"

struct account_feed;

/* `to` and `state` outlive it. NULL: `e`. */
struct account_feed *account_feed_new(const struct event_sink *to, struct span state,
                                      struct error *e);
void account_feed_free(struct account_feed **f);

/* Append the next lines, at most `most`, as JSON objects on lines. Who is new is told from now on.
 * False: `e`. */
bool account_feed_next(struct account_feed *f, size_t most, struct buffer *lines, struct error *e);
/* The sink has them. False: `e`; then it gets them again. */
bool account_feed_taken(struct account_feed *f, struct error *e);

/* One line: {"version":1,"id":"account-…","event":"account-held","account":…}. Pure. */
void account_event_write(struct buffer *out, uint64_t number, struct span account,
                         const struct account_line *line);

#endif
