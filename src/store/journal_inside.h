/* What journal.c (writing), journal_recover.c and journal_live.c share; not for others. */
#ifndef STORE_JOURNAL_INSIDE_H
#define STORE_JOURNAL_INSIDE_H

#include "base/index.h"
#include "store/digest.h"
#include "store/journal.h"
#include "store/segment.h"

#include <pthread.h>

struct segment {
    struct list link; /* in use (oldest first), or spare */
    unsigned number;  /* of the file */
    int handle;
    struct segment_life life;
    uint64_t end;     /* where the next record goes */
    bool has_room;    /* all of it is there: what is written to it can't find the disk full */
    struct list live; /* messages whose acceptance stands here */
    struct journal_position last_left; /* the record that took the last message away from here */
    size_t readers;                    /* under the lock */
};

/* Where a record is to be read. Memory keeps no more of it: a million of them may wait. A segment,
 * and so all in it, is at most 4 GB large. */
struct place {
    struct segment *segment; /* NULL: there is none */
    uint32_t offset, entries_size;
};

struct live_recipient {
    struct place outcome; /* the record of the newest */
    int64_t due_ms;       /* 0: not tried yet; INT64_MAX: it is final */
};

/* A message that is not finished. */
struct live {
    struct list link; /* in the segment of its acceptance */
    message_id id;
    struct place accept,
        word; /* the operator's last one: hold or release; none: he has said none */
    bool is_held;
    uint32_t message_size;
    uint32_t open, recipient_count;
    struct live_recipient recipients[];
};

static inline uint64_t live_message_offset(const struct live *l)
{
    return (uint64_t)l->accept.offset + RECORD_HEADER_SIZE + l->accept.entries_size;
}

struct journal {
    struct journal_settings settings;
    struct buffer path;   /* scratch */
    pthread_mutex_t lock; /* of `live`, the messages' places, and `readers` */
    struct index live;
    struct list used;  /* segments; the last one is written to */
    struct list spare; /* nothing in them is needed */
    size_t used_count;
    unsigned last_number;
    uint64_t last_generation;
    uint64_t live_bytes;
    message_id last_id;
    struct journal_position durable;
    struct buffer digests;            /* of the records in the active segment */
    bool has_unsynced, has_new_names; /* in segments; in the directory */
    struct arena scratch;
};

/* journal_live.c: the index of messages that are not finished. */

/* Take in the digests of records that stand in the segment from this offset on. */
void live_apply(struct journal *j, struct segment *s, uint64_t offset, struct span digests);
void live_free_all(struct journal *j);

/* journal_recall.c: what stands on the disk about a message that is not finished. */

/* The records that must be read, in their order; copied under the lock, or in the writer's thread.
 */
struct live_sources {
    message_id id;
    size_t recipient_count;
    struct buffer places; /* struct place */
};
void live_sources(const struct live *l, struct live_sources *out);
void live_sources_free(struct live_sources *s);
/* The entries that say everything about the message as it stands there (its acceptance first) are
 * added to `out`. 0, or -errno; -EIO when the disk has changed them. */
int live_read(struct journal *j, const struct live_sources *s, struct buffer *out);

/* journal.c */
struct segment *journal_active(const struct journal *j);
const char *segment_path(struct journal *j, unsigned number);
void segment_remove(struct journal *j, struct segment *s); /* it is in no list */
/* Keep what nothing needs any more as spare. */
void journal_free_oldest(struct journal *j, struct journal_position ledger);
/* See to it that the segment has all its room. 1: it has; 0: the disk is full; -1: `e`. */
int segment_take_room(struct journal *j, struct segment *s, struct error *e);
/* See to it that a spare segment is there. 1: it is; 0: there is no room; -1: `e`. */
int journal_ensure_spare(struct journal *j, struct error *e);
/* What the seal and all behind it will take, with so many bytes of digests more. */
uint64_t seal_room(const struct journal *j, size_t more);
bool journal_start_segment(struct journal *j, struct error *e); /* there is a spare one */
bool journal_seal(struct journal *j, struct error *e);          /* and sync */

#endif
