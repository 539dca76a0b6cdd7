/* A notice came to a signed return path of ours (auth/return_tag.h): what does that prove? Pure but
 * for what its caller is asked.
 *
 * Whoever got one message of ours knows its return path, and can send a notice to it that we never
 * caused. So a tag counts only as long as no honest notice is too late for it, for a recipient to
 * whom the message went, and so often as that many recipients can have notices: what a copy of it
 * proves is a message to this very recipient, and not for long. */
#ifndef PROVENANCE_OWN_TAG_H
#define PROVENANCE_OWN_TAG_H

#include "auth/return_tag.h"
#include "bounce/evidence.h"
#include "bounce/notice.h"

enum { OWN_TAG_USES = 10 /* for each recipient of the message: delays, a failure, answers */ };

enum tag_verdict {
    TAG_NONE, /* the address is no signed return path, or none of theirs */
    TAG_COUNTS,
    TAG_FORGED,
    TAG_OTHER_SECRET, /* of a server that we share no secrets with, or they are gone */
    TAG_TOO_OLD,
    TAG_OTHER_MESSAGE,   /* the notice returns another one */
    TAG_OTHER_RECIPIENT, /* the message did not go to whom the notice names; or is forgotten */
    TAG_WORN_OUT,        /* more has come to it than notices can be */
    TAG_NOT_ASKED        /* the ledger could not be */
};

/* What was sent: the message of this queue id; or, where that is empty, any of `sender` of that
 * day, or of whole weeks before. `to`: a recipient; empty: whoever. */
struct tag_question {
    struct span queue_id, sender, to;
    int64_t day; /* since 1970 */
};

struct tag_told {
    size_t recipients;      /* that the sender named, of all of these messages; 0: there is none */
    struct span message_id; /* of the last of them; empty: it had none, or that is forgotten */
};

struct tag_record {
    enum return_tag_answer (*check)(void *arg, struct span address, struct return_tag *t,
                                    struct arena *a);
    bool (*is_for)(void *arg, const struct return_tag *t, struct span recipient_domain);
    /* False: it could not be asked. What is told lives in `a`. */
    bool (*ask)(void *arg, const struct tag_question *q, struct tag_told *told, struct arena *a);
    /* How many messages have come to this address, this notice among them. False: likewise. */
    bool (*count_uses)(void *arg, struct span address, size_t *uses);
    void *arg;
};

/* `address`: to whom the notice came, as its envelope had it; not what its header says. Fills
 * `own_tag`, what it names, and, where it counts, `sent_to` and `is_sent`. */
enum tag_verdict provenance_by_tag(struct evidence *e, const struct tag_record *r,
                                   const struct notice *n, struct span address, struct arena *a);

/* The envelope's recipient, as servers of ours have written it down on top of a message that they
 * delivered (Delivered-To and its like above what the sender's server has added); the one of that
 * form. Empty: there is none. */
struct span own_tag_address(struct span message, struct arena *a);

/* What the server that has put it into a mailbox has written down there on top. */
struct own_delivery {
    struct span mailbox;  /* the address of the topmost Delivered-To; empty: there is none */
    struct span queue_id; /* of the topmost Received that is of no LMTP, in `a`; likewise */
};
struct own_delivery own_delivery_of(struct span message, struct arena *a);

#endif
