/* How sessions with other servers went, counted by day and domain, for reports
 * (transport/tls_report.h). Counting waits for no disk; what was not yet flushed when the power
 * fails is not reported. Thread-safe. */
#ifndef STORE_SESSION_COUNTS_H
#define STORE_SESSION_COUNTS_H

#include "base/error.h"
#include "transport/tls_report.h"

#include <sys/types.h>

struct session_counts;

struct session_counts *session_counts_open(const char *path, struct error *e); /* NULL: `e` */
void session_counts_close(struct session_counts **s); /* what was not flushed is lost */

/* Days are counted from 1970, in UTC. Of very many that differ some are not counted. */
void session_counts_add(struct session_counts *s, int64_t day, struct span domain,
                        const struct session_count *one);

/* These block. */
bool session_counts_flush(struct session_counts *s, struct error *e);

/* A day of a domain. */
struct counted_day {
    int64_t day;
    struct span domain;
};

/* The first behind `*at` (day 0: of all) that ends before the day `before`. 1: `*at` is it, and
 * lives in `a`; 0: there is none; -1: `e`. */
int session_counts_next(struct session_counts *s, int64_t before, struct counted_day *at,
                        struct arena *a, struct error *e);
/* What was counted, those of one policy together; in `a`. Returns how many; -1: `e`. */
ssize_t session_counts_read(struct session_counts *s, const struct counted_day *at,
                            struct session_count **counts, struct arena *a, struct error *e);
bool session_counts_forget(struct session_counts *s, const struct counted_day *at, struct error *e);

#endif
