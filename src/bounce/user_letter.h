/* A letter to one of our own users about what he sends: not a notice, for nothing has failed. In
 * his language, as text and as a card; it comes from postmaster, so that an answer finds somebody.
 * Pure.
 */
#ifndef BOUNCE_USER_LETTER_H
#define BOUNCE_USER_LETTER_H

#include "bounce/words.h"
#include "outcome/envelope.h"

enum user_letter_kind {
    LETTER_SHOWN_ADDRESSES, /* his message shows many addresses to each other */
    LETTER_HELD_LINK        /* his message waits, because of a link */
};
enum letter_link { LETTER_LINK_KNOWN, LETTER_LINK_LISTED, LETTER_LINK_ALIKE, LETTER_LINK_OTHER };

struct user_letter {
    enum user_letter_kind kind;
    const struct language *language;
    message_id id; /* of the letter */
    int64_t now_ms;
    int offset_minutes;
    struct span hostname, from, to; /* addresses */
    struct span subject;            /* of his message, as its envelope has it */
    message_id about;               /* its queue id */
    size_t addresses;               /* of LETTER_SHOWN_ADDRESSES */
    /* Of LETTER_HELD_LINK: */
    enum letter_link why;
    struct span link;  /* defanged */
    struct span other; /* the list; the host that it looks like, or that its text names */
};

/* Appends the message, CRLF line ends. */
void user_letter_write(struct buffer *out, const struct user_letter *l);

#endif
