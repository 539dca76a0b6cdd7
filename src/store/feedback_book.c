/* A database of its own, synced with each note, because the journal does not know of it: a note
 * stands here before the mail that told of it is delivered (daemon/feedback.c). After a crash that
 * mail is delivered again, and noted again, which changes nothing: message and recipient are the
 * key. So of what was delivered nothing is missing, and nothing counts twice. */
#include "store/feedback_book.h"

#include "base/memory.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

enum { BUSY_MS = 10000, LONGEST_TEXT = 320, MOST_TOLD = 1000 /* of a message */ };

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "CREATE TABLE IF NOT EXISTS feedback (message INTEGER NOT NULL,"
    " recipient TEXT NOT NULL COLLATE NOCASE, type TEXT NOT NULL, through TEXT NOT NULL,"
    " time_ms INTEGER NOT NULL, told_in INTEGER NOT NULL, PRIMARY KEY (message, recipient))"
    " WITHOUT ROWID;";

struct feedback_book {
    pthread_mutex_t lock;
    sqlite3 *db;
};

static bool fail(sqlite3 *db, const char *tried, struct error *e)
{
    return error_set(e, "cannot %s the book of complaints: %s", tried, sqlite3_errmsg(db));
}

struct feedback_book *feedback_book_open(const char *path, struct error *e)
{
    struct feedback_book *b = memory_new(sizeof *b);
    pthread_mutex_init(&b->lock, NULL);
    bool ok = sqlite3_open(path, &b->db) == SQLITE_OK &&
              sqlite3_busy_timeout(b->db, BUSY_MS) == SQLITE_OK &&
              sqlite3_exec(b->db, schema, NULL, NULL, NULL) == SQLITE_OK;
    if (!ok) {
        fail(b->db, "open", e);
        feedback_book_close(&b);
    }
    return b;
}

void feedback_book_close(struct feedback_book **book)
{
    struct feedback_book *b = *book;
    *book = NULL;
    if (!b)
        return;
    sqlite3_close(b->db);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

/* ---- writing */

static void bind_text(sqlite3_stmt *q, int at, struct span text)
{
    text = span_first(text, LONGEST_TEXT);
    sqlite3_bind_text64(q, at, text.len ? text.at : "", text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static bool forget(struct feedback_book *b, int64_t before_ms)
{
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(b->db, "DELETE FROM feedback WHERE message < ?", -1, &q, NULL) !=
        SQLITE_OK)
        return false;
    sqlite3_bind_int64(q, 1, before_ms > 0 ? before_ms * 1000 : 0);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK;
}

static bool insert(struct feedback_book *b, const struct feedback_note *n)
{
    sqlite3_stmt *q;
    if (sqlite3_prepare_v2(b->db,
                           "INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                           -1, &q, NULL) != SQLITE_OK)
        return false;
    sqlite3_bind_int64(q, 1, (int64_t)n->message);
    bind_text(q, 2, n->recipient);
    bind_text(q, 3, n->type);
    bind_text(q, 4, n->through);
    sqlite3_bind_int64(q, 5, n->time_ms);
    sqlite3_bind_int64(q, 6, (int64_t)n->told_in);
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK;
}

int feedback_book_add(struct feedback_book *b, const struct feedback_note *n, int64_t keep_since_ms,
                      struct error *e)
{
    pthread_mutex_lock(&b->lock);
    bool ok = forget(b, keep_since_ms) && insert(b, n);
    int result = ok ? sqlite3_changes(b->db) > 0 : -1;
    if (!ok)
        fail(b->db, "write", e);
    pthread_mutex_unlock(&b->lock);
    return result;
}

/* ---- reading */

static struct span text_at(sqlite3_stmt *q, int column, struct arena *a)
{
    const void *at = sqlite3_column_text(q, column);
    return at ? arena_copy(a, span_make(at, (size_t)sqlite3_column_bytes(q, column))) : SPAN_NONE;
}

static size_t recipient_of(const struct envelope *e, struct span address)
{
    for (size_t i = 0; i < e->recipient_count; i++)
        if (span_equal_nocase(e->recipients[i].address, address))
            return i;
    return STORY_NOBODY;
}

/* Behind all that happened before. */
static void put_in_place(struct story *s, struct story_event event)
{
    size_t at = s->event_count++;
    for (; at && s->events[at - 1].time_ms > event.time_ms; at--)
        s->events[at] = s->events[at - 1];
    s->events[at] = event;
}

static bool tell(sqlite3 *db, struct story *s, struct arena *a)
{
    sqlite3_stmt *q = NULL;
    int step = SQLITE_ERROR;
    struct story_event *events = arena_new(a, (s->event_count + MOST_TOLD) * sizeof *events);
    if (s->event_count)
        memcpy(events, s->events, s->event_count * sizeof *events);
    s->events = events;
    if (sqlite3_prepare_v2(db,
                           "SELECT recipient, type, through, time_ms, told_in FROM feedback"
                           " WHERE message = ? ORDER BY time_ms LIMIT ?",
                           -1, &q, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(q, 1, (int64_t)s->envelope.id);
        sqlite3_bind_int(q, 2, MOST_TOLD);
        while ((step = sqlite3_step(q)) == SQLITE_ROW)
            put_in_place(
                s, (struct story_event){.kind = STORY_COMPLAINED,
                                        .recipient = recipient_of(&s->envelope, text_at(q, 0, a)),
                                        .why = text_at(q, 1, a),
                                        .through = text_at(q, 2, a),
                                        .time_ms = sqlite3_column_int64(q, 3),
                                        .told_in = (message_id)sqlite3_column_int64(q, 4)});
    }
    sqlite3_finalize(q);
    return step == SQLITE_DONE;
}

bool feedback_book_tell(const char *path, struct story *s, struct arena *a, struct error *e)
{
    sqlite3 *db = NULL;
    if (access(path, F_OK) != 0)
        return true;
    bool ok = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
              sqlite3_busy_timeout(db, BUSY_MS) == SQLITE_OK && tell(db, s, a);
    if (!ok)
        fail(db, "read", e);
    sqlite3_close(db);
    return ok;
}
