/* What the files that sort out share (triage*.c); not for others. */
#ifndef BOUNCE_TRIAGE_INSIDE_H
#define BOUNCE_TRIAGE_INSIDE_H

#include "bounce/triage.h"

/* triage_counts.c */
void triage_count_day(struct triage_days *d, int64_t time_ms, int offset_minutes);
void triage_count_recipient(struct triage_recipients *r, struct span address, struct arena *a);
void triage_sort_recipients(struct triage_recipients *r);
void triage_free_recipients(struct triage_recipients *r);

/* triage_words.c: what is to be said, from the advice on one of them. `group` is of the advice. */
void triage_say_pile(struct triage *t, struct triage_pile *p, const struct advice *a);
void triage_say_group(struct triage *t, struct triage_group *g, const struct advice *a,
                      const struct advice_group *group);

/* triage_storm.c */
void triage_storm_add(struct triage *t, const struct notice *n, enum pile p, int64_t date_ms);
void triage_storm_finish(struct triage *t);

#endif
