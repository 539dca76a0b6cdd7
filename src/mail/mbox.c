#include "mail/mbox.h"

#include "mail/date.h"

static const struct span from = {"From ", 5};

/* A blank would end the sender, and a line end the line. */
static void add_sender(struct buffer *out, struct span sender)
{
    if (!sender.len)
        buffer_add_text(out, "MAILER-DAEMON");
    for (size_t i = 0; i < sender.len; i++) {
        unsigned char c = (unsigned char)sender.at[i];
        buffer_add_char(out, c <= ' ' || c == 0x7f ? '-' : (char)c);
    }
}

void mbox_add_from_line(struct buffer *out, struct span sender, int64_t time_ms)
{
    struct buffer date = BUFFER_EMPTY;
    date_add(&date, time_ms, 0);
    struct span rest = buffer_span(&date); /* "Tue, 24 Nov 2026 12:44:03 +0000" */
    struct span weekday = span_first(span_word(&rest), 3), day = span_word(&rest);
    struct span month = span_word(&rest), year = span_word(&rest), time = span_word(&rest);
    buffer_add_span(out, from);
    add_sender(out, sender);
    buffer_printf(out, " %.*s %.*s %2.*s %.*s %.*s\n", SPAN_F(weekday), SPAN_F(month), SPAN_F(day),
                  SPAN_F(time), SPAN_F(year));
    buffer_free(&date);
}

static void add(struct mbox_quoting *q, struct span s, struct buffer *out)
{
    buffer_add_span(out, s);
    for (size_t i = 0; i < s.len; i++)
        q->newlines = s.at[i] != '\n' ? 0 : q->newlines < 2 ? q->newlines + 1 : 2;
}

static void add_held(struct mbox_quoting *q, struct buffer *out)
{
    for (; q->arrows; q->arrows--)
        add(q, SPAN(">"), out);
    add(q, span_first(from, q->letters), out);
    q->letters = 0;
}

/* At the beginning of a line, one byte: which is held back, or decides. */
static void look(struct mbox_quoting *q, char c, struct buffer *out)
{
    if (c == '>' && !q->letters) {
        q->arrows++;
        return;
    }
    if (c == from.at[q->letters]) {
        if (++q->letters < from.len)
            return;
        q->arrows++;
        q->is_inside = true;
        add_held(q, out);
        return;
    }
    add_held(q, out);
    add(q, span_make(&c, 1), out);
    q->is_inside = c != '\n';
}

void mbox_quote(struct mbox_quoting *q, struct span piece, struct buffer *out)
{
    while (piece.len) {
        if (!q->is_inside) {
            look(q, piece.at[0], out);
            piece = span_skip(piece, 1);
            continue;
        }
        size_t end = span_find_char(piece, '\n');
        bool has_end = end != SPAN_NOT_FOUND;
        struct span line = span_first(piece, has_end ? end + 1 : piece.len);
        buffer_add_span(out, line);
        q->newlines = has_end;
        q->is_inside = !has_end;
        piece = span_skip(piece, line.len);
    }
}

void mbox_finish(struct mbox_quoting *q, struct buffer *out)
{
    add_held(q, out);
    while (q->newlines < 2)
        add(q, SPAN("\n"), out);
    *q = (struct mbox_quoting){0};
}
