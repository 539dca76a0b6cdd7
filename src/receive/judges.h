/* For this room only: who is asked whether a sender, a recipient or a message is taken. */
#ifndef RECEIVE_JUDGES_H
#define RECEIVE_JUDGES_H

#include "outcome/envelope.h"
#include "smtp/server.h"
#include "store/store.h"

struct session;

/* ---- judging.c: the answers to MAIL and RCPT, and to the end of a message */

bool judging_is_about(enum server_wait wait);
/* Asks the judges until one refuses, all take it, or judging_waits: then one answers later. */
enum server_wait judging_step(struct session *s);
bool judging_waits(const struct session *s);
/* A judge has his answer; what is in `reply` may go with the call. The session may be gone then. */
void judging_answered(struct session *s, struct reply reply);
void judging_forget(struct session *s); /* nobody waits for an answer any more */

/* A judge. One that answers later keeps a pointer to the session until it calls judging_answered,
 * in the session's loop; and it is told in judging_forget, by a call of its own, when the session
 * has gone. */
enum judgement {
    JUDGE_TAKES,   /* `reply`, which is positive already, may be another one, in `a` */
    JUDGE_REFUSES, /* with `reply`, in `a` */
    JUDGE_ANSWERS_LATER
};
typedef enum judgement judge_fn(struct session *s, struct arena *a, struct reply *reply);

judge_fn judge_sender;     /* by what we know ourselves (sender.c) */
judge_fn judge_recipient;  /* likewise, or by what the next hop says (recipient.c) */
judge_fn judge_account;    /* may this account of ours write to one more? (account_check.c) */
judge_fn judge_client;     /* by what is known of the client (client_check.c) */
judge_fn judge_circle;     /* does it come back to us? (sender.c) */
judge_fn judge_submission; /* what has come from those who have logged in (submission.c) */
judge_fn judge_keeping;    /* the store is the last one: it has the message, or not (keeping.c) */

/* milters (filters.c) */
judge_fn judge_filters_sender, judge_filters_recipient, judge_filters_message;

void recipient_forget(struct session *s);
void client_check_forget(struct session *s);
void filters_forget(struct session *s);
/* The id of the message at hand; 0: nobody needed it yet. */
message_id filters_id(const struct session *s);
/* Adds to its acceptance what filters wanted. True: it is discarded, and nobody delivers it. */
bool filters_finish(const struct session *s, const struct envelope *e, struct commit *c);
bool filters_hold(const struct session *s); /* it is accepted on hold */
void keeping_forget(struct session *s);
uint64_t keeping_bytes(const struct session *s); /* of the message, while there is s->commit */

#endif
