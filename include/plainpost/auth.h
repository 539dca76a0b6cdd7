/* plainpost-auth: who is behind a message? SPF (RFC 7208), DKIM (RFC 6376, 8301, 8463), DMARC (RFC
 * 9989), ARC (RFC 8617) and Authentication-Results (RFC 8601) for other programs.
 * doc/auth-library.md shows it at work.
 *
 * Pure: no socket, file, clock, thread, locale or environment is touched. What has to be asked of
 * the DNS it tells you, you ask, by whatever resolver you have, and hand in the answer.
 *
 * Threads: different checks may be used at the same time. One check belongs to one thread at a
 * time, also where a function looks as if it only read. A signer may be used by any number.
 *
 * Ownership: what is handed in is copied. What is returned belongs to its check (or signer), and
 * nothing of it is to be freed, but for the fields that a signer has written. A question
 * lives as long as its check; a result until the next plainpost_check_set_…(), …_add_…(), …_run().
 *
 * Texts are UTF-8 and end with a NUL. A text that is not there is "", never NULL. What comes from
 * outside and stands in `why`, `remedy` or `said` is printable; domains, selectors and addresses
 * are as they were written: escape them for where they go.
 *
 * Limits: a message has at most PLAINPOST_AUTH_LARGEST_MESSAGE octets; 20 signatures of it are
 * checked, 1 MB of its header and 2,000 fields are looked at. A check has at most 1,000 questions;
 * SPF keeps to the limits of RFC 7208 4.6.4. Time is linear in the size of the message.
 *
 * Errors: a check always has a result. A NULL where a check or a signer is wanted is a bug, and
 * ends the process. So does memory that runs out: by abort(), with a line on standard error.
 *
 * Numbers of enums never change their meaning, and new ones may come: treat those that you do not
 * know as "none". New members come at the end of a struct: never copy one, nor put it into an
 * array. C99 and C++. */
#ifndef PLAINPOST_AUTH_H
#define PLAINPOST_AUTH_H

#include <stddef.h>
#include <stdint.h>

#define PLAINPOST_AUTH_VERSION 100 /* 10000 × major + 100 × minor + patch: 0.1.0 */
#define PLAINPOST_AUTH_LARGEST_MESSAGE ((size_t)256 << 20)

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

unsigned plainpost_auth_version(void); /* of the library that is linked */

enum plainpost_auth_status {
    PLAINPOST_AUTH_OK = 0,
    PLAINPOST_AUTH_TOO_LARGE = 1,
    PLAINPOST_AUTH_BAD_ARGUMENT = 2, /* nothing has changed */
    PLAINPOST_AUTH_NOT_SEALED = 3    /* plainpost_signer_seal() */
};

/* ---- a check */

struct plainpost_check;

struct plainpost_check *plainpost_check_new(void);
void plainpost_check_free(struct plainpost_check **c); /* `*c` becomes NULL, or is NULL */

/* Who has sent it: then SPF is checked. "192.0.2.7" or "2001:db8::1", and the name that the client
 * gave with HELO or EHLO ("" if none). BAD_ARGUMENT: that is no address. */
enum plainpost_auth_status plainpost_check_set_client(struct plainpost_check *c,
                                                      const char *address, const char *helo);
/* Of MAIL FROM, without brackets; "" is the null path, for which the HELO name is checked. */
void plainpost_check_set_sender(struct plainpost_check *c, const char *address);
/* Seconds since 1970, for signatures that end and for SPF's macro; if not set, 0: no signature has
 * expired then. */
void plainpost_check_set_now(struct plainpost_check *c, int64_t now);
/* The name of the host that checks, for SPF's macro "r". */
void plainpost_check_set_receiver(struct plainpost_check *c, const char *name);

/* Header and body: then DKIM and ARC are checked, and DMARC for the authors in From. Lines may end
 * with CRLF or LF. */
enum plainpost_auth_status plainpost_check_set_message(struct plainpost_check *c,
                                                       const void *octets, size_t size);

/* DMARC without a message: the domain of an author in From; the domain (d=) of a DKIM signature
 * that holds, known from elsewhere. BAD_ARGUMENT: there is a message, or there were ten. */
enum plainpost_auth_status plainpost_check_add_author(struct plainpost_check *c,
                                                      const char *domain);
enum plainpost_auth_status plainpost_check_add_signer(struct plainpost_check *c,
                                                      const char *domain);

/* Goes on with the check, as far as what is known leads. 1: it is done, the results are there; 0:
 * questions are open. */
int plainpost_check_run(struct plainpost_check *c);

/* ---- questions to the DNS */

enum plainpost_record { /* as the DNS numbers them */
                        PLAINPOST_A = 1,
                        PLAINPOST_PTR = 12,
                        PLAINPOST_MX = 15,
                        PLAINPOST_TXT = 16,
                        PLAINPOST_AAAA = 28
};

struct plainpost_question {
    const char *name; /* without a dot at its end; any octet may be in it but NUL */
    enum plainpost_record type;
};

/* The next question that is open and was not given out yet; NULL: there is none. They may be asked
 * at the same time; answer each once. After some of them, or all, were answered, run the check
 * again: there may be more then. */
const struct plainpost_question *plainpost_check_ask(struct plainpost_check *c);

/* The response as a server sent it (RFC 1035 4.1), which is what res_query(), libunbound's
 * answer_packet or c-ares' callback give. One that can't be read counts as no answer. */
void plainpost_check_answer_packet(struct plainpost_check *c, const struct plainpost_question *q,
                                   const void *octets, size_t size);

enum plainpost_answered {
    PLAINPOST_FOUND = 0,     /* `records` has them all */
    PLAINPOST_NO_RECORD = 1, /* the name is there, without such a record */
    PLAINPOST_NO_NAME = 2,   /* NXDOMAIN */
    PLAINPOST_NO_ANSWER = 3  /* SERVFAIL, or nobody answered in time */
};
/* Each record as text: "192.0.2.1", "10 mx.example.org", "mail.example.org"; of TXT the text, its
 * strings joined, without quotes. BAD_ARGUMENT: one is none of that type. */
enum plainpost_auth_status plainpost_check_answer(struct plainpost_check *c,
                                                  const struct plainpost_question *q,
                                                  enum plainpost_answered answered,
                                                  const char *const *records, size_t count);

/* The time is over: all that is open has no answer, also what the check would ask from now on. Run
 * it once more. */
void plainpost_check_give_up(struct plainpost_check *c);

/* ---- results; all NULL before the check is done */

enum plainpost_outcome { /* RFC 8601 2.7; not every check has all of them */
                         PLAINPOST_NONE = 0,
                         PLAINPOST_PASS = 1,
                         PLAINPOST_FAIL = 2,
                         PLAINPOST_SOFTFAIL = 3,
                         PLAINPOST_NEUTRAL = 4,
                         PLAINPOST_TEMPERROR = 5,
                         PLAINPOST_PERMERROR = 6
};

struct plainpost_spf {
    enum plainpost_outcome outcome;
    const char *word;   /* "softfail" */
    const char *domain; /* that was asked about, in ASCII */
    int is_helo;        /* it is the client's name, not the sender's domain */
    const char *term;   /* what in the record matched: "-all" */
    const char *said;   /* what the domain itself wants to be said (exp=) */
    const char *why;    /* a sentence */
    const char *remedy; /* what the operator of the domain can change, a sentence */
};
const struct plainpost_spf *plainpost_check_spf(struct plainpost_check *c); /* NULL: no client */

struct plainpost_dkim {
    enum plainpost_outcome outcome; /* pass, fail, temperror, permerror */
    const char *word;
    const char *domain, *selector, *identity; /* d=, s=, i= */
    const char *why; /* in words; of a pass, what is to be known of it, or "" */
};
/* Each signature, from the top: `after` is NULL, then what was returned last. NULL: no more. */
const struct plainpost_dkim *plainpost_dkim_next(struct plainpost_check *c,
                                                 const struct plainpost_dkim *after);

enum plainpost_policy {
    PLAINPOST_POLICY_NONE = 0,
    PLAINPOST_POLICY_QUARANTINE = 1,
    PLAINPOST_POLICY_REJECT = 2
};

struct plainpost_dmarc {
    enum plainpost_outcome outcome; /* none, pass, fail, temperror, permerror */
    const char *word;
    const char *author;                       /* the domain in From; of several the one that
                                                 decided */
    const char *place;                        /* the domain whose record applies */
    enum plainpost_policy published, applied; /* `applied` is weaker where the record says t=y */
    const char *passed_by;                    /* "spf" or "dkim", */
    const char *passed_domain;                /* and of which domain */
    const char *why, *remedy;                 /* a sentence each */
    const char *reports;                      /* rua= of the record */
};
const struct plainpost_dmarc *
plainpost_check_dmarc(struct plainpost_check *c); /* NULL: no author */

struct plainpost_arc {
    enum plainpost_outcome outcome; /* none, pass, fail; what can't be found out is fail (5.2.1) */
    const char *word;
    size_t sets;     /* servers that have sealed it */
    int oldest_pass; /* of a pass: the lowest instance whose message signature still holds, with all
                        above it; 0: all hold; -1: not known */
    const char *domain, *selector; /* of a pass: of the newest seal (d=, s=) */
    const char *why;               /* of a fail, a sentence */
};
const struct plainpost_arc *plainpost_check_arc(struct plainpost_check *c); /* NULL: no message */

/* The Authentication-Results field about all of it, folded, with CRLF at its end. NULL: also where
 * there is no message. `authserv_id`: the name under which you check. */
const char *plainpost_check_field(struct plainpost_check *c, const char *authserv_id);

/* The message's header without the Authentication-Results fields that claim to be of `authserv_id`
 * (RFC 8601 5), lines ending with CRLF: what is to stand below the field. NULL: no message. */
const char *plainpost_check_header_without(struct plainpost_check *c, const char *authserv_id,
                                           size_t *size);

/* ---- DKIM signatures of your own */

struct plainpost_signer;

/* `pem`: an RSA (1024 bits or more) or Ed25519 key without a passphrase. Where the result is not
 * OK, `*s` is NULL, and `why` (of `why_size` octets; may be NULL) says what is wrong. */
enum plainpost_auth_status plainpost_signer_new(struct plainpost_signer **s, const char *domain,
                                                const char *selector, const void *pem,
                                                size_t pem_size, char *why, size_t why_size);
void plainpost_signer_free(struct plainpost_signer **s); /* `*s` becomes NULL, or is NULL */

/* What the DNS must have as TXT at SELECTOR._domainkey.DOMAIN: "v=DKIM1; k=ed25519; p=…". */
const char *plainpost_signer_record(const struct plainpost_signer *s);

/* The DKIM-Signature field to put before the message, folded, with CRLF at its end; free() it. The
 * message's lines may end with CRLF or LF; the signature is over CRLF, as mail travels. `now`:
 * seconds since 1970. BAD_ARGUMENT: there is more of a header than can be signed. */
enum plainpost_auth_status plainpost_signer_sign(const struct plainpost_signer *s,
                                                 const void *octets, size_t size, int64_t now,
                                                 char **field);

/* For a message that you hand on: the three fields of an ARC set, to put before it, folded, with
 * CRLF at their ends; free() them. `octets`: with the Authentication-Results field of `authserv_id`
 * that you have added (plainpost_check_field()), which the set repeats. `found`: how the chain was
 * when it came (plainpost_check_arc()). NOT_SEALED: nothing may or can follow, as after a seal that
 * says that the chain is broken, or nobody of that name has checked it; hand it on without. `why`
 * (of `why_size` octets; may be NULL) says which. BAD_ARGUMENT: `found` is no state of a chain. */
enum plainpost_auth_status plainpost_signer_seal(const struct plainpost_signer *s,
                                                 const char *authserv_id, const void *octets,
                                                 size_t size, enum plainpost_outcome found,
                                                 int64_t now, char **fields, char *why,
                                                 size_t why_size);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
