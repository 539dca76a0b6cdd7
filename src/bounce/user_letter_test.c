#include "bounce/user_letter.h"

#include "base/test.h"
#include "mail/content.h"
#include "mail/parts.h"

#include <string.h>

static const struct user_letter shown = {.kind = LETTER_SHOWN_ADDRESSES,
                                         .id = 7,
                                         .now_ms = 1795524243000,
                                         .hostname = SPAN("mx.example.org"),
                                         .from = SPAN("postmaster@example.org"),
                                         .to = SPAN("alice@example.org"),
                                         .subject = SPAN("=?utf-8?q?Gr=C3=BC=C3=9Fe?="),
                                         .about = 6,
                                         .addresses = 180,
                                         .link = SPAN(""),
                                         .other = SPAN("")};

static struct user_letter held(enum letter_link why)
{
    struct user_letter l = shown;
    l.kind = LETTER_HELD_LINK;
    l.why = why;
    l.link = SPAN("hxxps://bad[.]example/x");
    l.other = SPAN("other.example");
    return l;
}

/* What a reader of plain text sees, on one line. */
static void read_text(struct buffer *out, const struct user_letter *l, const char *language)
{
    struct user_letter letter = *l;
    struct buffer message = BUFFER_EMPTY;
    struct parts parts;
    struct mime_entity e;
    struct arena a = ARENA_EMPTY;
    letter.language = language_known(span_of(language));
    user_letter_write(&message, &letter);
    parts_start(&parts, buffer_span(&message));
    assert_true(parts_next(&parts, &e));
    assert_true(mime_is(&e, "text", "plain"));
    struct span text = content_text(&e, &a), word;
    while (text.len) {
        struct span line = span_cut(&text, '\n');
        line = span_trim(line);
        while ((word = span_word(&line)).len)
            buffer_printf(out, "%s%.*s", out->len ? " " : "", SPAN_F(word));
    }
    assert_true(parts_next(&parts, &e));
    assert_true(mime_is(&e, "text", "html"));
    assert_false(parts_next(&parts, &e));
    buffer_free(&message);
    arena_clear(&a);
}

static void a_user_is_told_in_plain_words(void **state)
{
    const struct {
        struct user_letter letter;
        const char *says;
    } table[] = {
        {shown, "Your message showed 180 addresses to all who got it"},
        {shown, "Subject: Grüße"},
        {shown, "put their addresses into the field “Bcc”"},
        {held(LETTER_LINK_KNOWN), "Your message waits: a link in it may be harmful"},
        {held(LETTER_LINK_KNOWN), "Link: hxxps://bad[.]example/x"},
        {held(LETTER_LINK_KNOWN), "It is known here as harmful."},
        {held(LETTER_LINK_LISTED), "is on a list of harmful ones, other.example."},
        {held(LETTER_LINK_ALIKE), "looks like other.example, and is another."},
        {held(LETTER_LINK_OTHER), "Its text names other.example, but it leads somewhere else."},
        {held(LETTER_LINK_OTHER), "change it now, and reply to this mail."},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct buffer text = BUFFER_EMPTY;
        read_text(&text, &table[i].letter, "en");
        if (!strstr(buffer_text(&text), table[i].says))
            fail_msg("%s\n%s", table[i].says, buffer_text(&text));
        buffer_free(&text);
    }
}

static void and_in_every_language(void **state)
{
    static const char *const languages[] = {"ar", "de", "es", "fr", "it", "ja",
                                            "nl", "pl", "pt", "ru", "zh"};
    static const char *const english[] = {"harmful", "nobody",    "somebody",
                                          "reply",   "everybody", "sent"};
    for (size_t i = 0; i < COUNT_OF(languages); i++)
        for (int kind = -1; kind <= LETTER_LINK_OTHER; kind++) {
            struct user_letter l = kind < 0 ? shown : held((enum letter_link)kind);
            struct buffer text = BUFFER_EMPTY;
            read_text(&text, &l, languages[i]);
            for (size_t k = 0; k < COUNT_OF(english); k++)
                if (strstr(buffer_text(&text), english[k]))
                    fail_msg("%s: %s", languages[i], buffer_text(&text));
            buffer_free(&text);
        }
}

static void it_is_a_letter_and_no_notice(void **state)
{
    static const char *const fields[] = {
        "From: <postmaster@example.org>\r\n",
        "To: <alice@example.org>\r\n",
        "\r\nAuto-Submitted: auto-generated\r\n",
        "\r\nContent-Language: de\r\n",
        "\r\nMessage-ID: <",
    };
    struct user_letter l = shown;
    struct buffer message = BUFFER_EMPTY;
    l.language = language_known(SPAN("de"));
    user_letter_write(&message, &l);
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (!strstr(buffer_text(&message), fields[i]))
            fail_msg("%s\n%s", fields[i], buffer_text(&message));
    for (size_t i = 0; i < message.len; i++)
        assert_true((unsigned char)message.at[i] < 0x80);
    buffer_free(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_is_told_in_plain_words),
        cmocka_unit_test(and_in_every_language),
        cmocka_unit_test(it_is_a_letter_and_no_notice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
