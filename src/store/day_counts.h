/* How often something was seen, by day, domain and two texts, for reports (aggregate/row.h,
 * transport/session_row.h). Counting waits for no disk; what was not yet flushed when the power
 * fails is not reported. Thread-safe. */
#ifndef STORE_DAY_COUNTS_H
#define STORE_DAY_COUNTS_H

#include "base/arena.h"
#include "base/error.h"

#include <sys/types.h>

struct day_counts;

struct day_counts_settings {
    const char *path;
    const char *reports; /* the reports that it is for, for people: "TLSRPT"; lives as long as it */
    int most_rows;       /* to be read of a day and domain: those seen most often */
};

/* A day of a domain. */
struct counted_day {
    int64_t day; /* from 1970, in UTC */
    struct span domain;
};

struct day_count {
    struct span group, text; /* without a NUL in them */
    uint64_t count;
};

struct day_counts *day_counts_open(const struct day_counts_settings *settings,
                                   struct error *e); /* NULL: `e` */
void day_counts_close(struct day_counts **s);        /* what was not flushed is lost */

/* Of very many that differ some are not counted. */
void day_counts_add(struct day_counts *s, const struct counted_day *at,
                    const struct day_count *one);

/* These block. */
bool day_counts_flush(struct day_counts *s, struct error *e);
/* The first behind `*at` (day 0: of all) that ends before the day `before`. 1: `*at` is it, and
 * lives in `a`; 0: there is none; -1: `e`. */
int day_counts_next(struct day_counts *s, int64_t before, struct counted_day *at, struct arena *a,
                    struct error *e);
/* What was counted, those of one group together; in `a`. Returns how many; -1: `e`. */
ssize_t day_counts_read(struct day_counts *s, const struct counted_day *at, struct day_count **rows,
                        struct arena *a, struct error *e);
bool day_counts_forget(struct day_counts *s, const struct counted_day *at, struct error *e);

#endif
