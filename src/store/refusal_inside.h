/* What the files of the book of refusals share; not for others. */
#ifndef STORE_REFUSAL_INSIDE_H
#define STORE_REFUSAL_INSIDE_H

#include "store/refusal_book.h"

#include "base/index.h"

#include <pthread.h>
#include <sqlite3.h>

enum { REFUSAL_NETWORKS = 4096 /* counters; some share one */ };

struct refusal_book {
    struct refusal_book_settings settings;
    uint64_t secret; /* of the counters */
    pthread_mutex_t lock;
    struct index noted;
    size_t noted_counts[2];
    uint16_t of_network[REFUSAL_NETWORKS];
    int64_t counted_since;
    pthread_mutex_t disk_lock;
    sqlite3 *db;
    uint64_t rows[2]; /* on the disk */
    int64_t old_looked_for_ms;
};

bool refusal_fail(sqlite3 *db, const char *tried, struct error *e); /* false, with `e` */
void refusal_bind(sqlite3_stmt *q, int at, struct span text);
struct span refusal_text(sqlite3_stmt *q, int column, struct arena *a); /* in `a` */

#endif
