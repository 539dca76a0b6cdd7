/* Free text, as notices without a machine-readable part have it: its lines, and what stands in
 * them. For this room only. Pure; spans borrow from the text. */
#ifndef BOUNCE_FREE_TEXT_H
#define BOUNCE_FREE_TEXT_H

#include "base/span.h"
#include "smtp/status.h"

struct text_line {
    struct span whole;   /* without its end */
    struct span content; /* without blanks around it, and quotation marks of replies (">") */
    size_t indent;       /* blanks before it */
};

/* Cut the next line off `*rest`; false at the end. */
bool text_next_line(struct span *rest, struct text_line *line);

/* The first mail address in `text`; `*end` is where it ends. Not one of a Message-ID. */
bool text_find_address(struct span text, struct span *address, size_t *end);

/* Does the line begin with an address (behind bullets, brackets, quotes)? `*rest` is what follows
 * it and the signs that part it from that. */
bool text_leads_with_address(const struct text_line *line, struct span *address, struct span *rest);

/* A reply of a server at the start of `text` ("550 5.1.1 …", "550-5.1.1 …", "<<< 550 …"): 0 when
 * there is none. */
int text_reply_code(struct span text);
/* The same anywhere in it, behind a blank, a colon or a bracket; `*at` is where it begins. */
int text_find_reply(struct span text, size_t *at);

/* A word in a text, without regard to ASCII case. SPAN_NOT_FOUND: it is not there. */
size_t text_find_nocase(struct span text, const char *word);

/* "-----", "=====": a line that only parts sections; words may stand in the middle. */
bool text_is_rule(const struct text_line *line);
bool text_is_empty(const struct text_line *line);

#endif
