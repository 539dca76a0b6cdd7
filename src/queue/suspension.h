/* What stops mail: to a place, or of an account. For this room only. */
#ifndef QUEUE_SUSPENSION_H
#define QUEUE_SUSPENSION_H

#include "queue/queue_inside.h"

/* Nothing goes there, or nothing of an account leaves. When that is over, it stays until all that
 * waited for it is on its way. */
struct suspension {
    struct list link; /* of those that are over, or of removals */
    struct span name; /* in lower case: of a place, or of an account */
    struct span why;  /* of an account: all that its outcome says */
    int64_t since_ms;
    bool is_of_account;
    int64_t until_ms; /* of a removal: what came later is not meant */
    bool discards;    /* of a removal: its time is over */
    bool releases;    /* those that waited begin anew, as released ones do */
    struct lanes waiting;
    message_id parked_last;
    char texts[];
};

/* suspension.c */
/* What stops mail for this recipient, or NULL. */
struct suspension *suspension_of(const struct queue *q, struct span address,
                                 struct span destination);
void suspension_park(struct suspension *s, const struct message *m);
/* Does the last outcome tell of it already? */
bool suspension_is_told(const struct suspension *s, const struct kept_outcome *last);
struct outcome suspension_outcome(const struct suspension *s, int64_t now_ms, struct arena *a);
void suspensions_take_up(struct queue *q); /* what waited for those that are over */
void suspensions_free(struct queue *q);
void suspension_is_over(struct queue *q, struct suspension *s);
struct suspension *suspension_new(struct span name, struct span why, int64_t since_ms);
void suspension_free(struct suspension *s);

/* account_hold.c */
/* What holds the mail of its account to other servers, or NULL. */
struct suspension *suspension_of_account(const struct queue *q, const struct envelope *e);
struct outcome suspension_discards(int64_t now_ms);
/* Was it accepted when somebody else used its account? */
bool account_is_revoked(const struct queue *q, const struct envelope *e);
void account_holds_free(struct queue *q);

#endif
