/* What the journal's index needs to know of a record: which messages it tells of, and when they are
 * due. A sealed segment ends with the digests of all its records, so that a start reads these and
 * not the records. Pure codec; doc/queue.md has the format. */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include "base/arena.h"
#include "store/record.h"
#include "store/segment.h"

/* Of one record. They stand in the order of the records, which leave no gaps. */
struct digest {
    uint32_t entries_size;
    uint64_t message_size;
    struct span steps;
};

/* Of one entry. */
struct digest_step {
    enum entry_kind kind;
    message_id id;
    uint32_t recipients; /* ACCEPT: so many */
    uint32_t recipient;  /* OUTCOME: its index */
    int64_t due_ms;      /* OUTCOME: INT64_MAX when it closes its recipient */
};

/* Add the digest of a record to `out`. False: its entries are malformed, and nothing was added. */
bool digest_add(struct buffer *out, const struct record_header *h, struct span entries,
                struct arena *scratch);

/* The next one of `*digests`, which borrows from it. 1: `*d` holds it; 0: the end; -1: malformed.
 */
int digest_next(struct span *digests, struct digest *d);
/* The next step of `d->steps`, likewise. */
int digest_next_step(struct digest *d, struct digest_step *s);

/* Are these the digests of records that stand from `from` to `end`, and can be read? */
bool digests_cover(struct span digests, uint64_t from, uint64_t end);
uint64_t digest_record_size(const struct digest *d); /* of its record: with header and padding */

#endif
