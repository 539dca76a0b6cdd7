/* Those of a flood are found by why they were refused. They have no index of their own: the table
 * is bounded, and a mailbox is asked for once a day. */
#include "store/refusal_inside.h"

#include <stdlib.h>

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

static struct span why_of(struct span mailbox, struct arena *a)
{
    return arena_printf(a, "%.*s%.*s", SPAN_F(refusal_flood), SPAN_F(mailbox));
}

static sqlite3_stmt *prepare(struct refusal_book *r, const char *sql)
{
    sqlite3_stmt *q = NULL;
    return sqlite3_prepare_v2(r->db, sql, -1, &q, NULL) == SQLITE_OK ? q : NULL;
}

/* Newest first: it goes back to the first day without any. */
static bool read_since(struct refusal_book *r, struct span why, struct refused_flood *f)
{
    sqlite3_stmt *q = prepare(r, "SELECT first_ms, last_ms FROM refusal WHERE why = ?"
                                 " ORDER BY last_ms DESC");
    int step = SQLITE_ERROR;
    if (q)
        refusal_bind(q, 1, why);
    while (q && (step = sqlite3_step(q)) == SQLITE_ROW) {
        int64_t first_ms = sqlite3_column_int64(q, 0), last_ms = sqlite3_column_int64(q, 1);
        if (f->last_ms && f->first_ms - last_ms > DAY_MS)
            break;
        f->first_ms = !f->last_ms || first_ms < f->first_ms ? first_ms : f->first_ms;
        f->last_ms = f->last_ms ? f->last_ms : last_ms;
    }
    sqlite3_finalize(q);
    return step == SQLITE_DONE || step == SQLITE_ROW;
}

static bool read_clients(struct refusal_book *r, struct span why, struct refused_flood *f,
                         struct arena *a)
{
    sqlite3_stmt *q = prepare(r, "SELECT client, hello, sum(count), min(first_ms), max(last_ms)"
                                 " FROM refusal WHERE why = ? AND last_ms >= ?"
                                 " GROUP BY client ORDER BY sum(count) DESC, client");
    int step = SQLITE_ERROR;
    if (q) {
        refusal_bind(q, 1, why);
        sqlite3_bind_int64(q, 2, f->first_ms);
    }
    f->clients = arena_new(a, REFUSED_MOST_CLIENTS * sizeof *f->clients);
    while (q && (step = sqlite3_step(q)) == SQLITE_ROW) {
        f->count += (uint64_t)sqlite3_column_int64(q, 2);
        f->client_count++;
        if (f->known_clients < REFUSED_MOST_CLIENTS)
            f->clients[f->known_clients++] =
                (struct refused_client){.client = refusal_text(q, 0, a),
                                        .hello = refusal_text(q, 1, a),
                                        .count = (uint64_t)sqlite3_column_int64(q, 2),
                                        .first_ms = sqlite3_column_int64(q, 3),
                                        .last_ms = sqlite3_column_int64(q, 4)};
    }
    sqlite3_finalize(q);
    return step == SQLITE_DONE;
}

bool refusal_book_flood(struct refusal_book *r, struct span mailbox, struct refused_flood *found,
                        struct arena *a, struct error *e)
{
    struct span why = why_of(mailbox, a);
    *found = (struct refused_flood){.mailbox = arena_copy(a, mailbox)};
    pthread_mutex_lock(&r->disk_lock);
    bool ok = (read_since(r, why, found) && read_clients(r, why, found, a)) ||
              refusal_fail(r->db, "read", e);
    pthread_mutex_unlock(&r->disk_lock);
    return ok;
}

static void add(struct buffer *found, struct span why, struct arena *a)
{
    struct span mailbox = arena_copy(a, span_skip(why, refusal_flood.len));
    buffer_add(found, &mailbox, sizeof mailbox);
}

bool refusal_book_flooded(struct refusal_book *r, int64_t since_ms, struct span **mailboxes,
                          size_t *count, struct arena *a, struct error *e)
{
    struct buffer found = BUFFER_EMPTY;
    int step = SQLITE_ERROR;
    pthread_mutex_lock(&r->disk_lock);
    sqlite3_stmt *q =
        prepare(r, "SELECT DISTINCT why FROM refusal WHERE last_ms >= ? ORDER BY why");
    if (q)
        sqlite3_bind_int64(q, 1, since_ms);
    while (q && (step = sqlite3_step(q)) == SQLITE_ROW) {
        struct span why =
            span_make((const char *)sqlite3_column_text(q, 0), (size_t)sqlite3_column_bytes(q, 0));
        if (span_starts(why, refusal_flood))
            add(&found, why, a);
    }
    sqlite3_finalize(q);
    bool ok = step == SQLITE_DONE || refusal_fail(r->db, "read", e);
    pthread_mutex_unlock(&r->disk_lock);
    *count = found.len / sizeof **mailboxes;
    *mailboxes = (void *)(uintptr_t)arena_keep(a, &found).at;
    return ok;
}
