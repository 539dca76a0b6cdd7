/* Walk the records of the journal in order, from a position on: for the ledger, for `audit`, and
 * for recovery. Read-only; works beside a running writer on the same files. */
#ifndef STORE_JOURNAL_READER_H
#define STORE_JOURNAL_READER_H

#include "base/error.h"
#include "store/record.h"
#include "sys/file.h"

/* Where a record begins. Generations number the lives of segments: each time a segment is used anew
 * it gets the next one. */
struct journal_position {
    uint64_t generation; /* 0: before everything */
    uint64_t offset;
};

/* Behind every record that there will ever be: a bound, never a place where something is. */
#define JOURNAL_END ((struct journal_position){UINT64_MAX, 0})

/* What a server that was killed has written may stand in memory only: bring it to the disk, before
 * anybody takes it for what happened. No server runs meanwhile. False: `e`. */
bool journal_make_durable(struct disk *d, const char *directory, struct error *e);

int journal_position_compare(struct journal_position a, struct journal_position b);

struct journal_record {
    struct journal_position at, next; /* its start; where the next one begins */
    /* A message copied forward from an older segment, with the state of its recipients: nothing new
     * happened, a ledger passes over it; who recovers the queue replaces what it knew. */
    bool is_copy;
    struct span entries;     /* until the next call */
    uint64_t message_size;   /* bytes of the message behind the entries; 0: none */
    uint64_t message_offset; /* in the segment's file */
};

struct journal_reader;

/* `from`: a position that a record gave as `next`, or {0, 0} for the oldest there is. */
struct journal_reader *journal_reader_open(struct disk *d, const char *directory,
                                           struct journal_position from, struct error *e);
/* 1: a record; 0: the end of what is there (call again later: there may be more); -1: `e` says what
 * is wrong; a segment that was reused under the reader is told so, and what can't be read is no
 * end. Damage ends a segment: it goes on with the next one. `check_messages`: verify the
 * messages' checksums too. */
int journal_reader_next(struct journal_reader *r, bool check_messages,
                        struct journal_record *record, struct error *e);
/* Where the next record will be looked for. */
struct journal_position journal_reader_position(const struct journal_reader *r);
void journal_reader_close(struct journal_reader **r);

/* The oldest generation that is there; 0: none. While it stays the same no segment is used anew.
 * False: `e`. */
bool journal_oldest(struct disk *d, const char *directory, uint64_t *generation, struct error *e);

#endif
