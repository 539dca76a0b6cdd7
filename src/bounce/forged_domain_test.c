/* When a domain is forged, and how often that is told. */
#include "base/test.h"

#include "bounce/forged_domain.h"

#include <stdio.h>

static const int64_t HOUR = 3600000, DAY = INT64_C(24) * 3600000;
static const int64_t MONDAY = INT64_C(1795392000000);
static const struct rate HUNDRED = {100, 3600000};

static struct forged_domains *domains;
static struct forged_case found;

static int setup(void **state)
{
    domains = forged_domains_new(4, 7);
    found = (struct forged_case){0};
    return 0;
}

static int teardown(void **state)
{
    forged_domains_free(&domains);
    return 0;
}

/* So many from so many servers for so many addresses, all at once; how often is it told? */
static size_t come(const char *domain, size_t count, size_t servers, size_t addresses,
                   int64_t at_ms)
{
    size_t told = 0;
    char server[32], address[64];
    for (size_t i = 0; i < count; i++) {
        snprintf(server, sizeof server, "192.0.2.%zu", i % servers);
        snprintf(address, sizeof address, "u%zu@%s", i % addresses, domain);
        const struct forged_notice n = {.domain = span_of(domain),
                                        .address = span_of(address),
                                        .server = span_of(server),
                                        .kind = i % 4 == 0   ? FORGED_NOBODY
                                                : i % 4 == 1 ? FORGED_MADE_UP
                                                             : FORGED_ADDRESS};
        told += forged_domains_count(domains, &HUNDRED, &n, MONDAY + at_ms, &found);
    }
    return told;
}

static void many_of_many_for_many_are_a_case(void **state)
{
    static const struct {
        size_t count, servers, addresses;
        bool is_case;
    } cases[] = {
        {100, 20, 20, true}, {99, 20, 20, false},    {10000, 1, 500, false}, {10000, 4, 500, false},
        {100, 5, 5, true},   {10000, 200, 1, false}, {10000, 200, 4, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        teardown(state);
        setup(state);
        size_t told = come("example.org", cases[i].count, cases[i].servers, cases[i].addresses, 0);
        bool has = forged_domains_has(domains, SPAN("example.org"), MONDAY);
        if (told != cases[i].is_case || has != cases[i].is_case)
            fail_msg("case %zu: %zu", i, told);
    }
}

static void it_says_what_it_has_seen(void **state)
{
    assert_int_equal(come("example.org", 60, 20, 30, 0), 0);
    assert_int_equal(come("example.org", 40, 20, 30, HOUR / 2), 1);
    assert_true(found.since_ms == MONDAY);
    assert_int_equal(found.notices, 100);
    assert_int_equal(found.for_nobody, 25);
    assert_int_equal(found.made_up, 25);
    assert_true(found.servers >= 18 && found.servers <= 20);
    assert_true(found.addresses >= 27 && found.addresses <= 30);
}

static void it_is_told_once_a_day(void **state)
{
    size_t told = 0;
    for (int64_t at = 0; at < 3 * DAY; at += HOUR)
        told += come("example.org", 200, 250, 250, at);
    assert_int_equal(told, 3);
    assert_true(found.notices >= 23 * 200 && found.notices <= 25 * 200);
    assert_true(found.since_ms == MONDAY);
}

static void hours_with_a_few_are_no_case(void **state)
{
    for (int64_t at = 0; at < 3 * DAY; at += HOUR)
        assert_int_equal(come("example.org", 90, 50, 50, at), 0);
}

static void it_ends_with_a_calm_day(void **state)
{
    assert_int_equal(come("example.org", 200, 50, 50, 0), 1);
    assert_int_equal(come("example.org", 50, 50, 50, DAY / 2), 0);
    assert_int_equal(come("example.org", 1, 1, 1, DAY + HOUR), 1); /* 100 and 50 since */
    assert_int_equal(come("example.org", 1, 1, 1, 2 * DAY + 2 * HOUR), 0);
    assert_false(forged_domains_has(domains, SPAN("example.org"), MONDAY + 2 * DAY + 2 * HOUR));
    assert_int_equal(come("example.org", 200, 50, 50, 3 * DAY + 3 * HOUR), 1);
    assert_true(forged_domains_has(domains, SPAN("example.org"), MONDAY + 4 * DAY + 4 * HOUR));
    assert_int_equal(come("example.org", 1, 1, 1, 6 * DAY), 0); /* 100 came since, but long ago */
    assert_false(forged_domains_has(domains, SPAN("example.org"), MONDAY + 9 * DAY));
}

static void domains_are_counted_each_by_itself(void **state)
{
    assert_int_equal(come("example.org", 99, 50, 50, 0), 0);
    assert_int_equal(come("example.net", 99, 50, 50, 0), 0);
    assert_int_equal(come("example.org", 1, 50, 50, 0), 1);
    assert_false(forged_domains_has(domains, SPAN("example.net"), MONDAY));
}

static void those_counted_longest_ago_are_forgotten(void **state)
{
    char name[] = "0.example";
    come("example.org", 200, 50, 50, 0);
    for (char c = '0'; c < '4'; c++) {
        name[0] = c;
        come(name, 1, 1, 1, 0);
    }
    assert_false(forged_domains_has(domains, SPAN("example.org"), MONDAY));
}

static void without_a_rate_there_is_none(void **state)
{
    const struct rate none = {0};
    const struct forged_notice n = {.domain = SPAN("example.org")};
    for (size_t i = 0; i < 1000; i++)
        assert_false(forged_domains_count(domains, &none, &n, MONDAY, &found));
}

static void a_clock_that_is_set_back_ends_nothing(void **state)
{
    come("example.org", 200, 50, 50, 0);
    come("example.org", 1, 1, 1, -9 * DAY);
    assert_true(forged_domains_has(domains, SPAN("example.org"), MONDAY - 9 * DAY));
    come("example.org", 1, 1, 1, -8 * DAY + HOUR); /* but a calm day does */
    assert_false(forged_domains_has(domains, SPAN("example.org"), MONDAY - 8 * DAY + HOUR));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_of_many_for_many_are_a_case, setup, teardown),
        cmocka_unit_test_setup_teardown(it_says_what_it_has_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_told_once_a_day, setup, teardown),
        cmocka_unit_test_setup_teardown(hours_with_a_few_are_no_case, setup, teardown),
        cmocka_unit_test_setup_teardown(it_ends_with_a_calm_day, setup, teardown),
        cmocka_unit_test_setup_teardown(domains_are_counted_each_by_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(those_counted_longest_ago_are_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_rate_there_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_is_set_back_ends_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
