#include "store/sts_policies.h"

#include "base/memory.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE IF NOT EXISTS policy (domain TEXT PRIMARY KEY, id TEXT NOT NULL,"
    " text TEXT NOT NULL, fetched_ms INTEGER NOT NULL, over_ms INTEGER NOT NULL) WITHOUT ROWID;";

struct sts_policies {
    sqlite3 *db;
    pthread_mutex_t lock;
};

static bool fail(struct sts_policies *s, const char *tried, struct error *e)
{
    return error_set(e, "cannot %s the policies that were fetched (MTA-STS): %s", tried,
                     sqlite3_errmsg(s->db));
}

static struct span text_at(sqlite3_stmt *q, int column)
{
    const void *at = sqlite3_column_text(q, column);
    return at ? span_make(at, (size_t)sqlite3_column_bytes(q, column)) : SPAN_NONE;
}

static void bind_text(sqlite3_stmt *q, int at, struct span text)
{
    sqlite3_bind_text64(q, at, text.at, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static bool forget_those_that_are_over(struct sts_policies *s, int64_t now_ms)
{
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(s->db, "DELETE FROM policy WHERE over_ms <= ?", -1, &q, NULL) !=
        SQLITE_OK)
        return false;
    sqlite3_bind_int64(q, 1, now_ms);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK;
}

static bool load(struct sts_policies *s, void (*each)(void *arg, const struct kept_policy *p),
                 void *arg)
{
    sqlite3_stmt *q;
    int step;
    if (sqlite3_prepare_v2(s->db, "SELECT domain, id, text, fetched_ms, over_ms FROM policy", -1,
                           &q, NULL) != SQLITE_OK)
        return false;
    while ((step = sqlite3_step(q)) == SQLITE_ROW) {
        struct kept_policy p = {text_at(q, 0), text_at(q, 1), text_at(q, 2),
                                sqlite3_column_int64(q, 3), sqlite3_column_int64(q, 4)};
        each(arg, &p);
    }
    sqlite3_finalize(q);
    return step == SQLITE_DONE;
}

struct sts_policies *sts_policies_open(const char *path, int64_t now_ms,
                                       void (*each)(void *arg, const struct kept_policy *p),
                                       void *arg, struct error *e)
{
    struct sts_policies *s = memory_new(sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    bool ok = sqlite3_open(path, &s->db) == SQLITE_OK &&
              sqlite3_exec(s->db, schema, NULL, NULL, NULL) == SQLITE_OK &&
              forget_those_that_are_over(s, now_ms) && load(s, each, arg);
    if (!ok) {
        fail(s, "read", e);
        sts_policies_close(&s);
    }
    return s;
}

void sts_policies_close(struct sts_policies **s)
{
    if (!*s)
        return;
    sqlite3_close((*s)->db);
    pthread_mutex_destroy(&(*s)->lock);
    free(*s);
    *s = NULL;
}

static bool put(struct sts_policies *s, const struct kept_policy *p)
{
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(s->db, "INSERT OR REPLACE INTO policy VALUES (?, ?, ?, ?, ?)", -1, &q,
                           NULL) != SQLITE_OK)
        return false;
    bind_text(q, 1, p->domain);
    bind_text(q, 2, p->id);
    bind_text(q, 3, p->text);
    sqlite3_bind_int64(q, 4, p->fetched_ms);
    sqlite3_bind_int64(q, 5, p->over_ms);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK;
}

bool sts_policies_put(struct sts_policies *s, const struct kept_policy *p, struct error *e)
{
    pthread_mutex_lock(&s->lock);
    bool ok = put(s, p) || fail(s, "write", e);
    pthread_mutex_unlock(&s->lock);
    return ok;
}
