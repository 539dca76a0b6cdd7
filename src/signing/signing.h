/* The keys by which our own messages are signed (DKIM, RFC 6376). */
#ifndef DAEMON_SIGNING_H
#define DAEMON_SIGNING_H

#include "config/options.h"

struct signing;

/* Reads the files that the option dkim-key names. NULL: `e` says which can't be used, and why. */
struct signing *signing_new(const struct options *o, struct error *e);
void signing_free(struct signing **s);

/* Appends a signature for each key that may speak for `domain`, from which the message is; they
 * are to stand before it. Thread-safe. */
void signing_add(const struct signing *s, struct buffer *out, struct span domain,
                 struct span message, int64_t now_ms);

#endif
