/* What one of our own users is told about a message of his that was taken: that it shows many
 * addresses to each other, or waits because of a link. Whoever writes the letter is handed it
 * (session.h), when the message is durable. */
#ifndef RECEIVE_USER_NOTICE_H
#define RECEIVE_USER_NOTICE_H

#include "bounce/user_letter.h"
#include "config/options.h"
#include "sending/sent_links.h"
#include "sys/loop.h"

struct user_notice {
    struct task task; /* for whoever passes it between threads, */
    void *carrier;    /* and whom it is passed to */
    struct span account;
    struct span header;        /* of the message, for the language */
    struct user_letter letter; /* without what its writer knows better */
    struct arena arena;        /* all of it lives there */
};

/* `message` is whole; `held`: NULL, or why it waits. NULL: there is nothing to tell, or nobody. */
struct user_notice *user_notice_new(const struct options *o, struct span account,
                                    const struct envelope *e, struct span message,
                                    const struct link_finding *held);
void user_notice_free(struct user_notice **n);

/* How many addresses To and Cc show, `most` at most. */
size_t visible_recipients(struct span message, size_t most);

#endif
