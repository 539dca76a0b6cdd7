/* How the book is asked, whatever of it. */
#include "store/account_book_inside.h"

bool account_book_fail(struct account_book *b, const char *tried, struct error *e)
{
    return error_set(e, "cannot %s what is known of accounts: %s", tried, sqlite3_errmsg(b->db));
}

struct span account_book_text(sqlite3_stmt *q, int column)
{
    const void *at = sqlite3_column_text(q, column);
    return at ? span_make(at, (size_t)sqlite3_column_bytes(q, column)) : SPAN_NONE;
}

void account_book_bind(sqlite3_stmt *q, int at, struct span text)
{
    sqlite3_bind_text64(q, at, text.len ? text.at : "", text.len, SQLITE_STATIC, SQLITE_UTF8);
}

sqlite3_stmt *account_book_ask(struct account_book *b, const char *sql, struct span name)
{
    sqlite3_stmt *q = NULL;
    if (sqlite3_prepare_v2(b->db, sql, -1, &q, NULL) == SQLITE_OK &&
        sqlite3_bind_parameter_count(q))
        account_book_bind(q, 1, name);
    return q;
}

ssize_t account_book_each(struct account_book *b, const char *sql, struct span name, size_t most,
                          void (*take)(void *reading, sqlite3_stmt *q), void *reading,
                          struct error *e)
{
    ssize_t count = 0;
    pthread_mutex_lock(&b->lock);
    sqlite3_stmt *q = account_book_ask(b, sql, name);
    int step = SQLITE_ERROR;
    if (q && sqlite3_bind_parameter_count(q) > 1)
        sqlite3_bind_int64(q, 2, (int64_t)most);
    for (; q && (step = sqlite3_step(q)) == SQLITE_ROW; count++)
        take(reading, q);
    if (step != SQLITE_DONE) {
        account_book_fail(b, "read", e);
        count = -1;
    }
    sqlite3_finalize(q);
    pthread_mutex_unlock(&b->lock);
    return count;
}
