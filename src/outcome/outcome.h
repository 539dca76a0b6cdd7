/* The outcome: what happened to one recipient of one message at one attempt: where, and by whose
 * words. Retry, log, notification, trace and explanation all derive from it. A value; spans borrow.
 */
#ifndef OUTCOME_OUTCOME_H
#define OUTCOME_OUTCOME_H

#include "outcome/cause.h"

enum outcome_kind {
    OUTCOME_DELIVERED, /* into a mailbox here */
    OUTCOME_RELAYED,   /* another server took it */
    OUTCOME_DELAYED,   /* for a temporary reason; to be tried again */
    OUTCOME_FAILED,    /* for good: refused, or given up */
    OUTCOME_DISCARDED, /* dropped on purpose; `words` say why */
    OUTCOME_EXPANDED   /* an alias: others stand in its place */
};

/* What the message went through on its way to the next server. */
enum outcome_tls { OUTCOME_TLS_UNKNOWN /* or none */, OUTCOME_TLS_1_2, OUTCOME_TLS_1_3 };

/* By what the next server has shown who it is. */
enum outcome_proof {
    OUTCOME_PROOF_NONE,      /* nobody has asked for it, or it is not known */
    OUTCOME_PROOF_AUTHORITY, /* a route of ours demands a certificate */
    OUTCOME_PROOF_STS,       /* its domain does (MTA-STS) */
    OUTCOME_PROOF_DANE       /* the DNS does */
};

struct outcome {
    enum outcome_kind kind;
    int64_t time_ms;      /* ms since 1970 UTC */
    int code;             /* SMTP reply code; 0 when no server spoke */
    struct status status; /* whoever's the words are; STATUS_NONE when they gave none */
    struct cause_found cause;
    bool is_remote;      /* `words` are another server's, verbatim; else ours */
    struct span words;   /* without codes, lines parted by LF */
    struct span host;    /* the server's name as we knew it, or empty */
    struct span address; /* "192.0.2.7:25", or empty */
    struct span stage;   /* "in reply to RCPT TO", or empty. EXPANDED: by what, if not by an alias;
                            `words` are no business of whoever sent it. DISCARDED with
                            `is_in_digest`: the mailbox that it was for, by its address */
    enum outcome_tls tls;
    enum outcome_proof proof;
    struct span login; /* as whom we had logged in there, or empty */
    struct span return_path; /* as from whom it went there, where not as from its sender: rewritten
                                (SRS), or signed; else empty */
    bool is_reported;  /* a notification, accepted in the same step, tells the sender */
    /* Its sender is told of it in a digest, which is owed from now on; `language`: in which one, as
     * "de". DISCARDED: it is one of a flood of notices about forged mail, and the digest tells
     * whoever has the mailbox. */
    bool is_in_digest;
    char language[8];
    bool is_passed_on;   /* RELAYED to a server that reports by itself what its sender wants to know
                            (RFC 3461 5.2.2) */
    bool keeps_deadline; /* RELAYED to a server that knows by when it is to arrive (RFC 2852) */
    int64_t told_ms;     /* when its sender was last told of a delay; 0: never */
    bool is_expired; /* FAILED because the time to try is over; code, status and words are of the
                        last attempt */
};

bool outcome_is_final(enum outcome_kind kind);
/* Did it arrive, or was passed on, after its sender was told of a delay? */
bool outcome_has_recovered(const struct outcome *o);
const char *
outcome_word(enum outcome_kind kind); /* "delivered", "relayed", … as trace and log print it */

const char *outcome_tls_words(const struct outcome *o); /* "TLS 1.3 (DANE)"; "" for unknown */

/* The status that a report carries for a failed recipient: the one given if it fits the kind, else
 * from the code or cause; 4.4.7 for an expired one (RFC 3463 3.5). Never STATUS_NONE. */
struct status outcome_report_status(const struct outcome *o);

/* Append the server that spoke, "mx.example.net (192.0.2.7:25)", and what it said, codes first,
 * lines parted by LF; both made harmless, at most `most` bytes of words. */
void outcome_add_server(struct buffer *out, const struct outcome *o);
void outcome_add_reply(struct buffer *out, const struct outcome *o, size_t most);

#endif
