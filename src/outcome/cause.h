/* The one table of causes: why mail was not (or not yet) delivered, in words for people; read in
 * both directions: when we write a bounce and when we read one. Pure. */
#ifndef OUTCOME_CAUSE_H
#define OUTCOME_CAUSE_H

#include "smtp/status.h"

/* The numbers of causes and variants stand in the journal and in the ledger: a new one goes to the
 * end. */
enum cause {
    CAUSE_UNKNOWN,
    CAUSE_ADDRESS_NOT_FOUND,
    CAUSE_DOMAIN_NOT_FOUND,
    CAUSE_INBOX_FULL,
    CAUSE_ACCOUNT_DISABLED,
    CAUSE_MESSAGE_TOO_LARGE,
    CAUSE_BLOCKED_CONTENT,
    CAUSE_BLOCKED_REPUTATION,
    CAUSE_BLOCKED_POLICY,
    CAUSE_SENDER_AUTH_FAILED,
    CAUSE_TOO_MANY,
    CAUSE_COULD_NOT_REACH,
    CAUSE_SERVER_PROBLEM,
    CAUSE_RELAY_DENIED,
    CAUSE_LOOP
};
#define CAUSE_COUNT 15

/* Variants have words of their own; a cause without a special variant uses VARIANT_NONE. */
enum variant {
    VARIANT_NONE,
    VARIANT_SPAM,           /* blocked-content */
    VARIANT_VIRUS,          /* blocked-content */
    VARIANT_LINK,           /* blocked-content */
    VARIANT_TLS_REQUIRED,   /* blocked-policy */
    VARIANT_LOGIN_REQUIRED, /* relay-denied */
    VARIANT_SENDER_REFUSED, /* blocked-policy */
    VARIANT_FORMAT,         /* server-problem: format or character set not supported (5.6.x) */
    VARIANT_QUOTA,          /* too-many: messages */
    VARIANT_RATE,           /* too-many: rate */
    VARIANT_RECIPIENTS,     /* too-many: recipients of one message */
    VARIANT_GREYLISTED,     /* could-not-reach */
    VARIANT_TIMEOUT,        /* could-not-reach */
    VARIANT_REFUSED,        /* could-not-reach: nobody listens there */
    VARIANT_EXPIRED,        /* could-not-reach */
    VARIANT_STORAGE,        /* server-problem: its disk is full */
    VARIANT_DNS,            /* could-not-reach: the DNS gave no answer, or none to be trusted */
    VARIANT_OWN_SETUP,      /* server-problem, loop: our own operator must change something */
    VARIANT_OWN_RULE,       /* blocked-policy: a rule of our own operator */
    VARIANT_SUSPENDED,      /* could-not-reach: our own operator lets nothing go there for now */
    VARIANT_NO_TLS,         /* could-not-reach: our own operator demands TLS, and there is none */
    VARIANT_NOT_SECURE,     /* could-not-reach: it is not as the recipient's domain demands it */
    VARIANT_NOT_PROTECTED,  /* could-not-reach: it is not as the sender demands it (REQUIRETLS) */
    VARIANT_TOO_LATE,       /* could-not-reach: not by the time that the sender set (DELIVERBY) */
    VARIANT_ACCOUNT_SLOWED, /* too-many: the sender's own account stands out (src/guard) */
    VARIANT_ACCOUNT_HELD    /* blocked-policy: so much that somebody has to look at it first */
};
#define VARIANT_COUNT 26

struct cause_found {
    enum cause cause;
    enum variant variant;
};

enum actor { ACTOR_YOU, ACTOR_RECIPIENT, ACTOR_THEIR_OPERATOR, ACTOR_YOUR_OPERATOR, ACTOR_NOBODY };

/* What every cause and variant knows. Texts are for the sender of the mail; "%s"-free: the address
 * and names stand around them, not in them. */
struct cause_text {
    const char *name;     /* "inbox-full": for machines, never translated */
    const char *headline; /* "Inbox full" */
    const char *sentence; /* "The mailbox of the recipient has no room for more mail." */
    enum actor actor;
    const char *steps[3]; /* one to three; unused ones are "" */
    bool is_usually_temporary;
};

const struct cause_text *
cause_text(struct cause_found c);         /* never NULL; falls back to VARIANT_NONE */
const char *cause_name(enum cause c);     /* "inbox-full" */
const char *variant_name(enum variant v); /* "greylisted"; "" for VARIANT_NONE */
/* "could-not-reach/greylisted", and back; false: it is none. */
void cause_add(struct buffer *out, struct cause_found c);
bool cause_parse(struct span text, struct cause_found *c);
const char *actor_words(enum actor a); /* "You", "The recipient", "Nobody: just wait", … */

/* From a server's reply to a cause. A code is a hint; a specific text beats it. `code` may be 0,
 * `status` may be STATUS_NONE, `words` may be empty or hostile. */
struct cause_found cause_find(int code, struct status status, struct span words);

/* The parts of it. By the words alone: some are said around others ("does not like recipient.
 * Remote host said: …") and count for less than a code that is specific. */
enum cause_words { WORDS_SAY_NOTHING, WORDS_SAY_LITTLE, WORDS_SAY_IT };
enum cause_words cause_find_words(struct span words, struct cause_found *found);
/* By a code that says more than its class and subject. False: it says nothing. */
bool cause_find_status(struct status status, struct cause_found *found);

#endif
