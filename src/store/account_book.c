/* A database of its own, as for all that somebody decided: it is synced at each change, and
 * outlives the ledger. Names come in lower case. */
#include "store/account_book_inside.h"

#include "base/memory.h"

#include <stdlib.h>

enum {
    MOST_LINES = 500, /* of an account's history; older ones go */
    BUSY_MS = 10000
};

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE IF NOT EXISTS account (name TEXT PRIMARY KEY, state BLOB NOT NULL,"
    " counted INTEGER NOT NULL, hold TEXT, hold_since_ms INTEGER NOT NULL,"
    " noted INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS account_held ON account (name) WHERE hold IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS line (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
    " time_ms INTEGER NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,"
    " noted INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS line_by_name ON line (name, id);"
    "CREATE TABLE IF NOT EXISTS sample (name TEXT NOT NULL, message INTEGER NOT NULL,"
    " recipient TEXT NOT NULL, subject TEXT NOT NULL, PRIMARY KEY (name, message)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS removal (name TEXT NOT NULL, until_ms INTEGER NOT NULL,"
    " ends_ms INTEGER NOT NULL, discarded INTEGER NOT NULL, why TEXT NOT NULL,"
    " from_ms INTEGER NOT NULL,"
    " PRIMARY KEY (name, until_ms)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS forwarding (name TEXT NOT NULL, source TEXT NOT NULL,"
    " kept BLOB NOT NULL, PRIMARY KEY (source, name)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS owed (number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " address TEXT NOT NULL, name TEXT NOT NULL, part TEXT NOT NULL, target TEXT NOT NULL,"
    " since_ms INTEGER NOT NULL, UNIQUE (address, part, target));"
    "CREATE TABLE IF NOT EXISTS letter (address TEXT PRIMARY KEY, time_ms INTEGER NOT NULL)"
    " WITHOUT ROWID;";

static bool run(struct account_book *b, const char *sql)
{
    return sqlite3_exec(b->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

struct account_book *account_book_open(const char *path, struct error *e)
{
    struct account_book *b = memory_new(sizeof *b);
    pthread_mutex_init(&b->lock, NULL);
    bool ok = (sqlite3_open(path, &b->db) == SQLITE_OK &&
               sqlite3_busy_timeout(b->db, BUSY_MS) == SQLITE_OK && run(b, schema)) ||
              account_book_fail(b, "open", e);
    if (!ok)
        account_book_close(&b);
    return b;
}

void account_book_close(struct account_book **book)
{
    struct account_book *b = *book;
    if (!b)
        return;
    sqlite3_close(b->db);
    pthread_mutex_destroy(&b->lock);
    free(b);
    *book = NULL;
}

struct span forwarding_source_name(enum forwarding_source s)
{
    switch (s) {
    case FORWARDING_ALIASES:
        return SPAN("aliases");
    case FORWARDING_FILE:
        return SPAN(".forward");
    case FORWARDING_SOURCES:
        break;
    }
    return SPAN_NONE;
}

/* ---- writing: in a transaction, with the lock */

static bool put_forwarding(struct account_book *b, enum forwarding_source s, struct span name,
                           struct span kept)
{
    sqlite3_stmt *q =
        account_book_ask(b, "INSERT OR REPLACE INTO forwarding VALUES (?, ?, ?)", name);
    account_book_bind(q, 2, forwarding_source_name(s));
    sqlite3_bind_blob64(q, 3, kept.at, kept.len, SQLITE_STATIC);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK && q;
}

static bool put_forwardings(struct account_book *b, const struct account_row *row)
{
    bool ok = true;
    for (int s = 0; ok && s < FORWARDING_SOURCES; s++)
        if (row->forwarding[s].len)
            ok = put_forwarding(b, (enum forwarding_source)s, row->name, row->forwarding[s]);
    return ok;
}

static bool put_row(struct account_book *b, const struct account_row *row)
{
    sqlite3_stmt *q = account_book_ask(
        b, "INSERT OR REPLACE INTO account VALUES (?, ?, ?, nullif(?, ''), ?, ?)", row->name);
    sqlite3_bind_blob64(q, 2, row->state.at, row->state.len, SQLITE_STATIC);
    sqlite3_bind_int64(q, 3, (int64_t)row->counted);
    account_book_bind(q, 4, row->hold);
    sqlite3_bind_int64(q, 5, row->hold_since_ms);
    sqlite3_bind_int(q, 6, row->is_noted);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK && q && put_forwardings(b, row);
}

static bool add_line(struct account_book *b, struct span name, const struct account_line *line)
{
    sqlite3_stmt *q = account_book_ask(b, "INSERT INTO line VALUES (NULL, ?, ?, ?, ?, ?, ?)", name);
    sqlite3_bind_int64(q, 2, line->time_ms);
    account_book_bind(q, 3, line->what);
    account_book_bind(q, 4, line->by);
    account_book_bind(q, 5, line->why);
    sqlite3_bind_int(q, 6, line->is_noted);
    sqlite3_step(q);
    if (sqlite3_finalize(q) != SQLITE_OK)
        return false;
    q = account_book_ask(
        b,
        "DELETE FROM line WHERE name = ?1 AND id <= (SELECT id FROM line WHERE name = ?1"
        " ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        name);
    sqlite3_bind_int(q, 2, MOST_LINES);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK && q;
}

static bool add_sample(struct account_book *b, struct span name, const struct account_sample *s)
{
    sqlite3_stmt *q = account_book_ask(b,
                                       "INSERT OR IGNORE INTO sample SELECT ?1, ?2, ?3, ?4"
                                       " WHERE (SELECT count(*) FROM sample WHERE name = ?1) < ?5",
                                       name);
    sqlite3_bind_int64(q, 2, (int64_t)s->id);
    account_book_bind(q, 3, s->to);
    account_book_bind(q, 4, s->subject);
    sqlite3_bind_int(q, 5, ACCOUNT_SAMPLES);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK && q;
}

static bool forget_samples(struct account_book *b, struct span name)
{
    sqlite3_stmt *q = account_book_ask(b, "DELETE FROM sample WHERE name = ?", name);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK && q;
}

static bool put_removal(struct account_book *b, const struct account_removal *r, bool ends)
{
    sqlite3_stmt *q =
        account_book_ask(b,
                         ends ? "DELETE FROM removal WHERE name = ? AND until_ms = ?"
                              : "INSERT OR REPLACE INTO removal VALUES (?, ?, ?, ?, ?, ?)",
                         r->account);
    sqlite3_bind_int64(q, 2, r->until_ms);
    if (!ends) {
        sqlite3_bind_int64(q, 3, r->ends_ms);
        sqlite3_bind_int(q, 4, r->is_discarded);
        account_book_bind(q, 5, r->why);
        sqlite3_bind_int64(q, 6, r->from_ms);
    }
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK && q;
}

static bool put_change(struct account_book *b, struct span name, const struct account_change *c)
{
    bool ok = (!c->row || put_row(b, c->row)) && (!c->line || add_line(b, name, c->line)) &&
              (!c->forgets_samples || forget_samples(b, name)) &&
              (!c->removal || put_removal(b, c->removal, c->ends_removal)) &&
              account_book_put_owed(b, name, c);
    for (size_t i = 0; ok && i < c->sample_count; i++)
        ok = add_sample(b, name, &c->samples[i]);
    return ok;
}

/* What failed is undone. */
static bool end_transaction(struct account_book *b, bool ok, struct error *e)
{
    if (ok && run(b, "COMMIT"))
        return true;
    account_book_fail(b, "write", e);
    run(b, "ROLLBACK");
    return false;
}

bool account_book_write(struct account_book *b, struct span name, const struct account_change *c,
                        struct error *e)
{
    pthread_mutex_lock(&b->lock);
    bool ok = end_transaction(b, run(b, "BEGIN IMMEDIATE") && put_change(b, name, c), e);
    pthread_mutex_unlock(&b->lock);
    return ok;
}

bool account_book_write_rows(struct account_book *b, const struct account_row *rows, size_t count,
                             struct error *e)
{
    pthread_mutex_lock(&b->lock);
    bool ok = run(b, "BEGIN IMMEDIATE");
    for (size_t i = 0; ok && i < count; i++)
        ok = put_row(b, &rows[i]);
    ok = end_transaction(b, ok, e);
    pthread_mutex_unlock(&b->lock);
    return ok;
}

bool account_book_write_aliases(struct account_book *b, const struct account_forwarding *at,
                                size_t count, struct error *e)
{
    pthread_mutex_lock(&b->lock);
    bool ok = run(b, "BEGIN IMMEDIATE");
    for (size_t i = 0; ok && i < count; i++)
        ok = put_forwarding(b, FORWARDING_ALIASES, at[i].name, at[i].kept);
    ok = end_transaction(b, ok, e);
    pthread_mutex_unlock(&b->lock);
    return ok;
}

/* ---- reading */

static struct span blob_at(sqlite3_stmt *q, int column)
{
    const void *at = sqlite3_column_blob(q, column);
    return at ? span_make(at, (size_t)sqlite3_column_bytes(q, column)) : SPAN_NONE;
}

static struct account_row row_of(sqlite3_stmt *q)
{
    return (struct account_row){.name = account_book_text(q, 0),
                                .state = blob_at(q, 1),
                                .counted = (message_id)sqlite3_column_int64(q, 2),
                                .hold = account_book_text(q, 3),
                                .hold_since_ms = sqlite3_column_int64(q, 4),
                                .is_noted = sqlite3_column_int(q, 5) != 0};
}

static int find_forwardings(struct account_book *b, struct account_row *row, struct arena *a)
{
    sqlite3_stmt *q =
        account_book_ask(b, "SELECT kept FROM forwarding WHERE name = ? AND source = ?", row->name);
    int step = q ? SQLITE_DONE : SQLITE_ERROR;
    for (int s = 0; step == SQLITE_DONE && s < FORWARDING_SOURCES; s++) {
        account_book_bind(q, 2, forwarding_source_name((enum forwarding_source)s));
        step = sqlite3_step(q);
        if (step == SQLITE_ROW) {
            row->forwarding[s] = arena_copy(a, blob_at(q, 0));
            step = SQLITE_DONE;
        }
        sqlite3_reset(q);
    }
    sqlite3_finalize(q);
    return step;
}

int account_book_find(struct account_book *b, struct span name, struct arena *a,
                      struct account_row *row, struct error *e)
{
    pthread_mutex_lock(&b->lock);
    sqlite3_stmt *q = account_book_ask(b, "SELECT * FROM account WHERE name = ?", name);
    int step = q ? sqlite3_step(q) : SQLITE_ERROR;
    bool is_whole = true;
    if (step == SQLITE_ROW) {
        *row = row_of(q);
        row->name = arena_copy(a, row->name);
        row->state = arena_copy(a, row->state);
        row->hold = arena_copy(a, row->hold);
        is_whole = find_forwardings(b, row, a) == SQLITE_DONE;
    }
    bool ok = is_whole && (step == SQLITE_ROW || step == SQLITE_DONE);
    if (!ok)
        account_book_fail(b, "read", e);
    sqlite3_finalize(q);
    pthread_mutex_unlock(&b->lock);
    return !ok ? -1 : step == SQLITE_ROW;
}

struct reading_rows {
    void (*each)(void *arg, const struct account_row *row);
    void *arg;
};

static void take_row(void *reading, sqlite3_stmt *q)
{
    const struct reading_rows *r = reading;
    const struct account_row row = row_of(q);
    r->each(r->arg, &row);
}

ssize_t account_book_list(struct account_book *b, struct span after, size_t most,
                          void (*each)(void *arg, const struct account_row *row), void *arg,
                          struct error *e)
{
    struct reading_rows r = {each, arg};
    return account_book_each(b, "SELECT * FROM account WHERE name > ? ORDER BY name LIMIT ?", after,
                             most, take_row, &r, e);
}

bool account_book_held(struct account_book *b,
                       void (*each)(void *arg, const struct account_row *row), void *arg,
                       struct error *e)
{
    struct reading_rows r = {each, arg};
    return account_book_each(b, "SELECT * FROM account WHERE hold IS NOT NULL ORDER BY name",
                             SPAN_NONE, 0, take_row, &r, e) >= 0;
}

struct reading_forwardings {
    void (*each)(void *arg, const struct account_forwarding *f);
    void *arg;
};

static void take_forwarding(void *reading, sqlite3_stmt *q)
{
    const struct reading_forwardings *r = reading;
    const struct account_forwarding f = {account_book_text(q, 0), blob_at(q, 1)};
    r->each(r->arg, &f);
}

ssize_t account_book_aliases(struct account_book *b, struct span after, size_t most,
                             void (*each)(void *arg, const struct account_forwarding *f), void *arg,
                             struct error *e)
{
    struct reading_forwardings r = {each, arg};
    return account_book_each(
        b,
        "SELECT name, (SELECT kept FROM forwarding f WHERE f.source = 'aliases'"
        " AND f.name = account.name) FROM account WHERE name > ? ORDER BY name LIMIT ?",
        after, most, take_forwarding, &r, e);
}

struct reading_lines {
    void (*each)(void *arg, const struct account_line *line);
    void *arg;
};

/* From column `at` on: time_ms, what, who, why, noted. */
static struct account_line line_of(sqlite3_stmt *q, int at)
{
    return (struct account_line){.time_ms = sqlite3_column_int64(q, at),
                                 .what = account_book_text(q, at + 1),
                                 .by = account_book_text(q, at + 2),
                                 .why = account_book_text(q, at + 3),
                                 .is_noted = sqlite3_column_int(q, at + 4) != 0};
}

static void take_line(void *reading, sqlite3_stmt *q)
{
    const struct reading_lines *r = reading;
    const struct account_line line = line_of(q, 0);
    r->each(r->arg, &line);
}

bool account_book_history(struct account_book *b, struct span name, size_t most,
                          void (*each)(void *arg, const struct account_line *line), void *arg,
                          struct error *e)
{
    struct reading_lines r = {each, arg};
    return account_book_each(
               b,
               "SELECT time_ms, what, who, why, noted FROM line WHERE name = ? ORDER BY id DESC"
               " LIMIT ?",
               name, most, take_line, &r, e) >= 0;
}

struct reading_all_lines {
    void (*each)(void *arg, uint64_t number, struct span name, const struct account_line *line);
    void *arg;
};

static void take_any_line(void *reading, sqlite3_stmt *q)
{
    const struct reading_all_lines *r = reading;
    const struct account_line line = line_of(q, 2);
    r->each(r->arg, (uint64_t)sqlite3_column_int64(q, 0), account_book_text(q, 1), &line);
}

bool account_book_lines(struct account_book *b, uint64_t from, size_t most,
                        void (*each)(void *arg, uint64_t number, struct span name,
                                     const struct account_line *line),
                        void *arg, struct error *e)
{
    struct reading_all_lines r = {each, arg};
    struct buffer first = BUFFER_EMPTY;
    buffer_printf(&first, "%llu", (unsigned long long)from);
    bool ok = account_book_each(b,
                                "SELECT id, name, time_ms, what, who, why, noted FROM line"
                                " WHERE id >= CAST(? AS INTEGER) ORDER BY id LIMIT ?",
                                buffer_span(&first), most, take_any_line, &r, e) >= 0;
    buffer_free(&first);
    return ok;
}

static void take_end(void *reading, sqlite3_stmt *q)
{
    *(uint64_t *)reading = (uint64_t)sqlite3_column_int64(q, 0) + 1;
}

bool account_book_end(struct account_book *b, uint64_t *end, struct error *e)
{
    *end = 1;
    return account_book_each(b, "SELECT seq FROM sqlite_sequence WHERE name = 'line'", SPAN_NONE, 0,
                             take_end, end, e) >= 0;
}

struct reading_samples {
    void (*each)(void *arg, const struct account_sample *s);
    void *arg;
};

static void take_sample(void *reading, sqlite3_stmt *q)
{
    const struct reading_samples *r = reading;
    const struct account_sample s = {(message_id)sqlite3_column_int64(q, 0),
                                     account_book_text(q, 1), account_book_text(q, 2)};
    r->each(r->arg, &s);
}

bool account_book_samples(struct account_book *b, struct span name,
                          void (*each)(void *arg, const struct account_sample *s), void *arg,
                          struct error *e)
{
    struct reading_samples r = {each, arg};
    return account_book_each(b,
                             "SELECT message, recipient, subject FROM sample WHERE name = ?"
                             " ORDER BY message",
                             name, 0, take_sample, &r, e) >= 0;
}

struct reading_removals {
    void (*each)(void *arg, const struct account_removal *r);
    void *arg;
};

static void take_removal(void *reading, sqlite3_stmt *q)
{
    const struct reading_removals *r = reading;
    const struct account_removal removal = {.account = account_book_text(q, 0),
                                            .until_ms = sqlite3_column_int64(q, 1),
                                            .ends_ms = sqlite3_column_int64(q, 2),
                                            .is_discarded = sqlite3_column_int(q, 3) != 0,
                                            .why = account_book_text(q, 4),
                                            .from_ms = sqlite3_column_int64(q, 5)};
    r->each(r->arg, &removal);
}

bool account_book_removals(struct account_book *b,
                           void (*each)(void *arg, const struct account_removal *r), void *arg,
                           struct error *e)
{
    struct reading_removals r = {each, arg};
    return account_book_each(b, "SELECT * FROM removal ORDER BY until_ms", SPAN_NONE, 0,
                             take_removal, &r, e) >= 0;
}
