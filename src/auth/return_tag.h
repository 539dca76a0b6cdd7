/* Return paths that only we can make: the sender's own address with a tag, which names the message
 * and is signed. A notice that comes to one is about that message, even when it returns nothing.
 *
 *     alice+1k18vnm3nvg-q4yv-8d3k2m0s5tj9w@example.org
 *     alice+s7f3k9x2mc4-q4yv-h1z6n8r0b2v5x@example.org       steady: one for all messages that
 *                                                            go to a domain on a day
 *
 * Behind the "+" stand: the message's queue id, or "s" and a token of the recipient's domain; a
 * letter that tells the secrets apart; the day, in three letters; and 64 bits of HMAC-SHA256 over
 * all of it and the address. Everything is in the letters of queue ids, in lower case, and is good
 * in upper case, too: a server on the way may change that. Whoever does not know what it is sees
 * alice, with an extension. Pure. */
#ifndef AUTH_RETURN_TAG_H
#define AUTH_RETURN_TAG_H

#include "auth/signing_secrets.h"

enum {
    RETURN_TAG_DAYS_VALID = 28,
    RETURN_TAG_DAYS_SAME = 7, /* a message that is tried again keeps its tag for so long */
    RETURN_TAG_ID = 11        /* characters */
};

struct return_tag {
    struct span sender; /* the address without the tag */
    bool is_steady;
    struct span id;        /* of the message; steady: the token; in lower case */
    int64_t day;           /* since 1970, when it was made; return_tag_check fills it in */
    struct span signature; /* in lower case */
    char secret;           /* the letter of the one that signed */
};

/* The day of a message's tag: that on which it was accepted, or a whole number of weeks later. */
int64_t return_tag_day(int64_t accepted_s, int64_t now_s);
/* Was this the day of the tag of a message that was accepted then, at some time? */
bool return_tag_day_is_of(int64_t day, int64_t accepted_s);

/* What names the message: its queue id. What is steady: the token of this recipient's domain, for
 * mail of `sender`. In `a`. */
struct span return_tag_token(const struct signing_secrets *s, struct span sender,
                             struct span recipient_domain, int64_t day, struct arena *a);

/* False: the sender stays as it is. It is empty, or a program's, with a tag of its own
 * (mail/tagged.h), or one of these already; it is not plain ASCII; or it would become longer than
 * SMTP allows (64 octets before the "@": 33 are left for the sender's own). */
bool return_tag_make(const struct signing_secrets *s, struct span sender, struct span id_or_token,
                     int64_t day, struct span *address, struct arena *a);

/* Has it the form of one? Says nothing of whether it is true. What is found lives in `a`, or
 * borrows. */
bool return_tag_parse(struct return_tag *t, struct span address, struct arena *a);

enum return_tag_answer {
    RETURN_TAG_NONE, /* the address has no tag */
    RETURN_TAG_TRUE,
    RETURN_TAG_TOO_OLD,      /* true, but no notice comes so late */
    RETURN_TAG_OTHER_SECRET, /* made with a secret that we have not, or no more */
    RETURN_TAG_FORGED        /* a secret of ours did not make it so */
};

/* The tag of an address. Signatures are compared in constant time. */
enum return_tag_answer return_tag_check(const struct signing_secrets *s, struct span address,
                                        int64_t now_s, struct return_tag *t, struct arena *a);

/* Of a steady tag that is true: was it made for mail to this domain? */
bool return_tag_is_for(const struct signing_secrets *s, const struct return_tag *t,
                       struct span recipient_domain);

#endif
