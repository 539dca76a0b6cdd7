/* The operator's own table of harmful links. Pure.
 *
 *     # what, and behind it why, for those who meet it
 *     bad.example                    phishing, seen in October     this host, and all below it
 *     files.example/s/abc            a copy of our log-in page     links to it that begin so
 *     !tracker.example               our newsletters go through it never objected to
 */
#ifndef MAIL_BAD_LINKS_H
#define MAIL_BAD_LINKS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"

struct bad_link {
    struct span host; /* as the DNS has it, in lower case */
    struct span path; /* with "/" in front; empty: any */
    struct span why;  /* may be empty */
    bool is_good;
    struct bad_link *next; /* of the same host */
};

/* Starts as all zeros. */
struct bad_links {
    struct map by_host;
};

void bad_links_free(struct bad_links *l); /* its lines live in the arena */

/* Adds the lines of a file; they live in `a`. False: `e` says "FILE:LINE: …". */
bool bad_links_parse(struct bad_links *l, const char *file, struct span text, struct arena *a,
                     struct error *e);

/* The line about a link, of which `host` is the host as the DNS has it, in lower case: the one with
 * the longest path, then the one of the nearest host above. NULL: there is none. */
const struct bad_link *bad_links_find(const struct bad_links *l, struct span host,
                                      struct span link);

#endif
