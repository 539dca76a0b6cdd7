/* The queue with a fake outside: a clock that the test moves, deliveries and commits that it
 * answers. */
#ifndef QUEUE_QUEUE_TRIAL_H
#define QUEUE_QUEUE_TRIAL_H

#include "queue/operator.h"

enum { TRIAL_MOST = 64 };

struct trial {
    struct queue *queue;
    struct queue_settings settings; /* queue_set() makes changes hold */
    int64_t now;
    message_id last_id;
    struct delivery *deliveries[TRIAL_MOST];
    size_t delivery_count;
    struct commit *commits[TRIAL_MOST];
    size_t commit_count;
    struct delivery *fetching;
    struct waking *wakings[TRIAL_MOST];
    size_t waking_count;
    struct digest_order *digests[TRIAL_MOST];
    size_t digest_count;
    struct buffer store; /* the entries of all that is durable */
    bool is_routed;      /* else refused */
    bool is_elsewhere;   /* no sender is ours */
    const char *postmaster;
    size_t signed_count, expanded_count; /* notices and digests */
    enum cause cause;                    /* of what fails */
    size_t asked;                        /* to whom a sender has written */
    size_t concurrency, recipients;
    struct buffer told;
    const char *original;
    struct mail_parameters parameters; /* of what is added */
    const char *login;                 /* likewise; NULL: nobody's */
    struct message *added;             /* the latest; so long as it is awake */
    bool puts_off;                     /* the first recipient, for ten minutes */
};

struct trial *trial_new(void);
void trial_free(struct trial *w);

/* Accepts a message for a@example.net, b@…, c@…; returns its id. */
message_id trial_add(struct trial *w, const char *sender, size_t count, unsigned notify);
/* Lets the queue do what is due, and wakes whom it wants. */
int64_t trial_run(struct trial *w);
/* The oldest delivery comes back. */
void trial_answer(struct trial *w, enum outcome_kind kind);
void trial_answer_commits(struct trial *w, enum commit_result result);
void trial_answer_fetch(struct trial *w, bool is_read);
/* The latest digest that was asked for. */
void trial_answer_digest(struct trial *w, bool is_read, size_t count);
/* The entries of the newest commit, as letters: A accept, O outcome, H hold, R release. */
void trial_expect_commit(struct trial *w, const char *kinds);

#endif
