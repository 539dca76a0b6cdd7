/* What is made at build time for this room: data/providers by providers.py, po/ by words.py,
 * page.css by page.py, data/signs, data/dialects and data/agents by phrase_sets.py. For this room
 * only. */
#ifndef BOUNCE_TABLES_H
#define BOUNCE_TABLES_H

#include "bounce/providers.h"
#include "bounce/words.h"

extern const struct provider providers[];
extern const size_t providers_count;

/* `texts` runs parallel to `words_english`, with NULL for what is not translated; NULL: English
 * itself. A text is all its forms (one, if it depends on no number), each behind the NUL of the
 * one before, and behind the last an empty one. */
struct language {
    const char *tag;
    const char *const *texts;
    unsigned (*form_of)(uint64_t n);
    unsigned forms;           /* that a text has which depends on a number */
    const char *plural_forms; /* the same as PO files say it: "nplurals=2; plural=(n != 1);" */
    const struct language *english; /* with words of the same operator; NULL: the built-in one */
    const char *help;               /* the operator's own; NULL: none */
};

extern const struct language languages[]; /* the first is English */
extern const size_t languages_count;
extern const char *const words_english[]; /* in the order of strcmp */
extern const size_t words_count;
size_t words_index(const char *english); /* in `words_english`; words_count: it is not there */

extern const char *const page_style;      /* what stands in <style> */
extern const char *const page_style_hash; /* "sha256-…" of it */

/* The rows of data/agents. One without a field is a phrase of a list …_AGENT (sign_words.h), whose
 * order is the number of the row. */
struct agent {
    const char *name;
    const char *field; /* of the header: it is known by it; or NULL */
};

extern const struct agent agents[];
extern const size_t agent_count;

#endif
