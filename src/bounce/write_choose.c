/* In which language, and in which form: what is set for the writer of the original, and what its
 * own header says of him. */
#include "bounce/own_texts.h"
#include "bounce/write.h"
#include "mail/header.h"

#include <string.h>

/* The first of `tags` that we speak; NULL: none. */
static const struct language *spoken_in(struct span tags)
{
    while (tags.len) {
        const struct language *l = language_known(span_trim(span_cut(&tags, ',')));
        if (l)
            return l;
    }
    return NULL;
}

static const struct language *language_by(struct span message, const char *name)
{
    struct span value;
    struct buffer text = BUFFER_EMPTY;
    const struct language *l = NULL;
    if (header_find(message, name, &value)) {
        header_unfold(&text, value);
        l = spoken_in(buffer_span(&text));
    }
    buffer_free(&text);
    return l;
}

static bool is_for_many(struct span precedence)
{
    static const struct span words[] = {SPAN("bulk"), SPAN("list"), SPAN("junk")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_equal_nocase(span_trim(precedence), words[i]))
            return true;
    return false;
}

/* RFC 3834 5: a value may have parameters. */
static bool is_no(struct span auto_submitted)
{
    struct span rest = auto_submitted;
    return span_equal_nocase(span_trim(span_cut(&rest, ';')), SPAN("no"));
}

static bool is_by_no_person(struct span message)
{
    struct span value;
    return header_find(message, "List-Id", &value) ||
           (header_find(message, "Precedence", &value) && is_for_many(value)) ||
           (header_find(message, "Auto-Submitted", &value) && !is_no(value));
}

void report_choose(struct report *r, const struct report_wishes *w)
{
    const struct language *l = w->of_sender;
    if (!l && !r->is_for_postmaster)
        l = language_by(r->message, "Content-Language");
    if (!l && !r->is_for_postmaster)
        l = language_by(r->message, "Accept-Language");
    if (!l)
        l = w->of_domain;
    r->language = own_texts_language(w->texts, l ? l : w->standard);
    r->is_plain = !r->is_for_postmaster && is_by_no_person(r->message);
}
