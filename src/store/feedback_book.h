/* Which of our messages recipients have complained about, as their mail providers told us. Each
 * recipient of a message counts once, however often it is told. Thread-safe. */
#ifndef STORE_FEEDBACK_BOOK_H
#define STORE_FEEDBACK_BOOK_H

#include "store/ledger.h"

struct feedback_book;

struct feedback_note {
    message_id message;
    struct span recipient; /* as its envelope has it; empty: it is not told which one */
    struct span type;      /* "abuse": RFC 5965 7.3 */
    struct span through;   /* the domain of who told us */
    int64_t time_ms;
    message_id told_in; /* the mail that told us */
};

/* Opens, or makes, the database. NULL: `e`. */
struct feedback_book *feedback_book_open(const char *path, struct error *e);
void feedback_book_close(struct feedback_book **b);

/* On the disk when it returns; blocks. 1: it is new; 0: it was there already; -1: `e`. What was
 * told of messages accepted before `keep_since_ms` is forgotten. */
int feedback_book_add(struct feedback_book *b, const struct feedback_note *n, int64_t keep_since_ms,
                      struct error *e);

/* Puts what is noted of its message into the story, at its time; in `a`. Also while a server has
 * the file open; without a file there is nothing. False: `e`. */
bool feedback_book_tell(const char *path, struct story *s, struct arena *a, struct error *e);

#endif
