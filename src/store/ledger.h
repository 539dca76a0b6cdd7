/* The ledger: the stories of all mail, in SQLite. The only place with SQL. Fed from the journal;
 * each transaction also stores the journal position it has reached, so feeding again changes
 * nothing. */
#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include "store/journal_reader.h"

struct ledger; /* used by one thread at a time */

/* The writer's side. The transaction of ledger_feed is synced when it returns (synchronous=FULL):
 * its position is durable. */
struct ledger *ledger_open(const char *path, struct error *e);
void ledger_close(struct ledger **l);
struct journal_position ledger_position(const struct ledger *l);
/* Apply every record from the ledger's position up to (not including) `until`, in one or more
 * transactions. Whoever does not know where the journal ends says JOURNAL_END. False: `e`; nothing
 * is half applied, try again later (a full disk). */
bool ledger_feed(struct ledger *l, struct disk *d, const char *journal_directory,
                 struct journal_position until, struct error *e);
/* Forget the stories of finished messages that were accepted before `before_ms`; at most `count`.
 * Their recipients stay counted (in totals by final kind), so that the invariant still adds up.
 * Returns how many went, or -1. */
int ledger_forget(struct ledger *l, int64_t before_ms, int count, struct error *e);
/* From now on it passes over those with an event that is `from` or a later one (see
 * ledger_events.h), but for messages that were accepted before `before_ms`. */
void ledger_keep_unread(struct ledger *l, uint64_t from, int64_t before_ms);

/* The reader's side: may be open in another process while the daemon writes. */
struct ledger *ledger_open_read(const char *path, struct error *e);

#define STORY_NOBODY SIZE_MAX

struct story_event {
    /* REPORTED: its sender was told later of what happened then; or, without a notification, is
     * going to be told in a digest. */
    enum {
        STORY_ATTEMPT,
        STORY_REPORTED,
        STORY_HELD,
        STORY_RELEASED,
        STORY_COMPLAINED /* a recipient did, about the message; not of the ledger: feedback_book.h
                          */
    } kind;
    int64_t time_ms;
    size_t recipient; /* ATTEMPT, REPORTED, COMPLAINED: index, or STORY_NOBODY: not known which */
    unsigned attempts;
    int64_t retry_ms; /* of a final outcome: when its notice is due; 0: there is none to come */
    struct outcome outcome;  /* ATTEMPT, REPORTED */
    struct span why;         /* HELD; COMPLAINED: of what, "abuse" */
    message_id notification; /* ATTEMPT, REPORTED: the notice that tells of it; 0: none */
    struct span through;     /* COMPLAINED: the domain of who told us, */
    message_id told_in;      /* and in which mail */
};

struct story {
    struct envelope envelope;
    struct story_event *events; /* in order of time */
    size_t event_count;
    bool is_for_sender;        /* who must not learn where aliases lead; set by who tells it */
    message_id *notifications; /* those that tell of this message */
    size_t notification_count;
};

/* Ids of the messages that `what` names: a queue id, a Message-ID (with or without <>), or an
 * address (as sender or recipient, any case). Newest last, at most `limit` (the newest). */
bool ledger_search(struct ledger *l, struct span what, size_t limit, struct arena *a,
                   message_id **ids, size_t *count, struct error *e);
/* 1: found; 0: no such message; -1: `e`. */
int ledger_story(struct ledger *l, message_id id, struct arena *a, struct story *s,
                 struct error *e);

/* Somebody to whom a sender has written, and when. */
struct written {
    struct span address;
    int64_t time_ms;
};
typedef bool address_fn(void *arg, struct span address);
/* The newest of them that got it and of whom `is_meant` says yes, in `a`; those that the sender did
 * not name are not asked about. It looks at the newest 200 messages of the sender, or 256 KB of
 * their envelopes: some tenths of a millisecond. 1: found; 0: none; -1: `e`. */
int ledger_written_to(struct ledger *l, struct span sender, address_fn *is_meant, void *arg,
                      struct arena *a, struct written *found, struct error *e);

/* What follows is read in one transaction between these two; ledger_position is of it. */
bool ledger_begin(struct ledger *l, struct error *e);
void ledger_end(struct ledger *l);

/* Recounted from the records. */
struct ledger_count {
    uint64_t messages, recipients_accepted, recipients_generated;
    uint64_t expanded_into; /* those that aliases led to, or that stand in the place of others, */
    uint64_t expanded_from; /* and the aliases, and the others */
    uint64_t delivered, relayed, failed, discarded, open;
    uint64_t failed_reported;   /* a notification tells of it */
    uint64_t failed_owed;       /* a digest is going to tell of it */
    uint64_t failed_unreported; /* none was wanted or possible: NOTIFY, null reverse-path */
};
bool ledger_recount(struct ledger *l, struct ledger_count *c, struct error *e);
/* The open recipients at that position, by message: calls `each` with id and number of open
 * recipients; below 0: more of them are finished than it has. */
bool ledger_open_messages(struct ledger *l, void (*each)(void *arg, message_id id, int64_t open),
                          void *arg, struct error *e);

/* Every recipient that failed without a notification, and is in no digest to come. */
bool ledger_unreported(struct ledger *l,
                       void (*each)(void *arg, const struct envelope *e, size_t recipient),
                       void *arg, struct error *e);

#endif
