/* What journal.c (writing), journal_recover.c and journal_live.c share; not for others. */
#ifndef STORE_JOURNAL_INSIDE_H
#define STORE_JOURNAL_INSIDE_H

#include "base/index.h"
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

/* Where an entry is to be read. Memory keeps no more of it: a million of them may wait. */
struct entry_place {
    struct segment *segment;
    uint32_t offset, size; /* size 0: there is none */
};

struct live_recipient {
    struct entry_place outcome; /* the newest */
    int64_t due_ms;             /* 0: not tried yet; INT64_MAX: it is final */
};

/* A message that is not finished. A segment, and so all in it, is at most 4 GB large. */
struct live {
    struct list link; /* in the segment of its acceptance */
    message_id id;
    struct entry_place accept, hold; /* no hold: it is not held */
    uint32_t message_offset, message_size;
    uint32_t open, recipient_count;
    struct live_recipient recipients[];
};

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
    bool has_unsynced, has_new_names; /* in segments; in the directory */
    struct arena scratch;
};

/* journal_live.c: the index of messages that are not finished. */
struct record_place {
    struct segment *segment;
    uint64_t offset; /* of the record */
    struct record_header header;
};
/* Take in the entries of a record that stands at `place`. False: they are malformed, and nothing
 * was taken in. */
bool live_apply(struct journal *j, const struct record_place *place, struct span entries);
void live_free_all(struct journal *j);
/* Where the entries stand that say everything about the message as it is now, its acceptance
 * first: the places are added to `out`. Under the lock, or in the writer's thread. */
void live_places(const struct live *l, struct buffer *out);
/* What stands at those places, added to `out`. 0, or -errno. */
int live_read(struct journal *j, const struct buffer *places, struct buffer *out);

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
uint64_t seal_size(void);
bool journal_start_segment(struct journal *j, struct error *e); /* there is a spare one */
bool journal_seal(struct journal *j, struct error *e);          /* and sync */

/* journal_recover.c */
bool journal_recover(struct journal *j, struct error *e);

#endif
