/* What was found, added up and printed. */
#ifndef BENCH_GUARD_REPLAY_H
#define BENCH_GUARD_REPLAY_H

#include "guard/guard.h"
#include "guard_attack.h"

enum { RATES = 7, KINDS = 4, MOST_COUNTED = 256, MOST_ATTACKS = 20000 };

struct attacked {
    size_t reached;
    bool is_held;
    bool is_released; /* in the week in which the owner's "it was me" allows more */
    int64_t after_ms;
    unsigned signals; /* that held it; a bit each */
};

struct attacks {
    size_t count, held;
    size_t released, released_most; /* accounts in such a week, not among the others */
    size_t reached[MOST_ATTACKS];
    int64_t after_ms[MOST_ATTACKS];
    size_t held_by[SIGNAL_COUNT];
};

struct findings {
    uint64_t user_days, recipients, slowed, held, slowed_recipients;
    uint64_t slowed_by[SIGNAL_COUNT], held_by[SIGNAL_COUNT];
    uint64_t hours, in_hour[MOST_COUNTED], new_in_hour[MOST_COUNTED]; /* hours with so many */
    struct attacks attacks[KINDS][RATES];
};

void findings_add(struct findings *f, enum attack_kind kind, int rate, struct attacked a);
void findings_add_hour(struct findings *f, uint32_t recipients, uint32_t new_ones);
void findings_print(struct findings *f, const struct traffic *t, uint64_t seed, double cost_us,
                    const double *rates);

#endif
