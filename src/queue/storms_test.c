#include "base/test.h"

#include "queue/storms.h"

#include <stdio.h>

#define ALICE SPAN("alice@example.org")
#define BOB SPAN("bob@example.org")

enum { MINUTE = 60000, HOUR = 60 * MINUTE };

static const struct storm_rules three = {.singly = 3};

/* How many of `count` at once go singly. */
static size_t let(struct storms *s, const struct storm_rules *r, struct span to, size_t count,
                  int64_t now)
{
    size_t through = 0;
    for (size_t i = 0; i < count; i++)
        through += storms_let_through(s, r, to, now);
    return through;
}

static void an_hour_brings_so_many_one_by_one(void **state)
{
    static const struct {
        int64_t at;
        size_t come, through;
    } steps[] = {
        {0, 2, 2},
        {59 * MINUTE, 10, 1},
        {60 * MINUTE, 1, 0},  /* it was too many: the storm goes on, */
        {119 * MINUTE, 1, 0}, /* and with this hour it is over */
        {120 * MINUTE, 5, 3},
        {180 * MINUTE, 5, 0}, /* another storm */
        {300 * MINUTE, 3, 3}, /* two hours without anything */
        {360 * MINUTE, 3, 3}, /* three in an hour are none */
        {420 * MINUTE, 4, 3},
        {100 * MINUTE, 4, 3}, /* somebody has set the clock */
    };
    struct storms *s = storms_new(10);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        size_t through = let(s, &three, ALICE, steps[i].come, steps[i].at);
        if (through != steps[i].through)
            fail_msg("step %zu: %zu", i, through);
    }
    storms_free(&s);
    assert_null(s);
    storms_free(&s);
}

static void addresses_are_counted_apart(void **state)
{
    struct storms *s = storms_new(10);
    assert_int_equal(let(s, &three, ALICE, 5, 0), 3);
    assert_int_equal(let(s, &three, BOB, 5, 0), 3);
    assert_int_equal(let(s, &three, ALICE, 5, 0), 0);
    storms_free(&s);
}

static void without_a_limit_all_go(void **state)
{
    const struct storm_rules none = {.singly = 0, .rate = {1, MINUTE}};
    struct storms *s = storms_new(10);
    assert_int_equal(let(s, &none, ALICE, 1000, 0), 1000);
    storms_free(&s);
}

static void all_together_have_a_rate(void **state)
{
    const struct storm_rules r = {.singly = 100, .rate = {4, MINUTE}};
    struct storms *s = storms_new(10);
    assert_int_equal(let(s, &r, ALICE, 3, 0), 3);
    storms_count(s, &r, 0); /* a report of success */
    assert_int_equal(let(s, &r, BOB, 2, 0), 0);
    assert_int_equal(let(s, &r, BOB, 2, MINUTE / 4), 1);
    storms_free(&s);
}

/* What is withheld from one address leaves room for the others. */
static void a_storm_takes_nothing_of_the_rate(void **state)
{
    const struct storm_rules r = {.singly = 1, .rate = {3, MINUTE}};
    struct storms *s = storms_new(10);
    assert_int_equal(let(s, &r, ALICE, 100, 0), 1);
    assert_int_equal(let(s, &r, BOB, 1, 0), 1);
    storms_free(&s);
}

static void memory_is_bounded(void **state)
{
    struct storms *s = storms_new(2);
    char name[32];
    assert_int_equal(let(s, &three, ALICE, 4, 0), 3);
    for (int i = 0; i < 1000; i++) {
        int len = snprintf(name, sizeof name, "u%d@example.org", i);
        assert_int_equal(let(s, &three, span_make(name, (size_t)len), 1, 0), 1);
        assert_int_equal(let(s, &three, ALICE, 1, 0), 0); /* who is asked for now and then stays */
    }
    assert_int_equal(let(s, &three, SPAN("u0@example.org"), 4, 0),
                     3); /* the others are forgotten */
    storms_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_brings_so_many_one_by_one),
        cmocka_unit_test(addresses_are_counted_apart),
        cmocka_unit_test(without_a_limit_all_go),
        cmocka_unit_test(all_together_have_a_rate),
        cmocka_unit_test(a_storm_takes_nothing_of_the_rate),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
