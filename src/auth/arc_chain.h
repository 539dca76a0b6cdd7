/* The chain of ARC sets in a header: RFC 8617 4. Whether it holds, arc_check.h says. Pure. */
#ifndef AUTH_ARC_CHAIN_H
#define AUTH_ARC_CHAIN_H

#include "auth/dkim_signature.h"

enum { ARC_MOST_SETS = 50 };

enum arc_state { ARC_NONE, ARC_PASS, ARC_FAIL };

/* As RFC 8617 writes it: "pass". */
const char *arc_state_word(enum arc_state s);
bool arc_state_parse(struct span word, enum arc_state *s); /* false: it is none of them */

/* What one server has added. A field that is not there has no name. */
struct arc_set {
    struct header_field results_field, message_field, seal_field;
    struct span results;                 /* "mx.example; spf=pass …" */
    enum arc_state before;               /* cv= of the seal: of the chain that it met */
    struct dkim_signature message, seal; /* only of a chain that is whole */
};

struct arc_chain {
    struct arc_set *sets; /* the one of instance 1 first; NULL: no field was found */
    size_t count;         /* the highest instance; 0 with fields: none of them tells */
    bool has_ended;       /* the newest seal says that it broke: nothing may follow (5.1.3) */
};

/* Reads all ARC fields of the header. True: there is none, or the chain is whole: 1 to `count`,
 * each with its three fields, each of which can be read, and seals that have met what they should
 * have. False: `e` says what is wrong, in words that follow a name for the chain and ":". `c` is
 * filled as far as it goes. All of it lives in `a`, or borrows. */
bool arc_chain_read(struct arc_chain *c, struct span header, struct arena *a, struct error *e);

/* Append, canonical, what the seal of set `index` signs: all sets up to it. RFC 8617 5.1.1. */
void arc_add_sealed(struct buffer *out, const struct arc_chain *c, size_t index);

#endif
