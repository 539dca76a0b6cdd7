/* For a terminal: the answers first, indented below their questions; the details last. Colours say
 * nothing that the words do not say. */
#include "bounce/render_page.h"

#include <stdio.h>

enum { LINES_OF_WORDS = 60 };

static void answer(const struct page *p, const char *question, struct span text)
{
    if (!text.len)
        return;
    page_title(p, question);
    page_paragraph(p, "  ", "  ", text);
}

static void link_line(const struct page *p, const char *indent, const struct advice_step *s)
{
    if (!s->link.len)
        return;
    struct buffer line = BUFFER_EMPTY;
    const struct span with[] = {s->where, s->link};
    words_fill(&line, p->w->language, words(p->w->language, "%1: %2"), with, 2);
    page_paragraph(p, indent, indent, buffer_span(&line));
    buffer_free(&line);
}

static void numbered(const struct page *p, const struct advice_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char number[32];
        snprintf(number, sizeof number, "%3zu. ", i + 1);
        page_paragraph(p, number, "     ", steps[i].text);
        link_line(p, "     ", &steps[i]);
    }
}

/* ---- recipients with causes of their own */

static void addresses(const struct page *p, const struct notice *n, const struct advice *a,
                      size_t group)
{
    enum { NAMED = 10 };
    size_t named = 0;
    for (size_t i = 0; i < n->recipient_count && named < NAMED; i++)
        if (a->group_of[i] == group) {
            struct buffer line = BUFFER_EMPTY;
            say_recipient(&line, &n->recipients[i]);
            page_paragraph(p, "  ", "  ", buffer_span(&line));
            buffer_free(&line);
            named++;
        }
    if (a->groups[group].count > named)
        buffer_add_text(p->out, "  …\n");
}

static void group(const struct page *p, const struct notice *n, const struct advice *a, size_t i)
{
    const struct advice_group *g = &a->groups[i];
    if (i)
        buffer_add_char(p->out, '\n');
    addresses(p, n, a, i);
    struct buffer line = BUFFER_EMPTY;
    say_group(&line, p->w->language, g);
    page_paragraph(p, "    ", "    ", buffer_span(&line));
    buffer_clear(&line);
    if (g->who.len)
        say_who(&line, p->w->language, g);
    if (line.len)
        page_paragraph(p, "    ", "    ", buffer_span(&line));
    buffer_free(&line);
    for (size_t k = 0; k < g->step_count; k++) {
        page_paragraph(p, "    - ", "      ", g->steps[k].text);
        link_line(p, "      ", &g->steps[k]);
    }
}

static void groups(const struct page *p, const struct notice *n, const struct advice *a)
{
    if (!a->has_several_causes)
        return;
    page_title(p, page_say(p, "Each recipient"));
    for (size_t i = 0; i < a->group_count; i++)
        group(p, n, a, i);
}

static void checks(const struct page *p, const struct advice *a)
{
    bool any = false;
    for (size_t i = 0; i < a->group_count; i++)
        for (size_t k = 0; k < a->groups[i].check_count; k++) {
            if (!any)
                page_title(p, page_say(p, "To check on the server"));
            any = true;
            page_paragraph(p, "  - ", "    ", a->groups[i].checks[k].text);
            link_line(p, "    ", &a->groups[i].checks[k]);
        }
}

/* ---- why */

static void reasons(const struct page *p, const struct verdict *v, const struct advice *a)
{
    struct buffer line = BUFFER_EMPTY;
    if (!a->reason_count && !a->settle.len)
        return;
    page_title(p, page_say(p, "Why we think so"));
    say_verdict(&line, p->w->language, v);
    if (line.len)
        page_paragraph(p, "  ", "  ", buffer_span(&line));
    for (size_t i = 0; i < a->reason_count; i++) {
        buffer_clear(&line);
        say_reason(&line, p->w->language, &a->reasons[i]);
        page_paragraph(p, a->reasons[i].is_against ? "  - " : "  + ", "    ", buffer_span(&line));
    }
    buffer_free(&line);
    if (a->settle.len)
        page_paragraph(p, "  ", "  ", a->settle);
}

/* ---- details */

static const struct page *page_of(const struct details *d)
{
    return d->to;
}

static void detail_heading(struct details *d, struct span text)
{
    page_paragraph(page_of(d), "  ", "  ", text);
}

static void detail_row(struct details *d, const char *label, struct span value)
{
    struct buffer line = BUFFER_EMPTY;
    say_row(&line, d->wishes->language, label, value);
    page_paragraph(page_of(d), "    ", "      ", buffer_span(&line));
    buffer_free(&line);
}

static void detail_verbatim(struct details *d, const char *label, struct span words)
{
    const struct page *p = page_of(d);
    buffer_add_text(p->out, "    ");
    say_row(p->out, d->wishes->language, label, SPAN_NONE);
    buffer_add_char(p->out, '\n');
    bool was_empty = false;
    for (size_t i = 0; words.len && i < LINES_OF_WORDS; i++) {
        struct span line = span_cut(&words, '\n');
        bool is_empty = !span_trim(line).len;
        if (!is_empty)
            page_paragraph(p, "      ", "        ", line);
        else if (!was_empty)
            buffer_add_char(p->out, '\n');
        was_empty = is_empty;
    }
    if (words.len)
        buffer_add_text(p->out, "      …\n");
}

static void details(const struct page *p, const struct notice *n, const struct verdict *v)
{
    struct details d = {.heading = detail_heading,
                        .row = detail_row,
                        .verbatim = detail_verbatim,
                        .wishes = p->w,
                        .to = (void *)p};
    page_title(p, page_say(p, "Details"));
    details_give(&d, n, v);
}

/* ---- */

static void headline(const struct page *p, const struct advice *a)
{
    static const char *const colours[] = {[TONE_CALM] = "1;32",
                                          [TONE_WAIT] = "1;36",
                                          [TONE_TROUBLE] = "1;33",
                                          [TONE_DANGER] = "1;31"};
    page_paint(p, colours[a->tone]);
    page_paragraph(p, "", "", a->headline);
    page_paint(p, "0");
    page_paragraph(p, "", "", a->lead);
}

void render_text(struct buffer *out, const struct notice *n, const struct verdict *v,
                 const struct advice *a, const struct render_wishes *w)
{
    const struct page p = page_start(out, w);
    if (w->file.len) {
        page_paint(&p, "2");
        struct buffer name = BUFFER_EMPTY;
        say_shown(&name, w->file);
        page_paragraph(&p, "", "", buffer_span(&name));
        buffer_free(&name);
        page_paint(&p, "0");
    }
    headline(&p, a);
    answer(&p, page_say(&p, "Did it arrive?"), a->arrived);
    answer(&p, page_say(&p, "Did you send it?"), a->sent);
    answer(&p, page_say(&p, "Who must act?"), a->who);
    if (a->step_count && !a->has_several_causes) {
        page_title(&p, page_say(&p, "What to do"));
        numbered(&p, a->steps, a->step_count);
    }
    groups(&p, n, a);
    checks(&p, a);
    reasons(&p, v, a);
    details(&p, n, v);
}
