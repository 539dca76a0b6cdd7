#include "bounce/flood_table.h"

#include "bounce/table_text.h"
#include "mail/date.h"
#include "mail/encode.h"

enum { LONGEST_SERVER = 320, LONGEST_SUBJECT = 200 };

static const struct span columns = SPAN("time,server,subject,queue_id"),
                         columns_of_refusals = SPAN("server,count,first,last");

bool flood_table_is(struct span text)
{
    struct span head = span_trim(span_cut(&text, '\n'));
    return span_equal(head, columns) || span_equal(head, columns_of_refusals);
}

static void add_line(struct buffer *out, const struct flood_line *l)
{
    struct buffer subject = BUFFER_EMPTY;
    encoded_words_decode(&subject, l->subject);
    date_add_rfc3339(out, l->time_ms);
    buffer_add_char(out, ',');
    table_text_add(out, l->server, LONGEST_SERVER);
    buffer_add_char(out, ',');
    table_text_add(out, buffer_span(&subject), LONGEST_SUBJECT);
    buffer_add_char(out, ',');
    message_id_add(out, l->id);
    buffer_add_char(out, '\n');
    buffer_free(&subject);
}

static void write_refusals(struct buffer *out, const struct flood_digest *d)
{
    buffer_printf(out, "%.*s\n", SPAN_F(columns_of_refusals));
    for (size_t i = 0; i < d->server_count; i++) {
        const struct flood_server *s = &d->servers[i];
        table_text_add(out, s->server, LONGEST_SERVER);
        buffer_printf(out, ",%llu,", (unsigned long long)s->count);
        date_add_rfc3339(out, s->first_ms);
        buffer_add_char(out, ',');
        date_add_rfc3339(out, s->last_ms);
        buffer_add_char(out, '\n');
    }
}

static void write_kept_out(struct buffer *out, const struct flood_digest *d)
{
    uint64_t further = d->count - d->line_count;
    buffer_printf(out, "%.*s\n", SPAN_F(columns));
    for (size_t i = 0; i < d->line_count; i++)
        add_line(out, &d->lines[i]);
    if (further)
        buffer_printf(out, "and %llu more,,,\n", (unsigned long long)further);
}

void flood_table_write(struct buffer *out, const struct flood_digest *d)
{
    if (d->what == DIGEST_OF_REFUSALS)
        write_refusals(out, d);
    else
        write_kept_out(out, d);
}
