/* A domain's mail as the outside world sees it: what is right, what is wrong, and what to write
 * into the DNS. Pure: answers of the DNS (base/lookups.h), what probing its servers has found, the
 * time, and what our own configuration says are arguments; cli/doctor.c has them all.
 *
 * Everything lives in the caller's arena, or borrows from the request. What came from outside
 * stands in `found` and `publish` as it came; whoever shows it makes it harmless. */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

#include "base/lookups.h"

/* ---- what was found */

enum doctor_topic {
    DOCTOR_MX,
    DOCTOR_ADDRESS,
    DOCTOR_CONNECTION,
    DOCTOR_CERTIFICATE,
    DOCTOR_REVERSE, /* PTR and the name in HELO */
    DOCTOR_SPF,
    DOCTOR_DKIM,
    DOCTOR_DMARC,
    DOCTOR_STS,
    DOCTOR_DANE,
    DOCTOR_TLSRPT,
    DOCTOR_DNSSEC,
    DOCTOR_CLOCK
};
enum { DOCTOR_TOPICS = DOCTOR_CLOCK + 1 };
const char *doctor_topic_name(enum doctor_topic t); /* for people: "Reverse DNS" */
const char *doctor_topic_word(enum doctor_topic t); /* for programs: "reverse-dns" */

/* Worst first. */
enum doctor_level {
    DOCTOR_BROKEN,    /* mail is lost or refused for this, or will be */
    DOCTOR_WARNING,   /* some of it is, or anybody can do harm */
    DOCTOR_ADVICE,    /* it works, and could be better */
    DOCTOR_UNCHECKED, /* it could not be found out */
    DOCTOR_FINE
};
enum { DOCTOR_LEVELS = DOCTOR_FINE + 1 };
const char *doctor_level_word(enum doctor_level l); /* for programs: "broken" */

struct doctor_finding {
    enum doctor_topic topic;
    enum doctor_level level;
    struct span about;   /* a name, an address, or both: "mx1.example.org [192.0.2.7]:25" */
    struct span says;    /* how it is, in a sentence */
    struct span found;   /* what that is read from, verbatim, a line each; may be empty, as may all
                            that follow */
    struct span why;     /* why it matters, in a sentence */
    struct span todo;    /* what to do, in a sentence or two */
    struct span publish; /* records for the DNS, or lines of a file, a line each */
};

/* ---- what is known */

/* A DKIM key by which we sign. */
struct doctor_key {
    struct span domain, selector;
    struct span
        octets; /* of the public half: SubjectPublicKeyInfo; empty: the file can't be read */
    bool is_ed25519;
};

struct doctor_certificate {
    const struct span *names; /* of hosts; "*." stands for one label */
    size_t name_count;
    int64_t begins_ms, ends_ms;
    struct span issuer, kind; /* in words; kind of its key: "RSA 2048" */
    struct span whole, key;   /* DER; `key`: SubjectPublicKeyInfo */
};

enum probe_end {
    PROBE_SPOKE,   /* it has greeted, well or not */
    PROBE_REFUSED, /* nobody listens */
    PROBE_SILENT,  /* no answer in time */
    PROBE_NO_WAY,  /* this machine has no way to such an address */
    PROBE_BROKE    /* else: `why` */
};

/* What came of a connection to one port of one address of a host. */
struct doctor_probe {
    struct span host;
    unsigned char address[16]; /* as base/inet.h has it */
    uint16_t port;
    enum probe_end end;
    struct span why;        /* in words */
    int code;               /* of the greeting */
    struct span greeting;   /* its text */
    struct span extensions; /* the lines of the answer to EHLO, the first with its name; empty: it
                               has none */
    bool is_encrypted;
    struct span version; /* "TLS1.3" */
    struct span problem; /* why it could not be encrypted; empty: it was, or was not offered */
    const struct doctor_certificate *chain; /* its own first */
    size_t chain_count;
    bool is_trusted;      /* an authority of this system speaks for the certificate */
    struct span distrust; /* else: why, in OpenSSL's words */
};

/* What the web server gave where the policy of MTA-STS should be. */
struct doctor_policy {
    bool is_fetched;
    struct span text, type; /* type: as the server tells it */
    struct span why;        /* not fetched: in words */
    int64_t date_ms;        /* its clock, 0: not told; and ours at the same moment */
    int64_t our_date_ms;
};

enum doctor_clock { CLOCK_UNKNOWN, CLOCK_KEPT, CLOCK_ALONE /* nobody sets it right */ };

struct doctor_probes {
    const struct doctor_probe *at;
    size_t count;
    struct doctor_policy policy;
    enum doctor_clock clock;
};

struct doctor_request {
    struct span domain; /* in ASCII and lower case */
    bool is_ours;       /* our configuration is about it; else an outside view, and what follows up
                           to `keys` is empty */
    struct span hostname;
    struct span relay;    /* our mail leaves through this server; empty: straight */
    struct span reporter; /* whether and as whom we tell others about TLS (tls-reports) */
    const struct doctor_key *keys;
    size_t key_count;
    const unsigned char (*sources)[16]; /* the addresses that mail comes from, where they are known
                                         */
    size_t source_count;
    bool has_all_sources; /* else those of the host name count for a family that has none here */
    const struct span *selectors; /* of DKIM, named by hand */
    size_t selector_count;
    bool validates; /* the answers are checked by DNSSEC */
    bool connects;  /* else probing is not wanted */
    int64_t now_ms;
    const struct doctor_probes *probes; /* NULL: not made yet, or not wanted */
};

/* ---- what to probe, known once all questions are answered */

struct doctor_target {
    struct span host;
    unsigned char address[16];
    uint16_t port;
};
enum { MOST_TARGETS = 40, MOST_SOURCES = 8 };

struct doctor_report {
    struct doctor_finding *at;
    size_t count;
    size_t counts[DOCTOR_LEVELS];
    struct doctor_target targets[MOST_TARGETS];
    size_t target_count;
    struct span policy_host;      /* where the policy of MTA-STS is; empty: nowhere */
    struct span policy_addresses; /* "192.0.2.7,2001:db8::7" */
};

/* Looks at all of it, as lookups.h has it: false, some questions are open. */
bool doctor_examine(const struct doctor_request *r, struct lookups *l, struct doctor_report *report,
                    struct arena *a);

/* Only at the keys of the request, and of whatever domains they are: are they published? */
bool doctor_examine_keys(const struct doctor_request *r, struct lookups *l,
                         struct doctor_report *report, struct arena *a);

/* Only at what the domain says of mail that others send in its name (SPF, DMARC). */
bool doctor_examine_forgery(const struct doctor_request *r, struct lookups *l,
                            struct doctor_report *report, struct arena *a);

/* Is there nothing that has to be put right? */
bool doctor_is_fine(const struct doctor_report *r);

#endif
