/* Postfix's main.cf, as postconf(5) describes it: the lines of "name = value", and what "$name" in
 * a value stands for. Pure. */
#ifndef IMPORT_MAIN_CF_H
#define IMPORT_MAIN_CF_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"

struct setting {
    struct span name, text; /* as written; line ends within are blanks */
    size_t line;            /* of the last one of this name, which is the one that counts */
    size_t times;           /* how often it is given */
};

struct main_cf {
    struct arena *arena;
    struct setting **settings; /* in the order in which they are given first */
    size_t count, room;
    struct map by_name;  /* struct setting, of all in `settings` */
    struct map defaults; /* struct span, of what Postfix takes for what is not set */
};

/* False: `e` says "FILE:LINE: what is wrong". What the lines say lives in the arena. */
bool main_cf_parse(struct main_cf *m, const char *file, struct span text, struct error *e);
void main_cf_free(struct main_cf *m);

/* What Postfix takes when `name` is not set; may hold "$name" too. Both must live as long as `m`.
 */
void main_cf_default(struct main_cf *m, const char *name, struct span text);

bool main_cf_is_set(const struct main_cf *m, const char *name);
/* The value, or the default, or nothing; every "$name" in it replaced, blanks at the ends gone. */
struct span main_cf_value(const struct main_cf *m, const char *name);
/* The same for any text. What refers to itself, or grows beyond reason, stands for nothing. */
struct span main_cf_expand(const struct main_cf *m, struct span text);
/* Does a value, or `text`, speak of "$name"? */
bool main_cf_mentions(const struct main_cf *m, struct span text, struct span name);

/* The logical lines of Postfix's files: a line that begins with a blank goes on with the one
 * before; empty lines and those that begin with "#" are nothing. Start with *line 0. False at the
 * end; `logical` is cleared first, `first` tells the number of its first line. */
bool postfix_line(struct span *rest, size_t *line, struct buffer *logical, size_t *first);

#endif
