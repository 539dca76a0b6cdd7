/* What a notice says: a message that tells what became of another one. Values; their texts belong
 * to whoever filled them in (read.h: an arena, and the message itself). All texts are UTF-8 and
 * come from outside: make them harmless (base/visible.h) before a person sees them. A text that is
 * not known is empty, a time or a code that is not known 0. Pure. */
#ifndef BOUNCE_NOTICE_H
#define BOUNCE_NOTICE_H

#include "base/span.h"
#include "outcome/cause.h"

enum notice_kind {
    NOTICE_NOT_A_BOUNCE, /* ordinary mail, or a trick */
    NOTICE_FAILURE,
    NOTICE_DELAY,
    NOTICE_SUCCESS,         /* delivered, relayed, expanded: RFC 3461 */
    NOTICE_AUTO_REPLY,      /* vacation, out of office: RFC 3834 */
    NOTICE_FEEDBACK_REPORT, /* somebody pressed "this is spam": RFC 5965 */
    NOTICE_CHALLENGE,       /* prove that you are a person */
    NOTICE_DMARC_REPORT,    /* of a day's mail in a domain's name: RFC 7489, 9990 */
    NOTICE_TLS_REPORT,      /* of a day's mail to a domain, encrypted or not: RFC 8460 */
    NOTICE_LAST_KIND = NOTICE_TLS_REPORT
};

enum notice_action {
    ACTION_UNKNOWN,
    ACTION_FAILED,
    ACTION_DELAYED,
    ACTION_DELIVERED,
    ACTION_RELAYED,
    ACTION_EXPANDED
};

struct notice_recipient {
    struct span address;  /* where it failed in the end, as far as known */
    struct span original; /* as the sender wrote it; empty when it is the same, or not known */
    enum notice_action action;
    struct status status;   /* from a field, else from the text; never made up */
    int code;               /* of the SMTP reply */
    struct span diagnostic; /* verbatim but for folding and the "smtp;" of the field */
    struct span remote;     /* the host that said it */
    int64_t last_attempt_ms, retry_until_ms;
    struct cause_found cause;
    bool names_cause; /* the notice itself does, in a field: none was looked for in the words */
    bool is_permanent;
};

/* The message that the notice is about, as far as it was returned or told of. */
struct notice_original {
    struct span header; /* as it was returned, with its line ends; empty: not returned */
    struct span body;   /* what was returned of it */
    bool is_whole;      /* the header came in a part of its own, to its end, with nothing to repair:
                           no field of it is missing, unless whoever returned it left it out */
    struct span message_id, from, to, subject, date; /* decoded; message_id without "<>" */
    int64_t date_ms;
    struct span meeting; /* of a calendar invitation: its name */
    int64_t meeting_ms;  /* … and when it begins; 0 where its time zone is not told */
};

struct folded; /* folded.h */

enum { MOST_RECIPIENTS = 10000 }; /* of one notice; what is beyond is counted only */

struct notice {
    enum notice_kind kind;
    const char *agent;             /* who wrote it, "Postfix"; "" when it does not show */
    struct span reporting;         /* the host that reports */
    struct span feedback_type;     /* of a feedback report, "abuse" */
    struct span from, to, subject; /* of the notice itself, decoded */
    struct span message_id;
    int64_t date_ms, arrival_ms; /* of the notice; of the message, at the reporting host */
    struct span text;            /* the notice's own words, without what it returns */
    const struct folded *words;  /* the first of them, to look for phrases in; NULL: not made */
    struct span around; /* the words of whoever sent the notice on: it came inside of their mail */
    struct notice_recipient *recipients;
    size_t recipient_count, further_count;
    struct notice_original original;
};

const char *notice_kind_name(enum notice_kind k);     /* "failure" */
bool notice_kind_is_of_day(enum notice_kind k);       /* DMARC's and TLS's: of no single message */
const char *notice_action_name(enum notice_action a); /* "failed"; "" when unknown */
bool action_is_good(enum notice_action a);            /* delivered, relayed, expanded */

#endif
