#include "base/test.h"

#include "receive/notice_verdict.h"

#include "config/notice_folder.h"

#include <string.h>

static void the_field_is_as_documented(void **state)
{
    static const struct {
        struct judged judged;
        const char *server, *reasons, *field;
    } rows[] = {
        {{true, VERDICT_GENUINE, CONFIDENCE_CERTAIN, PROVENANCE_PROVEN},
         "mx.home.test",
         "sent, names-recipient",
         "Notice-Verdict: mx.home.test; class=genuine; confidence=certain;\r\n"
         "\tprovenance=proven; because=sent, names-recipient\r\n"},
        {{true, VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN, PROVENANCE_UNKNOWN},
         "mx.home.test",
         "",
         "Notice-Verdict: mx.home.test; class=unknown; confidence=unknown;\r\n"
         "\tprovenance=unknown\r\n"},
        {{true, VERDICT_NOT_YOURS, CONFIDENCE_VERY_LIKELY, PROVENANCE_DISPROVEN},
         "the house",
         "not-sent, not-from-me, returns-message, report-structure, known-system, auto-submitted",
         "Notice-Verdict: \"the house\"; class=not-yours; confidence=very-likely;\r\n"
         "\tprovenance=disproven; because=not-sent, not-from-me, returns-message,\r\n"
         "\treport-structure, known-system, auto-submitted\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = BUFFER_EMPTY;
        notice_verdict_add_field(&out, span_of(rows[i].server), rows[i].judged,
                                 span_of(rows[i].reasons));
        assert_string_equal(buffer_text(&out), rows[i].field);
        buffer_free(&out);
    }
}

static void nothing_that_may_be_true_is_refused(void **state)
{
    static const struct judged refused[] = {
        {true, VERDICT_PHISHING, CONFIDENCE_CERTAIN, PROVENANCE_UNKNOWN},
        {true, VERDICT_PHISHING, CONFIDENCE_CERTAIN, PROVENANCE_DISPROVEN},
        {true, VERDICT_NOT_YOURS, CONFIDENCE_VERY_LIKELY, PROVENANCE_DISPROVEN},
        {true, VERDICT_NOT_YOURS, CONFIDENCE_CERTAIN, PROVENANCE_DISPROVEN},
        {true, VERDICT_NOT_YOURS, CONFIDENCE_VERY_LIKELY, PROVENANCE_UNKNOWN},
        {true, VERDICT_NOT_YOURS, CONFIDENCE_CERTAIN, PROVENANCE_UNKNOWN},
    };
    size_t count = 0;
    for (uint64_t n = 0; n <= JUDGED_MOST; n++) {
        struct judged j;
        count += judged_of_number(n, &j) && notice_verdict_refuses(j);
    }
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_true(notice_verdict_refuses(refused[i]));
    assert_int_equal(count, COUNT_OF(refused)); /* and nothing else */
}

static void recipients_that_differ_share_no_verdict(void **state)
{
    const struct judged genuine = {true, VERDICT_GENUINE, CONFIDENCE_LIKELY, PROVENANCE_UNKNOWN},
                        forged = {true, VERDICT_NOT_YOURS, CONFIDENCE_LIKELY, PROVENANCE_DISPROVEN},
                        none = {0},
                        unknown = {true, VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN, PROVENANCE_UNKNOWN};
    const struct {
        struct judged all[3], one;
    } rows[] = {
        {{none, none, none}, none},
        {{none, genuine, genuine}, genuine},
        {{genuine, none, forged}, unknown},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_true(judged_is_same(notice_verdict_of_all(rows[i].all, 3), rows[i].one));
    assert_false(notice_verdict_of_all(NULL, 0).is);
}

static void a_refusal_says_why_and_whom_to_ask(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct verdict v = {.class = VERDICT_NOT_YOURS,
                        .facts = {{.name = "from-me", .is_against = true},
                                  {.name = "not-sent", .detail = SPAN("1@x.test")}},
                        .fact_count = 2};
    struct reply r =
        notice_verdict_reply(&v, SPAN("j\xc3\xb6rg@home.test"), SPAN("postmaster@home.test"), &a);
    assert_int_equal(r.code, 550);
    assert_string_equal(
        r.text.at, "The message that this notice tells of was never sent from here:\n1@x.test.\n"
                   "Somebody has forged the address j??rg@home.test.\n"
                   "Forged senders are best refused when their mail comes (SPF, DKIM, DMARC).\n"
                   "Is that wrong? Please tell postmaster@home.test");
    v = (struct verdict){.class = VERDICT_PHISHING,
                         .facts = {{.name = "asks-to-sign-in"}, {.name = "link-elsewhere"}},
                         .fact_count = 2};
    r = notice_verdict_reply(&v, SPAN("a@home.test"), SPAN("postmaster@home.test"), &a);
    assert_non_null(strstr(r.text.at, "imitates a notice"));
    assert_non_null(strstr(r.text.at, "asks-to-sign-in, link-elsewhere.\n"));
    arena_clear(&a);
}

static void every_class_can_have_a_folder(void **state)
{
    size_t i = 0;
    for (; notice_folder_classes[i]; i++)
        assert_string_equal(notice_folder_classes[i], verdict_name((enum verdict_class)i));
    assert_int_equal(i, VERDICT_NOT_A_BOUNCE); /* which is filed as any other mail */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_field_is_as_documented),
        cmocka_unit_test(nothing_that_may_be_true_is_refused),
        cmocka_unit_test(recipients_that_differ_share_no_verdict),
        cmocka_unit_test(a_refusal_says_why_and_whom_to_ask),
        cmocka_unit_test(every_class_can_have_a_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
