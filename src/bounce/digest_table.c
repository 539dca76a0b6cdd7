#include "bounce/digest_table.h"

#include "bounce/table_text.h"
#include "mail/date.h"
#include "mail/encode.h"

#include <string.h>

enum { LONGEST_ADDRESS = 320, LONGEST_SUBJECT = 200, LONGEST_WORDS = 300 };

static const struct span names =
    SPAN("recipient,result,cause,status,reply,server,words,time,queue_id,subject");

enum column {
    COLUMN_RECIPIENT,
    COLUMN_RESULT,
    COLUMN_CAUSE,
    COLUMN_STATUS,
    COLUMN_REPLY,
    COLUMN_SERVER,
    COLUMN_WORDS,
    COLUMN_TIME,
    COLUMN_ID,
    COLUMN_SUBJECT,
    COLUMNS
};

/* ---- writing */

static void add_words(struct buffer *out, struct span words)
{
    struct buffer line = BUFFER_EMPTY;
    while (words.len) {
        struct span next = span_trim(span_cut(&words, '\n'));
        if (line.len && next.len)
            buffer_add_char(&line, ' ');
        buffer_add_span(&line, next);
    }
    table_text_add(out, buffer_span(&line), LONGEST_WORDS);
    buffer_free(&line);
}

static void add_server(struct buffer *out, const struct outcome *o)
{
    struct buffer server = BUFFER_EMPTY;
    outcome_add_server(&server, o);
    table_text_add(out, o->is_remote ? buffer_span(&server) : SPAN_NONE, LONGEST_ADDRESS);
    buffer_free(&server);
}

static void add_subject(struct buffer *out, struct span subject)
{
    struct buffer decoded = BUFFER_EMPTY;
    encoded_words_decode(&decoded, subject);
    table_text_add(out, buffer_span(&decoded), LONGEST_SUBJECT);
    buffer_free(&decoded);
}

static void add_line(struct buffer *out, const struct digest_line *l)
{
    const struct outcome *o = &l->outcome;
    table_text_add(out, l->recipient, LONGEST_ADDRESS);
    buffer_printf(out, ",%s,", outcome_word(o->kind));
    cause_add(out, o->cause);
    buffer_add_char(out, ',');
    status_add(out, outcome_report_status(o));
    buffer_add_char(out, ',');
    if (o->code)
        buffer_printf(out, "%d", o->code);
    buffer_add_char(out, ',');
    add_server(out, o);
    buffer_add_char(out, ',');
    add_words(out, o->words);
    buffer_add_char(out, ',');
    date_add_rfc3339(out, o->time_ms);
    buffer_add_char(out, ',');
    message_id_add(out, l->id);
    buffer_add_char(out, ',');
    add_subject(out, l->subject);
    buffer_add_char(out, '\n');
}

void digest_table_write(struct buffer *out, const struct notice_digest *d)
{
    size_t further = d->failed + d->delayed - d->line_count;
    buffer_printf(out, "%.*s\n", SPAN_F(names));
    for (size_t i = 0; i < d->line_count; i++)
        add_line(out, &d->lines[i]);
    if (further)
        buffer_printf(out, "and %zu more,,,,,,,,,\n", further);
}

/* ---- reading */

bool digest_table_begin(struct span *text)
{
    struct span rest = *text, first = span_trim(span_cut(&rest, '\n'));
    if (!span_equal(first, names))
        return false;
    *text = rest;
    return true;
}

/* In quotes: up to the one that is not doubled; all of the rest when there is none. */
static struct span read_quoted(struct span *text, struct arena *a)
{
    struct buffer value = BUFFER_EMPTY;
    size_t i = 1;
    for (; i < text->len; i++) {
        bool is_quote = text->at[i] == '"';
        bool is_doubled = is_quote && i + 1 < text->len && text->at[i + 1] == '"';
        if (is_quote && !is_doubled)
            break;
        i += is_doubled;
        buffer_add_char(&value, text->at[i]);
    }
    *text = span_skip(*text, i + 1);
    struct span kept = arena_copy(a, buffer_span(&value));
    buffer_free(&value);
    bool has_apostrophe = kept.len > 1 && kept.at[0] == '\'' && table_text_is_formula(kept.at[1]);
    return span_skip(kept, has_apostrophe);
}

static struct span read_bare(struct span *text)
{
    size_t i = 0;
    while (i < text->len && text->at[i] != ',' && text->at[i] != '\n')
        i++;
    struct span value = span_trim(span_first(*text, i));
    *text = span_skip(*text, i);
    return value;
}

/* The fields of one line; what it has more of them is dropped. */
static void read_line(struct span *text, struct span fields[COLUMNS], struct arena *a)
{
    for (size_t i = 0; text->len; i++) {
        bool is_quoted = text->at[0] == '"';
        struct span value = is_quoted ? read_quoted(text, a) : read_bare(text);
        if (i < COLUMNS)
            fields[i] = value;
        while (text->len && text->at[0] != ',' && text->at[0] != '\n')
            *text = span_skip(*text, 1); /* behind a quote nothing else stands, but a CR */
        bool is_end = !text->len || text->at[0] == '\n';
        *text = span_skip(*text, 1);
        if (is_end)
            return;
    }
}

static bool read_kind(struct span word, enum outcome_kind *kind)
{
    *kind = span_equal(word, SPAN("failed")) ? OUTCOME_FAILED : OUTCOME_DELAYED;
    return *kind == OUTCOME_FAILED || span_equal(word, SPAN("delayed"));
}

static bool take_row(const struct span fields[COLUMNS], struct digest_row *row)
{
    uint64_t code = 0;
    int offset;
    *row = (struct digest_row){.recipient = fields[COLUMN_RECIPIENT],
                               .server = fields[COLUMN_SERVER],
                               .words = fields[COLUMN_WORDS]};
    if (!row->recipient.len || !read_kind(fields[COLUMN_RESULT], &row->kind) ||
        !cause_parse(fields[COLUMN_CAUSE], &row->cause))
        return false;
    struct span status = fields[COLUMN_STATUS];
    if (!status_parse(&status, &row->status))
        row->status = STATUS_NONE;
    row->code = span_to_u64(fields[COLUMN_REPLY], 599, &code) ? (int)code : 0;
    if (!date_parse(fields[COLUMN_TIME], &row->time_ms, &offset))
        row->time_ms = 0;
    return true;
}

int digest_table_next(struct span *text, struct digest_row *row, struct arena *a)
{
    while (text->len) {
        struct span fields[COLUMNS] = {SPAN_NONE};
        read_line(text, fields, a);
        if (take_row(fields, row))
            return 1;
    }
    return 0;
}
