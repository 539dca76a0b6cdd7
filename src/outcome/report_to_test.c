#include "outcome/report_to.h"

#include "base/test.h"

#include <string.h>

static void a_failure_that_nobody_hears_of_has_a_reason(void **state)
{
    static const struct {
        enum origin origin;
        const char *from, *owner;
        unsigned notify;
        const char *why; /* part of it */
    } cases[] = {
        {ORIGIN_SMTP, "", "", 0, "null"},
        {ORIGIN_FORWARD, "", "", 0, "null"},
        {ORIGIN_SMTP, "", "", NOTIFY_FAILURE, "null"},
        {ORIGIN_SMTP, "", "owner@example.org", 0, NULL},
        {ORIGIN_SMTP, "s@example.org", "", 0, NULL},
        {ORIGIN_SMTP, "s@example.org", "", NOTIFY_FAILURE | NOTIFY_DELAY, NULL},
        {ORIGIN_SMTP, "s@example.org", "", NOTIFY_NEVER, "asked not to be told"},
        {ORIGIN_SMTP, "s@example.org", "", NOTIFY_SUCCESS, "asked not to be told"},
        {ORIGIN_NOTIFICATION, "", "", 0, "does not tell postmaster"},
        {ORIGIN_TO_POSTMASTER, "", "", 0, "never reported"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct recipient to = {.address = SPAN("bob@example.net"),
                               .parameters = {.notify = cases[i].notify},
                               .reverse_path = span_of(cases[i].owner)};
        const struct envelope e = {.origin = cases[i].origin,
                                   .reverse_path = span_of(cases[i].from),
                                   .recipients = &to,
                                   .recipient_count = 1};
        const char *why = report_why_nobody(&e, 0);
        if (cases[i].why)
            assert_non_null(strstr(why, cases[i].why));
        else
            assert_string_equal(why, "");
    }
}

static void how_much_is_returned_depends_on_whose_it_is(void **state)
{
    static const struct {
        enum vouched vouched;
        bool is_ours;
        enum ret_kind ret;
        enum report_extent extent;
    } cases[] = {
        {VOUCHED_UNKNOWN, false, RET_UNSTATED, REPORT_HEADER},
        {VOUCHED_UNKNOWN, false, RET_HDRS, REPORT_HEADER},
        {VOUCHED_UNKNOWN, false, RET_FULL, REPORT_WHOLE}, /* only those we trust may say so */
        {VOUCHED_UNKNOWN, true, RET_UNSTATED, REPORT_WHOLE},
        {VOUCHED_UNKNOWN, true, RET_HDRS, REPORT_HEADER},
        {VOUCHED_UNKNOWN, true, RET_FULL, REPORT_WHOLE},
        {VOUCHED_FOR, false, RET_UNSTATED, REPORT_WHOLE},
        {VOUCHED_FOR, false, RET_HDRS, REPORT_HEADER},
        {VOUCHED_FOR, false, RET_FULL, REPORT_WHOLE},
        {VOUCHED_FOR, true, RET_UNSTATED, REPORT_WHOLE},
        {VOUCHED_FOR, true, RET_HDRS, REPORT_HEADER},
        {VOUCHED_FOR, true, RET_FULL, REPORT_WHOLE},
        {VOUCHED_AGAINST, false, RET_UNSTATED, REPORT_TO_POSTMASTER},
        {VOUCHED_AGAINST, false, RET_HDRS, REPORT_TO_POSTMASTER},
        {VOUCHED_AGAINST, false, RET_FULL, REPORT_TO_POSTMASTER},
        {VOUCHED_AGAINST, true, RET_UNSTATED, REPORT_TO_POSTMASTER}, /* of our user, too */
        {VOUCHED_AGAINST, true, RET_HDRS, REPORT_TO_POSTMASTER},
        {VOUCHED_AGAINST, true, RET_FULL, REPORT_TO_POSTMASTER},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(report_extent(cases[i].vouched, cases[i].is_ours, cases[i].ret),
                         cases[i].extent);
}

static void postmaster_hears_in_the_place_of(void **state)
{
    static const struct {
        enum origin origin;
        enum vouched vouched;
        const char *from, *owner;
        bool is_for_postmaster;
    } cases[] = {
        {ORIGIN_SMTP, VOUCHED_UNKNOWN, "s@example.org", "", false},
        {ORIGIN_SMTP, VOUCHED_FOR, "s@example.org", "", false},
        {ORIGIN_SMTP, VOUCHED_AGAINST, "s@example.org", "", true},
        {ORIGIN_SMTP, VOUCHED_AGAINST, "s@example.org", "owner@example.org", false},
        {ORIGIN_SMTP, VOUCHED_AGAINST, "", "", false},
        {ORIGIN_NOTIFICATION, VOUCHED_UNKNOWN, "", "", true},
        {ORIGIN_TO_POSTMASTER, VOUCHED_UNKNOWN, "", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct recipient to = {.address = SPAN("bob@example.net"),
                               .reverse_path = span_of(cases[i].owner)};
        const struct envelope e = {.origin = cases[i].origin,
                                   .vouched = cases[i].vouched,
                                   .reverse_path = span_of(cases[i].from),
                                   .recipients = &to,
                                   .recipient_count = 1};
        assert_int_equal(report_is_for_postmaster(&e, 0), cases[i].is_for_postmaster);
        assert_int_equal(report_goes_to_postmaster(report_told_to(&e, 0)),
                         cases[i].is_for_postmaster);
        if (!cases[i].is_for_postmaster)
            assert_true(span_equal(report_told_to(&e, 0), envelope_reverse_path(&e, 0)));
    }
}

static void what_was_kept_out_is_owed_to_whose_mailbox_it_is(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct recipient to = {.address = SPAN("Bob+x@example.net")};
    const struct envelope e = {
        .reverse_path = SPAN("s@example.org"), .recipients = &to, .recipient_count = 1};
    const struct outcome failed = {.kind = OUTCOME_FAILED},
                         kept_out = {.kind = OUTCOME_DISCARDED, .stage = SPAN("bob@example.net")};
    struct span mailbox, owed = report_owed_by(&e, 0, &kept_out, &a);
    assert_true(span_equal(owed, SPAN("flood bob@example.net")));
    assert_int_equal(report_digest_of(owed, &mailbox), DIGEST_OF_FLOOD);
    assert_true(span_equal(mailbox, SPAN("bob@example.net")));
    to.judged = (struct judged){.is = true, .class = VERDICT_ACCOUNT_ABUSED};
    owed = report_owed_by(&e, 0, &kept_out, &a);
    assert_true(span_equal(owed, SPAN("misuse bob@example.net")));
    assert_int_equal(report_digest_of(owed, &mailbox), DIGEST_OF_MISUSE);
    assert_true(span_equal(mailbox, SPAN("bob@example.net")));
    owed = report_owed_by(&e, 0, &failed, &a);
    assert_true(span_equal(owed, SPAN("s@example.org")));
    assert_int_equal(report_digest_of(owed, &mailbox), DIGEST_OF_OUTCOMES);
    assert_true(span_equal(mailbox, owed));
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_much_is_returned_depends_on_whose_it_is),
        cmocka_unit_test(postmaster_hears_in_the_place_of),
        cmocka_unit_test(what_was_kept_out_is_owed_to_whose_mailbox_it_is),
        cmocka_unit_test(a_failure_that_nobody_hears_of_has_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
