/* What the words of a notice mean for whoever looks for recipients in it: phrases that many systems
 * use, and phrases of one system, which count only where that system's sign is seen. Data
 * (data/dialects, compiled by phrase_sets.py); doc/adding-a-dialect.md says how to add to it. For
 * this room only. Pure. */
#ifndef BOUNCE_DIALECT_PHRASES_H
#define BOUNCE_DIALECT_PHRASES_H

#include "base/phrase_set.h"
#include "bounce/spotted.h"

enum phrase_role {
    PHRASE_BELOW,    /* recipients stand in the lines below, each at the start of a line */
    PHRASE_BEHIND,   /* a recipient follows, or stands in the next line */
    PHRASE_TOLD,     /* the same, but it may be somebody else: to whom the original was addressed */
    PHRASE_INSIDE,   /* a recipient follows in a line that begins with other names of the same */
    PHRASE_RCPT,     /* a recipient follows in the words of SMTP */
    PHRASE_ALIAS,    /* an address follows that led to the recipient before it */
    PHRASE_NOBODY,   /* an address follows that is no recipient */
    PHRASE_SAID,     /* the words of whoever refused follow, or stand in the lines below */
    PHRASE_HOST,     /* a host follows, with which the mail system talks from here on */
    PHRASE_SELF,     /* the host follows that writes this */
    PHRASE_HELP,     /* whom to ask follows, in this line or in the next: no recipient */
    PHRASE_END,      /* no recipients from here on up to the next PHRASE_BELOW */
    PHRASE_ORIGINAL, /* the message that comes back follows, if its header does */
    PHRASE_SIGN      /* a system is known by it: of the number of the phrase's order */
};

struct dialect_phrase {
    struct span text; /* small letters (ASCII), single blanks */
    enum phrase_role role;
};

enum sign_place { SIGN_IN_TEXT, SIGN_IN_SUBJECT, SIGN_IN_FROM, SIGN_FIELD /* the header has it */ };

struct dialect_system {
    const char *name;
    enum sign_place place;
    struct span sign; /* small letters; of SIGN_FIELD: the name */
    const struct dialect_phrase *phrases;
    size_t count;
};

/* The lists of these sets are the roles. */
extern const struct phrase_set phrase_set_dialect; /* what is looked for everywhere */
extern const struct phrase_set phrase_set_original;

/* What stands beside an address, and is common: ordered by its bytes from the last one on. */
struct near_phrase {
    struct dialect_phrase phrase;
    int shorter; /* the number of the longest other one with which it ends; below 0: there is none
                  */
};

extern const struct near_phrase near_phrases[];
extern const size_t near_phrase_count;

extern const struct dialect_system dialect_systems[];
extern const size_t dialect_system_count;

/* Where a phrase stands that opens or closes a list, or announces words or a host. */
struct phrase_hit {
    size_t at, end; /* in the text */
    enum phrase_role role;
    bool is_own;
};

struct phrases {
    const struct spotted *text;
    struct phrase_hit *hits; /* by their end; of those with one end the best last */
    size_t count, room;
    const struct dialect_system **systems; /* whose sign is seen */
    size_t system_count;
};

/* The common phrases, and those of the systems whose sign is seen: `is_seen` tells of the signs
 * that do not stand in the text. All lives in `a`. */
typedef bool phrase_sign_seen(void *context, const struct dialect_system *system);
void phrases_take(struct phrases *p, const struct spotted *s, phrase_sign_seen *is_seen,
                  void *context, struct arena *a);

/* The phrase beside an address that ends at `end`: the longest one, one of a system before a common
 * one; NULL: none does. */
const struct dialect_phrase *phrases_at(const struct phrases *p, size_t end);

#endif
