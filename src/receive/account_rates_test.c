/* Counts of accounts, with a clock of the test's own. */
#include "base/test.h"

#include "receive/account_rates.h"

#include <string.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* As much as is kept in a file is as of today. */
static const int64_t start = 1795524243000;

static const struct account_limit five_and_eight = {.rates = {{5, HOUR}, {8, DAY}},
                                                    .rate_count = 2};

static bool take(struct account_rates *r, const char *account, size_t count, int64_t after_ms,
                 struct account_refusal *why)
{
    return account_rates_take(r, span_of(account), &five_and_eight, count, start + after_ms, why);
}

static void each_account_has_so_many_an_hour_and_a_day(void **state)
{
    struct account_rates *r = account_rates_new();
    struct account_refusal why;
    assert_true(take(r, "alice", 4, 0, &why) && take(r, "ALICE", 1, 0, &why));
    assert_false(take(r, "alice", 1, 0, &why));
    assert_true(why.rate.count == 5 && why.wait_ms == HOUR / 5);
    assert_true(take(r, "bob", 5, 0, &why));
    assert_true(take(r, "alice", 3, HOUR, &why));
    assert_false(take(r, "alice", 1, HOUR, &why));
    assert_true(why.rate.count == 8 && why.rate.period_ms == DAY);
    assert_true(why.wait_ms == DAY / 8 - HOUR);
    assert_true(take(r, "alice", 1, HOUR + why.wait_ms, &why));
    assert_int_equal(account_rates_count(r), 2);
    account_rates_free(&r);
    assert_null(r);
}

static void what_does_not_fit_as_a_whole_does_not_count(void **state)
{
    struct account_rates *r = account_rates_new();
    struct account_refusal why;
    assert_false(take(r, "alice", 6, 0, &why));
    assert_true(take(r, "alice", 5, 0, &why));
    assert_true(take(r, "alice", 3, HOUR, &why));
    assert_false(take(r, "alice", 2, HOUR, &why)); /* by the second rate: the first gets it back */
    assert_true(why.rate.count == 8);
    assert_true(take(r, "alice", 1, HOUR + DAY / 8, &why));
    account_rates_free(&r);
}

static void it_lasts_over_a_restart(void **state)
{
    struct account_rates *r = account_rates_new(), *again = account_rates_new();
    struct account_refusal why;
    struct buffer text = BUFFER_EMPTY;
    assert_false(account_rates_changed(r));
    assert_true(take(r, "alice", 5, 0, &why) && take(r, "john doe", 1, 0, &why));
    assert_true(account_rates_changed(r) && !account_rates_changed(r));
    account_rates_add_text(&text, r, start);
    account_rates_take_text(again, buffer_span(&text), start + MINUTE);
    assert_int_equal(account_rates_count(again), 2);
    assert_false(take(again, "alice", 1, MINUTE, &why));
    assert_true(why.wait_ms == HOUR / 5 - MINUTE);
    assert_false(take(again, "John Doe", 5, MINUTE, &why));
    assert_true(take(again, "John Doe", 4, MINUTE, &why));
    account_rates_add_text(&text, r, start + 2 * (int64_t)DAY);
    assert_int_equal(account_rates_count(r), 0); /* what has ended is forgotten */
    buffer_free(&text);
    account_rates_free(&r);
    account_rates_free(&again);
}

static void files_are_read(void **state)
{
    static const struct {
        const char *text;
        size_t accounts;
    } cases[] = {
        {"", 0},
        {"3600000=1795524244000000 : alice\n", 1},
        {"3600000=1795524244000000 86400000=1795524244000000 : alice\n", 1},
        {"3600000=1795524244000000 : alice\n\n60000=1795524244000000 : bob", 2},
        {"3600000=1795524244000000\n", 0},
        {": alice\n", 0},
        {"3600000=1795524244000000 alice\n", 0},
        {"3600000=x : alice\n", 0},
        {"0=1795524244000000 : alice\n", 0},
        {"3600000=1795524243000000 : alice\n", 0}, /* it has ended */
        {"3600000=1795524243000001 : alice\n", 1},
        {"60000=1795524303000000 : alice\n", 1},
        {"60000=1795524303000001 : alice\n", 0}, /* no rate leads there */
        {"3600000=1795524244000000 : ali\x01"
         "ce\n",
         0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct account_rates *r = account_rates_new();
        account_rates_take_text(r, span_of(cases[i].text), start);
        if (account_rates_count(r) != cases[i].accounts)
            fail_msg("%s: %zu", cases[i].text, account_rates_count(r));
        account_rates_free(&r);
    }
}

static void other_limits_take_the_place_of_those_before(void **state)
{
    struct account_rates *r = account_rates_new();
    struct account_refusal why;
    struct account_limit l = {.rate_count = 1};
    for (int i = 1; i <= MOST_ACCOUNT_RATES; i++) {
        l.rates[0] = (struct rate){10, i * HOUR};
        assert_true(account_rates_take(r, SPAN("alice"), &l, 9, start, &why));
    }
    l.rates[0] = (struct rate){10, DAY};
    assert_true(account_rates_take(r, SPAN("alice"), &l, 10, start, &why));
    assert_false(account_rates_take(r, SPAN("alice"), &l, 1, start, &why));
    l.rates[0] = (struct rate){10, 2 * HOUR};
    assert_false(account_rates_take(r, SPAN("alice"), &l, 2, start, &why));
    account_rates_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_account_has_so_many_an_hour_and_a_day),
        cmocka_unit_test(what_does_not_fit_as_a_whole_does_not_count),
        cmocka_unit_test(it_lasts_over_a_restart),
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(other_limits_take_the_place_of_those_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
