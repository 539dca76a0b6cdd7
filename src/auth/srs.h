/* Senders of mail that is sent on, rewritten into addresses of our own, so that SPF holds at the
 * next server, and back: the Sender Rewriting Scheme (SRS; Shevek, "The Sender Rewriting Scheme",
 * 2004), in the form that libsrs2 and postsrsd have:
 *
 *     SRS0=HHHH=TT=example.org=alice@ours       of alice@example.org, on day TT
 *     SRS1=HHHH=other.test==…@ours              of SRS0=…@other.test, and of
 * SRS1=HHHH=other.test==… of whoever sent that one on
 *
 * HHHH signs what stands behind it. Any of the letters may change their case on the way. Pure. */
#ifndef AUTH_SRS_H
#define AUTH_SRS_H

#include "auth/signing_secrets.h"

enum { SRS_DAYS_VALID = 21, SRS_LONGEST_LOCAL = 64 /* RFC 5321 4.5.3.1.1 */ };

struct srs {
    struct span domain;             /* of the addresses that we make */
    struct signing_secrets secrets; /* one or more */
};

/* False: the sender stays as it is. It is of our domain already; its local part is in quotes; or it
 * would become longer than SMTP allows. The address lives in `a`. */
bool srs_forward(const struct srs *s, struct span sender, int64_t now_s, struct span *address,
                 struct arena *a);

enum srs_answer {
    SRS_IS_NONE, /* of another domain, or it is an ordinary address */
    SRS_IS_TRUE,
    SRS_IS_FORGED, /* not signed by a secret of ours, or cut off */
    SRS_IS_TOO_OLD
};

/* To whom mail for this address is to go on: `*sender`, which lives in `a`, when it is true. */
enum srs_answer srs_reverse(const struct srs *s, struct span address, int64_t now_s,
                            struct span *sender, struct arena *a);

#endif
