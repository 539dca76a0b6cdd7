/* For tests: a whole server but for its sockets: queue, journal, Maildirs and ledger, on a disk
 * that can fail. It takes mail of every kind, delivers and bounces it, can be stopped at any moment
 * and started again, and knows what must be true at the end. */
#ifndef DELIVER_WHOLE_RUN_H
#define DELIVER_WHOLE_RUN_H

#include "deliver/maildir.h"
#include "queue/queue.h"
#include "store/ledger.h"
#include "store/writer.h"
#include "sys/fake_disk.h"

enum {
    BATCHES = 16,
    EACH = 3, /* mails of a batch */
    MAILS = BATCHES * EACH,
    RECIPIENTS = 2,
    MESSAGES = MAILS + 64, /* with notifications */
    NO_OUTCOME = -1,
    WORLD_MAILBOXES = 4
};

#define WORLD_JOURNAL "/journal"
#define WORLD_SENDER "sender@home.test"

/* Who gets this mail; NULL: nobody more. */
const char *world_address_of(size_t mail, size_t recipient);
/* With world_floods: it is kept out of its only recipient's mailbox, and told in a digest. */
bool world_keeps_out(size_t mail);
extern const struct mailbox world_mailboxes[WORLD_MAILBOXES];

struct world {
    struct disk *disk;
    struct ledger *ledger; /* in memory: it has what was committed to it, whatever happens */
    struct journal *journal;
    struct writer *writer;
    struct queue *queue;
    struct maildir *maildir;
    struct list commits, answered, deliveries;
    struct task *wakings, *digests;
    size_t digests_seen; /* by world_check */
    int64_t now;
    message_id last_id;
    uint64_t salt;
    bool has_no_lazy_commits; /* every outcome is synced at once */
    int next_outcome, dropped_outcome;
    bool is_accepted[MAILS];                 /* answered with 250 */
    bool is_final[MESSAGES][RECIPIENTS];     /* its outcome is durable */
    unsigned attempts[MESSAGES][RECIPIENTS]; /* likewise, so many of them */
    unsigned relayed[MAILS][RECIPIENTS];
    bool is_done_in_life[MAILS][RECIPIENTS]; /* delivered or relayed since the latest start */
    const char *fault;                       /* what must never be; NULL: nothing */
    size_t fault_mail;
};

struct world *world_new(void);
void world_free(struct world *w);

/* Open the journal and take up what is in it. False: the disk fails. */
bool world_start(struct world *w);
/* Take MAILS mails, and deliver, delay, bounce and hold them. */
void world_run(struct world *w);
/* The ledger gets all that is durable. */
void world_feed(struct world *w);
/* Let time pass until everything is done. */
void world_drain(struct world *w);
/* The process is gone, with all that it had in memory. */
void world_stop(struct world *w);
/* After all is done: is everything where it must be? `starts`: of the server, so far. */
void world_check(struct world *w, unsigned starts);

/* The power goes off. */
struct cut {
    size_t at; /* calls after which */
    enum fake_loss loss;
    uint64_t seed;
};

/* Stop, lose what the cut takes, start again. */
void world_start_again(struct world *w, struct cut c);
/* Start, run, with the power cut in between; start again, drain, check. */
void world_cut_once(struct world *w, struct cut c);

/* The log says a thousand times that the disk fails; what fails in a test is told by cmocka. */
/* Do outcomes wait for others that their notice tells of? A sync of them alone may be lost without
 * harm: they are tried again. */
extern bool world_gathers;
void world_silence_log(void);

/* Note what must never be. Only the first is kept. */
void world_fault(struct world *w, size_t mail, const char *what);

/* Most notices wait for a digest. */
extern bool world_storms;

/* Mails for bob alone are kept out of his mailbox; digests tell of them. */
extern bool world_floods;

/* whole_run_digests.c */
void world_digest(void *arg, struct digest_order *d); /* as the queue asks */
void world_write_digests(struct world *w);
void world_drop_digests(struct world *w);
void world_remember_owed(struct world *w);
bool world_is_owed(struct world *w);

#endif
