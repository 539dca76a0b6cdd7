/* A check of the public header (plainpost/auth.h), from inside; for the files library_*.c only. */
#ifndef AUTH_LIBRARY_INSIDE_H
#define AUTH_LIBRARY_INSIDE_H

#include "auth/message_check.h"

#include <plainpost/auth.h>

/* What the caller sees of a verdict; texts live in `settled` of its check. */
struct library_shown {
    struct plainpost_spf spf;
    struct plainpost_dkim dkim[DKIM_MOST_CHECKED];
    size_t dkim_count;
    struct plainpost_dmarc dmarc;
    struct plainpost_arc arc;
};

struct plainpost_check {
    struct arena kept; /* what lives as long as the check: what was told, and questions */
    struct arena settled;
    struct lookups lookups;
    struct spf_request spf;
    bool has_client, has_message, is_over, is_done;
    struct buffer message;
    int64_t now;
    struct span authors[DMARC_MOST_AUTHORS], signers[DMARC_MOST_AUTHORS];
    size_t author_count, signer_count;
    struct message_verdict verdict; /* where it is done, */
    struct library_shown shown;     /* with this */
};

bool library_has_dmarc(const struct plainpost_check *c);

/* Fills in `c->shown`. */
void library_show(struct plainpost_check *c);

/* As mail travels: lines that end with LF, by the first of them, get CRLF. */
void library_add_message(struct buffer *out, struct span octets);

#endif
