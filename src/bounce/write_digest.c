/* A digest as a message: text and card as in each notice, and the table as a file. */
#include "bounce/digest_table.h"
#include "bounce/told_inside.h"
#include "bounce/write_inside.h"
#include "mail/address.h"
#include "mail/encode.h"

static const char table_type[] = "text/csv; charset=utf-8; header=present\r\n"
                                 "Content-Disposition: attachment; filename=\"not-arrived.csv\"";

/* "1000 of your messages did not arrive since Tue 24 Nov 2026, 12:03 (UTC+1)" */
static void add_subject(struct buffer *out, const struct notice_digest *d)
{
    struct told t = {.language = d->language, .arena = d->arena};
    struct span subject = told_digest_title(&t, d);
    if (d->messages && !d->is_for_postmaster) {
        const struct span with[] = {told_number(&t, d->messages),
                                    told_time(&t, d->first_ms, d->offset_minutes)};
        subject =
            told_fill(&t,
                      words_plural(t.language, "%1 of your messages did not arrive since %2",
                                   "%1 of your messages did not arrive since %2", d->messages),
                      with, 2);
    }
    buffer_add_text(out, "Subject: ");
    encoded_words_add(out, subject, sizeof "Subject: " - 1);
    buffer_add_text(out, "\r\n");
    buffer_free(&t.scratch);
}

static void add_header(struct buffer *out, const struct notice_digest *d, struct span boundary,
                       bool is_8bit)
{
    header_add_parties(out, d->hostname, d->to);
    add_subject(out, d);
    header_add_names(out, d->hostname, d->id, d->now_ms, d->offset_minutes);
    header_add_machine(out, d->language);
    buffer_printf(out,
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: multipart/mixed; boundary=\"%.*s\"\r\n%s\r\n"
                  "This is a message in MIME format.\r\n",
                  SPAN_F(boundary), is_8bit ? "Content-Transfer-Encoding: 8bit\r\n" : "");
}

static void write_message(struct buffer *out, const struct notice_digest *d)
{
    struct buffer text = BUFFER_EMPTY, card = BUFFER_EMPTY, table = BUFFER_EMPTY,
                  boundary = BUFFER_EMPTY;
    struct told told;
    notice_digest_tell(&told, d);
    told_as_text(&text, &told);
    told_as_card(&card, &told);
    digest_table_write(&table, d);
    const struct span inside[] = {buffer_span(&text), buffer_span(&card), buffer_span(&table)};
    boundary_choose(&boundary, "digest", d->id, inside, 3);
    struct span edge = buffer_span(&boundary);
    add_header(out, d, edge, !address_is_ascii(d->to));
    part_add_both_forms(out, d->id, edge, buffer_span(&text), buffer_span(&card));
    part_add_text(out, edge, table_type, buffer_span(&table));
    part_end_all(out, edge);
    buffer_free(&text);
    buffer_free(&card);
    buffer_free(&table);
    buffer_free(&boundary);
}

void notice_digest_write(struct envelope *e, struct buffer *message, const struct notice_digest *d,
                         uint64_t until)
{
    size_t before = message->len;
    write_message(message, d);
    notification_envelope(e, span_skip(buffer_span(message), before), d->to, d->arena);
    e->id = d->id;
    e->accepted_ms = d->now_ms;
    e->tells_until = until;
    e->is_8bit = !address_is_ascii(d->to);
    e->parameters.body = e->is_8bit ? BODY_8BITMIME : BODY_UNSTATED;
}
