/* The policies by HTTPS (transport/mta_sts.h) that were fetched, on the disk: a demand that was
 * once heard outlives a restart. Blocking; thread-safe. */
#ifndef STORE_STS_POLICIES_H
#define STORE_STS_POLICIES_H

#include "base/error.h"
#include "base/span.h"

struct sts_policies;

struct kept_policy {
    struct span domain; /* in ASCII, in lower case */
    struct span id;     /* of the record with which it was fetched */
    struct span text;   /* the file */
    int64_t fetched_ms, over_ms;
};

/* Opens, or makes, the database; `each` gets those that are not over. NULL: `e`. */
struct sts_policies *sts_policies_open(const char *path, int64_t now_ms,
                                       void (*each)(void *arg, const struct kept_policy *p),
                                       void *arg, struct error *e);
void sts_policies_close(struct sts_policies **s);

/* In place of what was kept for the domain; it is on the disk when this returns. */
bool sts_policies_put(struct sts_policies *s, const struct kept_policy *p, struct error *e);

#endif
