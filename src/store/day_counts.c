#include "store/day_counts.h"

#include "base/map.h"
#include "base/memory.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

enum { MOST_IN_MEMORY = 20000 };

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS seen (day INTEGER NOT NULL, domain TEXT NOT NULL,"
    " \"group\" TEXT NOT NULL, text TEXT NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY (day, domain, \"group\", text)) WITHOUT ROWID;";

/* What was counted since the last flush: all but the count is the key. */
struct counted {
    struct counted_day at;
    struct day_count one;
    struct span key;
    char text[];
};

struct day_counts {
    pthread_mutex_t lock; /* of the map */
    struct map map;
    pthread_mutex_t disk_lock;
    sqlite3 *db;
    const char *reports;
    int most_rows;
};

static bool fail(struct day_counts *s, const char *tried, struct error *e)
{
    return error_set(e, "cannot %s what was counted for reports (%s): %s", tried, s->reports,
                     sqlite3_errmsg(s->db));
}

/* ---- memory */

/* Its texts are parts of its key. */
static struct counted *counted_new(int64_t day, struct span key)
{
    struct counted *c = memory_new(sizeof *c + key.len + 1);
    memcpy(c->text, key.at, key.len);
    struct span rest = c->key = span_make(c->text, key.len);
    span_cut(&rest, '\0');
    c->at = (struct counted_day){day, span_cut(&rest, '\0')};
    c->one.group = span_cut(&rest, '\0');
    c->one.text = rest;
    return c;
}

static void count(struct day_counts *s, int64_t day, uint64_t times, struct span key)
{
    struct counted *c = map_get_text(&s->map, key);
    if (!c && s->map.count < MOST_IN_MEMORY) {
        c = counted_new(day, key);
        map_set_text(&s->map, c->key, c);
    }
    if (c)
        c->one.count += times;
}

void day_counts_add(struct day_counts *s, const struct counted_day *at, const struct day_count *one)
{
    const struct span parts[] = {at->domain, one->group, one->text};
    struct buffer key = BUFFER_EMPTY;
    buffer_printf(&key, "%lld", (long long)at->day);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buffer_add_char(&key, '\0');
        buffer_add_span(&key, parts[i]);
    }
    pthread_mutex_lock(&s->lock);
    count(s, at->day, one->count, buffer_span(&key));
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

struct day_counts *day_counts_open(const struct day_counts_settings *settings, struct error *e)
{
    struct day_counts *s = memory_new(sizeof *s);
    s->reports = settings->reports;
    s->most_rows = settings->most_rows;
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->disk_lock, NULL);
    if (sqlite3_open(settings->path, &s->db) != SQLITE_OK ||
        sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK) {
        fail(s, "open", e);
        day_counts_close(&s);
    }
    return s;
}

void day_counts_close(struct day_counts **counts)
{
    struct day_counts *s = *counts;
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
    bind_text(q, 3, c->one.group);
    bind_text(q, 4, c->one.text);
    sqlite3_bind_int64(q, 5, (int64_t)c->one.count);
    sqlite3_step(q);
    return sqlite3_reset(q) == SQLITE_OK;
}

static bool write_all(sqlite3 *db, const struct map *m)
{
    static const char text[] = "INSERT INTO seen VALUES (?, ?, ?, ?, ?)"
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

bool day_counts_flush(struct day_counts *s, struct error *e)
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

static int find_next(struct day_counts *s, int64_t before, struct counted_day *at, struct arena *a)
{
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(s->db,
                           "SELECT day, domain FROM seen WHERE (day, domain) > (?, ?)"
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

int day_counts_next(struct day_counts *s, int64_t before, struct counted_day *at, struct arena *a,
                    struct error *e)
{
    pthread_mutex_lock(&s->disk_lock);
    int found = find_next(s, before, at, a);
    if (found < 0)
        fail(s, "read", e);
    pthread_mutex_unlock(&s->disk_lock);
    return found;
}

static ssize_t read_rows(struct day_counts *s, const struct counted_day *at, struct day_count *to,
                         struct arena *a)
{
    sqlite3_stmt *q;
    ssize_t n = 0;
    int step;
    if (sqlite3_prepare_v2(s->db,
                           "SELECT * FROM (SELECT \"group\", text, count FROM seen"
                           " WHERE day = ? AND domain = ? ORDER BY count DESC LIMIT ?)"
                           " ORDER BY 1, 3 DESC, 2",
                           -1, &q, NULL) != SQLITE_OK)
        return -1;
    sqlite3_bind_int64(q, 1, at->day);
    bind_text(q, 2, at->domain);
    sqlite3_bind_int(q, 3, s->most_rows);
    while ((step = sqlite3_step(q)) == SQLITE_ROW)
        to[n++] = (struct day_count){text_at(q, 0, a), text_at(q, 1, a),
                                     (uint64_t)sqlite3_column_int64(q, 2)};
    sqlite3_finalize(q);
    return step == SQLITE_DONE ? n : -1;
}

ssize_t day_counts_read(struct day_counts *s, const struct counted_day *at, struct day_count **rows,
                        struct arena *a, struct error *e)
{
    *rows = arena_new(a, (size_t)s->most_rows * sizeof **rows);
    pthread_mutex_lock(&s->disk_lock);
    ssize_t n = read_rows(s, at, *rows, a);
    if (n < 0)
        fail(s, "read", e);
    pthread_mutex_unlock(&s->disk_lock);
    return n;
}

static bool forget(struct day_counts *s, const struct counted_day *at)
{
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(s->db, "DELETE FROM seen WHERE day = ? AND domain = ?", -1, &q, NULL) !=
        SQLITE_OK)
        return false;
    sqlite3_bind_int64(q, 1, at->day);
    bind_text(q, 2, at->domain);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK;
}

bool day_counts_forget(struct day_counts *s, const struct counted_day *at, struct error *e)
{
    pthread_mutex_lock(&s->disk_lock);
    bool ok = forget(s, at) || fail(s, "write", e);
    pthread_mutex_unlock(&s->disk_lock);
    return ok;
}
