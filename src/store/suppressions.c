/* A database of its own, because it is what somebody decided: it is synced at once, and outlives
 * the ledger. First the disk, then the memory: so what counts is what a restart would find. */
#include "store/suppressions.h"

#include "base/map.h"
#include "base/memory.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE IF NOT EXISTS suppression (folded TEXT PRIMARY KEY, address TEXT NOT NULL,"
    " since_ms INTEGER NOT NULL, why TEXT NOT NULL, message INTEGER NOT NULL) WITHOUT ROWID;";

struct entry_in_memory {
    struct suppression what; /* spans behind it */
    struct span folded;
};

struct suppressions {
    sqlite3 *db; /* guarded by `writing` */
    pthread_mutex_t writing;
    pthread_rwlock_t lock; /* of the map; taken inside of `writing` */
    struct map map;
    atomic_size_t count; /* of it: where nobody uses the list it costs nothing */
};

static struct span fold(struct span address, struct arena *a)
{
    char *to = arena_new(a, address.len + 1);
    for (size_t i = 0; i < address.len; i++)
        to[i] = ascii_lower(address.at[i]);
    return span_make(to, address.len);
}

/* ---- memory */

static struct span put(char **to, struct span text)
{
    struct span copy = {*to, text.len};
    if (text.len)
        memcpy(*to, text.at, text.len);
    *to += text.len;
    return copy;
}

static struct entry_in_memory *entry_new(const struct suppression *what, struct span folded)
{
    size_t size = folded.len + what->address.len + what->why.len;
    struct entry_in_memory *entry = memory_new(sizeof *entry + size + 1);
    char *to = (char *)(entry + 1);
    entry->what = *what;
    entry->folded = put(&to, folded);
    entry->what.address = put(&to, what->address);
    entry->what.why = put(&to, what->why);
    return entry;
}

static void remember(struct suppressions *s, const struct suppression *what, struct span folded)
{
    struct entry_in_memory *entry = entry_new(what, folded);
    pthread_rwlock_wrlock(&s->lock);
    map_set_text(&s->map, entry->folded, entry);
    atomic_store(&s->count, s->map.count);
    pthread_rwlock_unlock(&s->lock);
}

static bool is_there(struct suppressions *s, struct span folded)
{
    pthread_rwlock_rdlock(&s->lock);
    bool is = map_get_text(&s->map, folded) != NULL;
    pthread_rwlock_unlock(&s->lock);
    return is;
}

bool suppressions_find(struct suppressions *s, struct span address, struct arena *a,
                       struct suppression *found)
{
    if (!atomic_load(&s->count))
        return false;
    struct span folded = fold(address, a);
    pthread_rwlock_rdlock(&s->lock);
    const struct entry_in_memory *entry = map_get_text(&s->map, folded);
    if (entry) {
        *found = entry->what;
        found->address = arena_copy(a, entry->what.address);
        found->why = arena_copy(a, entry->what.why);
    }
    pthread_rwlock_unlock(&s->lock);
    return entry != NULL;
}

/* ---- the disk */

static bool fail(struct suppressions *s, const char *tried, struct error *e)
{
    return error_set(e, "cannot %s the list of suppressed addresses: %s", tried,
                     sqlite3_errmsg(s->db));
}

static struct span text_at(sqlite3_stmt *q, int column)
{
    const void *at = sqlite3_column_text(q, column);
    return at ? span_make(at, (size_t)sqlite3_column_bytes(q, column)) : SPAN_NONE;
}

static struct suppression row_of(sqlite3_stmt *q)
{
    return (struct suppression){.address = text_at(q, 1),
                                .since_ms = sqlite3_column_int64(q, 2),
                                .why = text_at(q, 3),
                                .message = (message_id)sqlite3_column_int64(q, 4)};
}

static bool load(struct suppressions *s, struct error *e)
{
    sqlite3_stmt *q = NULL;
    int step = SQLITE_ERROR;
    if (sqlite3_exec(s->db, schema, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(s->db, "SELECT * FROM suppression", -1, &q, NULL) == SQLITE_OK)
        while ((step = sqlite3_step(q)) == SQLITE_ROW) {
            struct suppression row = row_of(q);
            remember(s, &row, text_at(q, 0));
        }
    bool ok = step == SQLITE_DONE || fail(s, "read", e);
    sqlite3_finalize(q);
    return ok;
}

struct suppressions *suppressions_open(const char *path, struct error *e)
{
    struct suppressions *s = memory_new(sizeof *s);
    pthread_mutex_init(&s->writing, NULL);
    pthread_rwlock_init(&s->lock, NULL);
    bool ok = sqlite3_open(path, &s->db) == SQLITE_OK || fail(s, "open", e);
    if (!ok || !load(s, e))
        suppressions_close(&s);
    return s;
}

void suppressions_close(struct suppressions **suppressions)
{
    struct suppressions *s = *suppressions;
    if (!s)
        return;
    void *entry;
    for (size_t i = 0; (entry = map_next(&s->map, &i));)
        free(entry);
    map_free(&s->map);
    sqlite3_close(s->db);
    pthread_mutex_destroy(&s->writing);
    pthread_rwlock_destroy(&s->lock);
    free(s);
    *suppressions = NULL;
}

static void bind_text(sqlite3_stmt *q, int at, struct span text)
{
    sqlite3_bind_text64(q, at, text.at, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static bool insert(struct suppressions *s, const struct suppression *what, struct span folded)
{
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(s->db, "INSERT INTO suppression VALUES (?, ?, ?, ?, ?)", -1, &q, NULL) !=
        SQLITE_OK)
        return false;
    bind_text(q, 1, folded);
    bind_text(q, 2, what->address);
    sqlite3_bind_int64(q, 3, what->since_ms);
    bind_text(q, 4, what->why);
    sqlite3_bind_int64(q, 5, (int64_t)what->message);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK;
}

static bool take_out(struct suppressions *s, struct span folded)
{
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(s->db, "DELETE FROM suppression WHERE folded = ?", -1, &q, NULL) !=
        SQLITE_OK)
        return false;
    bind_text(q, 1, folded);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK;
}

int suppressions_add(struct suppressions *s, const struct suppression *what, struct error *e)
{
    struct arena a = ARENA_EMPTY;
    struct span folded = fold(what->address, &a);
    int result = 0;
    pthread_mutex_lock(&s->writing);
    if (!is_there(s, folded)) {
        result = insert(s, what, folded) ? 1 : -1;
        if (result < 0)
            fail(s, "write", e);
        else
            remember(s, what, folded);
    }
    pthread_mutex_unlock(&s->writing);
    arena_clear(&a);
    return result;
}

int suppressions_remove(struct suppressions *s, struct span address, struct error *e)
{
    struct arena a = ARENA_EMPTY;
    struct span folded = fold(address, &a);
    int result = 0;
    pthread_mutex_lock(&s->writing);
    if (is_there(s, folded)) {
        result = take_out(s, folded) ? 1 : -1;
        if (result < 0) {
            fail(s, "write", e);
        } else {
            pthread_rwlock_wrlock(&s->lock);
            void *entry = map_remove_text(&s->map, folded);
            atomic_store(&s->count, s->map.count);
            pthread_rwlock_unlock(&s->lock);
            free(entry);
        }
    }
    pthread_mutex_unlock(&s->writing);
    arena_clear(&a);
    return result;
}

ssize_t suppressions_list(struct suppressions *s, struct span after, size_t most,
                          void (*each)(void *arg, const struct suppression *one), void *arg,
                          struct error *e)
{
    struct arena a = ARENA_EMPTY;
    sqlite3_stmt *q = NULL;
    ssize_t count = 0;
    int step = SQLITE_ERROR;
    pthread_mutex_lock(&s->writing);
    if (sqlite3_prepare_v2(s->db,
                           "SELECT * FROM suppression WHERE folded > ? ORDER BY folded LIMIT ?", -1,
                           &q, NULL) == SQLITE_OK) {
        bind_text(q, 1, fold(after, &a));
        sqlite3_bind_int64(q, 2, (int64_t)most);
        for (; (step = sqlite3_step(q)) == SQLITE_ROW; count++) {
            struct suppression row = row_of(q);
            each(arg, &row);
        }
    }
    if (step != SQLITE_DONE) {
        fail(s, "read", e);
        count = -1;
    }
    sqlite3_finalize(q);
    pthread_mutex_unlock(&s->writing);
    arena_clear(&a);
    return count;
}
