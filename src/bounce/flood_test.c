/* When a flood begins, what it keeps out, and when it is over. */
#include "base/test.h"

#include "bounce/flood.h"

static const int64_t MINUTE = 60000, HOUR = 3600000, DAY = INT64_C(24) * 3600000;
static const int64_t MONDAY = INT64_C(1795392000000);
static const struct rate TWENTY = {20, 3600000};
#define ALICE SPAN("alice@example.org")
#define BOB SPAN("bob@example.org")

static struct floods *floods;

static int setup(void **state)
{
    floods = floods_new(4);
    return 0;
}

static int teardown(void **state)
{
    floods_free(&floods);
    return 0;
}

static const struct judged forged = {.is = true,
                                     .class = VERDICT_NOT_YOURS,
                                     .confidence = CONFIDENCE_VERY_LIKELY,
                                     .provenance = PROVENANCE_DISPROVEN};

static bool keeps_out(struct span mailbox, int64_t at_ms)
{
    return floods_keep_out(floods, &TWENTY, mailbox, forged, MONDAY + at_ms);
}

/* Begins a flood, and says how many came through. */
static size_t flood(struct span mailbox, int64_t at_ms, size_t count)
{
    size_t through = 0;
    for (size_t i = 0; i < count; i++)
        through += !keeps_out(mailbox, at_ms);
    return through;
}

static void what_speaks_of_forgery(void **state)
{
    struct judged no_notice = forged;
    no_notice.is = false;
    assert_false(judged_is_of_forgery(no_notice));
    assert_false(judged_is_of_forgery((struct judged){0}) ||
                 judged_is_of_misuse((struct judged){0}) || judged_is_unproven((struct judged){0}));
    static const struct {
        enum verdict_class class;
        enum confidence confidence;
        enum provenance provenance;
        bool is_of_forgery, is_unproven;
    } cases[] = {
        {VERDICT_NOT_YOURS, CONFIDENCE_VERY_LIKELY, PROVENANCE_DISPROVEN, true, false},
        {VERDICT_NOT_YOURS, CONFIDENCE_LIKELY, PROVENANCE_DISPROVEN, true, false},
        {VERDICT_NOT_YOURS, CONFIDENCE_UNKNOWN, PROVENANCE_DISPROVEN, false, false},
        {VERDICT_NOT_YOURS, CONFIDENCE_VERY_LIKELY, PROVENANCE_UNKNOWN, false, false},
        {VERDICT_SPAM_IN_BOUNCE, CONFIDENCE_LIKELY, PROVENANCE_DISPROVEN, true, false},
        {VERDICT_SPAM_IN_BOUNCE, CONFIDENCE_LIKELY, PROVENANCE_PROVEN, false, false},
        {VERDICT_GENUINE, CONFIDENCE_CERTAIN, PROVENANCE_PROVEN, false, false},
        {VERDICT_GENUINE, CONFIDENCE_LIKELY, PROVENANCE_UNKNOWN, false, true},
        {VERDICT_ACCOUNT_ABUSED, CONFIDENCE_VERY_LIKELY, PROVENANCE_PROVEN, false, false},
        {VERDICT_ACCOUNT_ABUSED, CONFIDENCE_VERY_LIKELY, PROVENANCE_UNKNOWN, false, false},
        {VERDICT_PHISHING, CONFIDENCE_CERTAIN, PROVENANCE_DISPROVEN, false, false},
        {VERDICT_AUTO_REPLY, CONFIDENCE_LIKELY, PROVENANCE_DISPROVEN, false, false},
        {VERDICT_AUTO_REPLY, CONFIDENCE_LIKELY, PROVENANCE_UNKNOWN, false, false},
        {VERDICT_PHISHING, CONFIDENCE_LIKELY, PROVENANCE_UNKNOWN, false, false},
        {VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN, PROVENANCE_PROVEN, false, false},
        {VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN, PROVENANCE_UNKNOWN, false, true},
        {VERDICT_NOT_A_BOUNCE, CONFIDENCE_LIKELY, PROVENANCE_DISPROVEN, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct judged v = {.is = true,
                                 .class = cases[i].class,
                                 .confidence = cases[i].confidence,
                                 .provenance = cases[i].provenance};
        bool is_of_misuse = v.class == VERDICT_ACCOUNT_ABUSED && v.provenance == PROVENANCE_PROVEN;
        if (judged_is_of_misuse(v) != is_of_misuse)
            fail_msg("case %zu, of misuse", i);
        if (judged_is_of_forgery(v) != cases[i].is_of_forgery ||
            judged_is_unproven(v) != cases[i].is_unproven)
            fail_msg("case %zu", i);
        flood(ALICE, 0, 30);
        bool is_out = floods_keep_out(floods, &TWENTY, ALICE, v, MONDAY);
        if (is_out != cases[i].is_of_forgery)
            fail_msg("case %zu, in a flood", i);
    }
}

static void more_than_so_many_in_an_hour_are_kept_out(void **state)
{
    assert_int_equal(flood(ALICE, 0, 100), 20);
    assert_int_equal(flood(BOB, 0, 20), 20); /* a mailbox by itself */
    assert_int_equal(floods_count(floods, MONDAY), 1);
    assert_true(floods_has(floods, ALICE, MONDAY) && !floods_has(floods, BOB, MONDAY));
    assert_false(floods_has(floods, SPAN("carol@example.org"), MONDAY));
}

static void a_few_at_a_time_are_no_flood(void **state)
{
    for (int64_t at = 0; at < 3 * DAY; at += 4 * MINUTE)
        assert_false(keeps_out(ALICE, at));
    assert_int_equal(floods_count(floods, MONDAY), 0);
}

static void a_night_without_does_not_end_it(void **state)
{
    flood(ALICE, 0, 300);
    assert_true(keeps_out(ALICE, 10 * HOUR));
    assert_int_equal(flood(ALICE, DAY + HOUR, 40), 0);
    assert_int_equal(flood(ALICE, 2 * DAY + HOUR, 1), 0); /* the day before brought 40 */
    flood(BOB, 0, 21);                                    /* all on the first day */
    assert_true(floods_has(floods, BOB, MONDAY + DAY + HOUR));
    assert_true(keeps_out(BOB, DAY + HOUR));
}

static void a_calm_day_ends_it(void **state)
{
    flood(ALICE, 0, 300);
    assert_int_equal(flood(ALICE, DAY + HOUR, 20), 0);
    assert_int_equal(flood(ALICE, 2 * DAY + HOUR, 30), 20); /* it begins anew */
    assert_int_equal(flood(ALICE, 9 * DAY, 30), 20);
    assert_int_equal(floods_count(floods, MONDAY + 12 * DAY), 0);
}

/* And not from when something came. */
static void days_are_counted_from_its_begin(void **state)
{
    flood(ALICE, 0, 300);
    flood(ALICE, DAY + 20 * HOUR, 40);
    assert_true(keeps_out(ALICE, 2 * DAY + HOUR));
    assert_false(keeps_out(ALICE, 3 * DAY + HOUR));
}

static void what_was_counted_before_it_began_is_over_with_it(void **state)
{
    const struct rate in_a_week = {2, 7 * DAY};
    for (int64_t at = 0; at <= 3 * DAY; at += 3 * DAY)
        for (int i = 0; i < 3; i++)
            assert_int_equal(floods_keep_out(floods, &in_a_week, ALICE, forged, MONDAY + at),
                             i == 2);
}

static void what_can_not_be_told_counts_and_comes_through(void **state)
{
    const struct judged unknown = {.is = true, .class = VERDICT_UNKNOWN};
    for (size_t i = 0; i < 100; i++)
        assert_false(floods_keep_out(floods, &TWENTY, ALICE, unknown, MONDAY));
    assert_true(keeps_out(ALICE, 0));
}

static void genuine_ones_do_not_count(void **state)
{
    const struct judged genuine = {
        .is = true, .class = VERDICT_GENUINE, .provenance = PROVENANCE_PROVEN};
    for (size_t i = 0; i < 1000; i++)
        assert_false(floods_keep_out(floods, &TWENTY, ALICE, genuine, MONDAY));
    assert_false(keeps_out(ALICE, 0));
}

static void without_a_rate_nothing_is_kept_out(void **state)
{
    const struct rate none = {0};
    for (size_t i = 0; i < 1000; i++)
        assert_false(floods_keep_out(floods, &none, ALICE, forged, MONDAY));
    floods_recall(floods, &none, ALICE, 1000, MONDAY);
    flood(BOB, 0, 300); /* there was one until now */
    assert_false(floods_keep_out(floods, &none, BOB, forged, MONDAY));
    assert_int_equal(floods_count(floods, MONDAY), 1);
}

static void it_goes_on_after_a_restart(void **state)
{
    floods_recall(floods, &TWENTY, ALICE, 5, MONDAY);
    assert_true(keeps_out(ALICE, HOUR));
    assert_true(keeps_out(ALICE, DAY + HOUR));
    floods_recall(floods, &TWENTY, BOB, 5, MONDAY - 3 * DAY);
    assert_false(keeps_out(BOB, 0)); /* long over */
}

static void a_clock_that_is_set_back_ends_nothing(void **state)
{
    flood(ALICE, 0, 300);
    assert_true(keeps_out(ALICE, -7 * DAY));
    assert_true(keeps_out(ALICE, -6 * DAY - HOUR));
    assert_false(keeps_out(ALICE, -6 * DAY + HOUR)); /* but a calm day does */
}

static void those_asked_for_longest_ago_are_forgotten(void **state)
{
    char name[] = "0@example.org";
    flood(ALICE, 0, 300);
    flood(BOB, 0, 300);
    for (char c = '0'; c < '3'; c++) {
        name[0] = c;
        assert_false(keeps_out(span_of(name), 0));
        assert_true(keeps_out(ALICE, 0));
    }
    assert_false(keeps_out(BOB, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_speaks_of_forgery, setup, teardown),
        cmocka_unit_test_setup_teardown(more_than_so_many_in_an_hour_are_kept_out, setup, teardown),
        cmocka_unit_test_setup_teardown(a_few_at_a_time_are_no_flood, setup, teardown),
        cmocka_unit_test_setup_teardown(a_night_without_does_not_end_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_calm_day_ends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(days_are_counted_from_its_begin, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_counted_before_it_began_is_over_with_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_can_not_be_told_counts_and_comes_through, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(genuine_ones_do_not_count, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_rate_nothing_is_kept_out, setup, teardown),
        cmocka_unit_test_setup_teardown(it_goes_on_after_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_is_set_back_ends_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(those_asked_for_longest_ago_are_forgotten, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
