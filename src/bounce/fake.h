/* Notices as well-known mail systems write them, about a message that never was: for tests of
 * programs that read notices. Every name in them is reserved for such use (RFC 2606, RFC 6761), but
 * for that of Gmail itself. Pure: the time is an argument, and with the same wishes comes the same
 * notice. */
#ifndef BOUNCE_FAKE_H
#define BOUNCE_FAKE_H

#include "base/error.h"
#include "bounce/notice.h"
#include "bounce/words.h"
#include "outcome/envelope.h"

enum fake_system { FAKE_PLAINPOST, FAKE_POSTFIX, FAKE_GMAIL, FAKE_EXCHANGE, FAKE_EXIM, FAKE_QMAIL };
#define FAKE_SYSTEM_COUNT 6

/* What only ours have. */
enum fake_twist {
    FAKE_PLAIN,
    FAKE_RECOVERED,    /* of a success: a delay had been told before */
    FAKE_DOUBLE_BOUNCE /* of a failure: it is about a notice that `from` did not get */
};

struct fake_wishes {
    enum fake_system system;
    enum notice_kind kind; /* failure, delay or success */
    enum fake_twist twist;
    struct cause_found cause;        /* not of a success. Without a variant: the plainest one */
    struct span to;                  /* whom the message was for */
    struct span from;                /* who sent it, and gets the notice */
    const struct language *language; /* NULL: English */
    int64_t now_ms;                  /* ms since 1970 UTC */
    int offset_minutes;              /* of the writer's clock from UTC */
};

/* "postfix"; NULL behind the last. */
const char *fake_system_name(enum fake_system s);
bool fake_system_find(struct span name, enum fake_system *s);

/* "too-many" or "too-many/rate". False: there is no such cause. */
bool fake_cause_find(struct span name, struct cause_found *cause);

/* Does a notice of this system tell of this cause? */
bool fake_knows(enum fake_system s, struct cause_found cause);

/* Those that it knows by words of their own: what a list of all causes names. */
bool fake_lists(enum fake_system s, struct cause_found cause);

/* Append "too-many/rate", or "too-many" where there is no variant. */
void fake_cause_add(struct buffer *out, struct cause_found cause);

/* May this domain stand in a test: example.com, .net and .org, and what ends in .example, .test,
 * .invalid or .localhost? */
bool fake_domain_is_reserved(struct span domain);

/* May this address stand in a notice of that system? False: `e` says why not. */
bool fake_address_check(enum fake_system s, struct span address, struct error *e);

/* Append the message, a header and a body with LF line ends. False: this system writes no such
 * notice, or an address may not stand in it; `*e` says what is possible. */
bool fake_write(struct buffer *out, const struct fake_wishes *w, struct error *e);

enum fake_form {
    FAKE_TEXT,
    FAKE_CARD,       /* a page */
    FAKE_CARD_INSIDE /* what stands in it, for a page of several: told_as_card_inside() */
};

/* Append what a person reads of the same notice, with LF line ends; of FAKE_PLAINPOST only. */
bool fake_show(struct buffer *out, const struct fake_wishes *w, enum fake_form form,
               struct error *e);

/* Append what stands in the card of a digest of notices that were kept out of the mailbox of
 * `w->from`: language, addresses and time are as in the notices. */
void fake_digest_show(struct buffer *out, enum digest_of what, const struct fake_wishes *w);

#endif
