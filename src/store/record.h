/* What stands inside a record of the journal: a sequence of entries, one durable step. Pure codec;
 * the file format is in doc/queue.md. Numbers are little-endian varints, texts have their length
 * before them. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "base/arena.h"
#include "outcome/envelope.h"
#include "outcome/outcome.h"

enum entry_kind {
    ENTRY_ACCEPT = 1,  /* a message came into our care */
    ENTRY_OUTCOME = 2, /* what happened to one recipient */
    ENTRY_HOLD = 3,
    ENTRY_RELEASE = 4
};

struct entry {
    enum entry_kind kind;
    message_id id;
    struct envelope envelope; /* ACCEPT */
    size_t recipient;         /* OUTCOME: index in the envelope, from here on */
    unsigned attempts;
    /* When due again. Of a final outcome: when its notice is due; it is open until then. 0:
     * neither. */
    int64_t retry_ms;
    struct outcome outcome;
    int64_t time_ms; /* HOLD, RELEASE */
    struct span why; /* HOLD */
};

/* Is it an outcome with which its recipient is closed? */
bool entry_closes(const struct entry *e);

void entry_add_accept(struct buffer *out, const struct envelope *e);
void entry_add_outcome(struct buffer *out, message_id id, size_t recipient, unsigned attempts,
                       int64_t retry_ms, const struct outcome *o);
void entry_add_hold(struct buffer *out, message_id id, int64_t time_ms, struct span why);
void entry_add_release(struct buffer *out, message_id id, int64_t time_ms);

/* The next entry of `*entries`. 1: `*e` holds it; its spans borrow from the input, its arrays are
 * in `a`. 0: the end. -1: malformed (never on what we wrote: the checksum has been checked before).
 */
int entry_next(struct span *entries, struct entry *e, struct arena *a);

#endif
