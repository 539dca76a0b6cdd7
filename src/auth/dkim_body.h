/* The body as DKIM hashes it: RFC 6376 3.4.3, 3.4.4, 3.4.5. It comes in pieces of any size, and
 * what is kept of it does not grow with it. Lines end with CRLF; a CR or LF alone is text. Pure. */
#ifndef AUTH_DKIM_BODY_H
#define AUTH_DKIM_BODY_H

#include "auth/sha256.h"
#include "base/buffer.h"

#define DKIM_ALL_OF_IT UINT64_MAX

/* One form of a body, and its hash. */
struct dkim_body {
    bool is_relaxed;
    uint64_t limit;  /* so many octets of the form are hashed (l=), or DKIM_ALL_OF_IT */
    uint64_t length; /* of the form so far; when it has ended, of all of it */
    unsigned char hash[SHA256_LENGTH]; /* when it has ended */
    /* inside: */
    struct sha256 *under_way;
    struct buffer ready;  /* of the form, but not hashed yet */
    uint64_t empty_lines; /* that count if another follows them */
    bool has_text;        /* in the line at hand */
    bool has_blank;       /* behind that; it counts if text follows */
    bool has_cr;          /* likewise: it may be half of a line's end */
};

void dkim_body_start(struct dkim_body *b, bool is_relaxed, uint64_t limit);
void dkim_body_add(struct dkim_body *b, struct span piece);
void dkim_body_end(struct dkim_body *b);
void dkim_body_free(struct dkim_body *b); /* also one that has not ended */

/* Several forms of one body: what all signatures of a message want. Starts as all zeros. */
enum { DKIM_MOST_FORMS = 4 };

struct dkim_bodies {
    struct dkim_body forms[DKIM_MOST_FORMS];
    size_t count;
};

/* Before the body comes. NULL: so many different ones are not made. */
const struct dkim_body *dkim_bodies_want(struct dkim_bodies *b, bool is_relaxed, uint64_t limit);
void dkim_bodies_add(struct dkim_bodies *b, struct span piece);
void dkim_bodies_end(struct dkim_bodies *b);
void dkim_bodies_free(struct dkim_bodies *b);

#endif
