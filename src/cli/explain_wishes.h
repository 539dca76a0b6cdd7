/* The command lines of plainpost explain and plainpost triage. */
#ifndef CLI_EXPLAIN_WISHES_H
#define CLI_EXPLAIN_WISHES_H

#include "base/arena.h"
#include "base/error.h"
#include "bounce/render.h"

enum explain_form { EXPLAIN_TEXT, EXPLAIN_JSON, EXPLAIN_HTML, EXPLAIN_LETTER };
enum explain_colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

/* "DOMAIN:SELECTOR=FILE" */
struct dkim_key_wish {
    struct span domain, selector;
    const char *file;
};

struct explain_wishes {
    enum explain_form form;
    enum explain_colour colour;
    struct render_wishes render;
    struct span *me; /* addresses of whoever asks */
    size_t me_count;
    const char **sent; /* mailboxes with what they sent */
    size_t sent_count;
    struct dkim_key_wish *dkim_keys;
    size_t dkim_key_count;
    bool asks_dns;          /* for the keys of the domains of `me`, */
    struct span dns_server; /* from there: "system", or ADDRESS:PORT */
    char **files;           /* behind the options; none: standard input */
    size_t file_count;
    bool moves, undoes, is_sure; /* of triage: --move, --undo, --yes */
};

/* Of the command that `argv[0]` names. False: it can't be meant so, and `*e` says how it is meant.
 * Lists live in `a`. */
bool explain_wishes_parse(struct explain_wishes *w, int argc, char **argv, struct arena *a,
                          struct error *e);

/* What depends on the terminal and the clock of whoever asks. */
void explain_wishes_look(struct explain_wishes *w);

/* What of it concerns the advice. Borrows. */
struct advise_wishes explain_wishes_advise(const struct explain_wishes *w);

#endif
