/* What the files of the control server share; not for others. */
#ifndef CONTROL_SERVER_INSIDE_H
#define CONTROL_SERVER_INSIDE_H

#include "control/evidence_lines.h"
#include "control/peer.h"
#include "control/request.h"
#include "control/server.h"
#include "control/survey.h"
#include "evidence/own_evidence.h"
#include "queue/operator.h"
#include "store/ledger.h"
#include "store/refusal_book.h"

/* Messages that are listed or chosen. The worker's while there is work under way. */
struct selection {
    message_id *ids; /* those that wait, oldest first */
    size_t count, at;
    bool is_started, is_done, is_full;
    int64_t now_ms, told_ms;
    void *routes;
    struct buffer chosen; /* struct chosen */
    struct buffer which;  /* size_t: their recipients, one message's behind another's */
    size_t messages, recipients, samples;
};

struct chosen {
    message_id id;
    size_t count; /* of recipients in `which`; 0: all */
};

/* Stories that are told. */
struct tracing {
    struct ledger *ledger;
    message_id *ids; /* in `arena` */
    struct arena arena;
    size_t count, at, told;
    size_t found; /* while it goes back to the first that is told */
    bool is_at_first;
    struct refusal *refusals; /* behind the stories; likewise in `arena` */
    size_t refusal_count, refusals_told;
};

/* Notices that the server is asked about: whether it knows the messages that they tell of. */
struct attesting {
    struct evidence_request *request; /* in the arena of the conversation; NULL: not yet read */
    size_t at;
    int64_t came_ms;
    struct control_known known;
};

enum conversation_state {
    CONVERSATION_READS,   /* its request */
    CONVERSATION_WAITS,   /* for its turn: a user has had many */
    CONVERSATION_WORKS,   /* a worker has the next piece of the answer */
    CONVERSATION_ASKS,    /* the client is to say "go" */
    CONVERSATION_ACTS,    /* what was chosen is done, piece by piece */
    CONVERSATION_SETTLES, /* until it is on the disk */
    CONVERSATION_SAVES,   /* what is suspended, or waits for its turn to */
    CONVERSATION_WATCHES,
    CONVERSATION_ENDS /* when the answer is sent */
};

struct conversation {
    struct watch watch;
    struct timer timer;
    struct list link, watching, saving;
    struct control *control;
    struct asker peer;
    enum conversation_state state;
    struct buffer input, answer;
    struct arena arena; /* of the request */
    struct request request;
    struct work work;
    void (*next)(struct conversation *c); /* in a worker: a piece of the answer */
    bool is_busy, is_gone, is_lost, is_done, ok;
    struct error error;
    struct selection selection;
    struct tracing tracing;
    struct attesting attesting;
    size_t said;                /* ASKS: of "go" */
    size_t acted, done, which;  /* ACTS: how far it is */
    int64_t settle_until;       /* SETTLES: a time of the loop. SAVES: since when it is suspended */
    struct task settled;        /* SAVES: all that was counted of accounts is in the book, every
                                   loop has the new configuration, */
    struct account_order order; /* or what is wanted of one is done */
    size_t held;                /* messages of the account */
    struct buffer saved;        /* SAVES: the file. SUPPRESSED: the address that was listed last */
    uint64_t skipped;           /* WATCHES: lines that this reader was too slow for */
};

/* How much a user has asked lately. */
struct turn {
    uid_t uid;
    int64_t due_us; /* base/rate.h */
};
enum { CONTROL_TURNS = 64 };

struct control {
    struct control_settings settings;
    struct loop *loop;
    gid_t operators;
    struct buffer directory; /* of the state */
    struct buffer path;      /* of the socket */
    struct watch listener;
    struct list conversations, watchers, savers;
    size_t conversation_count;
    bool is_saving;
    struct survey survey;
    struct own_evidence *evidence;
    struct turn turns[CONTROL_TURNS];
};

/* server.c */
/* Whatever has happened until now can be read: in a worker. False: `e`. */
bool control_catch_up_here(const struct control *control, struct error *e);
void conversation_free(struct conversation *c);
void conversation_send(struct conversation *c); /* what is in `answer` */
void conversation_fail(struct conversation *c, const char *format, ...)
    __attribute__((format(printf, 2, 3))); /* and end */
/* Have a worker call this, again and again until `is_done`; what it answers is sent meanwhile. */
void conversation_work(struct conversation *c, void (*next)(struct conversation *c));
void conversation_end(struct conversation *c); /* the answer is complete */

/* selection.c: for workers */
void selection_next(struct conversation *c); /* LIST, SHOW, and what acts */
void selection_free(struct conversation *c);

/* acting.c */
void acting_ask(struct conversation *c); /* the choice is made */
void acting_go(struct conversation *c);
void acting_next(struct conversation *c); /* by the timer */

/* tracing.c: for a worker */
void tracing_next(struct conversation *c);
void tracing_free(struct tracing *t);

/* sent.c: for a worker */
void sent_next(struct conversation *c);

/* attesting.c */
void attesting_start(struct conversation *c); /* EVIDENCE; and again when its turn may have come */
void attesting_free(struct attesting *t);

/* suspending.c */
bool suspensions_load(struct control *control, struct error *e);
void suspending_start(struct conversation *c); /* SUSPEND, RESUME */
void suspending_list(struct conversation *c);

/* suppressing.c: for a worker */
void suppressing_next(struct conversation *c); /* SUPPRESS, UNSUPPRESS, SUPPRESSED */

/* accounting.c */
void accounting_start(struct conversation *c); /* ACCOUNTS, ACCOUNT, and what is wanted of one */

/* watching.c */
void watching_start(struct conversation *c);
void watching_resume(struct conversation *c); /* it has room again */

#endif
