/* Did the message that a notice tells of leave from here? What proves it, or disproves it, is
 * gathered here from two sources that the caller has: the keys of our own signatures, and what is
 * known of what was sent. Pure but for what those do. */
#ifndef PROVENANCE_PROVENANCE_H
#define PROVENANCE_PROVENANCE_H

#include "auth/dkim_key.h"
#include "auth/dkim_signature.h"
#include "bounce/evidence.h"
#include "bounce/notice.h"
#include "provenance/lately.h"

/* ---- our own signatures (own_signature.h) */

struct own_keys {
    /* The key of a signature, or NULL: it is none of ours, or is not to be had. `is_from_me`: the
     * message is from one of `e->me`. */
    const struct dkim_key *(*find)(void *arg, const struct dkim_signature *s, bool is_from_me);
    void *arg;
};

/* Fills `own_signature` and `own_domain`. What it finds lives in `a`. */
void provenance_by_signature(struct evidence *e, const struct own_keys *keys,
                             const struct notice_original *o, struct arena *a);

/* ---- what was sent, as the ledger of a server has it */

/* The answer to one question. */
struct sent_told {
    bool is_whole;    /* what all have sent was looked through, and that goes back to this time; */
    int64_t since_ms; /* else it says nothing if a message is not there */
    size_t count;     /* of the messages that are there */
    bool has_passed;  /* there is none, but one of that Message-ID went through here: a stranger
                         wrote to a list of ours */
    bool is_by_me;    /* one of them is of one of `e->me`, or nobody is named there */
};

struct sent_record {
    /* Empty: not asked for; one of both is. False: it could not be asked. */
    bool (*ask)(void *arg, struct span message_id, struct span to, const struct evidence *e,
                struct sent_told *told);
    /* Is mail in the name of this address sent from here, as far as one can see? */
    bool (*sends)(void *arg, struct span address);
    void *arg;
    struct lately_record lately;
    bool is_of_one; /* it has nothing but what whoever asks has sent */
};

/* Does it tell anything that there is no message of this Message-ID? None has a blank in it (RFC
 * 5322 3.6.4): that came of whoever quoted it. */
bool provenance_may_miss(struct span message_id);

/* Fills `is_sent`, `sent_to` and `wrote_to` where they are not known yet, or NO: that was of a
 * part. "Not sent" takes more than that it is not there: nobody's message of that Message-ID is,
 * the record is whole and goes back to before the message was written (where that is not told, to
 * when the oldest may have been that a notice still tells of), and the notice came to an address of
 * ours. Then it matters whether they wrote to the recipient: on the way a message may get another
 * Message-ID. Without one it takes that nothing which was sent lately is like it (lately.h), and
 * that they never wrote to a recipient. `e->now_ms`: when the notice came; 0: as it says. */
void provenance_by_record(struct evidence *e, const struct sent_record *r, const struct notice *n);

/* ---- what somebody else has gathered */

/* Adds what is told of the same notice: what proves it counts, and what speaks against it where
 * nothing else is known. Borrows. */
void provenance_add(struct evidence *e, const struct evidence *told);

#endif
