/* The operator's own words in our notices, from PO files of which each has those of one language
 * (doc/own-texts.md). What they do not say is said as it is built in. Never changed once in use:
 * another takes its place, and who still works by this one holds a reference. Pure. */
#ifndef BOUNCE_OWN_TEXTS_H
#define BOUNCE_OWN_TEXTS_H

#include "base/error.h"
#include "bounce/words.h"

struct own_texts;

struct own_texts *own_texts_new(void);                /* with no words yet, and one reference */
struct own_texts *own_texts_ref(struct own_texts *t); /* thread-safe, as the next */
void own_texts_unref(struct own_texts **t);

/* Hears what is wrong with a line of a file. `is_left_out`: the text is not used, and what is built
 * in is said in its place; else the whole file can't be used. */
struct text_faults {
    void (*tell)(void *arg, size_t line, bool is_left_out, const char *words);
    void *arg;
};

/* What was in a file. */
struct own_texts_found {
    const struct language *language; /* the built-in one; NULL: the file does not say it */
    size_t own, same, left_out;      /* texts; same: as they are built in */
    bool has_help;
};

/* Take the words of a file. False: it can't be used, and nothing must be said by `t` any more; all
 * that is wrong with it was told. */
bool own_texts_read(struct own_texts *t, struct span file, const struct text_faults *faults,
                    struct own_texts_found *found);

/* The language `l` (a built-in one; NULL: English) with the operator's words; `t` may be NULL. It
 * lives as long as `t`. */
const struct language *own_texts_language(const struct own_texts *t, const struct language *l);

/* Append a file of all texts in `l`, which may be one with the operator's words: for him to change.
 */
void own_texts_export(struct buffer *out, const struct language *l);

#endif
