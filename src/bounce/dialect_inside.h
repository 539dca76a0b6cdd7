/* What the files that read notices in free text share (read_dialect.c, dialect_who.c,
 * dialect_choose.c, dialect_said.c and others); not for others. */
#ifndef BOUNCE_DIALECT_INSIDE_H
#define BOUNCE_DIALECT_INSIDE_H

#include "base/map.h"
#include "bounce/dialect_phrases.h"
#include "bounce/read_inside.h"

/* How much speaks for an address being a recipient: what comes first beats all that comes later. */
enum rank {
    RANK_LISTED,   /* at the start of a line, below words that announce recipients */
    RANK_LEADING,  /* at the start of a line */
    RANK_COMMAND,  /* RCPT TO, or a reply about it */
    RANK_LABELLED, /* behind words that name a recipient */
    RANK_TOLD,     /* behind words that may name one: "To:" */
    RANK_LOOSE,    /* somewhere */
    RANK_NOBODY    /* behind words that name somebody else */
};

struct candidate {
    struct span address;
    struct span alias;  /* the address that led to it: it is the original recipient */
    struct span behind; /* the rest of its line */
    struct span below;  /* the text from the next line on */
    enum rank rank;
    enum notice_action action; /* as the list is headed; unknown: as the whole notice */
    bool is_joined;            /* the next one stands behind it, parted by a comma */
    bool is_demoted;           /* the sender, or a mail system: only if there is nobody else */
};

struct dialect {
    struct reading *reading;
    struct span text;
    struct phrases phrases;
    struct candidate *candidates; /* in the order of the text */
    size_t candidate_count, candidate_room;
    struct candidate local; /* a name without a domain, listed as a recipient */
    bool is_sure;           /* recipients are named as notices name them */
    struct map known; /* recipients by their address in small letters: struct recipient_words */
};

/* What is known of what was said about a recipient. */
struct recipient_words {
    size_t index;                  /* in notice->recipients */
    bool is_apart;                 /* those stand below an empty line: they may be of others, too */
    unsigned tries;                /* to find words of its own */
    struct span own;               /* beside or below the address */
    struct span reply, reply_host; /* of a server, where it names the recipient */
};

/* dialect_who.c: fill in the candidates. */
void dialect_find_candidates(struct dialect *d);

enum { LONGEST_KEY = 400 };

/* dialect_choose.c: fill in the recipients, each once, with their action. */
void dialect_choose(struct dialect *d);
/* An address in small letters, in `room` for LONGEST_KEY; empty when it is too long to be one. */
struct span dialect_key(char *room, struct span address);
/* The recipient of that address, or NULL. */
struct recipient_words *dialect_known(const struct dialect *d, struct span address);

/* dialect_said.c: of each recipient what was said, the codes, and by which host. */
void dialect_find_words(struct dialect *d);

/* dialect_times.c: when the message came, and until when it is tried. */
void dialect_find_times(struct dialect *d);

/* dialect_host.c: the host of which words say that it spoke, or empty. */
struct span dialect_host(struct span words);
/* The host whose name stands at the start of `text`, or empty. */
struct span dialect_host_at(struct span text);

#endif
