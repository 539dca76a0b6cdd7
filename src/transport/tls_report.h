/* What we tell a domain, once a day, of how its mail could be encrypted: TLSRPT, RFC 8460. Pure:
 * where reports go, what is counted, the document and the message that carries it. */
#ifndef TRANSPORT_TLS_REPORT_H
#define TRANSPORT_TLS_REPORT_H

#include "base/arena.h"

/* ---- where to (RFC 8460 3) */

struct report_place {
    bool is_mail;
    struct span at; /* the address, or what begins with "https://" */
};
enum { MOST_REPORT_PLACES = 8 }; /* what is more is left out */

/* From the texts of all TXT records at _smtp._tls.DOMAIN. Returns how many places there are; 0:
 * this domain wants no reports. Spans live in `a`. */
size_t tls_report_places(const struct span *texts, size_t count, struct report_place *to,
                         struct arena *a);

/* ---- what is counted */

/* How a session went (RFC 8460 4.3). */
enum tls_result {
    TLS_RESULT_SUCCESS,
    TLS_RESULT_NOT_OFFERED,
    TLS_RESULT_HOST_MISMATCH,
    TLS_RESULT_EXPIRED,
    TLS_RESULT_NOT_TRUSTED,
    TLS_RESULT_OTHER, /* "validation-failure": none of the others */
    TLS_RESULT_TLSA,
    TLS_RESULT_DNSSEC,
    TLS_RESULT_STS_FETCH,
    TLS_RESULT_STS_INVALID,
    TLS_RESULT_STS_CERTIFICATE
};
enum { TLS_RESULTS = TLS_RESULT_STS_CERTIFICATE + 1 };

const char *tls_result_name(enum tls_result r); /* "certificate-expired"; "success" */

/* Sessions that went the same way. */
struct session_count {
    /* What applied, a line each: "sts", "tlsa" or "no-policy-found", and behind it the policy's own
     * lines, or its records. */
    struct span policy;
    enum tls_result result;
    struct span host;    /* of the mail server; may be empty, as may all that follow */
    struct span address; /* its own, "192.0.2.7" */
    struct span source;  /* ours */
    struct span why;     /* in words */
    uint64_t count;
};

/* ---- what is told */

struct tls_report {
    struct span domain;
    struct span organization; /* who reports: a name of ours */
    struct span contact;      /* an address of ours */
    struct span id;
    int64_t begin_ms, end_ms;           /* the end does not belong to it */
    const struct session_count *counts; /* those of one policy stand together */
    size_t count;
};

/* The document (RFC 8460 4.4), JSON. */
void tls_report_write(struct buffer *out, const struct tls_report *r);

/* The message to one address (RFC 8460 5.3), with CRLF; `packed` is the document, by
 * gzip_add. */
struct report_letter {
    struct span from, to, message_id; /* without brackets */
    int64_t time_ms;
};
void tls_report_mail(struct buffer *out, const struct tls_report *r, const struct report_letter *l,
                     struct span packed);

#endif
