/* All logins of a file or of an SQLite database. Never changes once it is read, and is counted by
 * references; thread-safe. */
#ifndef LOGIN_LOGINS_H
#define LOGIN_LOGINS_H

#include "login/login_line.h"
#include "sasl/scram.h"

struct logins;

/* `path`: a file, or "sqlite:" and a database, whose logins `query` gives: a column name, and any
 * of password, scram, senders, apps. Blocks. NULL: `e` says what is wrong, and where. */
struct logins *logins_read(struct span path, struct span query, struct error *e);
struct logins *logins_ref(struct logins *l);
void logins_unref(struct logins **l);
size_t logins_count(const struct logins *l);

/* The line of a name, in any case of its ASCII letters; it lives as long as `l`. */
bool logins_find(const struct logins *l, struct span name, struct login_line *line);
/* Some line with a password, for a name that there is not: the same one at all times for each
 * `number`. Without any, one whose password nobody knows. */
struct login_line logins_any(const struct logins *l, uint64_t number);

#endif
