/* What a notification says, put down once; the text (text.c) and the card (card.c) only give it a
 * form. For this room. Pure. */
#ifndef BOUNCE_TOLD_H
#define BOUNCE_TOLD_H

#include "bounce/account_letter.h"
#include "bounce/flood_digest.h"
#include "bounce/notice_digest.h"
#include "bounce/user_letter.h"
#include "bounce/write.h"

enum told_kind {
    TOLD_TITLE,   /* the outcome; it comes first */
    TOLD_ADDRESS, /* of whom it is told */
    TOLD_NAME,    /* an address, below the heading that says what became of it */
    TOLD_HEADING,
    TOLD_PARAGRAPH,
    TOLD_STEP,       /* what to do; those in a row are numbered */
    TOLD_ROW,        /* `label`, and what it names in `text` */
    TOLD_GROUP,      /* no text: what follows is of other recipients */
    TOLD_DETAILS,    /* a heading: what follows is for those who want to know it all */
    TOLD_SUBHEADING, /* an address, among the details */
    TOLD_VERBATIM,   /* words of a server; lines by LF */
    TOLD_ECHO        /* a heading: what follows is in English */
};

struct told_block {
    enum told_kind kind;
    struct span label, text; /* harmless and bounded, UTF-8; not escaped for HTML */
};

struct told {
    const struct language *language; /* of all before TOLD_ECHO */
    enum outcome_kind worst;         /* of all outcomes that it tells of */
    struct told_block *blocks;
    size_t count, room;
    struct arena *arena;
    struct buffer scratch;
};

/* All that is said of `r`; it lives in `a`, or is borrowed from tables. */
void report_tell(struct told *t, const struct report *r, struct arena *a);

/* All that is said of `d`; it lives in its arena. */
void notice_digest_tell(struct told *t, const struct notice_digest *d);
void flood_digest_tell(struct told *t, const struct flood_digest *d);

/* All that is said by `l`; it lives in `a`. */
void account_letter_tell(struct told *t, const struct account_letter *l, struct arena *a);
void user_letter_tell(struct told *t, const struct user_letter *l, struct arena *a);

/* LF line ends, at most 76 columns where words allow. */
void told_as_text(struct buffer *out, const struct told *t);

/* A page that needs nothing but itself; LF line ends. */
void told_as_card(struct buffer *out, const struct told *t);

/* What stands in its <body>, for a page that shows several: the title is a heading of the fourth
 * rank. The page has the rules of told_card_rules(). */
void told_as_card_inside(struct buffer *out, const struct told *t);

/* Append what stands in <style> of a card that tells of `worst`, for those below `within` ("" or a
 * selector with a blank behind it). */
void told_card_rules(struct buffer *out, const char *within, enum outcome_kind worst);

#endif
