#include "base/test.h"

#include "mail/submission.h"

#include <string.h>

/* 24 Nov 2026, 12:44:03 */
static const struct submitter alice = {.hostname = {"mx.test", 7},
                                       .address = {"alice@mx.test", 13},
                                       .name = {"Alice", 5},
                                       .now_ms = 1795524243000,
                                       .offset_minutes = 60,
                                       .random = 0xABC};

#define FROM "From: Alice <alice@mx.test>\r\n"
#define DATE "Date: Tue, 24 Nov 2026 13:44:03 +0100\r\n"
#define ID "Message-ID: <1a20d95ae38.abc@mx.test>\r\n"
#define RFROM "Resent-" FROM
#define RDATE "Resent-" DATE
#define RID "Resent-" ID
#define HAS "From: a@x.test\r\nDate: x\r\nMessage-ID: <x>\r\n"

static void complete(struct buffer *out, const char *text, bool is_resent,
                     const struct submitter *s)
{
    struct buffer normal = BUFFER_EMPTY;
    buffer_clear(out);
    submission_normal(&normal, span_of(text));
    submission_complete(out, buffer_span(&normal), is_resent, s);
    buffer_free(&normal);
}

static void expect(const char *text, bool is_resent, const struct submitter *s, const char *want)
{
    struct buffer out = BUFFER_EMPTY;
    complete(&out, text, is_resent, s);
    if (strcmp(buffer_text(&out), want) != 0)
        fail_msg("%s\nbecame\n%s\nnot\n%s", text, buffer_text(&out), want);
    buffer_free(&out);
}

static void what_is_missing_is_added(void **state)
{
    static const struct {
        const char *text, *want;
        bool is_resent;
    } cases[] = {
        {"", FROM DATE ID "\r\n"},
        {"hello\n", FROM DATE ID "\r\nhello\r\n"},
        {"\nhello", FROM DATE ID "\r\nhello\r\n"},
        {"Subject: x\n\nhello\n", FROM DATE ID "Subject: x\r\n\r\nhello\r\n"},
        {"Subject: x\n", FROM DATE ID "Subject: x\r\n\r\n"},
        {"Subject: x\nno field\n", FROM DATE ID "Subject: x\r\n\r\nno field\r\n"},
        {"From: a@x.test\r\nDATE: x\r\nmessage-id: <x>\r\n\r\n.\r\n..\r\n",
         "From: a@x.test\r\nDATE: x\r\nmessage-id: <x>\r\n\r\n.\r\n..\r\n"},
        {"Date: x\n\n", FROM ID "Date: x\r\n\r\n"},
        /* of a mailbox file */
        {"From alice Tue Nov 24 2026\n" HAS "\nFrom here\n", HAS "\r\nFrom here\r\n"},
        {">From alice\n" HAS "\n", HAS "\r\n"},
        {"Fromage: x\n" HAS "\n", "Fromage: x\r\n" HAS "\r\n"},
        /* what is not for the recipients */
        {"Bcc: b@x.test,\n c@x.test\n" HAS "bcc: d\nReturn-Path: <e>\nX-Bcc: f\n\nBcc: body\n",
         HAS "X-Bcc: f\r\n\r\nBcc: body\r\n"},
        /* domains */
        {"To: bob, Carol <carol> (x), <d@y.test>,\n Eve\n <eve>\nX-To: bob\nSubject: bob\n" HAS
         "\n",
         "To: bob@mx.test, Carol <carol@mx.test> (x), <d@y.test>,\r\n Eve\r\n <eve@mx.test>\r\n"
         "X-To: bob\r\nSubject: bob\r\n" HAS "\r\n"},
        {"Cc: list: bob, carol;, undisclosed:;\nReply-To: \"a b\"\n" HAS "\n",
         "Cc: list: bob@mx.test, carol@mx.test;, undisclosed:;\r\nReply-To: \"a b\"@mx.test\r\n" HAS
         "\r\n"},
        {"To: bob, Carol Danvers\nCc:\n" HAS "\n",
         "To: bob@mx.test, Carol Danvers\r\nCc:\r\n" HAS "\r\n"},
        /* sent again */
        {"Resent-To: b@x.test\n" HAS "\n", RFROM RDATE RID "Resent-To: b@x.test\r\n" HAS "\r\n",
         true},
        {"Resent-To: b@x.test\n" HAS "\n", "Resent-To: b@x.test\r\n" HAS "\r\n", false},
        {"Resent-To: b\nResent-From: a\nResent-Bcc: c\n" HAS "\n",
         RDATE RID "Resent-To: b@mx.test\r\nResent-From: a@mx.test\r\n" HAS "\r\n", true},
        {"Resent-To: b@x.test\nReceived: x\nResent-To: c@x.test\nResent-Date: old\n" HAS "\n",
         RFROM RDATE RID
         "Resent-To: b@x.test\r\nReceived: x\r\nResent-To: c@x.test\r\nResent-Date: old\r\n" HAS
         "\r\n",
         true},
        {HAS "\n", HAS "\r\n", true},
        /* nothing gets a field of its own by a CR or a NUL */
        {"Subject: x\rBcc: y\n" HAS "\n", "Subject: x Bcc: y\r\n" HAS "\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect(cases[i].text, cases[i].is_resent, &alice, cases[i].want);
}

static void names_are_written_right(void **state)
{
    static const struct {
        const char *name, *want;
    } cases[] = {
        {"", "From: alice@mx.test\r\n"},
        {"  ", "From: alice@mx.test\r\n"},
        {"Alice Q Liddell", "From: Alice Q Liddell <alice@mx.test>\r\n"},
        {"Liddell, Alice", "From: \"Liddell, Alice\" <alice@mx.test>\r\n"},
        {"a \"b\" \\", "From: \"a \\\"b\\\" \\\\\" <alice@mx.test>\r\n"},
        {"x=?utf-8?Q?y?=", "From: \"x=?utf-8?Q?y?=\" <alice@mx.test>\r\n"},
        {"J\xc3\xbcrgen", "From: =?utf-8?B?SsO8cmdlbg==?= <alice@mx.test>\r\n"},
        {"J\xfcrgen", "From: alice@mx.test\r\n"},
        {"A\nBcc: x", "From: =?utf-8?B?QQpCY2M6IHg=?= <alice@mx.test>\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct submitter s = alice;
        struct buffer out = BUFFER_EMPTY;
        s.name = span_of(cases[i].name);
        complete(&out, "Date: x\n\n", false, &s);
        struct span first = span_first(buffer_span(&out), strlen(cases[i].want));
        if (!span_equal(first, span_of(cases[i].want)))
            fail_msg("%s became %s", cases[i].name, buffer_text(&out));
        buffer_free(&out);
    }
}

/* "a@x.test b@x.test", or what is wrong. */
static void print(struct buffer *out, const struct submission_recipients *r, bool ok,
                  const struct error *e)
{
    buffer_clear(out);
    for (size_t i = 0; ok && i < r->count; i++)
        buffer_printf(out, "%s%.*s", i ? " " : "", SPAN_F(r->addresses[i]));
    if (!ok)
        buffer_add_text(out, e->text);
}

static void recipients_are_found(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"To: b@x.test\nCc: Carol <c@x.test>,\n d\nBcc: e@x.test\nX: f@x.test\n\nTo: g@x.test\n",
         "b@x.test c@x.test d@mx.test e@x.test"},
        {"to: b@x.test\nTO: B@X.TEST, c@x.test\n", "b@x.test c@x.test"},
        {"To: undisclosed-recipients:;\nBcc: b@x.test\n", "b@x.test"},
        {"Subject: x\n\nTo: b@x.test\n", ""},
        {"From x\nTo: b@x.test\n", "b@x.test"},
        {"To: =?utf-8?Q?a=2C?= <b@x.test>, \"c, d\" <e@x.test>\n", "b@x.test e@x.test"},
        {"To: a@x.test, b c\n", "in To: this is no address: b c"},
        {"To: a@x.test\nBcc: \033[2J\n", "in Bcc: this is no address: <U+001B>[2J"},
        {"To: a\x02\n", "in To: this is no address: a<U+0002>"},
        {"To: a@x.test, b@x.test, c@x.test, d@x.test, e@x.test\n",
         "in To: a message may have at most 4 recipients here (max-recipients)"},
        /* sent again */
        {"To: a@x.test\nResent-To: b@x.test\nResent-Cc: c@x.test\nResent-Bcc: d@x.test\n",
         "b@x.test c@x.test d@x.test"},
        {"Resent-To: b@x.test\nResent-From: x\nResent-From: y\nResent-To: old@x.test\nTo: "
         "a@x.test\n",
         "b@x.test"},
        {"Resent-From: x\nTo: a@x.test\n", ""},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct submission_recipients r = {.hostname = SPAN("mx.test"), .most = 4};
        struct arena a = ARENA_EMPTY;
        struct buffer normal = BUFFER_EMPTY;
        struct error e;
        submission_normal(&normal, span_of(cases[i].text));
        bool ok = submission_add_header(&r, buffer_span(&normal), &a, &e);
        print(&out, &r, ok, &e);
        if (strcmp(buffer_text(&out), cases[i].want) != 0)
            fail_msg("%s\ngave %s, not %s", cases[i].text, buffer_text(&out), cases[i].want);
        buffer_free(&normal);
        arena_clear(&a);
    }
    buffer_free(&out);
}

static void lists_add_up(void **state)
{
    struct submission_recipients r = {.hostname = SPAN("mx.test"), .most = 100};
    struct arena a = ARENA_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    assert_true(submission_add_list(&r, SPAN("bob"), &a, &e));
    assert_true(submission_add_list(&r, SPAN("Bob <BOB@mx.test>, carol"), &a, &e));
    for (int i = 0; i < 40; i++)
        assert_true(submission_add_list(&r, arena_printf(&a, "u%d", i), &a, &e));
    assert_int_equal(r.count, 42);
    assert_true(span_equal(r.addresses[0], SPAN("bob@mx.test")));
    assert_true(span_equal(r.addresses[41], SPAN("u39@mx.test")));
    buffer_free(&out);
    arena_clear(&a);
}

/* However the text comes in. */
static void a_lone_dot_ends(void **state)
{
    static const struct {
        const char *text;
        size_t end;
    } cases[] = {
        {"a\n.\nb\n", 2},
        {"a\r\n.\r\nb", 3},
        {".\n", 0},
        {".\r\n", 0},
        {"a\n\n.\n", 3},
        {"a\n.", 2},
        {"a\n.\r", 2},
        {".", 0},
        {"", SPAN_NOT_FOUND},
        {"a.\n", SPAN_NOT_FOUND},
        {"a\n..\n", SPAN_NOT_FOUND},
        {"a\n. \n", SPAN_NOT_FOUND},
        {"a\n .\n", SPAN_NOT_FOUND},
        {"a\r.\r", SPAN_NOT_FOUND},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span text = span_of(cases[i].text);
        for (size_t first = 0; first <= text.len; first++) {
            size_t found = submission_end(span_first(text, first), 0, false);
            if (found == SPAN_NOT_FOUND)
                found = submission_end(text, first, false);
            if (found == SPAN_NOT_FOUND)
                found = submission_end(text, text.len, true);
            assert_int_equal(found, cases[i].end);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_dot_ends),
        cmocka_unit_test(what_is_missing_is_added),
        cmocka_unit_test(names_are_written_right),
        cmocka_unit_test(recipients_are_found),
        cmocka_unit_test(lists_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
