/* For whom it is checked who is behind a message, and what follows from it. Pure.
 *
 *     example.net     refuse
 *     *.example.net   note
 *     *               off          all that have no line of their own
 */
#ifndef CONFIG_AUTHENTICATE_H
#define CONFIG_AUTHENTICATE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "config/network.h"

enum authenticate_policy {
    AUTHENTICATE_OFF,   /* nothing is checked */
    AUTHENTICATE_NOTE,  /* what is found stands in the message */
    AUTHENTICATE_REFUSE /* likewise, and what its own domain wants to be refused is refused */
};

struct authenticate {
    struct span match; /* in lower case: "example.net", "*.example.net", "*" */
    enum authenticate_policy policy;
};

/* From the words of a line. Everything lives in `a`. False: `problem`. */
bool authenticate_parse(const struct span *words, size_t count, struct authenticate *x,
                        struct arena *a, struct error *problem);
void authenticate_print(struct buffer *out, const struct authenticate *x);
/* Of a recipient's domain, in any case: the line that fits best counts; without one: NOTE. */
enum authenticate_policy authenticate_policy_for(const struct authenticate *all, size_t count,
                                                 struct span domain);

/* Somebody who passes on mail of others: what reaches us through them is not refused because its
 * author's domain does not know them. */
struct forwarder {
    struct span domain; /* with all below it, in lower case; empty: it is a network */
    struct network network;
};

/* "192.0.2.0/24", "lists.example.org" */
bool forwarder_parse(struct span word, struct forwarder *f, struct arena *a);
void forwarder_print(struct buffer *out, const struct forwarder *f);
/* `domain` in ASCII, in any case. */
bool forwarder_has_domain(const struct forwarder *f, struct span domain);

#endif
