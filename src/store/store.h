/* What the queue asks of the store. Narrow on purpose: a driver for a database server follows.
 *
 * A commit is one durable step: it holds any of: the acceptance of one message, outcomes of
 * recipients, holds and releases. After a crash all of it is there or nothing. (A notification is
 * accepted in the same commit that closes the recipients it tells of.)
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/error.h"
#include "base/histogram.h"
#include "base/list.h"
#include "outcome/envelope.h"
#include "outcome/outcome.h"
#include "store/ledger_sent.h"
#include "sys/file.h"
#include "sys/loop.h"

struct store;
struct draft; /* of a signature (signing/signing.h) */

enum commit_result {
    COMMIT_DURABLE, /* on disk */
    COMMIT_FULL,    /* no room: nothing of it holds; try later (452 4.3.1 to a client) */
    COMMIT_FAILED   /* the disk failed us; nothing more will be accepted until a restart (451 4.3.0)
                     */
};

/* Made by whoever commits, given to the store, and back with `done`. */
struct commit {
    struct list link;      /* the store's, until done */
    struct buffer entries; /* encoded; see record.h */
    struct buffer message; /* of the acceptance in it; empty when there is none */
    message_id about;      /* the message whose state it writes; 0: none, it only accepts one */
    struct draft *draft;   /* of whoever signs `message`, who has to finish it before the store gets
                              this; the store never sees it */
    uint64_t entries_checksum, message_checksum; /* filled by store_commit in the caller's thread */
    bool is_urgent; /* somebody waits: sync now. Else it rides along, at the latest after 20 ms */
    enum commit_result result;
    /* Called in the store's own thread once it is durable or refused: only to post it on. */
    void (*done)(struct commit *c);
    void *owner; /* the caller's */
};

/* At most one; the message goes to c->message. In the same step the aliases among its recipients
 * are final (OUTCOME_EXPANDED); those of which the sender is to be told are open until then. */
void commit_accept(struct commit *c, const struct envelope *e);
/* `attempts` so far; `retry_ms`: when a delayed recipient is due again, or when the notice of a
 * final outcome is due; 0: neither, and a final outcome closes its recipient. */
void commit_outcome(struct commit *c, message_id id, size_t recipient, unsigned attempts,
                    int64_t retry_ms, const struct outcome *o);
void commit_hold(struct commit *c, message_id id, int64_t time_ms, struct span why);
void commit_release(struct commit *c, message_id id, int64_t time_ms);
void commit_free(struct commit *c); /* what it holds, not itself */
/* Would it fit into an empty segment? Else it never gets a place. */
bool commit_fits(const struct commit *c, uint64_t segment_size);

/* What a message is that is not finished. Spans live during the call only. */
struct recovered_recipient {
    bool is_final; /* it is closed */
    unsigned attempts;
    int64_t retry_ms;           /* 0: not tried yet; of a final outcome: when its notice is due */
    const struct outcome *last; /* the latest outcome; NULL: none yet */
};
struct recovered {
    const struct envelope *envelope;
    const struct recovered_recipient *recipients; /* as many as the envelope has */
    bool is_held;
    struct span held_why;
    int64_t
        released_ms; /* when the operator has let it go, and nothing else since; 0: he has not */
};
typedef void recovered_fn(void *arg, const struct recovered *r);

struct store_settings {
    struct disk *disk;
    const char *directory; /* of the state; exists. The journal is in "journal/", the ledger is
                              "ledger.sqlite" */
    uint64_t segment_size; /* bytes; a message must fit */
    int64_t keep_story;    /* ms: how long the ledger keeps what became of finished mail, */
    int64_t keep_sent;     /* and who has sent what; if longer, as hashes in the end */
    int lazy_ms;           /* the longest time that a commit without hurry waits for its sync: 20 */
};

/* A message that is not finished, found at the start; INT64_MAX: it is held. `open`: recipients
 * that are not final. */
typedef void waiting_fn(void *arg, message_id id, int64_t due_ms, size_t open);

/* Opens, or makes, and recovers; calls `each` for every message that is not finished. Then starts
 * its thread. */
struct store *store_open(const struct store_settings *s, waiting_fn *each, void *arg,
                         struct error *e);
void store_close(struct store **s); /* writes and syncs what waits, answers it, ends its thread */

message_id store_new_id(struct store *s,
                        int64_t now_us); /* thread-safe; larger than every one before */
void store_commit(struct store *s, struct commit *c); /* thread-safe; returns at once */

/* Read a piece of a message that is not finished: thread-safe, blocking. Returns bytes read (less
 * than `len` only at its end), or -errno; -ENOENT: no such message. */
ssize_t store_read(struct store *s, message_id id, uint64_t offset, void *at, size_t len);

/* What a message is that is not finished, with all that was committed of it: thread-safe, blocking.
 * Calls `each` once. 0, or -errno; -ENOENT: no such message. */
int store_recall(struct store *s, message_id id, recovered_fn *each, void *arg);
/* The ids of all that is not finished, oldest first; how many. free() them. Thread-safe. */
size_t store_waiting(struct store *s, message_id **ids);

/* Wait until the disk has what was handed in before, or can't have it; for some seconds at most.
 * Thread-safe. */
void store_settle(struct store *s);

/* The same, and feed the ledger with it; blocking. For `trace` and `audit`. */
bool store_catch_up(struct store *s, struct error *e);

/* Is the writer's thread alive? It posts the task to the loop when it has done what waits, at the
 * end of a round that begins at once; never while it is stuck. Thread-safe; one at a time. */
void store_pulse(struct store *s, struct loop *loop, struct task *t);

/* What the writer has done since the start, and what the journal occupies. */
struct store_figures {
    uint64_t commits, groups, bytes;
    struct histogram group_sizes; /* commits that share a sync */
    struct histogram sync_times;  /* µs */
    uint64_t segments, spare_segments, live_bytes;
    bool is_full, has_failed; /* no mail is accepted: for now, until a restart */
};
void store_figures(struct store *s, struct store_figures *f); /* thread-safe */

/* From now on; thread-safe. */
void store_keep_story(struct store *s, int64_t story_ms, int64_t sent_ms);
/* The key of those hashes (ledger_sent.h); made where there is none. False: `e`. */
bool store_sent_key(const char *directory, unsigned char key[SENT_KEY], struct error *e);

/* From now on old stories may go. Until this is called the ledger forgets nothing, so that whoever
 * must ask it about the time before the start gets an answer. Thread-safe. */
void store_may_forget(struct store *s);

/* Have the ledger keep what happens in its order, for who tells others of it (ledger_events.h), or
 * no more. It takes a moment; a start goes on with what was last asked for. Thread-safe. */
void store_follow(struct store *s, bool is_followed);
bool store_is_followed(struct store *s);
/* What happened from this number on is still to be told: it is not forgotten, for STORE_UNREAD_MS
 * longer than all else. Thread-safe. */
void store_keep_unread(struct store *s, uint64_t from);
#define STORE_UNREAD_MS (30 * (int64_t)86400000)

#endif
