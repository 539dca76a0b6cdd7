/* Read a PO file, the form in which gettext's tools keep translations, entry by entry: of it what
 * translators' programs write. Pure. */
#ifndef BOUNCE_PO_H
#define BOUNCE_PO_H

#include "base/arena.h"
#include "base/error.h"

enum { PO_MOST_FORMS = 6, PO_LONGEST_TEXT = 8000 };

/* Texts are UTF-8 without NUL; a NUL stands behind each. */
struct po_entry {
    size_t line;                      /* of its msgid, from 1 */
    struct span id, plural;           /* plural: empty where nothing depends on a number */
    struct span forms[PO_MOST_FORMS]; /* msgstr, or msgstr[0] and so on; empty: not translated */
    size_t form_lines[PO_MOST_FORMS];
    size_t form_count;
    bool has_context; /* msgctxt: two texts that are the same in English */
    bool is_fuzzy;    /* a translator's program has guessed it */
};

struct po {
    struct span rest;
    size_t line; /* that was read last, from 1 */
    struct arena *arena;
};

struct po po_start(struct span file, struct arena *a);

/* 1: the next entry, its texts in the arena; 0: there is none; -1: `e` says what is wrong with line
 * `p->line`, and nothing more can be read. The first entry most often is the header: its id is
 * empty. */
int po_next(struct po *p, struct po_entry *entry, struct error *e);

#endif
