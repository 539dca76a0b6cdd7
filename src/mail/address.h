/* Mail addresses: RFC 5321 4.1.2 (Mailbox, Path), RFC 6531 3.3 (UTF-8), RFC 5321 4.5.3.1 (lengths).
 *
 * Pure. An address is kept as text, in the form in which it came ("local@domain"), without angle
 * brackets; the empty span is the null reverse-path. */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include "base/span.h"

enum address_result {
    ADDRESS_OK,
    ADDRESS_MALFORMED,
    ADDRESS_TOO_LONG,  /* local part over 64 octets, domain over 255, path over 256 */
    ADDRESS_NEEDS_UTF8 /* holds non-ASCII, and `allow_utf8` was false */
};

/* Parse a Path ("<a@b>", "<@x,@y:a@b>" whose source route is dropped, "<>", "<postmaster>") at the
 * start of `*rest`; `*rest` becomes what follows ">". `*address` borrows from the input.
 * Also takes a bare Mailbox without brackets never: RFC 5321 wants the brackets. */
enum address_result address_parse_path(struct span *rest, bool allow_utf8, struct span *address);

/* Check a whole Mailbox ("local@domain"); for the configuration, users and headers. Domain literals
 * ("[192.0.2.1]", "[IPv6:…]") and quoted local parts are fine. */
enum address_result address_check(struct span mailbox, bool allow_utf8);

struct span address_local(struct span address);  /* before the last "@"; all when there is none */
struct span address_domain(struct span address); /* behind the last "@", or empty */
bool address_is_ascii(struct span address);

/* Is it a domain name as RFC 5321 4.1.2 writes it (labels of letters, digits, hyphens; UTF-8 labels
 * with `allow_utf8`; at most 255 octets, a label at most 63), or with `allow_literal` an address
 * literal? */
bool domain_is_valid(struct span domain, bool allow_utf8, bool allow_literal);

/* Same mailbox for us: local parts and domains compare without regard to ASCII case. */
bool address_equal(struct span a, struct span b);

#endif
