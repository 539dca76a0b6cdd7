/* Macros in SPF: RFC 7208 7. Pure. */
#ifndef AUTH_SPF_MACRO_H
#define AUTH_SPF_MACRO_H

#include "base/arena.h"
#include "base/error.h"

/* What macros stand for. */
struct spf_names {
    struct span local, sender_domain; /* of the sender: %{l}, %{o}, and both: %{s} */
    struct span domain;               /* whose record it is: %{d} */
    struct span helo;                 /* %{h} */
    struct span client_name;          /* %{p}: see spf_macro_has */
    const unsigned char *client;      /* %{i}, %{c}: 16 bytes, as base/inet.h has them */
    struct span receiver;             /* %{r}: our name */
    uint64_t now;                     /* %{t}: seconds since 1970 */
};

/* Is it written as it has to be? `is_text`: it is an explanation, where %{c}, %{r} and %{t} may
 * stand, too. */
bool spf_macro_check(struct span text, bool is_text, struct error *e);

/* Is it a macro, "%%", "%_" or "%-" that it ends with? */
bool spf_macro_ends(struct span text);

/* Does one of `letters` (in lower case) stand in it? */
bool spf_macro_has(struct span text, const char *letters);

/* The following want what spf_macro_check has allowed. */

/* A domain name: without a dot at its end; of one that is too long for a name the first labels are
 * cut off (RFC 7208 7.3). */
struct span spf_macro_domain(struct span text, const struct spf_names *n, struct arena *a);

/* An explanation; what would be longer than 1000 bytes is cut off. */
struct span spf_macro_text(struct span text, const struct spf_names *n, struct arena *a);

#endif
