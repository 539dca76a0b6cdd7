/* Postfix's tables as text: postmap's "key value", aliases(5)'s "key: value", and those that stand
 * in main.cf itself ("inline:{…}"). Pure. */
#ifndef IMPORT_TABLE_H
#define IMPORT_TABLE_H

#include "base/arena.h"
#include "base/error.h"

enum table_form { TABLE_OF_KEYS, TABLE_OF_ALIASES };

struct table_entry {
    struct span key, value; /* the key in lower case */
};

struct table {
    struct table_entry *at;
    size_t count, room;
};

void table_free(struct table *t);
/* Append the entries of a file's text; of equal keys the first counts, and the others are left out
 * by whoever looks them up. Texts go into the arena. */
void table_parse(struct table *t, enum table_form form, struct span text, struct arena *a);
/* "{ a = b, { c = d e } }" or "{ a=b }" without the outer braces. */
void table_parse_inline(struct table *t, struct span inside, struct arena *a);

/* Is it a table whose text stands in the file of its name? Else `*instead` says what to do. */
bool table_is_file(struct span type, const char **instead);

#endif
