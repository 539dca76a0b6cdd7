/* What the files of the book of accounts share; not for others. */
#ifndef STORE_ACCOUNT_BOOK_INSIDE_H
#define STORE_ACCOUNT_BOOK_INSIDE_H

#include "store/account_book.h"

#include <pthread.h>
#include <sqlite3.h>

struct account_book {
    sqlite3 *db;
    pthread_mutex_t lock;
};

/* ---- account_book_ask.c */

/* NULL: it can't be asked. With the lock. */
sqlite3_stmt *account_book_ask(struct account_book *b, const char *sql, struct span name);
void account_book_bind(sqlite3_stmt *q, int at, struct span text);
struct span account_book_text(sqlite3_stmt *q, int column);
/* `tried`: "read". False. */
bool account_book_fail(struct account_book *b, const char *tried, struct error *e);
/* Each row of `sql`, whose parameters are a name and a number. Takes the lock. */
ssize_t account_book_each(struct account_book *b, const char *sql, struct span name, size_t most,
                          void (*take)(void *reading, sqlite3_stmt *q), void *reading,
                          struct error *e);

/* ---- account_book_owed.c */

/* In the transaction of the change. */
bool account_book_put_owed(struct account_book *b, struct span name,
                           const struct account_change *c);

#endif
