/* The database is opened for reading only: a program that has died while it wrote, and left its
 * journal behind, must put that right itself. A transaction around all queries holds their view of
 * it still. A query that runs for too long is stopped: it holds up the end of the process, and,
 * where the database has no write-ahead log, those who write to it. */
#include "store/table.h"

#include "base/memory.h"
#include "sys/clock.h"

#include <sqlite3.h>
#include <stdlib.h>

enum {
    BUSY_MS = 1000,
    LONGEST_READING = 120, /* s, of all queries of an opening */
    STEPS_BETWEEN_LOOKS = 1000000,
    LONGEST_QUERY = 64 * 1024
};

struct table {
    sqlite3 *db;
    const char *path;
    int64_t until_ms; /* of the clock that is never set */
    bool is_too_slow;
};

static int is_over_time(void *arg)
{
    struct table *t = arg;
    t->is_too_slow = clock_monotonic_ms() > t->until_ms;
    return t->is_too_slow;
}

static bool fail(const struct table *t, struct error *e)
{
    int code = sqlite3_extended_errcode(t->db);
    if (t->is_too_slow)
        return error_set(e, "%s: reading it took more than %d seconds, and was given up", t->path,
                         LONGEST_READING);
    if ((code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED)
        return error_set(e, "%s: another program has locked this database for more than a second",
                         t->path);
    if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY)
        return error_set(
            e,
            "%s: a program has died while it wrote to this database; open it once with "
            "a program that may write to it, such as sqlite3, which puts it right",
            t->path);
    return error_set(e, "%s: %s", t->path, sqlite3_errmsg(t->db));
}

static bool run(struct table *t, const char *sql, struct error *e)
{
    return sqlite3_exec(t->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(t, e);
}

/* What stands in the schema can't call functions with effects. The first query takes the lock, and
 * reads the schema: here it is seen whether the file is a database at all. */
static bool begin(struct table *t, struct error *e)
{
    sqlite3_busy_timeout(t->db, BUSY_MS);
    sqlite3_progress_handler(t->db, STEPS_BETWEEN_LOOKS, is_over_time, t);
    sqlite3_db_config(t->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return run(t, "BEGIN", e) && run(t, "SELECT count(*) FROM sqlite_schema", e);
}

struct table *table_open(const char *path, struct error *e)
{
    struct table *t = memory_new(sizeof *t);
    t->path = path;
    t->until_ms = clock_monotonic_ms() + LONGEST_READING * 1000;
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    bool ok = sqlite3_open_v2(path, &t->db, flags, NULL) == SQLITE_OK || fail(t, e);
    if (!ok || !begin(t, e))
        table_close(&t);
    return t;
}

static sqlite3_stmt *prepare(struct table *t, struct span query, struct error *e)
{
    sqlite3_stmt *s = NULL;
    const char *rest;
    if (query.len > LONGEST_QUERY) {
        error_set(e, "%s: the query is too long", t->path);
        return NULL;
    }
    if (sqlite3_prepare_v2(t->db, query.at, (int)query.len, &s, &rest) != SQLITE_OK) {
        fail(t, e);
        return NULL;
    }
    struct span behind = span_trim(span_skip(query, (size_t)(rest - query.at)));
    int columns = sqlite3_column_count(s);
    if (s && !behind.len && sqlite3_stmt_readonly(s) && columns > 0 &&
        columns <= TABLE_MOST_COLUMNS)
        return s;
    error_set(e, "%s: the query must be one SELECT of at most %d columns", t->path,
              TABLE_MOST_COLUMNS);
    sqlite3_finalize(s);
    return NULL;
}

static void take_row(sqlite3_stmt *s, struct table_row *row)
{
    row->number++;
    for (size_t i = 0; i < row->count; i++) {
        const unsigned char *text = sqlite3_column_text(s, (int)i);
        row->values[i] =
            text ? span_make(text, (size_t)sqlite3_column_bytes(s, (int)i)) : SPAN_NONE;
    }
}

bool table_read(struct table *t, struct span query,
                bool (*each)(void *arg, const struct table_row *row), void *arg, struct error *e)
{
    struct table_row row = {0};
    sqlite3_stmt *s = prepare(t, query, e);
    int result = SQLITE_ROW;
    bool ok = s != NULL;
    if (!ok)
        return false;
    row.count = (size_t)sqlite3_column_count(s);
    for (size_t i = 0; i < row.count; i++)
        row.names[i] = span_of(sqlite3_column_name(s, (int)i));
    while (ok && (result = sqlite3_step(s)) == SQLITE_ROW) {
        take_row(s, &row);
        ok = each(arg, &row);
    }
    if (ok && result != SQLITE_DONE)
        ok = fail(t, e);
    sqlite3_finalize(s);
    return ok;
}

void table_close(struct table **t)
{
    if (!*t)
        return;
    sqlite3_close((*t)->db);
    free(*t);
    *t = NULL;
}
