/* One tag of HTML: its name, what it does to the text around it, its attributes. For html.c only.
 * Pure. */
#ifndef MAIL_HTML_TAG_H
#define MAIL_HTML_TAG_H

#include "base/buffer.h"

/* What an element is to a reader of its text. */
enum html_effect {
    HTML_LINE = 1,        /* begins and ends a line */
    HTML_PARAGRAPH = 2,   /* … with an empty line before and behind it */
    HTML_CELL = 4,        /* ends with a tab */
    HTML_RAW = 8,         /* what stands in it is not HTML */
    HTML_ACTIVE = 16,     /* would run or load something */
    HTML_EMPTY = 32,      /* has no end tag */
    HTML_ENDS_ITSELF = 64 /* the next one of its name ends it, when nobody else did */
};

enum html_name {
    HTML_OTHER,
    HTML_A,
    HTML_AREA,
    HTML_BASE,
    HTML_BR,
    HTML_FORM,
    HTML_IMG,
    HTML_INPUT,
    HTML_PRE
};

struct html_tag {
    struct span word; /* the name as written, without "/" */
    enum html_name name;
    unsigned effects;
    struct span attributes;
    bool is_end;
};

/* The tag at the start of `at`, which begins with "<", and how many bytes it takes; 0: it is none.
 * `*has_end`, true at first: cleared when no ">" follows, so that none is looked for again. */
size_t html_tag_take(struct html_tag *t, struct span at, bool *has_end);

/* The value of an attribute as written, its references still in it; false: it has none. */
bool html_tag_find(const struct html_tag *t, const char *attribute, struct span *value);

/* Does it hide what stands in it? */
bool html_tag_hides(const struct html_tag *t);

#endif
