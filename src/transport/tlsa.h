/* What the DNS says about the certificate of a mail server: DANE, RFC 6698 and, for SMTP, RFC 7672.
 * Pure: the answers are arguments. */
#ifndef TRANSPORT_TLSA_H
#define TRANSPORT_TLSA_H

#include "base/dns.h"

enum tlsa_usage { TLSA_PKIX_TA, TLSA_PKIX_EE, TLSA_DANE_TA, TLSA_DANE_EE };

struct tlsa {
    uint8_t usage, selector, matching; /* RFC 6698 2.1 */
    struct span data;
};

/* The data of a TLSA record; borrows. False: malformed. */
bool tlsa_read(struct span record, struct tlsa *t);
/* Those that depend on public authorities say nothing to SMTP (RFC 7672 3.1.3), and what has a
 * digest that is not known, or one of a wrong length, says nothing at all. */
bool tlsa_is_usable(const struct tlsa *t);
/* The data as in a zone file, "3 1 1 8cb0…"; of what is malformed all in hexadecimal digits. */
void tlsa_add(struct buffer *out, struct span record);

/* Where to ask for the records of a host: at these names, the first that has any; none: DANE does
 * not concern it. */
enum { MOST_TLSA_BASES = 2 };
struct tlsa_bases {
    struct span at[MOST_TLSA_BASES];
    size_t count;
};

/* By the answers for its addresses (RFC 7672 2.2.2): where they are not proven, nobody asks, for
 * name servers without DNSSEC are known that fail on such a question. An alias is asked for at the
 * name that it leads to, and then at its own. */
struct tlsa_bases tlsa_bases_of(struct span host, const struct dns_answer *v4,
                                const struct dns_answer *v6);
/* The same for an alias into a zone that is not proven, by the answer to the question for its CNAME
 * alone. */
struct tlsa_bases tlsa_bases_of_alias(struct span host, const struct dns_answer *cname);
bool tlsa_host_is_alias(struct span host, const struct dns_answer *v4, const struct dns_answer *v6);

/* "_25._tcp.mx.example.org" */
struct span tlsa_name(struct span base, uint16_t port, struct arena *a);

enum tlsa_verdict {
    TLSA_ABSENT,   /* nothing is demanded */
    TLSA_DEMANDED, /* one of `usable` must match */
    TLSA_UNUSABLE, /* records, but none to match with: it must be encrypted (RFC 7672 2.2) */
    TLSA_UNKNOWN   /* the DNS fails, or is forged: the host must not be used now */
};

struct tlsa_answer {
    enum tlsa_verdict verdict;
    struct span *usable; /* DEMANDED: their data, as tlsa_read reads it */
    size_t count;
    struct span base; /* DEMANDED, UNUSABLE: the name at which they stand */
    struct span why;  /* UNKNOWN */
    bool is_bogus;    /* UNKNOWN: DNSSEC says so */
};

enum { MOST_TLSA = 32 }; /* what is more is left out */

/* `base`: of the question. */
struct tlsa_answer tlsa_judge(struct span base, const struct dns_answer *answer, struct arena *a);

#endif
