/* A letter about an account that sends unlike itself: to its owner, or to postmaster. For people it
 * is a text and a card, like a notice. Pure. */
#ifndef BOUNCE_ACCOUNT_LETTER_H
#define BOUNCE_ACCOUNT_LETTER_H

#include "base/arena.h"
#include "bounce/words.h"
#include "outcome/envelope.h"

enum account_letter_kind {
    ACCOUNT_LETTER_SLOWED,  /* its mail leaves slowly */
    ACCOUNT_LETTER_HELD,    /* its mail is held */
    ACCOUNT_LETTER_REVOKED, /* somebody else has used it; what had not left is removed */
};

/* What stood out: each is a bit of `stood_out`. */
enum account_sign {
    ACCOUNT_SIGN_NEW,      /* many recipients to whom it had not written before */
    ACCOUNT_SIGN_UNKNOWN,  /* many do not exist */
    ACCOUNT_SIGN_PLACE,    /* from a new place */
    ACCOUNT_SIGN_SAME,     /* the same to many */
    ACCOUNT_SIGN_UNWANTED, /* it is called spam */
    ACCOUNT_SIGNS
};

/* Of a message that is held, or, in a letter about what was revoked, that somebody got. */
struct account_letter_sample {
    struct span to, subject; /* as they came */
};

struct account_letter {
    enum account_letter_kind kind;
    bool is_for_postmaster; /* HELD, REVOKED */
    struct span hostname, to, account;
    message_id id;            /* the letter's own */
    int64_t now_ms, since_ms; /* since when it is held */
    int offset_minutes;
    const struct language *language; /* NULL: English */
    unsigned stood_out;
    struct span reasons; /* in detail, in English; may be empty: an operator has decided it */
    uint64_t recipients; /* whose mail waits */
    const struct account_letter_sample *samples;
    size_t sample_count;
};

/* Append the complete message, with CRLF line ends. */
void account_letter_write(struct buffer *message, const struct account_letter *l);

#endif
