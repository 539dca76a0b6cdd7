#include "bounce/account_letter.h"

#include "bounce/told_inside.h"
#include "bounce/write_inside.h"
#include "mail/encode.h"

static void add_subject(struct buffer *out, const struct account_letter *l, struct arena *a)
{
    struct told t = {.language = l->language, .arena = a};
    struct span title = told_account_title(&t, l);
    buffer_add_text(out, "Subject: ");
    encoded_words_add(out, title, sizeof "Subject: " - 1);
    buffer_add_text(out, "\r\n");
    buffer_free(&t.scratch);
}

static void add_header(struct buffer *out, const struct account_letter *l, struct span boundary,
                       struct arena *a)
{
    header_add_parties(out, l->hostname, l->to);
    add_subject(out, l, a);
    header_add_names(out, l->hostname, l->id, l->now_ms, l->offset_minutes);
    header_add_machine(out, l->language);
    buffer_printf(out,
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: multipart/alternative; boundary=\"%.*s\"\r\n\r\n"
                  "This is a message in MIME format.\r\n",
                  SPAN_F(boundary));
}

void account_letter_write(struct buffer *message, const struct account_letter *l)
{
    struct buffer text = BUFFER_EMPTY, card = BUFFER_EMPTY, boundary = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct told told;
    account_letter_tell(&told, l, &a);
    told_as_text(&text, &told);
    told_as_card(&card, &told);
    const struct span inside[] = {buffer_span(&text), buffer_span(&card)};
    boundary_choose(&boundary, "account", l->id, inside, 2);
    struct span edge = buffer_span(&boundary);
    add_header(message, l, edge, &a);
    part_add_text(message, edge, "text/plain; charset=utf-8", buffer_span(&text));
    part_add_text(message, edge, "text/html; charset=utf-8", buffer_span(&card));
    part_end_all(message, edge);
    buffer_free(&text);
    buffer_free(&card);
    buffer_free(&boundary);
    arena_clear(&a);
}
