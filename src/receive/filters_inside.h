/* What the files about the filters of a session share, and nobody else sees. */
#ifndef RECEIVE_FILTERS_INSIDE_H
#define RECEIVE_FILTERS_INSIDE_H

#include "receive/filter_link.h"
#include "receive/inside.h"

#include <assert.h>

enum { FILTER_MACROS = 24 };

struct filter_place {
    struct filter_link link;
    struct filtering *filtering;
    bool is_left_out; /* it has failed, and the message goes on without it, */
    bool is_lost;     /* or it does not */
};

/* Of a session whose mail goes through filters, from its first MAIL on. */
struct filtering {
    struct session *session;
    /* Of the transaction: */
    message_id id;      /* that the message will have */
    struct arena arena; /* until the next MAIL */
    struct milter_facts facts;
    struct milter_macro macros[FILTER_MACROS];
    const struct mail_filter *discards; /* who has discarded the message; NULL: nobody */
    bool has_no_recipients;             /* because it has taken all of them away */
    const struct mail_filter *holds;    /* who wants it to be held; */
    struct span hold_why;               /* and why, as it says */
    /* Of the question: */
    enum filter_question question;
    size_t next; /* of those who are asked */
    size_t count;
    struct filter_place places[];
};

/* ---- filter_facts.c; texts live in the arena of the transaction */

void filter_facts_of_sender(struct filtering *f, struct session *s);
void filter_facts_of_recipient(struct filtering *f, const struct server_recipient *r);

#endif
