/* SPF records as they are written: RFC 7208 4.5, 4.6, 12. Pure; borrows from the text. */
#ifndef AUTH_SPF_RECORD_H
#define AUTH_SPF_RECORD_H

#include "base/arena.h"
#include "base/error.h"

enum spf_result {
    SPF_NONE,      /* the domain says nothing, or there is none to ask */
    SPF_NEUTRAL,   /* the domain says that it says nothing */
    SPF_PASS,      /* the client may send for the domain */
    SPF_FAIL,      /* it may not */
    SPF_SOFTFAIL,  /* probably not */
    SPF_TEMPERROR, /* the DNS did not answer */
    SPF_PERMERROR  /* the record can't be used */
};

/* As RFC 8601 writes it: "pass". */
const char *spf_result_word(enum spf_result r);

enum spf_mechanism { SPF_ALL, SPF_INCLUDE, SPF_A, SPF_MX, SPF_PTR, SPF_IP4, SPF_IP6, SPF_EXISTS };

struct spf_term {
    enum spf_mechanism mechanism;
    enum spf_result result;    /* if it matches: PASS, FAIL, SOFTFAIL or NEUTRAL */
    struct span written;       /* "-ip4:192.0.2.0/24" */
    struct span target;        /* a domain with macros in it; empty: the domain of the record */
    unsigned char network[16]; /* of IP4 and IP6 */
    unsigned bits4, bits6;     /* of an IPv4 (0 to 32) and an IPv6 address (0 to 128) */
};

struct spf_record {
    struct spf_term *terms;
    size_t count;
    struct span redirect, explanation; /* domains with macros in them, or empty */
};

/* Is it a record of SPF, right or wrong (its first word is v=spf1)? */
bool spf_record_is(struct span text);

/* False: it can't be used, `*e` says why. */
bool spf_record_parse(struct spf_record *r, struct span text, struct arena *a, struct error *e);

#endif
