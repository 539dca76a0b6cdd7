/* HTML as a reader of mail sees it: its text, and where its links lead. Pure. Not a browser: tags
 * that nobody closed, and anything else that is broken, are taken as most mail programs take them.
 * Time is linear in the size. */
#ifndef MAIL_HTML_H
#define MAIL_HTML_H

#include "base/arena.h"
#include "base/buffer.h"

struct html_link {
    struct span target; /* of href, action, or src of a script or frame; entities decoded */
    struct span text;   /* what stands there to click on, blanks made one */
};

enum { MOST_HTML_LINKS = 200 };

struct html {
    struct span text; /* UTF-8, LF; blocks and <br> begin lines, cells are parted by a tab */
    struct html_link *links;
    size_t link_count; /* further ones are not kept */
    bool has_form;     /* it asks to type something in */
    bool has_password; /* … a password */
    bool has_script;   /* it would run code, or load a frame, where the mail program lets it */
    bool has_hidden; /* text that is there for filters, not for people (display:none and its kin) */
};

/* `html` is UTF-8 (content_text). All of `*h` lives in `a`. */
void html_read(struct span html, struct html *h, struct arena *a);

#endif
