/* Gets a certificate from an authority, by uacme(1): it has the account's key and the protocol, we
 * have the answers to the authority's questions (challenge.h). All that it keeps lies below
 * STATE/acme; the key of a certificate stays the same when that is renewed, so that what the DNS
 * says of the key (TLSA) stays right. Blocking. */
#ifndef ACME_ORDER_H
#define ACME_ORDER_H

#include "acme/plan.h"
#include "base/error.h"
#include "config/certificate.h"

struct acme_order {
    struct span state, directory, account; /* as the options have them */
    const struct acme_certificate *certificate;
    int interrupt; /* a descriptor: when it can be read, it ends at once */
};

enum acme_result {
    ACME_ISSUED, /* its files are there */
    ACME_FAILED, /* `e`, in words for people */
    ACME_STOPPED
};

enum acme_result acme_order(const struct acme_order *o, struct error *e);

/* The folder of the answers to the authority's questions; lives in `a`. */
const char *acme_challenges(struct span state, struct arena *a);
/* "DIRECTORY NAME NAME": what a record is of. */
struct span acme_wanted(struct span directory, const struct acme_certificate *c, struct arena *a);

/* The record lies beside the certificate. Texts in `a`; all zeros when there is none. */
void acme_record_load(struct acme_record *r, const struct acme_files *f, struct span name,
                      struct arena *a);
bool acme_record_save(const struct acme_record *r, const struct acme_files *f, struct span name,
                      struct error *e);

#endif
