/* SMTP sessions of one loop: connections around the server core. */
#ifndef RECEIVE_SESSION_H
#define RECEIVE_SESSION_H

#include "address/directory.h"
#include "address/inquiry.h"
#include "bounce/forged_domain.h"
#include "queue/queue.h"
#include "receive/account_rates.h"
#include "receive/user_notice.h"
#include "signing/signing.h"
#include "smtp/server.h"
#include "store/account_book.h"
#include "store/greylist_file.h"
#include "store/refusal_book.h"
#include "sys/dns.h"
#include "sys/resolve_wait.h"
#include "sys/tls_context.h"

/* Common to the receivers of all loops. */
struct receive_house;

struct receive_settings {
    struct span state; /* directory; the caller keeps it */
    struct store *store;
    struct manager *manager; /* may have opened the sockets to listen on */
    /* A message became durable: called in the store's thread; passes it on to the queue. */
    void (*accepted)(void *arg, struct message *m);
    /* Somebody forges addresses of that domain, and postmaster is to be told. In a session's loop.
     */
    void (*forged)(void *arg, struct span domain, const struct forged_case *what);
    /* Does the next hop take mail for this address? Called in the session's loop. */
    void (*ask)(void *arg, struct inquiry *q);
    /* One of our own users is to be told of a message that is durable; takes it over. Called in the
     * session's loop, or in the thread of the drop folder. */
    void (*tell_user)(void *arg, struct user_notice *n);
    void *arg;
    struct suppressions *suppressions; /* who gets no mail */
    struct workers *handshakers;       /* for TLS, and to sign */
    struct workers *verifiers;         /* of signatures */
    struct workers *judges;            /* of notices; they ask the ledger */
    struct dns *dns;                   /* outlives the sessions of all loops */
    struct day_counts *judged;         /* what was found, for reports; likewise */
    struct greylist_file *greylist;
    struct refusal_book *refusals; /* NULL: none is kept */
    struct account_rates *account_rates;
    struct resolve_wait *waiting;  /* for the drop folder, to ask the DNS */
    struct account_book *accounts; /* whose were revoked; NULL: it is not known */
    uint64_t guard_key;            /* of account/accounts.h */
};

struct receive_house *receive_house_new(const struct receive_settings *s);
/* When no session runs any more, and the loops are still there: logins under way come back. */
void receive_house_end(struct receive_house *h);
void receive_house_free(struct receive_house **h); /* after the receivers */

/* Found at the start: so many notices about forged mail were kept out of that mailbox, the latest
 * at that time. In the main thread, when there is a configuration. */
void receive_recall_flood(struct receive_house *h, struct span mailbox, uint64_t count,
                          int64_t latest_ms);

size_t receive_flooded_mailboxes(struct receive_house *h); /* now; in any thread */

/* The next configuration, in two steps of the main thread. The first one does all that can fail,
 * opens what is new to listen on, and changes nothing. It takes references of its own. NULL: `e`.
 */
struct receive_change;
struct receive_change *receive_prepare(struct receive_house *h, const struct options *o,
                                       struct signing *signing, struct error *e);
/* From now on it counts for those who come, in all loops; those who are here go on as they came.
 * Where nobody is to come any more, nobody listens any more. */
void receive_change_now(struct receive_change **c);
void receive_change_drop(struct receive_change **c); /* in place of it: nothing has happened */

/* Those that the options name; NULL without any. False: `e`. */
bool receive_load_certificates(const struct options *o, struct tls_context **to, struct error *e);
/* Those by which we serve now; NULL: none. In the main thread, and until the next change. */
const struct tls_context *receive_certificates(const struct receive_house *h);

struct receiver;

/* Before its loop runs. It listens when the first change comes. */
struct receiver *receiver_new(struct receive_house *h, struct loop *loop, struct directory *d);
/* In the loop's thread: */
void receiver_set_directory(struct receiver *r,
                            struct directory *d); /* takes a reference of its own */
/* The room that is left in a mailbox; ROOM_AMPLE: nobody need ask. */
void receiver_note_room(struct receiver *r, struct span mailbox, uint64_t bytes);
void receiver_end(struct receiver *r); /* no new sessions; those that wait for input end with 421 */
/* Sessions that have logged in as this account (any case) end with 421. */
void receiver_end_account(struct receiver *r, struct span account);
size_t receiver_count(const struct receiver *r); /* sessions that are still there */
/* After its loop has ended. */
void receiver_free(struct receiver **r);

#endif
