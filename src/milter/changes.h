/* What a filter wants changed of a message and its envelope, and the changes themselves. Pure. */
#ifndef MILTER_CHANGES_H
#define MILTER_CHANGES_H

#include "base/error.h"
#include "milter/packet.h"
#include "smtp/server.h"

enum change_kind {
    CHANGE_ADD_FIELD,    /* behind the others */
    CHANGE_INSERT_FIELD, /* at a place among them */
    CHANGE_FIELD,        /* the index'th of that name; without a value: it goes */
    CHANGE_SENDER,
    CHANGE_ADD_RECIPIENT,
    CHANGE_DELETE_RECIPIENT
};

struct change {
    struct change *next;
    enum change_kind kind;
    uint32_t index;
    struct span name;  /* of a field; or an address as the filter wrote it */
    struct span value; /* of the field; or ESMTP parameters */
};

/* In the order in which they came. */
struct changes {
    struct arena arena;
    struct change *first, *last;
    bool has_body;
    struct buffer body;     /* the new one */
    bool has_leading_space; /* values of fields begin right behind the colon; without it they stand
                               behind a blank that is not theirs */
    bool is_quarantined;
    struct span quarantine; /* why */
};

bool changes_is_change(char kind); /* is a packet of this kind one? */
/* Takes down what the packet wants. False: `why`, in words that follow "the filter". `most`: octets
 * that all of them may have. */
bool changes_take(struct changes *c, const struct packet *p, size_t most, struct error *why);
void changes_free(struct changes *c); /* all is forgotten */
bool changes_are_none(const struct changes *c);

/* Changes the message, and the envelope in `t`, whose addresses and recipients live in `a` then.
 * The numbers of fields are as Sendmail counts them: our own Received field, which is not there
 * yet, has place 0, and what is to stand there, or at 1, becomes the first field; a field that went
 * still counts for the changes that follow it. False: `why`, as above; then nothing has changed. */
bool changes_apply(const struct changes *c, struct transaction *t, struct arena *a,
                   struct error *why);

#endif
