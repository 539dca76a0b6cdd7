/* A letter about an account that sends unlike itself, to its owner or to postmaster; or of which
 * something was changed. For people it is a text and a card, like a notice. Pure. */
#ifndef BOUNCE_ACCOUNT_LETTER_H
#define BOUNCE_ACCOUNT_LETTER_H

#include "base/arena.h"
#include "bounce/words.h"
#include "outcome/envelope.h"

enum account_letter_kind {
    ACCOUNT_LETTER_SLOWED,  /* its mail leaves slowly */
    ACCOUNT_LETTER_HELD,    /* its mail is held */
    ACCOUNT_LETTER_REVOKED, /* somebody else has used it; what had not left is removed */
    ACCOUNT_LETTER_CHANGED  /* its forwarding, filters or password; to its owner */
};

enum account_letter_part {
    ACCOUNT_LETTER_FORWARDING,
    ACCOUNT_LETTER_FILTERS,
    ACCOUNT_LETTER_PASSWORD
};

struct account_letter_change {
    enum account_letter_part part;
    struct span target; /* of a forwarding: "thief@example.net", "|command"; empty: not known */
    int64_t since_ms;
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
    const struct span *reasons; /* what stood out, in words of ours in that language; without any
                                   an operator has decided it */
    size_t reason_count;
    uint64_t recipients;       /* whose mail waits */
    struct span from, country; /* of the client by which it was noticed: "192.0.2.1", and, in that
                                  language, "Brasilien"; or empty */
    const struct account_letter_sample *samples;
    size_t sample_count;
    const struct account_letter_change *changes; /* CHANGED: one at least */
    size_t change_count;
};

/* Append the complete message, with CRLF line ends. */
void account_letter_write(struct buffer *message, const struct account_letter *l);

#endif
