#include "bounce/render_page.h"

#include "bounce/render_wrap.h"

#include <stdio.h>

enum { USUAL_WIDTH = 80, WIDEST = 100, NARROWEST = 30 };

struct page page_start(struct buffer *out, const struct render_wishes *w)
{
    unsigned width = w->width ? w->width : USUAL_WIDTH;
    return (struct page){out, w, width > WIDEST ? WIDEST : width < NARROWEST ? NARROWEST : width};
}

const char *page_say(const struct page *p, const char *english)
{
    return words(p->w->language, english);
}

void page_paint(const struct page *p, const char *colour)
{
    if (p->w->is_coloured)
        buffer_printf(p->out, "\033[%sm", colour);
}

void page_paragraph(const struct page *p, const char *first, const char *indent, struct span text)
{
    const struct wrapping w = {first, indent, p->width};
    wrap_add(p->out, text, &w);
}

void page_title(const struct page *p, const char *text)
{
    buffer_add_char(p->out, '\n');
    page_paint(p, "1");
    page_paragraph(p, "", "", span_of(text));
    page_paint(p, "0");
}

void page_text(const struct page *p, const char *first, const char *indent, struct buffer *text)
{
    page_paragraph(p, first, indent, buffer_span(text));
    buffer_free(text);
}

struct span page_number(struct page_number *n, size_t value)
{
    int len = snprintf(n->digits, sizeof n->digits, "%zu", value);
    return span_make(n->digits, (size_t)len);
}
