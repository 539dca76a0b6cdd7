/* The keys are hashes with a secret that stands in the database, too: so it holds no addresses, and
 * who has none of it can't tell whose they are. */
#include "store/greylist_file.h"

#include "base/memory.h"
#include "sys/chance.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

enum { AT_A_TIME = 2000 /* rows in a transaction */, BUSY_MS = 10000 };

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS secret (one INTEGER PRIMARY KEY CHECK (one = 1),"
    " number INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS kept (key INTEGER PRIMARY KEY, known INTEGER NOT NULL,"
    " since_ms INTEGER NOT NULL, client INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS kept_by_age ON kept (known, since_ms);";

struct greylist_file {
    pthread_mutex_t lock; /* of the list */
    struct greylist *list;
    pthread_mutex_t disk_lock;
    sqlite3 *db;
    struct greylist_row *unwritten; /* from a flush that failed */
    size_t unwritten_count;
};

static bool fail(struct greylist_file *f, const char *tried, struct error *e)
{
    return error_set(e, "cannot %s the list of those who have come again (greylisting): %s", tried,
                     sqlite3_errmsg(f->db));
}

/* ---- opening */

static bool read_secret(sqlite3 *db, uint64_t *secret)
{
    sqlite3_stmt *q = NULL;
    bool ok = sqlite3_prepare_v2(db, "INSERT OR IGNORE INTO secret VALUES (1, ?)", -1, &q, NULL) ==
              SQLITE_OK;
    if (ok) {
        sqlite3_bind_int64(q, 1, (int64_t)random_number());
        sqlite3_step(q);
    }
    ok = sqlite3_finalize(q) == SQLITE_OK && ok &&
         sqlite3_prepare_v2(db, "SELECT number FROM secret", -1, &q, NULL) == SQLITE_OK &&
         sqlite3_step(q) == SQLITE_ROW;
    if (ok)
        *secret = (uint64_t)sqlite3_column_int64(q, 0);
    sqlite3_finalize(ok ? q : NULL);
    return ok;
}

static bool load(struct greylist_file *f)
{
    static const char text[] = "SELECT key, known, since_ms, client FROM kept"
                               " ORDER BY known, since_ms";
    sqlite3_stmt *q;
    int step;
    if (sqlite3_prepare_v2(f->db, text, -1, &q, NULL) != SQLITE_OK)
        return false;
    while ((step = sqlite3_step(q)) == SQLITE_ROW) {
        const struct greylist_row row = {.key = (uint64_t)sqlite3_column_int64(q, 0),
                                         .is_known = sqlite3_column_int(q, 1) != 0,
                                         .since_ms = sqlite3_column_int64(q, 2),
                                         .client = (uint64_t)sqlite3_column_int64(q, 3)};
        greylist_restore(f->list, &row);
    }
    sqlite3_finalize(q);
    return step == SQLITE_DONE;
}

struct greylist_file *greylist_file_open(const char *path, const struct greylist_settings *s,
                                         struct error *e)
{
    struct greylist_file *f = memory_new(sizeof *f);
    uint64_t secret = 0;
    pthread_mutex_init(&f->lock, NULL);
    pthread_mutex_init(&f->disk_lock, NULL);
    f->unwritten = memory_new(AT_A_TIME * sizeof *f->unwritten);
    bool ok = sqlite3_open(path, &f->db) == SQLITE_OK &&
              sqlite3_busy_timeout(f->db, BUSY_MS) == SQLITE_OK &&
              sqlite3_exec(f->db, schema, NULL, NULL, NULL) == SQLITE_OK &&
              read_secret(f->db, &secret);
    f->list = greylist_new(s, secret);
    if (!ok || !load(f)) {
        fail(f, "read", e);
        greylist_file_close(&f);
    }
    return f;
}

void greylist_file_close(struct greylist_file **file)
{
    struct greylist_file *f = *file;
    if (!f)
        return;
    greylist_free(&f->list);
    sqlite3_close(f->db);
    pthread_mutex_destroy(&f->lock);
    pthread_mutex_destroy(&f->disk_lock);
    free(f->unwritten);
    free(f);
    *file = NULL;
}

/* ---- asking */

void greylist_file_set(struct greylist_file *f, const struct greylist_settings *s)
{
    pthread_mutex_lock(&f->lock);
    greylist_set(f->list, s);
    pthread_mutex_unlock(&f->lock);
}

enum greylist_answer greylist_file_ask(struct greylist_file *f, const unsigned char client[16],
                                       struct span sender, struct span recipient, int64_t now_ms,
                                       int64_t *wait_ms)
{
    pthread_mutex_lock(&f->lock);
    enum greylist_answer answer = greylist_ask(f->list, client, sender, recipient, now_ms, wait_ms);
    pthread_mutex_unlock(&f->lock);
    return answer;
}

enum greylist_answer greylist_file_look(struct greylist_file *f, const unsigned char client[16],
                                        struct span sender, struct span recipient, int64_t now_ms,
                                        int64_t *wait_ms)
{
    pthread_mutex_lock(&f->lock);
    enum greylist_answer answer =
        greylist_look(f->list, client, sender, recipient, now_ms, wait_ms);
    pthread_mutex_unlock(&f->lock);
    return answer;
}

size_t greylist_file_count(struct greylist_file *f, bool is_known)
{
    pthread_mutex_lock(&f->lock);
    size_t count = greylist_count(f->list, is_known);
    pthread_mutex_unlock(&f->lock);
    return count;
}

/* ---- writing */

static bool write_rows(sqlite3 *db, const struct greylist_row *rows, size_t count)
{
    sqlite3_stmt *q;
    bool ok = sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", -1, &q,
                                 NULL) == SQLITE_OK;
    for (size_t i = 0; ok && i < count; i++) {
        sqlite3_bind_int64(q, 1, (int64_t)rows[i].key);
        sqlite3_bind_int(q, 2, rows[i].is_known);
        sqlite3_bind_int64(q, 3, rows[i].since_ms);
        sqlite3_bind_int64(q, 4, (int64_t)rows[i].client);
        sqlite3_step(q);
        ok = sqlite3_reset(q) == SQLITE_OK;
    }
    sqlite3_finalize(q);
    return ok;
}

static bool drop_older(sqlite3 *db, bool is_known, int64_t than_ms)
{
    sqlite3_stmt *q;
    if (!than_ms)
        return true;
    if (sqlite3_prepare_v2(db, "DELETE FROM kept WHERE known = ? AND since_ms < ?", -1, &q, NULL) !=
        SQLITE_OK)
        return false;
    sqlite3_bind_int(q, 1, is_known);
    sqlite3_bind_int64(q, 2, than_ms);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK;
}

static bool write_all(struct greylist_file *f, int64_t oldest_attempt, int64_t oldest_network)
{
    bool ok = sqlite3_exec(f->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
    if (!ok)
        return false;
    ok = write_rows(f->db, f->unwritten, f->unwritten_count) &&
         drop_older(f->db, false, oldest_attempt) && drop_older(f->db, true, oldest_network);
    return sqlite3_exec(f->db, ok ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK && ok;
}

/* Some of what has changed; 0: nothing is left; -1: `e`. */
static int flush_some(struct greylist_file *f, struct error *e)
{
    pthread_mutex_lock(&f->lock);
    f->unwritten_count += greylist_changed(f->list, f->unwritten + f->unwritten_count,
                                           AT_A_TIME - f->unwritten_count);
    int64_t attempts = greylist_oldest(f->list, false), networks = greylist_oldest(f->list, true);
    pthread_mutex_unlock(&f->lock);
    if (!f->unwritten_count)
        return 0;
    if (!write_all(f, attempts, networks)) {
        fail(f, "write", e);
        return -1;
    }
    bool has_more = f->unwritten_count == AT_A_TIME;
    f->unwritten_count = 0;
    return has_more;
}

bool greylist_file_flush(struct greylist_file *f, struct error *e)
{
    int result;
    pthread_mutex_lock(&f->disk_lock);
    while ((result = flush_some(f, e)) > 0)
        ;
    pthread_mutex_unlock(&f->disk_lock);
    return result == 0;
}
