#include "store/refusal_inside.h"

#include "base/inet.h"
#include "base/memory.h"
#include "sys/chance.h"

#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    MOST_NOTED = 1000,     /* between two flushes; half of them of each kind */
    MOST_OF_NETWORK = 200, /* rows in an hour */
    LONGEST_WORDS = 2000,  /* bytes */
    LONGEST_TEXT = 320,    /* of each other text */
    MOST_REASONS = 64,     /* rows of what is the same otherwise */
    OLD_AT_A_TIME = 1000,  /* rows that are looked for because of their age, */
    OLD_EACH = 60 * 1000,  /* so often */
    HOUR = 3600 * 1000,    /* ms */
    BUSY_MS = 10000
};

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS refusal (id INTEGER PRIMARY KEY, key INTEGER NOT NULL,"
    " unknown INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,"
    " count INTEGER NOT NULL, client TEXT NOT NULL, hello TEXT NOT NULL, sender TEXT,"
    " recipient TEXT NOT NULL, code INTEGER NOT NULL, status TEXT NOT NULL, words TEXT NOT NULL,"
    " why TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS refusal_by_key ON refusal (key);"
    "CREATE INDEX IF NOT EXISTS refusal_by_kind ON refusal (unknown, id);"
    "CREATE INDEX IF NOT EXISTS refusal_by_client ON refusal (client);"
    "CREATE INDEX IF NOT EXISTS refusal_by_sender ON refusal (sender COLLATE NOCASE);"
    "CREATE INDEX IF NOT EXISTS refusal_by_recipient ON refusal (recipient COLLATE NOCASE);";

const struct span refusal_flood = SPAN("a flood of notices to ");

struct noted {
    uint64_t key;
    struct refusal what; /* texts in the arena */
    struct arena arena;
    bool is_of_unknown;
};

bool refusal_fail(sqlite3 *db, const char *tried, struct error *e)
{
    return error_set(e, "cannot %s what was refused: %s", tried, sqlite3_errmsg(db));
}

/* ---- noting */

static void add_folded(struct buffer *out, struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        buffer_add_char(out, ascii_lower(s.at[i]));
    buffer_add_char(out, 0);
}

static void add_without_digits(struct buffer *out, struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            buffer_add_char(out, ascii_lower(s.at[i]));
    buffer_add_char(out, 0);
}

/* By its words, so that none is told under another's. Filters put times and numbers of their own
 * into them, and what a client has said: so these only choose among some rows. It is by chance that
 * two reasons choose the same. */
static unsigned reason_of(const struct refusal *what)
{
    struct buffer b = BUFFER_EMPTY;
    add_without_digits(&b, what->words);
    add_without_digits(&b, what->why);
    unsigned reason = (unsigned)(XXH3_64bits(b.at, b.len) % MOST_REASONS);
    buffer_free(&b);
    return reason;
}

/* On the disk, too: so without a secret. */
static uint64_t key_of(const struct refusal *what)
{
    struct buffer b = BUFFER_EMPTY;
    buffer_printf(&b, "%d %.*s %.*s %d %u", what->code, SPAN_F(what->status), SPAN_F(what->client),
                  what->has_sender, reason_of(what));
    add_folded(&b, what->sender);
    add_folded(&b, what->recipient);
    if (span_starts(what->why, refusal_flood)) /* counted by itself */
        add_folded(&b, what->why);
    uint64_t key = XXH3_64bits(b.at, b.len);
    buffer_free(&b);
    return key;
}

static bool has_room(struct refusal_book *r, const unsigned char network[16], bool is_of_unknown,
                     int64_t now_ms)
{
    if (r->noted_counts[is_of_unknown] >= MOST_NOTED / 2)
        return false;
    if (now_ms - r->counted_since > HOUR || now_ms < r->counted_since) {
        memset(r->of_network, 0, sizeof r->of_network);
        r->counted_since = now_ms;
    }
    uint16_t *count =
        &r->of_network[XXH3_64bits_withSeed(network, 16, r->secret) % REFUSAL_NETWORKS];
    return *count < MOST_OF_NETWORK && ++*count;
}

static struct span keep(struct noted *n, struct span text, size_t most)
{
    return arena_copy(&n->arena, span_first(text, most));
}

static struct noted *noted_new(const struct refusal *what, uint64_t key)
{
    struct noted *n = memory_new(sizeof *n);
    n->key = key;
    n->what = *what;
    n->what.count = 0;
    n->what.client = keep(n, what->client, LONGEST_TEXT);
    n->what.hello = keep(n, what->hello, LONGEST_TEXT);
    n->what.sender = keep(n, what->sender, LONGEST_TEXT);
    n->what.recipient = keep(n, what->recipient, LONGEST_TEXT);
    n->what.status = keep(n, what->status, LONGEST_TEXT);
    n->what.words = keep(n, what->words, LONGEST_WORDS);
    n->what.why = keep(n, what->why, LONGEST_TEXT);
    return n;
}

static void noted_free(struct noted *n)
{
    arena_clear(&n->arena);
    free(n);
}

bool refusal_book_note(struct refusal_book *r, const struct refusal *what,
                       const unsigned char network[16], bool is_of_unknown)
{
    uint64_t key = key_of(what);
    pthread_mutex_lock(&r->lock);
    struct noted *n = index_get(&r->noted, key);
    if (!n && has_room(r, network, is_of_unknown, what->last_ms)) {
        n = noted_new(what, key);
        n->is_of_unknown = is_of_unknown;
        index_set(&r->noted, n);
        r->noted_counts[is_of_unknown]++;
    }
    if (n) {
        n->what.count += what->count;
        n->what.last_ms = what->last_ms;
    }
    pthread_mutex_unlock(&r->lock);
    return n != NULL;
}

/* ---- the disk */

void refusal_bind(sqlite3_stmt *q, int at, struct span text)
{
    sqlite3_bind_text64(q, at, text.at, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static bool count_rows(struct refusal_book *r)
{
    sqlite3_stmt *q;
    int step;
    if (sqlite3_prepare_v2(r->db, "SELECT unknown, count(*) FROM refusal GROUP BY unknown", -1, &q,
                           NULL) != SQLITE_OK)
        return false;
    while ((step = sqlite3_step(q)) == SQLITE_ROW)
        r->rows[sqlite3_column_int(q, 0) != 0] = (uint64_t)sqlite3_column_int64(q, 1);
    sqlite3_finalize(q);
    return step == SQLITE_DONE;
}

struct refusal_book *refusal_book_open(const char *path, const struct refusal_book_settings *s,
                                       struct error *e)
{
    struct refusal_book *r = memory_new(sizeof *r);
    r->settings = *s;
    r->secret = random_number();
    r->noted = INDEX_BY(struct noted, key);
    pthread_mutex_init(&r->lock, NULL);
    pthread_mutex_init(&r->disk_lock, NULL);
    if (sqlite3_open(path, &r->db) != SQLITE_OK ||
        sqlite3_busy_timeout(r->db, BUSY_MS) != SQLITE_OK ||
        sqlite3_exec(r->db, schema, NULL, NULL, NULL) != SQLITE_OK || !count_rows(r)) {
        refusal_fail(r->db, "open", e);
        refusal_book_close(&r);
    }
    return r;
}

static void free_all(struct index *noted)
{
    size_t at = 0;
    for (struct noted *n; (n = index_next(noted, &at));)
        noted_free(n);
    index_free(noted);
}

void refusal_book_close(struct refusal_book **book)
{
    struct refusal_book *r = *book;
    if (!r)
        return;
    free_all(&r->noted);
    sqlite3_close(r->db);
    pthread_mutex_destroy(&r->lock);
    pthread_mutex_destroy(&r->disk_lock);
    free(r);
    *book = NULL;
}

/* The same within an hour is the same row. 1: it was there; -1: the disk. */
static int write_again(sqlite3_stmt *q, sqlite3 *db, const struct noted *n)
{
    const struct refusal *w = &n->what;
    sqlite3_bind_int64(q, 1, (int64_t)w->count);
    sqlite3_bind_int64(q, 2, w->last_ms);
    refusal_bind(q, 3, w->words);
    refusal_bind(q, 4, w->why);
    sqlite3_bind_int64(q, 5, (int64_t)n->key);
    sqlite3_bind_int64(q, 6, w->last_ms - HOUR);
    sqlite3_step(q);
    return sqlite3_reset(q) != SQLITE_OK ? -1 : sqlite3_changes(db) > 0;
}

static bool write_new(sqlite3_stmt *q, const struct noted *n)
{
    const struct refusal *w = &n->what;
    sqlite3_bind_int64(q, 1, (int64_t)n->key);
    sqlite3_bind_int(q, 2, n->is_of_unknown);
    sqlite3_bind_int64(q, 3, w->first_ms);
    sqlite3_bind_int64(q, 4, w->last_ms);
    sqlite3_bind_int64(q, 5, (int64_t)w->count);
    refusal_bind(q, 6, w->client);
    refusal_bind(q, 7, w->hello);
    if (w->has_sender)
        refusal_bind(q, 8, w->sender);
    else
        sqlite3_bind_null(q, 8);
    refusal_bind(q, 9, w->recipient);
    sqlite3_bind_int(q, 10, w->code);
    refusal_bind(q, 11, w->status);
    refusal_bind(q, 12, w->words);
    refusal_bind(q, 13, w->why);
    sqlite3_step(q);
    return sqlite3_reset(q) == SQLITE_OK;
}

static bool write_noted(struct refusal_book *r, const struct index *noted)
{
    static const char again_text[] = "UPDATE refusal SET count = count + ?, last_ms = ?, words = ?,"
                                     " why = ? WHERE key = ? AND first_ms > ?";
    static const char new_text[] =
        "INSERT INTO refusal (key, unknown, first_ms, last_ms, count, client, hello, sender,"
        " recipient, code, status, words, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    sqlite3_stmt *again = NULL, *fresh = NULL;
    bool ok = sqlite3_prepare_v2(r->db, again_text, -1, &again, NULL) == SQLITE_OK &&
              sqlite3_prepare_v2(r->db, new_text, -1, &fresh, NULL) == SQLITE_OK;
    size_t at = 0;
    for (const struct noted *n; ok && (n = index_next(noted, &at));) {
        int was_there = write_again(again, r->db, n);
        ok = was_there > 0 || (was_there == 0 && write_new(fresh, n));
        r->rows[n->is_of_unknown] += ok && !was_there;
    }
    sqlite3_finalize(again);
    sqlite3_finalize(fresh);
    return ok;
}

static bool drop(struct refusal_book *r, const char *text, int64_t first, int64_t second)
{
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(r->db, text, -1, &q, NULL) != SQLITE_OK)
        return false;
    sqlite3_bind_int64(q, 1, first);
    sqlite3_bind_int64(q, 2, second);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK;
}

static bool drop_too_many(struct refusal_book *r, bool is_of_unknown)
{
    static const char text[] = "DELETE FROM refusal WHERE id IN (SELECT id FROM refusal"
                               " WHERE unknown = ? ORDER BY id LIMIT ?)";
    if (r->rows[is_of_unknown] <= r->settings.most)
        return true;
    if (!drop(r, text, is_of_unknown, (int64_t)(r->rows[is_of_unknown] - r->settings.most)))
        return false;
    r->rows[is_of_unknown] -= (uint64_t)sqlite3_changes(r->db);
    return true;
}

static bool is_time_for_old(const struct refusal_book *r, int64_t now_ms)
{
    return now_ms - r->old_looked_for_ms >= OLD_EACH || now_ms < r->old_looked_for_ms;
}

/* Rows stand in the order of their first times. */
static bool drop_old(struct refusal_book *r, int64_t now_ms)
{
    static const char text[] = "DELETE FROM refusal WHERE last_ms < ? AND id IN"
                               " (SELECT id FROM refusal ORDER BY id LIMIT ?)";
    if (!is_time_for_old(r, now_ms))
        return true;
    r->old_looked_for_ms = now_ms;
    return drop(r, text, now_ms - r->settings.keep_ms, OLD_AT_A_TIME) && count_rows(r);
}

static bool write_all(struct refusal_book *r, const struct index *noted, int64_t now_ms)
{
    if (sqlite3_exec(r->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return false;
    bool ok = write_noted(r, noted) && drop_too_many(r, false) && drop_too_many(r, true) &&
              drop_old(r, now_ms);
    ok = sqlite3_exec(r->db, ok ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK && ok;
    if (!ok) /* they are what they were */
        count_rows(r);
    return ok;
}

bool refusal_book_flush(struct refusal_book *r, int64_t now_ms, struct error *e)
{
    pthread_mutex_lock(&r->lock);
    struct index noted = r->noted;
    r->noted = INDEX_BY(struct noted, key);
    r->noted_counts[0] = r->noted_counts[1] = 0;
    pthread_mutex_unlock(&r->lock);
    pthread_mutex_lock(&r->disk_lock);
    bool has_work = noted.count || is_time_for_old(r, now_ms);
    bool ok = !has_work || write_all(r, &noted, now_ms) || refusal_fail(r->db, "write", e);
    pthread_mutex_unlock(&r->disk_lock);
    free_all(&noted);
    return ok;
}

/* ---- reading */

struct span refusal_text(sqlite3_stmt *q, int column, struct arena *a)
{
    const void *at = sqlite3_column_text(q, column);
    return at ? arena_copy(a, span_make(at, (size_t)sqlite3_column_bytes(q, column))) : SPAN_NONE;
}

static struct refusal row_of(sqlite3_stmt *q, struct arena *a)
{
    return (struct refusal){.first_ms = sqlite3_column_int64(q, 0),
                            .last_ms = sqlite3_column_int64(q, 1),
                            .count = (uint64_t)sqlite3_column_int64(q, 2),
                            .client = refusal_text(q, 3, a),
                            .hello = refusal_text(q, 4, a),
                            .has_sender = sqlite3_column_type(q, 5) != SQLITE_NULL,
                            .sender = refusal_text(q, 5, a),
                            .recipient = refusal_text(q, 6, a),
                            .code = sqlite3_column_int(q, 7),
                            .status = refusal_text(q, 8, a),
                            .words = refusal_text(q, 9, a),
                            .why = refusal_text(q, 10, a)};
}

#define COLUMNS                                                                                    \
    "first_ms, last_ms, count, client, hello, sender, recipient, code, status, words, why"

static bool find(sqlite3 *db, struct span what, size_t most, struct arena *a,
                 struct refusal **found, size_t *count)
{
    static const char by_client[] = "SELECT " COLUMNS " FROM refusal WHERE client = ?"
                                    " ORDER BY last_ms DESC, id DESC LIMIT ?";
    static const char by_address[] =
        "SELECT " COLUMNS " FROM refusal WHERE (sender = ?1 COLLATE NOCASE AND sender <> '')"
        " OR (recipient = ?1 COLLATE NOCASE AND recipient <> '')"
        " ORDER BY last_ms DESC, id DESC LIMIT ?";
    unsigned char address[16];
    struct buffer client = BUFFER_EMPTY;
    sqlite3_stmt *q = NULL;
    bool is_client = inet_parse(what, address);
    int step = SQLITE_ERROR;
    if (is_client)
        inet_add(&client, address);
    if (sqlite3_prepare_v2(db, is_client ? by_client : by_address, -1, &q, NULL) == SQLITE_OK) {
        refusal_bind(q, 1, is_client ? buffer_span(&client) : what);
        sqlite3_bind_int64(q, 2, (int64_t)most);
        *found = arena_new(a, most * sizeof **found);
        while ((step = sqlite3_step(q)) == SQLITE_ROW && *count < most)
            (*found)[(*count)++] = row_of(q, a);
    }
    sqlite3_finalize(q);
    buffer_free(&client);
    for (size_t i = 0; i < *count / 2; i++) {
        struct refusal one = (*found)[i];
        (*found)[i] = (*found)[*count - 1 - i];
        (*found)[*count - 1 - i] = one;
    }
    return step == SQLITE_DONE;
}

bool refusal_book_find(const char *path, struct span what, size_t most, struct arena *a,
                       struct refusal **found, size_t *count, struct error *e)
{
    sqlite3 *db = NULL;
    *count = 0;
    *found = NULL;
    if (access(path, F_OK) != 0)
        return true;
    bool ok = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
              sqlite3_busy_timeout(db, BUSY_MS) == SQLITE_OK &&
              find(db, what, most, a, found, count);
    if (!ok)
        refusal_fail(db, "read", e);
    sqlite3_close(db);
    return ok;
}
