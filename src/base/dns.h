/* Questions to the DNS and their answers, as values: whoever is pure gets answers as arguments.
 * sys/dns.h asks. */
#ifndef BASE_DNS_H
#define BASE_DNS_H

#include "base/arena.h"

enum dns_type {
    DNS_A = 1,
    DNS_CNAME = 5,
    DNS_PTR = 12,
    DNS_MX = 15,
    DNS_TXT = 16,
    DNS_AAAA = 28,
    DNS_DS = 43,
    DNS_TLSA = 52
};

enum dns_result {
    DNS_FOUND,
    DNS_NO_RECORD, /* the name is there, but has no record of this type */
    DNS_NO_NAME,   /* the name does not exist (NXDOMAIN) */
    DNS_FAILED     /* no answer, or none that can be trusted: it may be there later */
};
enum { DNS_RESULTS = DNS_FAILED + 1 };

struct dns_answer {
    enum dns_result result;
    bool is_secure;       /* proven by DNSSEC, also that there is no such record or name */
    bool is_bogus;        /* FAILED: because DNSSEC says that it is forged */
    struct span why;      /* FAILED: in words */
    struct span *records; /* FOUND: the data of each, as on the wire, names without compression */
    size_t count;
    uint32_t ttl;          /* seconds */
    struct span canonical; /* the name that has the records, where the one asked for is an alias of
                              it; else empty */
};

/* A copy with everything in `a`. */
void dns_answer_copy(struct dns_answer *to, const struct dns_answer *from, struct arena *a);

/* A name in the data of a record ("mx1.example.org", in lower case, "." for the root), as text in
 * `a`; `*rest` becomes what follows it. A byte that no host name has becomes "?". False: malformed.
 */
bool dns_read_name(struct span *rest, struct span *name, struct arena *a);

/* The data of an MX record (RFC 1035 3.3.9). */
bool dns_read_mx(struct span record, uint16_t *preference, struct span *name, struct arena *a);

/* The data of a TXT record (RFC 1035 3.3.14): its strings, joined, in `a`. */
bool dns_read_txt(struct span record, struct span *text, struct arena *a);

/* The other way: the line of a zone file with a TXT record, "NAME. IN TXT "…" "…"". A string of it
 * has 255 bytes at most; what is longer is cut. */
void dns_add_txt_line(struct buffer *out, struct span name, struct span text);

#endif
