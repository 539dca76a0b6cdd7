/* A digest as a message: text and card as in each notice, and the table as a file. */
#include "bounce/digest_table.h"
#include "bounce/told_inside.h"
#include "bounce/write_inside.h"
#include "mail/address.h"
#include "mail/encode.h"

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

void digest_body_make(struct digest_body *b, const struct told *t, message_id id)
{
    told_as_text(&b->text, t);
    told_as_card(&b->card, t);
    const struct span inside[] = {buffer_span(&b->text), buffer_span(&b->card),
                                  buffer_span(&b->table)};
    boundary_choose(&b->boundary, "digest", id, inside, 3);
    b->id = id;
}

void digest_body_add(struct buffer *out, const struct digest_body *b, const char *table_name,
                     bool is_8bit)
{
    struct span edge = buffer_span(&b->boundary);
    struct buffer type = BUFFER_EMPTY;
    buffer_printf(out,
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: multipart/mixed; boundary=\"%.*s\"\r\n%s\r\n"
                  "This is a message in MIME format.\r\n",
                  SPAN_F(edge), is_8bit ? "Content-Transfer-Encoding: 8bit\r\n" : "");
    buffer_printf(&type,
                  "text/csv; charset=utf-8; header=present\r\n"
                  "Content-Disposition: attachment; filename=\"%s\"",
                  table_name);
    part_add_both_forms(out, b->id, edge, buffer_span(&b->text), buffer_span(&b->card));
    part_add_text(out, edge, buffer_text(&type), buffer_span(&b->table));
    part_end_all(out, edge);
    buffer_free(&type);
}

void digest_body_free(struct digest_body *b)
{
    buffer_free(&b->text);
    buffer_free(&b->card);
    buffer_free(&b->table);
    buffer_free(&b->boundary);
}

static void write_message(struct buffer *out, const struct notice_digest *d)
{
    struct digest_body body = DIGEST_BODY_EMPTY;
    struct told told;
    notice_digest_tell(&told, d);
    digest_table_write(&body.table, d);
    digest_body_make(&body, &told, d->id);
    header_add_parties(out, d->hostname, d->to);
    add_subject(out, d);
    header_add_names(out, d->hostname, d->id, d->now_ms, d->offset_minutes);
    header_add_machine(out, d->language);
    digest_body_add(out, &body, "not-arrived.csv", !address_is_ascii(d->to));
    digest_body_free(&body);
}

void digest_envelope(struct envelope *e, struct span written, struct span to,
                     const struct digest_names *n, struct arena *a)
{
    notification_envelope(e, written, to, a);
    e->id = n->id;
    e->accepted_ms = n->now_ms;
    e->tells_until = n->until;
    e->is_8bit = !address_is_ascii(to);
    e->parameters.body = e->is_8bit ? BODY_8BITMIME : BODY_UNSTATED;
}

void notice_digest_write(struct envelope *e, struct buffer *message, const struct notice_digest *d,
                         uint64_t until)
{
    size_t before = message->len;
    const struct digest_names names = {d->id, d->now_ms, until};
    write_message(message, d);
    digest_envelope(e, span_skip(buffer_span(message), before), d->to, &names, d->arena);
}
