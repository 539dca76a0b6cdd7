/* What the counters of an account say. Pure. */
#ifndef GUARD_SIGNALS_H
#define GUARD_SIGNALS_H

#include "guard/guard.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

/* Of the last hour or day, by which kind of counter it is. */
uint32_t counter_of(const struct guard_account *a, enum guard_counter c, int64_t now_ms);
void counter_add(struct guard_account *a, enum guard_counter c, int64_t now_ms, unsigned count);

/* Above how many new recipients in an hour, or a day, the account is slowed (PEAK_NEW_HOUR, _DAY);
 * above how many recipients in an hour (PEAK_RECIPIENTS). */
uint32_t cap_of(const struct guard_account *a, const struct guard_limits *l, enum peak kind,
                int64_t now_ms);

/* Which countries are new to the account, as numbers; returns how many. */
size_t new_countries(const struct guard_account *a, const struct guard_limits *l, int64_t now_ms,
                     uint16_t countries[GUARD_COUNTRIES]);

/* The level and its reasons, whatever was decided before. */
void signals_weigh(const struct guard_account *a, const struct guard_limits *l, int64_t now_ms,
                   struct guard_verdict *v);
bool verdict_has(const struct guard_verdict *v, enum guard_signal s);

#endif
