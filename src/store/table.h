/* Tables of an SQLite database that belongs to somebody else: read in one go, never written.
 *
 * All queries of one opening see the same state of the database, whatever is committed meanwhile;
 * what is not committed is never seen. Blocking, for seconds where another program holds a lock:
 * for threads that may wait. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include "base/error.h"
#include "base/span.h"

enum { TABLE_MOST_COLUMNS = 16 };

/* Spans live during the call only. */
struct table_row {
    uint64_t number; /* from 1 */
    size_t count;    /* of columns */
    struct span names[TABLE_MOST_COLUMNS];
    struct span values[TABLE_MOST_COLUMNS]; /* as text; NULL gives an empty one */
};

struct table;

/* NULL: `e` says what is wrong with the file, and what to do. */
struct table *table_open(const char *path, struct error *e);
/* Calls `each` for every row until it returns false (then it has filled `e`). `query` is one
 * SELECT. False: `e`; then nothing may be concluded from the rows that came. */
bool table_read(struct table *t, struct span query,
                bool (*each)(void *arg, const struct table_row *row), void *arg, struct error *e);
void table_close(struct table **t);

#endif
