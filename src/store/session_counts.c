#include "store/session_counts.h"

#include "base/map.h"
#include "base/memory.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

enum { MOST_IN_MEMORY = 20000, MOST_READ = 1000 };

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS session (day INTEGER NOT NULL, domain TEXT NOT NULL,"
    " policy TEXT NOT NULL, result INTEGER NOT NULL, host TEXT NOT NULL, address TEXT NOT NULL,"
    " source TEXT NOT NULL, why TEXT NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY (day, domain, policy, result, host, address, source, why)) WITHOUT ROWID;";

/* What was counted since the last flush: all but the count is the key. */
struct counted {
    struct counted_day at;
    struct session_count one;
    struct span key;
    char text[];
};

struct session_counts {
    pthread_mutex_t lock; /* of the map */
    struct map map;
    pthread_mutex_t disk_lock;
    sqlite3 *db;
};

static bool fail(struct session_counts *s, const char *tried, struct error *e)
{
    return error_set(e, "cannot %s what was counted for reports (TLSRPT): %s", tried,
                     sqlite3_errmsg(s->db));
}

/* ---- memory */

static void add_key(struct buffer *key, int64_t day, struct span domain,
                    const struct session_count *one)
{
    const struct span parts[] = {domain,       one->policy, one->host,
                                 one->address, one->source, one->why};
    buffer_printf(key, "%lld %d", (long long)day, (int)one->result);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buffer_add_char(key, '\0');
        buffer_add_span(key, parts[i]);
    }
}

static struct span next_part(struct span *rest)
{
    return span_cut(rest, '\0');
}

/* Its texts are parts of its key. */
static struct counted *counted_new(int64_t day, enum tls_result result, struct span key)
{
    struct counted *c = memory_new(sizeof *c + key.len + 1);
    memcpy(c->text, key.at, key.len);
    struct span rest = c->key = span_make(c->text, key.len);
    next_part(&rest);
    c->at = (struct counted_day){day, next_part(&rest)};
    c->one.result = result;
    c->one.policy = next_part(&rest);
    c->one.host = next_part(&rest);
    c->one.address = next_part(&rest);
    c->one.source = next_part(&rest);
    c->one.why = next_part(&rest);
    return c;
}

static void count(struct session_counts *s, int64_t day, const struct session_count *one,
                  struct span key)
{
    struct counted *c = map_get_text(&s->map, key);
    if (!c && s->map.count < MOST_IN_MEMORY) {
        c = counted_new(day, one->result, key);
        map_set_text(&s->map, c->key, c);
    }
    if (c)
        c->one.count += one->count;
}

void session_counts_add(struct session_counts *s, int64_t day, struct span domain,
                        const struct session_count *one)
{
    struct buffer key = BUFFER_EMPTY;
    add_key(&key, day, domain, one);
    pthread_mutex_lock(&s->lock);
    count(s, day, one, buffer_span(&key));
    pthread_mutex_unlock(&s->lock);
    buffer_free(&key);
}

static void free_all(struct map *m)
{
    void *each;
    for (size_t i = 0; (each = map_next(m, &i));)
        free(each);
    map_free(m);
}

/* ---- the disk */

struct session_counts *session_counts_open(const char *path, struct error *e)
{
    struct session_counts *s = memory_new(sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->disk_lock, NULL);
    if (sqlite3_open(path, &s->db) != SQLITE_OK ||
        sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK) {
        fail(s, "open", e);
        session_counts_close(&s);
    }
    return s;
}

void session_counts_close(struct session_counts **counts)
{
    struct session_counts *s = *counts;
    if (!s)
        return;
    free_all(&s->map);
    sqlite3_close(s->db);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->disk_lock);
    free(s);
    *counts = NULL;
}

static void bind_text(sqlite3_stmt *q, int at, struct span text)
{
    sqlite3_bind_text64(q, at, text.at, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static struct span text_at(sqlite3_stmt *q, int column, struct arena *a)
{
    const void *at = sqlite3_column_text(q, column);
    return at ? arena_copy(a, span_make(at, (size_t)sqlite3_column_bytes(q, column))) : SPAN_NONE;
}

static bool write_one(sqlite3_stmt *q, const struct counted *c)
{
    sqlite3_bind_int64(q, 1, c->at.day);
    bind_text(q, 2, c->at.domain);
    bind_text(q, 3, c->one.policy);
    sqlite3_bind_int(q, 4, (int)c->one.result);
    bind_text(q, 5, c->one.host);
    bind_text(q, 6, c->one.address);
    bind_text(q, 7, c->one.source);
    bind_text(q, 8, c->one.why);
    sqlite3_bind_int64(q, 9, (int64_t)c->one.count);
    sqlite3_step(q);
    return sqlite3_reset(q) == SQLITE_OK;
}

static bool write_all(sqlite3 *db, const struct map *m)
{
    static const char text[] = "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                               " ON CONFLICT DO UPDATE SET count = count + excluded.count";
    sqlite3_stmt *q = NULL;
    bool ok = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK &&
              sqlite3_prepare_v2(db, text, -1, &q, NULL) == SQLITE_OK;
    const struct counted *c;
    for (size_t i = 0; ok && (c = map_next(m, &i));)
        ok = write_one(q, c);
    sqlite3_finalize(q);
    return sqlite3_exec(db, ok ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK && ok;
}

bool session_counts_flush(struct session_counts *s, struct error *e)
{
    pthread_mutex_lock(&s->lock);
    struct map m = s->map;
    s->map = MAP_EMPTY;
    pthread_mutex_unlock(&s->lock);
    pthread_mutex_lock(&s->disk_lock);
    bool ok = !m.count || write_all(s->db, &m) || fail(s, "write", e);
    pthread_mutex_unlock(&s->disk_lock);
    free_all(&m);
    return ok;
}

static int find_next(struct session_counts *s, int64_t before, struct counted_day *at,
                     struct arena *a)
{
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(s->db,
                           "SELECT day, domain FROM session WHERE (day, domain) > (?, ?)"
                           " AND day < ? ORDER BY day, domain LIMIT 1",
                           -1, &q, NULL) != SQLITE_OK)
        return -1;
    sqlite3_bind_int64(q, 1, at->day);
    bind_text(q, 2, at->domain);
    sqlite3_bind_int64(q, 3, before);
    int step = sqlite3_step(q);
    if (step == SQLITE_ROW)
        *at = (struct counted_day){sqlite3_column_int64(q, 0), text_at(q, 1, a)};
    sqlite3_finalize(q);
    return step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : -1;
}

int session_counts_next(struct session_counts *s, int64_t before, struct counted_day *at,
                        struct arena *a, struct error *e)
{
    pthread_mutex_lock(&s->disk_lock);
    int found = find_next(s, before, at, a);
    if (found < 0)
        fail(s, "read", e);
    pthread_mutex_unlock(&s->disk_lock);
    return found;
}

static struct session_count row_of(sqlite3_stmt *q, struct arena *a)
{
    unsigned result = (unsigned)sqlite3_column_int(q, 1);
    return (struct session_count){.policy = text_at(q, 0, a),
                                  .result = result < TLS_RESULTS ? (enum tls_result)result
                                                                 : TLS_RESULT_OTHER,
                                  .host = text_at(q, 2, a),
                                  .address = text_at(q, 3, a),
                                  .source = text_at(q, 4, a),
                                  .why = text_at(q, 5, a),
                                  .count = (uint64_t)sqlite3_column_int64(q, 6)};
}

static ssize_t read_rows(struct session_counts *s, const struct counted_day *at,
                         struct session_count *to, struct arena *a)
{
    sqlite3_stmt *q;
    ssize_t n = 0;
    int step;
    if (sqlite3_prepare_v2(s->db,
                           "SELECT policy, result, host, address, source, why, count FROM session"
                           " WHERE day = ? AND domain = ? ORDER BY policy, result LIMIT ?",
                           -1, &q, NULL) != SQLITE_OK)
        return -1;
    sqlite3_bind_int64(q, 1, at->day);
    bind_text(q, 2, at->domain);
    sqlite3_bind_int(q, 3, MOST_READ);
    while ((step = sqlite3_step(q)) == SQLITE_ROW)
        to[n++] = row_of(q, a);
    sqlite3_finalize(q);
    return step == SQLITE_DONE ? n : -1;
}

ssize_t session_counts_read(struct session_counts *s, const struct counted_day *at,
                            struct session_count **counts, struct arena *a, struct error *e)
{
    *counts = arena_new(a, MOST_READ * sizeof **counts);
    pthread_mutex_lock(&s->disk_lock);
    ssize_t n = read_rows(s, at, *counts, a);
    if (n < 0)
        fail(s, "read", e);
    pthread_mutex_unlock(&s->disk_lock);
    return n;
}

static bool forget(struct session_counts *s, const struct counted_day *at)
{
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(s->db, "DELETE FROM session WHERE day = ? AND domain = ?", -1, &q,
                           NULL) != SQLITE_OK)
        return false;
    sqlite3_bind_int64(q, 1, at->day);
    bind_text(q, 2, at->domain);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK;
}

bool session_counts_forget(struct session_counts *s, const struct counted_day *at, struct error *e)
{
    pthread_mutex_lock(&s->disk_lock);
    bool ok = forget(s, at) || fail(s, "write", e);
    pthread_mutex_unlock(&s->disk_lock);
    return ok;
}
