/* A report is told once (told.h), and written twice for people: as text, and as a card; then for
 * machines (status_part.c); then what it is about. */
#include "bounce/write.h"

#include "bounce/told.h"
#include "bounce/write_inside.h"
#include "mail/address.h"

struct forms {
    struct buffer text, card; /* card: empty when none is wanted */
};

static void write_forms(struct forms *f, const struct report *r)
{
    struct arena a = ARENA_EMPTY;
    struct told told;
    report_tell(&told, r, &a);
    told_as_text(&f->text, &told);
    if (!r->is_plain)
        told_as_card(&f->card, &told);
    arena_clear(&a);
}

static void add_words(struct buffer *out, const struct report *r, struct span boundary,
                      const struct forms *f)
{
    if (r->is_plain)
        part_add_text(out, boundary, "text/plain; charset=utf-8", buffer_span(&f->text));
    else
        part_add_both_forms(out, r->id, boundary, buffer_span(&f->text), buffer_span(&f->card));
}

/* Only where the sender knows such addresses: RFC 6533 4. */
static bool is_global(const struct report *r)
{
    for (size_t i = 0; i < r->recipient_count; i++)
        if (!address_is_ascii(r->original->recipients[r->recipients[i].recipient].address))
            return r->original->parameters.smtputf8;
    return false;
}

/* It may be encoded (RFC 6533 5): so the way back needs no more than its reader does. */
static void add_status(struct buffer *out, const struct report *r, struct span boundary,
                       bool is_8bit)
{
    if (!is_global(r)) {
        part_begin(out, boundary, "message/delivery-status", NULL);
        report_status(out, r, false);
        return;
    }
    struct buffer fields = BUFFER_EMPTY;
    report_status(&fields, r, true);
    part_begin(out, boundary, "message/global-delivery-status",
               is_8bit ? "8bit" : "quoted-printable");
    if (is_8bit)
        buffer_add_span(out, buffer_span(&fields));
    else
        part_add_quoted(out, buffer_span(&fields));
    buffer_free(&fields);
}

/* The type of a report is that of its second part (RFC 6522 3). */
static void add_header(struct buffer *out, const struct report *r, struct span boundary,
                       bool is_8bit)
{
    report_header(out, r);
    buffer_printf(out,
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: multipart/report; report-type=%sdelivery-status;\r\n"
                  "\tboundary=\"%.*s\"\r\n%s\r\n"
                  "This is a delivery report in MIME format.\r\n",
                  is_global(r) ? "global-" : "", SPAN_F(boundary),
                  is_8bit ? "Content-Transfer-Encoding: 8bit\r\n" : "");
}

void report_write(struct buffer *out, const struct report *r, bool *is_8bit)
{
    struct buffer boundary = BUFFER_EMPTY, parts = BUFFER_EMPTY;
    struct forms forms = {BUFFER_EMPTY, BUFFER_EMPTY};
    *is_8bit = !address_is_ascii(r->to); /* that stands in To */
    write_forms(&forms, r);
    const struct span inside[] = {r->message, buffer_span(&forms.text), buffer_span(&forms.card)};
    boundary_choose(&boundary, "report", r->id, inside, 3);
    struct span edge = buffer_span(&boundary);
    add_words(&parts, r, edge, &forms);
    add_status(&parts, r, edge, *is_8bit);
    part_add_returned(&parts, r, edge, is_8bit);
    add_header(out, r, edge, *is_8bit); /* a multipart is labelled as its parts (RFC 2045 6.4) */
    buffer_add_span(out, buffer_span(&parts));
    part_end_all(out, edge);
    buffer_free(&parts);
    buffer_free(&boundary);
    buffer_free(&forms.text);
    buffer_free(&forms.card);
}
