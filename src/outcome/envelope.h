/* The envelope of a message in our care, and where it came from. Values; spans borrow from
 * whatever the envelope was made of (an arena, or a record of the journal). */
#ifndef OUTCOME_ENVELOPE_H
#define OUTCOME_ENVELOPE_H

#include "base/arena.h"
#include "outcome/judged.h"
#include "outcome/outcome.h"
#include "smtp/parameters.h"

/* 64 bits that grow with time: microseconds since 1970, made unique. */
typedef uint64_t message_id;

#define MESSAGE_ID_DIGITS 11
/* The queue id as people see it: 11 characters of 0–9 a–z without i, l, o, u (Crockford's base 32).
 */
void message_id_add(struct buffer *out, message_id id);
bool message_id_parse(struct span text, message_id *id); /* any case; false: not a queue id */

enum origin {
    ORIGIN_SMTP,         /* a client handed it in */
    ORIGIN_NOTIFICATION, /* we made it, about `about` */
    ORIGIN_FORWARD,      /* `about`, sent on by its recipient's .forward: its first recipient */
    ORIGIN_REDIRECTED,   /* an operator sent recipients of `about` on to another address: its first
                            recipients are theirs, expanded, and the rest stand in their place */
    ORIGIN_TO_POSTMASTER /* likewise a notification, to postmaster, because whoever should be told
                            can't be; it is never reported */
};

/* Is the return path that of whoever sent it? What was checked when the message came says so (SPF,
 * a DKIM signature of its domain). */
enum vouched {
    VOUCHED_UNKNOWN, /* nothing was checked, or it said nothing */
    VOUCHED_FOR,
    VOUCHED_AGAINST /* it is forged */
};

struct recipient {
    struct span address; /* as the sender, or the alias, wrote it */
    struct rcpt_parameters parameters;
    /* Of an alias: which recipient led here (its index + 1); 0: the sender named it. */
    size_t parent;
    bool is_expanded;         /* others stand in its place: it is final from the start */
    struct span reverse_path; /* of a list's owner, in place of the envelope's; else empty */
    /* What else than the mailbox of `address` it goes to; empty: nothing else.
     *     "|COMMAND"    a command of an alias
     *     "~"           the user's own mailbox, whatever the .forward says
     *     "~|COMMAND"   a command of the user's .forward
     *     "~/PATH"      a file of it */
    struct span action;
    struct judged judged; /* the message is a notice, and was judged for him when it came */
};

/* What a digest tells of. */
enum digest_of {
    DIGEST_OF_OUTCOMES, /* failures and delays, to whoever is told of them */
    DIGEST_OF_FLOOD, /* notices about mail that others forged, which were kept out of that mailbox
                      */
    DIGEST_OF_MISUSE /* likewise, about mail that somebody else sent through its account */
};

struct envelope {
    message_id id;
    int64_t accepted_ms; /* ms since 1970 UTC */
    enum origin origin;
    message_id about; /* the message that it tells of, or was a part of; else 0 */
    /* A digest: it tells its first recipient of all that was owed to that address, up to this event
     * of the ledger; 0: it is none. */
    uint64_t tells_until;
    enum digest_of digest_of; /* then */
    bool is_own;              /* one of our own has handed it in: a client that is trusted or has
                                 logged in, or a program of this machine */
    bool has_owner;           /* a user of this machine handed it in, or it is about such a one, */
    uint32_t owner;           /* and this is the user's id: who may see it besides the operator */
    struct span reverse_path; /* empty: the null reverse-path; then nobody is ever notified */
    enum vouched vouched;
    struct mail_parameters parameters;
    /* Its header says "TLS-Required: No" (RFC 8689 3): better in plain text, or to whoever, than
     * not at all. Never together with `parameters.requires_tls`, which wins. */
    bool needs_no_tls;
    bool is_8bit;
    bool is_binary; /* no text: NUL, CR or LF that are no line end, or lines above 998 octets; only
                       with BODY=BINARYMIME */
    struct span client_name;       /* as EHLO said it */
    struct span client_address;    /* "192.0.2.1", "IPv6:…"; empty for our own */
    struct span authentication;    /* what was found of who is behind it, in words: "SPF pass, DKIM
                                      pass example.org, DMARC pass"; or in it, where one of our own
                                      has sent it: a harmful link. Empty: nothing */
    struct span judged_by;         /* by what it was judged, if it was: "sent, names-recipient" */
    struct span login;             /* who had logged in; empty: nobody */
    struct span header_message_id; /* "<…>" as in the header; may be empty */
    struct span subject;           /* unfolded, as in the header, at most 200 bytes; may be empty */
    uint64_t size;                 /* bytes of the message as stored, with our trace fields */
    struct recipient *recipients;
    size_t recipient_count;
};

/* Who is told when this recipient fails; empty: nobody. */
struct span envelope_reverse_path(const struct envelope *e, size_t recipient);
/* Under which recipient its failure is told: what the sender used, never what an alias hides. (A
 * list's owner knows the members.) */
size_t envelope_told_as(const struct envelope *e, size_t recipient);

/* Whose account has sent it: the login, or the name of the user of this machine (where he has none,
 * "uid 1000"); empty: nobody's here. */
struct span envelope_account(const struct envelope *e);

/* Is it sent on for an alias, or for a user's .forward, or in place of another, in the name of the
 * sender? (What a list sends on goes in the name of its owner.) */
bool envelope_is_sent_on(const struct envelope *e, size_t recipient);

/* Does the alias that led to this recipient lead back to itself? */
bool envelope_is_in_circle(const struct envelope *e, size_t recipient);

/* A copy with everything in `a`. */
void envelope_copy(struct envelope *to, const struct envelope *from, struct arena *a);

/* Did we make it, to tell of another message? */
bool envelope_is_notice(const struct envelope *e);

/* RFC 3461 4.1: which notices does this recipient's sender want? Never for the null reverse-path;
 * and none but of failures for one that is forged, which postmaster hears of (report_to.h). */
bool envelope_wants(const struct envelope *e, size_t recipient, enum notify what);
/* Is its success reported as its expansion? Of several in its place none reports for all (RFC 3461
 * 5.2.7): address/expand.h takes the wish away from them. */
bool envelope_tells_of_expansion(const struct envelope *e, size_t recipient);
/* RFC 2852: it was passed on to who does not tell its sender when it is late. */
bool envelope_is_unwatched(const struct envelope *e, const struct outcome *o);
/* Is its sender to be told of this outcome? A delay: when it lasts. */
bool envelope_wants_to_hear(const struct envelope *e, size_t recipient, const struct outcome *o);

#endif
