/* When a message's senders are told, and of what; for this room only. */
#ifndef QUEUE_NOTICES_H
#define QUEUE_NOTICES_H

#include "bounce/write.h"
#include "queue/queue_inside.h"

/* Recipients of one message of whom the same sender is told. */
struct telling {
    struct queue *queue;
    struct message *message;
    struct span to;
    size_t *recipients, count;
    struct buffer original; /* as much of it as its notice returns */
    struct report report;
    struct arena arena;
};

/* notices_write.c */
struct telling telling_start(struct queue *q, struct message *m, struct span to);
void telling_end(struct telling *t);
/* Add to the commit the acceptance of the notice. */
void telling_write(struct telling *t, struct queue_commit *c);
/* Put the fields before it that sign it; with this commit. */
void notice_sign(struct queue *q, struct envelope *e, struct buffer *text, struct commit *c);

/* digests.c */

/* With this commit something is owed to that address. */
void digest_owe(struct queue *q, struct span to, struct queue_commit *c);
/* A notice was kept out of a mailbox, durably; `to`: report_kept_out(). */
void kept_out_is_owed(struct queue *q, struct span to, int64_t since_ms);
bool digest_is_owed(const struct queue *q, struct span to); /* or under way */
void digest_commit_is_durable(struct queue *q, const struct queue_commit *c);
int64_t digests_run(struct queue *q); /* writes those that are due; the time of the next one */
void digests_free(struct queue *q);

/* notices.c */

bool message_is_decided(const struct message *m); /* every outcome is final */
/* Its outcome is in a commit that is on its way. */
void recipient_close(struct queue *q, struct message *m, size_t i, const struct outcome *o);
/* Something is unreported: add to the commit a notice about it, and close what that tells of. What
 * is left goes to somebody else, or is too much for one. */
void notices_add(struct queue *q, struct message *m, struct queue_commit *c);
/* Write those that the clock brings. */
void notices_send_due(struct queue *q, struct message *m);
void notices_gather(struct queue *q, struct message *m); /* of one that is new */
void notices_hurry(struct queue *q, struct message *m);  /* all that is unreported is due */

#endif
