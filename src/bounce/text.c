/* For a terminal, a screen reader, and whoever reads no HTML: headings stand at the margin, what
 * belongs to them is indented, as plainpost explain does. */
#include "bounce/render_wrap.h"
#include "bounce/told.h"

#include <stdio.h>

enum { COLUMNS = 76 };

static void add_line(struct buffer *out, const char *first, const char *indent, struct span text)
{
    const struct wrapping w = {first, indent, COLUMNS};
    wrap_add(out, text, &w);
}

static void add_row(struct buffer *out, const struct told *t, const struct told_block *b)
{
    struct buffer line = BUFFER_EMPTY;
    const struct span with[] = {b->label, b->text};
    words_fill(&line, t->language, words(t->language, "%1: %2"), with, 2);
    add_line(out, "  ", "    ", buffer_span(&line));
    buffer_free(&line);
}

static void add_verbatim(struct buffer *out, struct span lines)
{
    while (lines.len)
        add_line(out, "    ", "      ", span_cut(&lines, '\n'));
}

static bool needs_blank(enum told_kind before, enum told_kind kind)
{
    switch (kind) {
    case TOLD_TITLE:
    case TOLD_HEADING:
    case TOLD_DETAILS:
    case TOLD_ECHO:
        return before != TOLD_GROUP;
    case TOLD_ADDRESS:
        return before != TOLD_ADDRESS && before != TOLD_GROUP;
    case TOLD_PARAGRAPH:
        return before == TOLD_ADDRESS || before == TOLD_NAME || before == TOLD_PARAGRAPH ||
               before == TOLD_TITLE;
    case TOLD_ROW:
        return before == TOLD_VERBATIM;
    case TOLD_SUBHEADING:
        return before != TOLD_DETAILS;
    case TOLD_GROUP:
        return true;
    case TOLD_NAME:
    case TOLD_STEP:
    case TOLD_VERBATIM:
        return false;
    }
    return false;
}

static void add_block(struct buffer *out, const struct told *t, const struct told_block *b,
                      unsigned number)
{
    char step[16];
    switch (b->kind) {
    case TOLD_TITLE:
    case TOLD_HEADING:
    case TOLD_DETAILS:
    case TOLD_ECHO:
        add_line(out, "", "", b->text);
        break;
    case TOLD_ADDRESS:
    case TOLD_NAME:
    case TOLD_PARAGRAPH:
    case TOLD_SUBHEADING:
        add_line(out, "  ", "  ", b->text);
        break;
    case TOLD_STEP:
        snprintf(step, sizeof step, "%3u. ", number);
        add_line(out, step, "     ", b->text);
        break;
    case TOLD_ROW:
        add_row(out, t, b);
        break;
    case TOLD_VERBATIM:
        add_verbatim(out, b->text);
        break;
    case TOLD_GROUP:
        break;
    }
}

void told_as_text(struct buffer *out, const struct told *t)
{
    unsigned number = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct told_block *b = &t->blocks[i];
        number = b->kind == TOLD_STEP ? number + 1 : 0;
        if (i && needs_blank(t->blocks[i - 1].kind, b->kind))
            buffer_add_char(out, '\n');
        add_block(out, t, b, number);
        if (b->kind == TOLD_GROUP && t->blocks[i + 1].kind == TOLD_ADDRESS)
            buffer_add_text(out, "---\n\n"); /* no heading parts it from what was before */
    }
}
