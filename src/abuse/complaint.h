/* What is to be said of a message that is no good: whence it came, who stands behind it, and where
 * it leads. Pure: the DNS answers by base/lookups.h. */
#ifndef ABUSE_COMPLAINT_H
#define ABUSE_COMPLAINT_H

#include "abuse/origin.h"
#include "auth/message_check.h"

enum complaint_kind {
    COMPLAINT_FRAUD,       /* it pretends to be something else, to get at something */
    COMPLAINT_ABUSE,       /* nobody wants it */
    COMPLAINT_AUTH_FAILURE /* it forges a domain: for the one whose domain it is (RFC 6591) */
};

enum { COMPLAINT_MOST_LINKS = 20, COMPLAINT_LONGEST_LINK = 900, COMPLAINT_MOST_READERS = 50 };

struct complaint_link {
    struct span link;
    struct span host; /* where it leads in the end, as far as the link tells */
    struct span site; /* the domain of that organization (auth/organization.h); empty: an address */
    bool is_decoration; /* a page of whom the message pretends to be from: it links there, too, to
                           look true */
};

struct complaint {
    struct span message; /* CRLF */
    struct origin origin;
    bool has_return_path; /* the server that we believe has noted it: */
    struct span return_path;
    struct span from, subject, message_id; /* decoded */
    struct span from_domain;               /* the first in From; or empty */
    bool is_checked;                       /* the DNS was asked: */
    struct message_verdict verdict;
    struct complaint_link links[COMPLAINT_MOST_LINKS]; /* each host once */
    size_t link_count;
    struct span readers[COMPLAINT_MOST_READERS]; /* addresses that it was for, as it says itself,
                                                    and those of whoever complains */
    size_t reader_count;
};

struct complaint_request {
    struct span message; /* its lines end with CRLF */
    struct origin_ours ours;
    const struct span *me; /* who got it */
    size_t me_count;
    struct span hostname; /* of whoever checks */
    uint64_t now;         /* seconds since 1970 */
    bool asks_dns;
};

/* False: questions are open in `l`. `*c` lives in `a`, and borrows from the request. */
bool complaint_read(struct complaint *c, const struct complaint_request *r, struct lookups *l,
                    struct arena *a);

/* Does a signature prove that this organization has sent it? (`site` as above.) */
bool complaint_is_signed_by(const struct complaint *c, struct span site, struct arena *a);

/* The first link that is no decoration, or NULL. */
const struct complaint_link *complaint_first_link(const struct complaint *c);

#endif
