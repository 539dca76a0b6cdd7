/* To how many recipients each of our own accounts has written, as fast as its limits allow
 * (config/account_limit.h). Thread-safe; times are arguments, in ms since 1970, because what is
 * counted lasts over a restart. */
#ifndef RECEIVE_ACCOUNT_RATES_H
#define RECEIVE_ACCOUNT_RATES_H

#include "config/account_limit.h"

struct account_rates;

struct account_rates *account_rates_new(void);
void account_rates_free(struct account_rates **r);

struct account_refusal {
    struct rate rate; /* which was met, */
    int64_t wait_ms;  /* and when there is room again */
};

/* An account (in any case) is about to write to `count` more. False: that is too fast, `why`, and
 * they do not count. */
bool account_rates_take(struct account_rates *r, struct span account, const struct account_limit *l,
                        size_t count, int64_t now_ms, struct account_refusal *why);

size_t account_rates_count(struct account_rates *r); /* accounts of which something is known */

/* For a file: a line for each account that has something counted, "PERIOD_MS=DUE_US … : ACCOUNT".
 */
void account_rates_add_text(struct buffer *out, struct account_rates *r, int64_t now_ms);
/* What such a file says; lines that say nothing are passed over. A time further ahead than its
 * period can be is of a clock that was wrong, and counts as none. */
void account_rates_take_text(struct account_rates *r, struct span text, int64_t now_ms);
/* Has anything changed since it was asked last? */
bool account_rates_changed(struct account_rates *r);

#endif
