/* For the files of this room: an examination under way. Each part looks at one thing, asks for what
 * it needs, and adds findings; where an answer is not there yet it goes on with the rest, and is
 * called again from the start. Pure. */
#ifndef DOCTOR_EXAM_H
#define DOCTOR_EXAM_H

#include "doctor/doctor.h"

#include <stdarg.h>

enum { MOST_EXAM_HOSTS = 12, MOST_EXAM_ADDRESSES = 8, MOST_EXAM_TEXTS = 32, MOST_NAMELESS = 32 };

struct exam_addresses {
    const struct dns_answer *v4, *v6; /* both are there */
    unsigned char at[MOST_EXAM_ADDRESSES][16];
    size_t count;
};

/* One that takes mail for the domain. */
struct exam_host {
    struct span name;
    uint16_t preference;
    bool is_known; /* its addresses are */
    struct exam_addresses addresses;
};

struct exam {
    const struct doctor_request *request;
    struct lookups *lookups;
    struct doctor_report *report;
    struct arena *arena;
    bool is_open; /* an answer is missing */
    size_t room;  /* for findings */
    struct exam_host hosts[MOST_EXAM_HOSTS];
    size_t host_count;
    bool has_more_hosts, has_more_targets;
    bool is_nowhere;    /* there is no such domain, or nobody knows */
    bool takes_no_mail; /* it says so */
    bool has_policy;    /* of MTA-STS */
    unsigned char sources[MOST_SOURCES][16];
    size_t source_count;
    unsigned char nameless[MOST_NAMELESS][16]; /* sources without a reverse name */
    size_t nameless_count;
};

/* ---- findings.c */

/* Adds one. What it returns may be filled in further until the next is added. */
struct doctor_finding *finding(struct exam *x, enum doctor_topic topic, enum doctor_level level,
                               struct span about, const char *says, ...)
    __attribute__((format(printf, 5, 6)));

/* NULL: not known yet. */
const struct dns_answer *exam_ask(struct exam *x, struct span name, enum dns_type type);

/* Those of its TXT records that begin with `version`. SPAN_NOT_FOUND: not known yet, or no answer,
 * which becomes a finding of that topic. `texts`: MOST_EXAM_TEXTS of them. */
size_t exam_texts(struct exam *x, enum doctor_topic topic, struct span name, struct span version,
                  struct span *texts);

/* False: not known yet. Answers that failed have no addresses. */
bool exam_addresses(struct exam *x, struct span name, struct exam_addresses *to);

/* "no answer came: …" where that is so; else empty. */
struct span exam_failure(const struct exam_addresses *a);

/* In words and forms. All live in the arena. */
struct span address_text(struct exam *x, const unsigned char address[16]);
struct span addresses_text(struct exam *x, const unsigned char (*at)[16], size_t count);
struct span txt_record(struct exam *x, struct span name, struct span text);
struct span address_record(struct exam *x, struct span name, const unsigned char address[16]);
struct span reverse_name(struct exam *x, const unsigned char address[16]);
struct span time_text(struct exam *x, int64_t time_ms);
struct span joined_lines(struct exam *x, const struct span *texts, size_t count);
bool addresses_have(const unsigned char (*at)[16], size_t count, const unsigned char address[16]);

/* ---- the parts, in this order */

void exam_hosts(struct exam *x);
void exam_sources(struct exam *x); /* finds them, and looks at their names */
void exam_spf(struct exam *x);
void exam_dkim(struct exam *x);
void exam_our_keys(struct exam *x); /* of the request, whatever domains they are of */
void exam_dmarc(struct exam *x);
void exam_sts(struct exam *x);
void exam_dane(struct exam *x);
void exam_tlsrpt(struct exam *x);
void exam_dnssec(struct exam *x);
void exam_connections(struct exam *x);
void exam_certificates(struct exam *x); /* by exam_connections */
void exam_clock(struct exam *x);

/* Does a certificate have this name? "*" stands for one label (RFC 9525 6.3). */
bool certificate_has_name(const struct doctor_certificate *c, struct span host);

#endif
