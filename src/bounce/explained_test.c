#include "base/test.h"

#include "bounce/explained.h"
#include "bounce/read.h"
#include "bounce/trial_notice.h"

#include <string.h>

#define HEAD                                                                                       \
    "From: Mail Delivery System <mailer-daemon@mx.example.net>\r\nTo: ann@home.test\r\n"           \
    "Subject: =?utf-8?Q?Undelivered?= Mail\r\n Returned to Sender\r\nMessage-ID: "                 \
    "<n@example.net>\r\n"

static const char notice[] =
    "Return-Path: <>\r\nX-Other: one\r\n" HEAD "Auto-Submitted: auto-replied\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    "--b\r\n\r\nIt did not arrive.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; bob@example.net\r\n"
    "Action: failed\r\nStatus: 5.2.2\r\n\r\n--b--\r\n";

/* The mail that comes in its place, in `a`. */
static struct span explain(const char *language, const char *thread, struct arena *a)
{
    struct notice n;
    struct survey s;
    struct buffer out = BUFFER_EMPTY;
    struct verdict v = trial_verdict(notice, a);
    const struct explained_wishes w = {.language = language_find(span_of(language)),
                                       .me = SPAN("ann@home.test"),
                                       .boundary = SPAN("explained-1"),
                                       .thread = span_of(thread)};
    notice_read(&n, &s, span_of(notice), a);
    explained_add_before(&out, &n, &s, &v, &w);
    buffer_add_text(&out, notice);
    explained_add_behind(&out, &w);
    return arena_keep(a, &out);
}

static void the_words_come_first_and_the_notice_as_it_came(void **state)
{
    static const struct {
        const char *language, *words;
    } rows[] = {{"en", "Your mail server explains this notice."},
                {"de", "Ihr Mailserver erklärt diese Meldung."},
                {"ja", "お使いのメールサーバーが、この通知を説明します。"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena a = ARENA_EMPTY;
        struct survey s;
        survey_take(&s, explain(rows[i].language, "", &a), &a);
        assert_int_equal(s.part_count, 2);
        assert_int_equal(s.parts[0].role, PART_TEXT);
        assert_true(span_starts(s.parts[0].text, span_of(rows[i].words)));
        assert_true(span_find(s.parts[0].text, SPAN("bob@example.net")) != SPAN_NOT_FOUND);
        assert_int_equal(s.parts[1].role, PART_RETURNED);
        assert_true(span_equal(span_trim(s.parts[1].text), span_trim(span_of(notice))));
        arena_clear(&a);
    }
}

static void the_head_is_that_of_the_notice(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct span all = explain("en", "References: <1@home.test>\r\n", &a);
    assert_true(
        span_starts(all, SPAN(HEAD "Auto-Submitted: auto-replied\r\nReferences: <1@home.test>\r\n"
                                   "X-Plainpost-Explained: yes\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;")));
    arena_clear(&a);
}

/* By `plainpost explain`, and by us when it comes again. */
static void whoever_reads_it_reads_the_notice(void **state)
{
    for (size_t i = 0; language_at(i); i++) {
        struct arena a = ARENA_EMPTY;
        struct notice n;
        struct survey s;
        struct verdict v;
        const struct evidence e = {0};
        notice_read(&n, &s, explain(language_tag(language_at(i)), "", &a), &a);
        notice_judge(&v, &n, &s, &e, &a);
        assert_int_equal(n.kind, NOTICE_FAILURE);
        assert_int_equal(n.recipient_count, 1);
        assert_true(span_equal(n.recipients[0].address, SPAN("bob@example.net")));
        assert_int_equal(v.class, VERDICT_GENUINE);
        arena_clear(&a);
    }
}

/* RFC 5322 2.1.1, and CR and LF only together. */
static void every_line_is_fit_for_mail(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct span rest = explain("ru", "", &a);
    while (rest.len) {
        struct span line = span_cut(&rest, '\n');
        assert_true(line.len && line.at[line.len - 1] == '\r' && line.len < 998);
        assert_null(memchr(line.at, '\r', line.len - 1));
    }
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_come_first_and_the_notice_as_it_came),
        cmocka_unit_test(the_head_is_that_of_the_notice),
        cmocka_unit_test(whoever_reads_it_reads_the_notice),
        cmocka_unit_test(every_line_is_fit_for_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
