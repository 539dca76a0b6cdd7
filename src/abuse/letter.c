#include "abuse/letter_inside.h"

#include "base/visible.h"
#include "mail/address.h"
#include "mail/convert.h"
#include "mail/date.h"
#include "mail/encode.h"
#include "mail/header.h"

enum { LONGEST_SUBJECT = 200, LONGEST_VALUE = 900 };

void letter_add_value(struct buffer *out, struct span s)
{
    visible_add_field(out, s, LONGEST_VALUE);
}

void letter_redact(struct buffer *out, const struct letter *l, struct span text)
{
    if (l->redaction)
        redact_text(out, text, l->redaction);
    else
        buffer_add_span(out, text);
}

/* ---- the header */

static void add_recipients(struct buffer *out, const struct contacts *c)
{
    size_t named = 0;
    for (size_t i = 0; i < c->count; i++)
        if (!c->at[i].why_not.len)
            buffer_printf(out, "%s<%.*s>", named++ ? ",\r\n " : "To: ", SPAN_F(c->at[i].address));
    buffer_add_text(out, named ? "\r\n" : "To: undisclosed-recipients:;\r\n");
}

/* That of the message behind "FW:", and nothing else: RFC 5965 2. */
static void add_subject(struct buffer *out, const struct letter *l)
{
    struct buffer text = BUFFER_EMPTY, shown = BUFFER_EMPTY;
    buffer_add_text(&text, "FW: ");
    letter_redact(&text, l, l->complaint->subject);
    visible_add_field(&shown, buffer_span(&text), LONGEST_SUBJECT);
    buffer_add_text(out, "Subject: ");
    encoded_words_add(out, buffer_span(&shown), sizeof "Subject: " - 1);
    buffer_add_text(out, "\r\n");
    buffer_free(&shown);
    buffer_free(&text);
}

void letter_add_header(struct buffer *out, const struct letter *l)
{
    buffer_printf(out, "From: <%.*s>\r\n", SPAN_F(l->from));
    add_recipients(out, l->contacts);
    add_subject(out, l);
    buffer_add_text(out, "Date: ");
    date_add(out, l->now_ms, l->offset_minutes);
    buffer_printf(out, "\r\nMessage-ID: <%llx.%llx@%.*s>\r\n", (unsigned long long)l->now_ms,
                  (unsigned long long)l->random, SPAN_F(l->hostname));
    buffer_add_text(out, "MIME-Version: 1.0\r\n");
}

/* ---- parts */

/* Nobody could put it into the message before it was chosen. */
void letter_add_boundary(struct buffer *out, const struct letter *l)
{
    buffer_printf(out, "complaint-%016llx", (unsigned long long)l->random);
}

void letter_begin_part(struct buffer *out, const struct letter *l, const char *type,
                       const char *encoding)
{
    buffer_add_text(out, "\r\n--");
    letter_add_boundary(out, l);
    buffer_printf(out, "\r\nContent-Type: %s\r\n", type);
    if (encoding)
        buffer_printf(out, "Content-Transfer-Encoding: %s\r\n", encoding);
    buffer_add_text(out, "\r\n");
}

void letter_add_text_part(struct buffer *out, const struct letter *l)
{
    struct buffer plain = BUFFER_EMPTY, text = BUFFER_EMPTY;
    letter_text(&plain, l);
    letter_redact(&text, l, buffer_span(&plain));
    bool is_ascii = address_is_ascii(buffer_span(&text));
    letter_begin_part(out, l, "text/plain; charset=utf-8", is_ascii ? "7bit" : "quoted-printable");
    if (is_ascii)
        lines_to_crlf(out, buffer_span(&text));
    else
        quoted_printable_add(out, buffer_span(&text));
    buffer_free(&plain);
    buffer_free(&text);
}

void letter_end(struct buffer *out, const struct letter *l)
{
    buffer_add_text(out, "\r\n--");
    letter_add_boundary(out, l);
    buffer_add_text(out, "--\r\n");
}

/* ---- the message */

/* A message/rfc822 may not be encoded (RFC 2046 5.2.1), so what is in it is; what can't be is left
 * out, and the header must do. */
void letter_message(struct buffer *out, const struct letter *l, bool *is_whole)
{
    struct span message = l->complaint->message, why;
    struct span header = span_first(message, header_length(message));
    struct buffer clean = BUFFER_EMPTY;
    *is_whole = !l->header_only && message.len <= LETTER_LARGEST_MESSAGE;
    struct span wanted = *is_whole ? message : header;
    if (l->redaction)
        redact_message(&clean, wanted, l->redaction);
    else
        buffer_add_span(&clean, wanted);
    if (*is_whole && !convert_message(out, buffer_span(&clean), FORM_7BIT, &why)) {
        *is_whole = false;
        buffer_clear(out);
    }
    if (!*is_whole)
        buffer_add_span(out, span_first(buffer_span(&clean), header_length(buffer_span(&clean))));
    buffer_free(&clean);
}

void letter_add_message_part(struct buffer *out, const struct letter *l)
{
    struct buffer message = BUFFER_EMPTY;
    bool is_whole;
    letter_message(&message, l, &is_whole);
    struct span text = buffer_span(&message);
    letter_begin_part(out, l, is_whole ? "message/rfc822" : "text/rfc822-headers",
                      address_is_ascii(text) ? NULL : "8bit");
    buffer_add_span(out, text);
    if (!text.len || text.at[text.len - 1] != '\n')
        buffer_add_text(out, "\r\n");
    buffer_free(&message);
}
