/* Links: where they lead. Pure. */
#ifndef MAIL_LINKS_H
#define MAIL_LINKS_H

#include "base/buffer.h"

/* The next address of a page ("https://…", "http://…", "www.…") in plain text; `*rest` becomes what
 * follows it. False: there is none. */
bool links_next(struct span *rest, struct span *link);

/* What stands behind the scheme, as browsers see it: "https://evil.test/x", "https:\\evil.test/x",
 * "//evil.test/x" lead to "evil.test/x". */
struct span link_place(struct span link);

/* The host that a link leads to, without a port, or empty; also of a bare name
 * ("www.example.org/x") and behind a user name ("https://bank.test@evil.test/": evil.test). */
struct span link_host(struct span link);

/* The host that a reader comes to in the end: gateways rewrite links so that they lead through
 * them, and the true one is inside. */
struct span link_leads_to(struct span link);

/* As it can be shown to somebody who must not follow it by mistake: "hxxps://bad[.]example/x". What
 * can't be seen, and what is longer than `max` bytes, is not shown as it is. */
void link_add_defanged(struct buffer *out, struct span link, size_t max);

/* Does the text look like a host or a link, so that a reader takes it for the place it leads to? */
bool link_looks_like_one(struct span text);

/* The domain that somebody registered, as far as a name shows it: the last two labels, or three
 * under a country's second level ("example.co.uk"). */
struct span link_site(struct span host);
bool links_same_site(struct span host, struct span other);

#endif
