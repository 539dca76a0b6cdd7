/* Does the domain that people see in From stand behind a message? DMARC: RFC 9989. Pure: answers of
 * the DNS come by base/lookups.h. */
#ifndef AUTH_DMARC_H
#define AUTH_DMARC_H

#include "auth/dmarc_record.h"
#include "base/lookups.h"

enum {
    DMARC_MOST_QUERIES = 8,    /* of one walk up the tree (4.10) */
    DMARC_MOST_AUTHORS = 10,   /* domains in From */
    DMARC_MOST_IDENTITIES = 20 /* signers that are looked at, of the author's own organization */
};

enum dmarc_result { DMARC_NONE, DMARC_PASS, DMARC_FAIL, DMARC_TEMPERROR, DMARC_PERMERROR };

/* As RFC 8601 writes it: "pass". */
const char *dmarc_result_word(enum dmarc_result r);

/* All domains: in ASCII or UTF-8. */
struct dmarc_request {
    const struct span *authors; /* of all addresses in From, each domain once or more often */
    size_t author_count;
    struct span sender;         /* MAIL FROM's (or, of the null path, the client's name), if SPF
                                   said pass; else empty */
    const struct span *signers; /* d= of the DKIM signatures that hold */
    size_t signer_count;
    bool has_temporary; /* SPF or DKIM could not be checked for now: without them, it did not fail
                           either */
};

struct dmarc_verdict {
    enum dmarc_result result;
    struct span author;       /* the domain; of several the one that decided; or empty */
    struct span organization; /* the author's (4.10.2), if it was needed; or empty */
    struct span place; /* the domain whose record applies: `author`, or one above; or empty */
    struct dmarc_record record;
    enum dmarc_policy published; /* by the record, for this author, */
    enum dmarc_policy applied;   /* and what it wants to be applied: weaker with t=y */
    struct span passed_by;       /* PASS: "spf" or "dkim", */
    struct span passed_domain;   /* and of which domain */
    bool dkim_speaks, spf_speaks; /* for the author. SPF is known where DKIM does not, and where the
                                     record asks for reports */
    struct span why, remedy;     /* in words, as in spf.h */
};

/* From with several domains is judged by each of them, and the strictest verdict counts: RFC 9989
 * 11.5 leaves it open, and who adds a second author must not get around the policy of the first.
 *
 * False: questions are open in `l`. The verdict lives in `a`. */
bool dmarc_check(const struct dmarc_request *r, struct lookups *l, struct dmarc_verdict *v,
                 struct arena *a);

#endif
