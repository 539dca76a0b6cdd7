/* The house, for the files of this room: everything that runs, and what happens to all of it. */
#ifndef DAEMON_HOUSE_H
#define DAEMON_HOUSE_H

#include "account/accounts.h"
#include "address/returns.h"
#include "base/index.h"
#include "control/server.h"
#include "daemon/dmarc_reports.h"
#include "daemon/forging.h"
#include "daemon/own.h"
#include "daemon/renewing.h"
#include "daemon/routing.h"
#include "daemon/tls_reports.h"
#include "daemon/watchdog.h"
#include "deliver/locals.h"
#include "deliver/mailboxes.h"
#include "deliver/relay.h"
#include "events/events.h"
#include "receive/drop.h"
#include "signing/signing.h"
#include "sys/manager.h"
#include "web/challenges.h"
#include "web/server.h"

/* A thread with sessions. */
struct hall {
    struct house *house;
    struct loop *loop;
    struct receiver *receiver;
    struct relay *relay;
    pthread_t thread;
    bool is_running;
};

struct house {
    const char *file;              /* of the configuration; NULL: there is none */
    const struct options *options; /* a reference */
    struct loop *loop;             /* the scheduler's */
    struct queue *queue;
    struct index unsigned_commits; /* of the queue; committing.c */
    struct store *store;
    struct ledger *ledger; /* to read; NULL: it can't be */
    struct suppressions *suppressions;
    struct feedback_book *feedback;
    struct greylist_file *greylist;
    struct refusal_book *refusals;                                /* NULL: none is kept */
    struct account_rates *account_rates, *told_shown, *told_held; /* the last two: letters */
    struct noting *noting;
    struct account_book *account_book;
    struct accounts *accounts;
    struct account_letters *account_letters;
    struct change_letters *change_letters;
    struct countries *countries; /* of clients; NULL: no database */
    uint64_t guard_key;
    struct directory *directory;
    struct own_texts *texts; /* of notices */
    struct tables *tables;
    struct receive_house *receive;
    struct asking *asking;
    struct drop *drop;
    struct mailboxes *mailboxes;
    struct helper *helper; /* NULL: nothing is delivered as another user */
    struct locals *locals;
    struct workers *workers, *askers, *handshakers, *verifiers, *judges;
    struct control *control;
    struct hall *halls;
    size_t hall_count, next_question;
    struct manager *manager;
    struct watchdog *watchdog;
    struct signals *signals;
    struct web *web;
    struct challenges *challenges;
    struct renewing *renewing;
    struct events *events;
    int64_t started_ms;
    struct timer queue_timer, end_timer, certificate_timer;
    struct routing routing;
    struct own *own;
    struct signing *signing;
    struct tls_context *caller; /* TLS with next hops */
    struct keyring *keyring;    /* passwords for them */
    struct dns *dns;
    struct resolve_wait *waiting; /* for the drop folder */
    struct sts *sts;
    struct day_counts *sessions;
    struct reporting *tls_reports;
    struct day_counts *judged; /* for reports */
    struct reporting *dmarc_reports;
    struct forging *forging;
    bool is_looking, looks_again; /* at where the mail of accounts goes on */
    int64_t end_deadline;
    int lock;
};

/* committing.c: for the queue, in its thread. Messages of our own are signed by a worker. */
struct draft *house_draft(void *house, struct buffer *fields, struct span message, int64_t now_ms);
void house_commit(void *house, struct commit *c);
struct index house_no_commits(void); /* to begin with */

/* accepting.c: a message is durable; in the store's thread. */
void house_accepted(void *house, struct message *m);

/* delivering.c: for the queue, in its thread. house_delivered: it comes back, with its outcomes; in
 * a session loop or a mailbox thread. */
void house_deliver(void *house, struct delivery *d);
void house_to_next_hop(void *house, struct delivery *d); /* at once, as it is */
void house_delivered(void *house, struct delivery *d);

/* ending.c */

/* No new sessions, no new deliveries; what is under way may come to its end, within the option
 * stop-timeout. Then the scheduler's loop stops. */
void house_end(struct house *h);

/* reload.c */

/* Reads the configuration and the tables again. All of it counts from now on, for those who come;
 * or, when anything is wrong with it, nothing does. False: `e` says why. `told`: lines for a person
 * about what has changed. */
bool house_reload(struct house *h, struct buffer *told, struct error *e);
/* `settled` runs in the house's loop when all halls have what was given to them. */
void house_settle(void *house, struct task *settled);
/* The tables of users, aliases and recipients have changed: takes over what they say now. */
void house_take_directory(struct house *h, struct directory *fresh);

/* stores.c: opens the queue on disk, with the ledger, and the addresses that get no mail. */
bool house_open_store(struct house *h, struct error *e);
bool house_open_suppressions(struct house *h, struct error *e);
bool house_open_feedback(struct house *h, struct error *e);

/* guarding.c: whether accounts send as their owners do. After the store was opened. */
bool house_open_accounts(struct house *h, struct error *e);
void guarding_set(struct house *h); /* other options, or countries */

/* What `web` asks for. */
void house_gather(void *house, struct house_figures *f);

/* What the parts of the house make of their options. */
struct own_texts *house_load_texts(const struct options *o, struct error *e);
struct drop_terms terms_of_drop(const struct house *h);
struct dns_settings settings_of_dns(const struct options *o);
struct queue_settings settings_of_queue(const struct options *o);
struct web_settings settings_of_web(struct house *h);

/* sending_on.c: what goes on for an alias or a list gets its sender (SRS); and an ARC set, by a
 * worker. True: it is taken, and goes on by `go_on`, in the scheduler's loop; also where it could
 * not be sealed. */
bool sending_on_takes(struct house *h, struct delivery *d,
                      void (*go_on)(void *house, struct delivery *d));

/* feedback.c: what recipients complain of, as their providers tell, is noted before it is
 * delivered. True: it is taken, and goes on by `go_on`, in the scheduler's loop. */
bool feedback_takes(struct house *h, struct delivery *d,
                    void (*go_on)(void *house, struct delivery *d));

/* signals.c: HUP reads the configuration again; TERM and INT end the house; a second one ends the
 * process at once. */
bool signals_watch(struct house *h, struct error *e);
/* From now on the scheduler's loop does not run, and TERM and INT end the process at once. */
void signals_leave(struct house *h);

/* destinations.c: where recipients go, for those who ask through the control socket. */
struct control_routes house_destinations(struct house *h);
void house_know(void *house, struct control_known *k); /* likewise: control_settings */

/* suppressing.c: an address outside that failed for good, and surely, gets no mail any more, if the
 * option suppress-failed says so. */
void house_suppress_failed(struct house *h, const struct envelope *e, size_t recipient,
                           const struct outcome *o);

/* certificates.c: tells of those that end soon, or are over; now, and once a day. */
void house_look_at_certificates(struct house *h);
uint64_t house_first_certificate_to_end(const struct house *h); /* when, in ms; 0: there is none */
/* Those that come by ACME are taken care of; after the halls were opened. */
void house_renew_certificates(struct house *h);
/* For those who ask through the control socket. */
void house_list_certificates(void *house, struct buffer *out);
bool house_renew(void *house, struct span name, struct error *e);

/* digesting.c: digests are put together from what the ledger knows to be owed. → queue_digested */
void digesting_write(void *house, struct digest_order *order);
/* Notices to that mailbox were refused; in any thread. */
void digesting_owe_refusals(void *house, struct span mailbox);
void digesting_start(struct house *h); /* tells the queue who is owed something */

/* transport.c: what other domains demand of connections, and what they are told: of them, and of
 * mail in their names. `accepted`: a report is durable. After house's threads have ended,
 * transport_end; after the store and the DNS were closed, transport_free. */
bool transport_start(struct house *h, void (*accepted)(void *house, struct message *m),
                     struct error *e);
void transport_set(struct house *h); /* the configuration, or the directory, has changed */
void transport_end(struct house *h);
void transport_free(struct house *h);

/* vigil.c: the threads are watched over, and the service manager hears how we are. */
void vigil_start(struct house *h);
void vigil_end(struct house *h);

#endif
