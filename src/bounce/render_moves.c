#include "bounce/render_page.h"
#include "bounce/render_triage.h"

#include <stdio.h>

static void line(const struct page *p, const char *text, struct span with)
{
    struct buffer whole = BUFFER_EMPTY;
    words_fill(&whole, p->w->language, text, &with, 1);
    page_paragraph(p, "", "  ", buffer_span(&whole));
    buffer_free(&whole);
}

void render_moves(struct buffer *out, struct span box, const struct render_move *rows, size_t count,
                  size_t stays, const struct render_wishes *w)
{
    const struct page p = page_start(out, w);
    struct buffer name = BUFFER_EMPTY, number = BUFFER_EMPTY;
    say_shown(&name, box);
    /* TRANSLATORS: %1 is the name of a mailbox; behind it stand numbers and names of folders. */
    line(&p,
         page_say(&p, count ? WORDS("To be moved out of %1:")
                            : WORDS("Nothing is to be moved out of %1.")),
         buffer_span(&name));
    for (size_t i = 0; i < count; i++) {
        buffer_clear(&name);
        say_shown(&name, rows[i].folder);
        buffer_printf(out, "%7zu  → %s\n", rows[i].count, buffer_text(&name));
    }
    buffer_printf(&number, "%zu", stays);
    if (stays)
        line(&p,
             words_plural(w->language,
                          "%1 message stays: it is no notice, or it does not show whose it is.",
                          "%1 messages stay: they are no notices, or it does not show whose they "
                          "are.",
                          stays),
             buffer_span(&number));
    buffer_free(&name);
    buffer_free(&number);
}
