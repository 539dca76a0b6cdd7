#include "base/test.h"

#include "mail/pasted.h"

#define PLAIN "Content-Type: text/plain; charset=utf-8\n\n"
#define MADE                                                                                       \
    "From: Mail <d@example.org>\nTo: a@example.org\nDate: 24\nSubject: Failed\n" PLAIN "text\n"

static void text_becomes_a_message(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"From: Mail <d@example.org>\nSent: 24\nTo: a@example.org\nSubject: Failed\n\ntext\n",
         "From: Mail <d@example.org>\nTo: a@example.org\nDate: 24\nSubject: Failed\n" PLAIN
         "\ntext\n"},
        {"Von: Mail <d@example.org>\r\nGesendet: 24\r\nAn: a@example.org\r\nBetreff: "
         "Failed\r\ntext\n",
         MADE},
        {"De : Mail <d@example.org>\nEnvoyé : 24\nÀ : a@example.org\nObjet : Failed\ntext\n", MADE},
        {"De: Mail <d@example.org>\nEnviado el: 24\nPara: a@example.org\nAsunto: Failed\ntext\n",
         MADE},
        {"差出人: Mail <d@example.org>\n送信日時: 24\n宛先: a@example.org\n件名: Failed\ntext\n",
         MADE},
        {"发件人：Mail <d@example.org>\n发送时间：24\n收件人：a@example.org\n主题：Failed\ntext\n",
         MADE},
        {"보낸 사람: Mail <d@example.org>\n날짜: 24\n받는 사람: a@example.org\n제목: "
         "Failed\ntext\n",
         MADE},
        {"Тема: Failed\nДата: 24\nОт: Mail <d@example.org>\nКому: a@example.org\ntext\n", MADE},
        {"*From:* Mail <d@example.org>\n*Sent:* 24\n*To:* a@example.org\n*Subject:* Failed\ntext\n",
         MADE},
        {"From: Mail [mailto:d@example.org]\nSent: 24\nTo: a@example.org\nSubject: Failed\ntext\n",
         MADE},
        {"From:\xC2\xA0Mail\nSent:\xC2\xA0"
         "24\nSubject: x\ntext\n",
         NULL},
        /* behind words, and quoted */
        {"What is this?\n\n-----Original Message-----\nFrom: Mail <d@example.org>\nSent: 24\n"
         "To: a@example.org\nSubject: Failed\ntext\n",
         MADE},
        {"Hi\n> From: Mail <d@example.org>\n> Sent: 24\n> To: a@example.org\n> Subject: Failed\n"
         "> text\n",
         MADE},
        {"Hi\n>> From: Mail <d@example.org>\n>> Date: 24\n>> To: a@example.org\n>> Subject: "
         "Failed\n"
         ">> text\n",
         MADE},
        /* no header at all */
        {"Your message could not be delivered.\n", PLAIN "Your message could not be delivered.\n"},
        {"> Your message\n> could not\n>\n> be delivered.\n",
         PLAIN "Your message\ncould not\n\nbe delivered.\n"},
        {"From: only\nthis\n", PLAIN "From: only\nthis\n"},
        {"caf\351\n", PLAIN "café\n"},
        {"", PLAIN},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        pasted_to_message(&out, span_of(cases[i].text));
        if (cases[i].message)
            assert_string_equal(buffer_text(&out), cases[i].message);
    }
    buffer_clear(&out);
    pasted_to_message(&out, SPAN("\xFF\xFEH\0i\0\n\0"));
    assert_string_equal(buffer_text(&out), PLAIN "Hi\n");
    buffer_free(&out);
}

static void what_is_a_message_already(void **state)
{
    static const struct {
        const char *text;
        bool is_message;
    } cases[] = {
        {"Return-Path: <>\nFrom: a@example.org\n\ntext", true},
        {"From: a@example.org\nSubject: x\n\ntext", true},
        {"Subject: x\n\ntext", true},
        {"\n\nSubject: x\n\ntext", true},
        {"\xEF\xBB\xBFSubject: x\n\ntext", true},
        {"From a@example.org Tue Nov 24 12:44:03 2026\nSubject: x\n\ntext", true},
        {"From : a@example.org\nSubject: x\n\ntext", true},
        {"X-Anything: x\n\ntext", true},
        {"broken line\nReceived: by x\n\ntext", true},
        {"From: a\nSent: Tuesday\nTo: b\nSubject: c\n\ntext", false},
        {"Von: a\nGesendet: Dienstag\nAn: b\nBetreff: c\n\ntext", false},
        {"Delivery failed: no such user\n\ntext", false},
        {"Hello\n", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(pasted_is_message(span_of(cases[i].text)), cases[i].is_message);
}

static void shown_headers_in_texts(void **state)
{
    static const struct {
        const char *text;
        bool is_there;
    } cases[] = {
        {"From: a\nDate: b\nTo: c\n", true},
        {"From: a\nTo: b\n", false},
        {"From: a\nDate: b\n\n\n\nTo: c\n", false},
        {"From: a\n\nDate: b\n\nTo: c\n", false}, /* more than one is empty */
        {"Data: 5\nDo: it\nTo: you\n", false},
        {"Subject: a\nFrom: b\nFrom: c\n", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pasted_header h;
        assert_int_equal(pasted_find_header(span_of(cases[i].text), &h), cases[i].is_there);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_a_message),
        cmocka_unit_test(what_is_a_message_already),
        cmocka_unit_test(shown_headers_in_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
