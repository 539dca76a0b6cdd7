/* A connection to a filter, and the conversation over it (milter/dialogue.h), in a session's
 * loop. */
#ifndef RECEIVE_FILTER_LINK_H
#define RECEIVE_FILTER_LINK_H

#include "config/mail_filter.h"
#include "milter/dialogue.h"
#include "sys/loop.h"

enum filter_question { FILTER_SENDER, FILTER_RECIPIENT, FILTER_MESSAGE };

/* Starts as zeros, with the members down to the line filled in. */
struct filter_link {
    struct loop *loop;
    const struct mail_filter *filter;
    size_t most;                             /* octets of the changes of one message */
    void (*answered)(struct filter_link *l); /* never within filter_link_ask */
    /* ---- */
    struct dialogue *dialogue; /* NULL: none has begun, or it has ended */
    struct watch watch;        /* only with a conversation that has not failed */
    struct timer timer;
    struct buffer out;
    enum dialogue_wait wait;
    enum filter_question question;
    const struct milter_facts *facts;
    bool is_connected, is_connecting, is_asked;
    bool may_begin_anew; /* nothing has come since the question, and the connection was idle before:
                            it may have been closed just then */
};

/* True: the answer is there already; false: `answered` is called. A conversation that has ended
 * begins anew with FILTER_SENDER, and with nothing else. The facts live until the answer. */
bool filter_link_ask(struct filter_link *l, enum filter_question question,
                     const struct milter_facts *f);
void filter_link_end(struct filter_link *l); /* the conversation; a question is forgotten */

#endif
