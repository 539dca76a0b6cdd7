/* Addresses made unreadable before a message is shown to others: RFC 6590. What stands before the
 * "@" becomes a hash of it with a key, so that whoever gets several reports sees which are about
 * the same address, and nobody sees whose it is. Pure. */
#ifndef ABUSE_REDACT_H
#define ABUSE_REDACT_H

#include "base/arena.h"

struct redaction {
    struct span key;              /* secret; the same key, the same hashes */
    const struct span *addresses; /* these, in any case */
    size_t count;
};

/* Append the address with its local part redacted. */
void redact_address(struct buffer *out, struct span address, struct span key);

/* Append `text`; the addresses are also found where "@" is written "%40", "=" (as in the return
 * paths of lists), or as a reference of HTML. */
void redact_text(struct buffer *out, struct span text, const struct redaction *r);

/* The same of a message, also in its parts that are encoded, which get the same encoding again. An
 * address that a link holds in a form of its own stays. */
void redact_message(struct buffer *out, struct span message, const struct redaction *r);

#endif
