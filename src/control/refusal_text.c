#include "control/refusal_text.h"

#include "base/visible.h"
#include "mail/date.h"

enum { LONGEST_TEXT = 254, LONGEST_WORDS = 2000, COLUMNS = 98, INDENT = 4 };

static void add_visible(struct buffer *out, struct span s)
{
    visible_add(out, s, LONGEST_TEXT);
}

static void add_envelope(struct buffer *out, const struct refusal *r)
{
    if (!r->has_sender) {
        buffer_add_text(out, "Refused: a connection");
        return;
    }
    buffer_add_text(out, "Refused: mail from ");
    if (r->sender.len)
        add_visible(out, r->sender);
    else
        buffer_add_text(out, "<>");
    if (r->recipient.len) {
        buffer_add_text(out, " to ");
        add_visible(out, r->recipient);
    }
}

static void add_times(struct buffer *out, const struct refusal *r, int offset_minutes)
{
    buffer_add_text(out, "  ");
    date_add_words(out, r->first_ms, offset_minutes);
    if (r->count > 1) {
        buffer_printf(out, ", and %llu times more until ", (unsigned long long)r->count - 1);
        date_add_words(out, r->last_ms, offset_minutes);
    }
    buffer_add_char(out, '\n');
}

static void add_client(struct buffer *out, const struct refusal *r)
{
    buffer_add_text(out, "  The client was ");
    add_visible(out, r->client);
    if (r->hello.len) {
        buffer_add_text(out, ", which calls itself ");
        add_visible(out, r->hello);
    }
    buffer_add_char(out, '\n');
}

static void add_wrapped(struct buffer *out, struct span text)
{
    size_t column = 0;
    for (struct span word; (word = span_word(&text)).len;) {
        bool is_start = !column;
        if (!is_start && column + 1 + word.len > COLUMNS) {
            buffer_add_char(out, '\n');
            is_start = true;
        }
        if (is_start)
            column = (size_t)INDENT;
        buffer_printf(out, "%*s%.*s", is_start ? INDENT : 1, "", SPAN_F(word));
        column += word.len + !is_start;
    }
    buffer_add_char(out, '\n');
}

static void add_words(struct buffer *out, const struct refusal *r)
{
    struct buffer words = BUFFER_EMPTY;
    buffer_printf(out, "  It heard: %d%s%.*s\n", r->code, r->status.len ? " " : "",
                  SPAN_F(r->status));
    visible_add_lines(&words, r->words, LONGEST_WORDS);
    for (struct span rest = buffer_span(&words); rest.len;)
        add_wrapped(out, span_cut(&rest, '\n'));
    buffer_free(&words);
}

void refusal_print(struct buffer *out, const struct refusal *r, int offset_minutes)
{
    add_envelope(out, r);
    buffer_add_text(out, r->code < 500 ? ", for now\n" : "\n");
    add_times(out, r, offset_minutes);
    add_client(out, r);
    if (r->why.len) {
        buffer_add_text(out, "  Because of: ");
        add_visible(out, r->why);
        buffer_add_char(out, '\n');
    }
    add_words(out, r);
}

void refusal_print_json(struct json *j, const struct refusal *r)
{
    json_object(j);
    json_text(j, "event", SPAN("refused"));
    date_json(j, "time", r->first_ms);
    date_json(j, "last", r->last_ms);
    json_number(j, "count", (int64_t)r->count);
    json_text(j, "client", r->client);
    json_known_text(j, "hello", r->hello);
    if (r->has_sender)
        json_text(j, "from", r->sender);
    json_known_text(j, "to", r->recipient);
    json_number(j, "code", r->code);
    json_known_text(j, "status", r->status);
    json_text(j, "words", r->words);
    json_known_text(j, "because", r->why);
    json_end(j);
}
