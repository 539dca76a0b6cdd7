/* What ledger_write.c and ledger_read.c share; not for others. */
#ifndef STORE_LEDGER_INSIDE_H
#define STORE_LEDGER_INSIDE_H

#include "store/ledger_sent.h"

#include <sqlite3.h>

/* What an event is, in the database: outcomes keep the numbers of enum outcome_kind. Those that
 * wait for their notice don't count yet. */
enum event_kind {
    EVENT_HOLD = 100,
    EVENT_RELEASE = 101,
    EVENT_UNREPORTED = 102,
    EVENT_ACCEPTED = 103 /* without an entry; only while the events are followed */
};

/* Among the forgotten it counts those that aliases led to, in place of a kind. */
enum { FORGOTTEN_MEMBERS = 1000 };

enum statement {
    INSERT_MESSAGE,
    INSERT_RECIPIENT,
    INSERT_EVENT,
    SET_POSITION,
    FIND_MESSAGE,
    INSERT_OWED,
    TELL_EVENTS,
    TELL_OWED,
    BEGIN_REACH,
    INSERT_PROOF,
    INSERT_PROOF_TO,
    LEDGER_STATEMENTS
};

struct ledger {
    sqlite3 *db;
    sqlite3_stmt *statements[LEDGER_STATEMENTS]; /* the writer's */
    struct journal_position position;
    bool is_followed;         /* somebody reads the events in their order */
    int64_t unread_from;      /* what stands there and behind it is unread, and is not forgotten, */
    int64_t unread_before_ms; /* unless it is so old */
    bool has_reach;           /* since when what was sent is known, is written down */
    bool keeps_sent;          /* of what is forgotten */
    unsigned char sent_key[SENT_KEY];
    struct envelope owed_of; /* the latest message of which something is owed, */
    struct arena of_owed;    /* and what that lives in */
};

/* Look-ups go by hash: an index of numbers is small. Hits are compared with the text. */
int64_t ledger_hash(struct span text); /* of the text in lower case */

bool ledger_fail(struct ledger *l, struct error *e,
                 const char *tried); /* with SQLite's words; false */
sqlite3_stmt *ledger_prepare(struct ledger *l, const char *sql, struct error *e); /* NULL and `e` */
struct span ledger_blob(sqlite3_stmt *s, int column); /* lives until the next step */
bool ledger_read_position(struct ledger *l, struct error *e);
bool ledger_read_followed(struct ledger *l, struct error *e);
struct envelope ledger_envelope(struct span entry, struct arena *a); /* empty: it is malformed */

/* ledger_owed.c, while it is fed. False: SQLite's error says why. */

/* An outcome, event number `seq`, of which its sender is told in a digest. */
bool ledger_add_owed(struct ledger *l, const struct entry *e, int64_t seq);
/* All that this digest tells of is owed no more. */
bool ledger_tell_owed(struct ledger *l, const struct envelope *digest);

/* ledger_sent.c */
bool ledger_begin_reach(struct ledger *l, int64_t since_ms); /* unless it has begun */
/* The messages in the table `old` are about to be forgotten. */
bool ledger_prove_old(struct ledger *l, struct error *e);

#endif
