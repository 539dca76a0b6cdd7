#include "base/test.h"

#include "bounce/survey.h"
#include "bounce/survey_repair.h"

static const char *role_name(enum part_role role)
{
    static const char *const names[] = {[PART_TEXT] = "text",
                                        [PART_HTML] = "html",
                                        [PART_STATUS] = "status",
                                        [PART_DISPOSITION] = "disposition",
                                        [PART_FEEDBACK] = "feedback",
                                        [PART_RETURNED] = "returned",
                                        [PART_RETURNED_HEADERS] = "headers",
                                        [PART_CALENDAR] = "calendar",
                                        [PART_OTHER] = "other"};
    return names[role];
}

/* The parts as "role:text|". */
static void describe(struct buffer *out, const struct survey *s)
{
    for (size_t i = 0; i < s->part_count; i++) {
        struct span text = span_trim(s->parts[i].text);
        buffer_printf(out, "%s:%.*s|", role_name(s->parts[i].role), SPAN_F(text));
    }
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n"

static void parts_have_roles(void **state)
{
    static const struct {
        const char *message, *want;
    } cases[] = {
        {"Subject: x\n\nHi", "text:Hi|"},
        {"", "text:|"},
        {"\n\nSubject: x\n\nHi", "text:Hi|"},
        {"\xef\xbb\xbfSubject: x\n\nHi", "text:Hi|"},
        {"From MAILER-DAEMON Mon Jan  1 00:00:00 2001\nSubject: x\n\nHi", "text:Hi|"},
        {"no header", "text:no header|"},
        {"Content-Type: text/html\n\n<p>Hi<br>you", "html:Hi\nyou|"},
        {MIXED "--b\n\nHi\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\ny\n--b--\n",
         "text:Hi|returned:Subject: x\n\ny|"},
        {MIXED "--b\n\nHi\n--b\nContent-Type: text/rfc822-headers\n\nSubject: x\n--b--\n",
         "text:Hi|headers:Subject: x|"},
        /* What a part is shows, whatever it calls itself. */
        {MIXED "--b\n\nHi\n--b\n\nReceived: x\nFrom: a@example.org\nSubject: x\n\ny\n--b--\n",
         "text:Hi|returned:Received: x\nFrom: a@example.org\nSubject: x\n\ny|"},
        {MIXED "--b\n\nHi\n--b\nContent-Type: message/x-unknown\n\nFinal-Recipient: a\n--b--\n",
         "text:Hi|status:Final-Recipient: a|"},
        {MIXED "--b\n\nHi\n--b\nContent-Type: application/x; name=a.eml\n"
               "Content-Transfer-Encoding: base64\n\n"
               "RnJvbTogYQpUbzogYgpTdWJqZWN0OiBjCgpkCg==\n--b--\n",
         "text:Hi|returned:From: a\nTo: b\nSubject: c\n\nd|"},
        {MIXED
         "--b\n\nHi\n--b\nReceived: x\nFrom: a\nTo: b\nContent-Type: text/html\n\n<p>y\n--b--\n",
         "text:Hi|returned:Received: x\nFrom: a\nTo: b\nContent-Type: text/html\n\n<p>y|"},
        {MIXED "--b\n\nHi\n--b\nMIME-Version: 1.0\nContent-Type: text/plain\nDate: x\nX-Mailer: "
               "y\n\nyou\n--b--\n",
         "text:Hi|text:you|"},
        {MIXED "--b\n\nHi\n--b\n\nContent-Type: message/rfc822\n\nSubject: x\n--b--\n",
         "text:Hi|returned:Subject: x|"},
        {MIXED "--b\n\nHi\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
               "iVBORw0KGgo=\n--b--\n",
         "text:Hi|other:|"},
        /* The first text is never a message, or letters would be. */
        {"Subject: x\n\nFrom: a\nTo: b\nSubject: c\n\nd", "text:From: a\nTo: b\nSubject: c\n\nd|"},
        /* No boundary, another one, none that is ever used. */
        {"Content-Type: multipart/mixed\n\n--q\nContent-Type: text/plain\n\nHi\n--q--\n",
         "text:Hi|"},
        {"Content-Type: multipart/mixed; boundary=z\n\n--q\nContent-Type: "
         "text/plain\n\nHi\n--q--\n",
         "text:Hi|"},
        {"Content-Type: multipart/mixed; boundary=z\n\nHi\n", "text:Hi|"},
        {"From: MAILER-DAEMON\n\nx\n--q\n\nHi\n--q\nContent-Type: text/plain\n\nyou\n--q--\n",
         "text:Hi|text:you|"},
        {MIXED "--b\nContent-Type: multipart/alternative; boundary=z\n\n--q\n\nHi\n--q--\n--b\n"
               "Content-Type: message/rfc822\n\nSubject: x\n--b--\n",
         "text:--q\n\nHi\n--q--|returned:Subject: x|"},
        {MIXED "--b\nContent-Type: multipart/alternative;\nboundary=q\n\n--q\nContent-Type: "
               "text/plain\n\nHi\n--q\nContent-Type: image/png\n\nPNG\n--q--\n--b\n"
               "Content-Type: message/rfc822\n\nSubject: x\n--b--\n",
         "text:Hi|other:|returned:Subject: x|"},
        /* Parts that a quoted message has are not those of the mail around it. */
        {"From: MAILER-DAEMON\n\nHi\n\nReceived: x\nContent-Type: multipart/mixed; boundary=q\n\n"
         "--q\nContent-Type: text/plain\n\nyou\n--q--\n",
         "text:Hi\n\nReceived: x\nContent-Type: multipart/mixed; boundary=q\n\n--q\nContent-Type: "
         "text/plain\n\nyou\n--q--|"},
        {"From: bob@example.net\n\nI saw\n--q\nContent-Type: text/plain\n\nyou\n--q--\n",
         "text:I saw\n--q\nContent-Type: text/plain\n\nyou\n--q--|"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer got = BUFFER_EMPTY;
        struct survey s;
        survey_take(&s, span_of(cases[i].message), &a);
        describe(&got, &s);
        assert_string_equal(buffer_text(&got), cases[i].want);
        buffer_free(&got);
        arena_clear(&a);
    }
}

static void headers_are_made_whole(void **state)
{
    static const struct {
        const char *message, *want;
    } cases[] = {
        {"A: b\nSubject: c\n\nd", "A: b\nSubject: c\n\nd"},
        {"A: b\ngarbage\nSubject: c\n\nd", "A: b\nSubject: c\n\nd"},
        {"A: b\nsome\ngarbage\nSubject: c\nmore\nTo: d\n\ne", "A: b\nSubject: c\nTo: d\n\ne"},
        {"garbage\nSubject: c\n\nd", "Subject: c\n\nd"},
        {"A: b\nThis is a body\nNote: it is\n\nd", "A: b\nThis is a body\nNote: it is\n\nd"},
        {"A: b\n\nbody\nSubject: c\n\nd", "A: b\n\nbody\nSubject: c\n\nd"},
        {"A: b\rSubject: c\r\rd", "A: b\nSubject: c\n\nd"},
        {">From x\n\nA: b\n", "A: b\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span got = repair_message(span_of(cases[i].message), &a);
        assert_string_equal(arena_text(&a, got), cases[i].want);
        arena_clear(&a);
    }
}

static void fields_are_found(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct survey s;
    survey_take(&s, SPAN("To: a\nSubject: =?utf-8?Q?=C3=A4?=\n b\nsubject: second\n\n"), &a);
    assert_true(survey_has_field(&s, "to"));
    assert_false(survey_has_field(&s, "from"));
    assert_string_equal(arena_text(&a, survey_field(&s, "Subject", &a)), "\xc3\xa4 b");
    assert_int_equal(survey_field(&s, "From", &a).len, 0);
    assert_null(survey_part(&s, PART_HTML));
    assert_non_null(survey_part(&s, PART_TEXT));
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_have_roles),
        cmocka_unit_test(headers_are_made_whole),
        cmocka_unit_test(fields_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
