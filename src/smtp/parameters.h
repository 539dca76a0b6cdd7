/* The parameters of MAIL and RCPT: RFC 1870 (SIZE), 6152 and 3030 (BODY), 6531 (SMTPUTF8), 3461
 * (RET, ENVID, NOTIFY, ORCPT), 4954 (AUTH), 8689 (REQUIRETLS), 4865 (HOLDFOR,
 * HOLDUNTIL), 6710 (MT-PRIORITY), 2852 (BY). Pure; values borrow from the input.
 */
#ifndef SMTP_PARAMETERS_H
#define SMTP_PARAMETERS_H

#include "smtp/reply.h"

enum body_kind { BODY_UNSTATED, BODY_7BIT, BODY_8BITMIME, BODY_BINARYMIME };
enum ret_kind { RET_UNSTATED, RET_FULL, RET_HDRS };

/* RFC 3461 4.1: NEVER stands alone; 0 means that nothing was said (then as FAILURE, DELAY allowed).
 */
enum notify { NOTIFY_SUCCESS = 1, NOTIFY_FAILURE = 2, NOTIFY_DELAY = 4, NOTIFY_NEVER = 8 };

/* RFC 2852: what becomes of it when it has not arrived by a time. */
enum by_mode {
    BY_NONE,
    BY_RETURN, /* it is not delivered any more, but given back */
    BY_NOTIFY  /* its sender is told, and it goes on */
};

struct mail_parameters {
    uint64_t size; /* bytes as declared; 0: not */
    enum body_kind body;
    enum ret_kind ret;
    bool smtputf8;
    struct span envid;  /* as it came, in xtext */
    bool requires_tls;  /* RFC 8689: on its whole way */
    int64_t release_ms; /* RFC 4865: it is to wait until then; 0: not */
    int priority;       /* RFC 6710: -9 to 9, larger is more urgent */
    bool has_priority;  /* it was said, which for 0 makes a difference to who says it twice */
    bool is_lowered;    /* more was said than `max_priority` */
    enum by_mode by;    /* RFC 2852 */
    bool by_trace;      /* with `by`: its sender is told by each server that passes it on */
    int64_t by_ms;      /* by when */
};

struct rcpt_parameters {
    unsigned notify;   /* set of enum notify */
    struct span orcpt; /* as it came: "rfc822;xtext", or "utf-8;…" (RFC 6533) */
};

/* What we offered to this client: anything else is refused (RFC 5321 4.1.1.11: 555). */
struct parameter_offer {
    bool size, body, smtputf8, dsn;
    bool binary; /* with `body`: BINARYMIME too */
    bool auth;   /* RFC 4954 5; whom it names does not matter here */
    bool requiretls, mt_priority;
    int max_priority; /* with it: what is more urgent counts as this */
    bool deliverby;
    uint64_t min_by;  /* with it: seconds that we want for BY_RETURN at least */
    int64_t now_ms;   /* for what tells of times */
    int64_t max_hold; /* ms that a message may wait (RFC 4865); 0: it is not offered */
};

/* RFC 6710 7: "0", or a digit from 1 on with or without a minus. */
bool priority_parse(struct span text, int *priority);

/* Parse what follows the path of MAIL or RCPT (blanks first). False: `*problem` is the reply, with
 * words that name the parameter and what it should be; its text borrows from static memory. */
bool mail_parameters_parse(struct span text, const struct parameter_offer *offer,
                           struct mail_parameters *p, struct reply *problem);
bool rcpt_parameters_parse(struct span text, const struct parameter_offer *offer,
                           struct rcpt_parameters *p, struct reply *problem);

/* xtext, RFC 3461 4: "+HH" for "+", "=" and what is not printable ASCII. */
void xtext_encode(struct buffer *out, struct span plain);
bool xtext_decode(struct buffer *out, struct span xtext); /* false: malformed */

#endif
