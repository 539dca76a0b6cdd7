/* Messages and what becomes of them, as a whole; convert_fuzz.c has what holds of all messages. */
#include "base/test.h"

#include "mail/convert.h"

#include <string.h>

static void expect_bytes(enum mail_form form, struct span message, struct span want)
{
    struct buffer out = BUFFER_EMPTY;
    struct span why;
    assert_true(convert_message(&out, message, form, &why));
    assert_string_equal(buffer_text(&out), want.at);
    assert_int_equal(out.len, want.len);
    buffer_free(&out);
}

#define EXPECT(form, message, want) expect_bytes(form, SPAN(message), SPAN(want))

static void expect_refusal(enum mail_form form, struct span message, const char *words)
{
    struct buffer out = BUFFER_EMPTY;
    struct span why = SPAN_NONE;
    assert_false(convert_message(&out, message, form, &why));
    assert_true(span_find(why, span_of(words)) != SPAN_NOT_FOUND);
    buffer_free(&out);
}

#define MIME "MIME-Version: 1.0\r\n"
#define CTE "Content-Transfer-Encoding: "
#define PLAIN "Content-Type: text/plain; charset=utf-8\r\n"
#define MIXED "Content-Type: multipart/mixed; boundary=\"a b\"\r\n"

static void text_becomes_quoted_printable(void **state)
{
    EXPECT(FORM_7BIT,
           MIME PLAIN CTE "8bit\r\n\r\nGr\xc3\xbc\xc3\x9f"
                          "e \r\n.\r\nFrom x\r\n--x\r\na=b\r\n",
           MIME PLAIN CTE "quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe=20\r\n=2E\r\n=46rom x\r\n"
                          "=2D-x\r\na=3Db\r\n");
    /* What needs nothing stays; only a label that would not be true there goes. */
    EXPECT(FORM_7BIT, MIME PLAIN "\r\nabc \r\n", MIME PLAIN "\r\nabc \r\n");
    EXPECT(FORM_7BIT, MIME PLAIN "content-transfer-encoding: 8BIT (x)\r\nX: y\r\n\r\nabc\r\n",
           MIME PLAIN "content-transfer-encoding: 7bit\r\nX: y\r\n\r\nabc\r\n");
    EXPECT(FORM_8BIT, MIME PLAIN CTE "binary\r\n\r\n\xc3\xbc\r\n",
           MIME PLAIN CTE "8bit\r\n\r\n\xc3\xbc\r\n");
    EXPECT(FORM_8BIT, MIME PLAIN CTE "8bit\r\n\r\n\xc3\xbc\r\n",
           MIME PLAIN CTE "8bit\r\n\r\n\xc3\xbc\r\n");
    /* Without MIME, or with half of it; the charset that nobody tells is guessed or left open. */
    EXPECT(FORM_7BIT, "Subject: x\r\n\r\n\xc3\xbc\r\n",
           "Subject: x\r\n" MIME "Content-Type: text/plain; charset=utf-8\r\n" CTE
           "quoted-printable\r\n\r\n=C3=BC\r\n");
    EXPECT(FORM_7BIT, "Subject: x\r\n\r\ntrue \xfc\r\n",
           "Subject: x\r\n" MIME "Content-Type: text/plain; charset=unknown-8bit\r\n" CTE
           "quoted-printable\r\n\r\ntrue =FC\r\n");
    EXPECT(FORM_7BIT, PLAIN "\r\n\xc3\xbc\r\n",
           PLAIN MIME CTE "quoted-printable\r\n\r\n=C3=BC\r\n");
    EXPECT(FORM_7BIT, "", "");
    /* A text without an end gets none. */
    EXPECT(FORM_7BIT, PLAIN MIME "\r\nx\xc3\xbc",
           PLAIN MIME CTE "quoted-printable\r\n\r\nx=C3=BC=\r\n");
}

#define ZH "\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96\xd0\x96"
#define ZH64 "0JbQltCW0JbQltCW"

static void what_is_no_text_becomes_base64(void **state)
{
    EXPECT(FORM_8BIT,
           MIME "Content-Type: image/png\r\n" CTE "binary\r\n\r\n\x89PNG\r\n\x1a\n\0\0\0\r",
           MIME "Content-Type: image/png\r\n" CTE "base64\r\n\r\niVBORw0KGgoAAAAN");
    EXPECT(FORM_7BIT, PLAIN MIME CTE "8bit\r\n\r\n" ZH ZH ZH ZH ZH "\r\n",
           PLAIN MIME CTE "base64\r\n\r\n" ZH64 ZH64 ZH64 ZH64 "0JbQltCW0JbQ\r\nltCWDQo=");
    /* A line end more would be an octet more. */
    EXPECT(FORM_8BIT, MIME "Content-Type: application/x\r\n" CTE "binary\r\n\r\nabc",
           MIME "Content-Type: application/x\r\n" CTE "quoted-printable\r\n\r\nabc=\r\n");
    /* Encoded already, and broken: repaired. */
    EXPECT(FORM_7BIT, PLAIN MIME CTE "quoted-printable\r\n\r\n=C3\xbc=\r\nx\r\n",
           PLAIN MIME CTE "quoted-printable\r\n\r\n=C3=BC=\r\nx\r\n");
    EXPECT(FORM_8BIT, PLAIN MIME CTE "base64\r\n\r\nQU\nJD\r\n",
           PLAIN MIME CTE "base64\r\n\r\nQUJD\r\n");
}

static void each_part_gets_what_it_needs(void **state)
{
    EXPECT(FORM_7BIT,
           MIME MIXED CTE "binary\r\n\r\nto be ignored\r\n--a b\r\n" PLAIN CTE
                          "8bit\r\n\r\n\xc3\xbc\r\n--a b  \r\n\r\nplain\r\n--a b\r\n"
                          "Content-Type: application/octet-stream\r\n" CTE
                          "binary\r\n\r\n\xff\xfe\0\r\n--a b--\r\nthe end",
           MIME MIXED CTE "7bit\r\n\r\nto be ignored\r\n--a b\r\n" PLAIN CTE
                          "quoted-printable\r\n\r\n=C3=BC\r\n--a b  \r\n\r\nplain\r\n--a b\r\n"
                          "Content-Type: application/octet-stream\r\n" CTE
                          "base64\r\n\r\n//4A\r\n--a b--\r\nthe end");
    /* A preamble that can't travel is no content. */
    EXPECT(FORM_7BIT, MIME MIXED "\r\n\xc3\xbc\r\n--a b\r\n\r\nx\r\n--a b--\r\n\xc3\xbc\r\n",
           MIME MIXED "\r\n\r\n--a b\r\n\r\nx\r\n--a b--\r\n");
    /* A part inside ends where the outer one does. */
    EXPECT(FORM_7BIT,
           MIME MIXED
           "\r\n--a b\r\nContent-Type: Multipart/Alternative;\r\n boundary=a\r\n\r\n--a\r\n"
           "\r\nxyz\xc3\xbc\r\n--a b\r\n\r\nlast\xc3\xbc",
           MIME MIXED
           "\r\n--a b\r\nContent-Type: Multipart/Alternative;\r\n boundary=a\r\n\r\n--a\r\n" CTE
           "quoted-printable\r\n\r\nxyz=C3=BC\r\n--a b\r\n" CTE
           "quoted-printable\r\n\r\nlast=C3=BC=\r\n");
}

static void messages_inside_are_not_encoded_themselves(void **state)
{
    EXPECT(FORM_7BIT,
           MIME "Content-Type: message/rfc822\r\n" CTE "8bit\r\n\r\nSubject: in\r\n" MIME PLAIN CTE
                "8bit\r\n\r\nxyz \xc3\xbc\r\n",
           MIME "Content-Type: message/rfc822\r\n" CTE "7bit\r\n\r\nSubject: in\r\n" MIME PLAIN CTE
                "quoted-printable\r\n\r\nxyz =C3=BC\r\n");
    EXPECT(FORM_7BIT,
           MIME
           "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\nSubject: in\r\n\r\nold "
           "\xfc\r\n--d--\r\n",
           MIME "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\nSubject: in\r\n" MIME
                "Content-Type: text/plain; charset=unknown-8bit\r\n" CTE
                "quoted-printable\r\n\r\nold =FC\r\n--d--\r\n");
    /* RFC 6522: the parts of a report. */
    EXPECT(FORM_7BIT,
           MIME "Content-Type: multipart/report; boundary=r\r\n\r\n--r\r\nContent-Type: "
                "text/rfc822-headers\r\n" CTE "8bit\r\n\r\nSubject: \xc3\xbc\r\n--r--\r\n",
           MIME "Content-Type: multipart/report; boundary=r\r\n\r\n--r\r\nContent-Type: "
                "text/rfc822-headers\r\n" CTE
                "quoted-printable\r\n\r\nSubject: =C3=BC\r\n--r--\r\n");
}

#define SIGNED                                                                                     \
    "Content-Type: multipart/signed; boundary=s; protocol=\"application/pgp-signature\"\r\n"

static void what_is_signed_stays_as_it_is(void **state)
{
    EXPECT(FORM_7BIT, MIME SIGNED CTE "8bit\r\n\r\n--s\r\n" CTE "8bit\r\n\r\nx \r\n--s--\r\n",
           MIME SIGNED CTE "7bit\r\n\r\n--s\r\n" CTE "8bit\r\n\r\nx \r\n--s--\r\n");
    EXPECT(FORM_8BIT, MIME SIGNED "\r\n--s\r\n\r\n\xc3\xbc\r\n--s--\r\n",
           MIME SIGNED "\r\n--s\r\n\r\n\xc3\xbc\r\n--s--\r\n");
    expect_refusal(FORM_7BIT, SPAN(MIME SIGNED "\r\n--s\r\n\r\n\xc3\xbc\r\n--s--\r\n"), "signed");
    expect_refusal(FORM_8BIT, SPAN(MIME SIGNED "\r\n--s\r\n\r\n\0\r\n--s--\r\n"), "signed");
    /* Beside a part that must be encoded it travels unchanged. */
    EXPECT(FORM_7BIT,
           MIME MIXED "\r\n--a b\r\n" SIGNED
                      "\r\n--s\r\n\r\nx \r\n--s--\r\n--a b\r\n\r\nxyz\xc3\xbc\r\n"
                      "--a b--\r\n",
           MIME MIXED "\r\n--a b\r\n" SIGNED "\r\n--s\r\n\r\nx \r\n--s--\r\n--a b\r\n" CTE
                      "quoted-printable\r\n\r\nxyz=C3=BC\r\n--a b--\r\n");
}

static void what_may_not_or_cant_be_encoded_is_refused(void **state)
{
#define HIGH "\r\n\r\n\xc3\xbc\r\n"
    expect_refusal(FORM_7BIT, SPAN(PLAIN CTE "x-uuencode" HIGH), "does not know");
    expect_refusal(FORM_7BIT, SPAN("Content-Type: message/partial" HIGH), "message/partial");
    expect_refusal(FORM_7BIT, SPAN("Content-Type: multipart/mixed" HIGH), "can't be told apart");
    expect_refusal(FORM_7BIT, SPAN(MIXED CTE "base64" HIGH), "can't be told apart");
    expect_refusal(FORM_7BIT, SPAN("Content-Type: message/rfc822\r\n" CTE "x-y" HIGH),
                   "does not know");
    expect_refusal(FORM_7BIT, SPAN(PLAIN "Content-Type: text/html" HIGH), "contradict");
    expect_refusal(FORM_7BIT, SPAN(PLAIN CTE "8bit\r\n" CTE "base64" HIGH), "contradict");
    expect_refusal(FORM_8BIT, SPAN(MIXED "\r\n--a b\r\nX: 1\nY: 2\r\n\r\n\0\r\n--a b--\r\n"),
                   "is not text");
    expect_refusal(FORM_8BIT, SPAN(MIXED "\r\n--a b\n\r\n\0\r\n--a b--\r\n"), "lines between");
    /* The same field twice says nothing new. */
    EXPECT(FORM_7BIT, MIME PLAIN PLAIN CTE "8bit\r\n" CTE "8bit\r\n\r\nxyz\xc3\xbc\r\n",
           MIME PLAIN PLAIN CTE "quoted-printable\r\n" CTE "quoted-printable\r\n\r\nxyz=C3=BC\r\n");
    struct buffer deep = BUFFER_EMPTY;
    for (size_t i = 0; i < 40; i++)
        buffer_add_text(&deep, "Content-Type: message/rfc822\r\n\r\n");
    buffer_add_text(&deep, "Subject: x" HIGH);
    expect_refusal(FORM_7BIT, buffer_span(&deep), "too deeply");
    buffer_free(&deep);
#undef HIGH
}

static void lines_are_not_too_long(void **state)
{
    struct buffer message = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct span why, rest;
    buffer_add_text(&message, PLAIN MIME CTE "8bit\r\n\r\n");
    for (size_t i = 0; i < 3000; i++)
        buffer_add_text(&message, i % 100 ? "-" : "\xc3\xbc");
    assert_true(convert_message(&out, buffer_span(&message), FORM_7BIT, &why));
    for (rest = buffer_span(&out); rest.len;)
        assert_true(span_cut(&rest, '\n').len <= 77);
    buffer_free(&message);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_becomes_quoted_printable),
        cmocka_unit_test(what_is_no_text_becomes_base64),
        cmocka_unit_test(each_part_gets_what_it_needs),
        cmocka_unit_test(messages_inside_are_not_encoded_themselves),
        cmocka_unit_test(what_is_signed_stays_as_it_is),
        cmocka_unit_test(what_may_not_or_cant_be_encoded_is_refused),
        cmocka_unit_test(lines_are_not_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
