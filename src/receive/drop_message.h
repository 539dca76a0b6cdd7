/* What a file of the drop folder becomes. Time and ids are arguments; it touches only the tally,
 * the log and the DNS. */
#ifndef RECEIVE_DROP_MESSAGE_H
#define RECEIVE_DROP_MESSAGE_H

#include "address/directory.h"
#include "bounce/own_texts.h"
#include "queue/queue.h"
#include "receive/account_rates.h"
#include "receive/user_notice.h"
#include "signing/signing.h"
#include "sys/resolve_wait.h"

struct drop_origin {
    const struct options *options;
    const struct directory *directory; /* its aliases */
    const struct own_texts *texts;     /* of notices; may be NULL */
    struct signing *signing;           /* may be NULL: nothing is signed */
    struct account_rates *rates;
    struct resolve_wait *waiting; /* to ask the DNS; NULL: it is not asked */
    struct user_notice **notice;  /* becomes what the owner is to be told of it, or NULL */
    struct span owner;            /* of the file: the name of the account; empty: there is none */
    unsigned uid;
    message_id id;      /* of what is accepted */
    message_id refused; /* the id by which a notice speaks of a message that was not accepted */
    int64_t now_ms;
    int offset_minutes;
};

enum drop_verdict {
    DROP_ACCEPTED, /* the commit accepts the message */
    DROP_RETURNED, /* it can't be taken, and `why` says so; the commit accepts the notice to its
                      sender */
    DROP_REFUSED   /* likewise, but nobody can be told: the commit is empty */
};

/* `text`: the whole file. Fills the commit, and `*m` for the queue, unless it is refused. */
enum drop_verdict drop_message_prepare(struct span text, const struct drop_origin *from,
                                       struct commit *commit, struct message **m,
                                       struct error *why);

#endif
