#include "base/test.h"

#include "base/inet.h"
#include "login/guessing.h"

#include <stdio.h>

static const struct guessing_limits limits = {
    .network = 20, .account = 100, .first_delay = 500, .key = "0123456789abcde"};

enum { MINUTE = 60 * 1000, DAY = 24 * 60 * MINUTE };

static struct guess of(struct guessing *g, const char *address, const char *name)
{
    unsigned char bytes[16];
    assert_true(inet_parse(span_of(address), bytes));
    return guess_of(g, bytes, span_of(name));
}

/* One attempt. Its delay, or -1: it might not be made. */
static int64_t try_once(struct guessing *g, const char *address, const char *name, bool is_right,
                        int64_t now)
{
    struct guess who = of(g, address, name);
    int64_t wait;
    if (guessing_begin(g, &who, now, &wait) != GUESS_MAY)
        return -1;
    if (!is_right)
        return guessing_was_wrong(g, &who, now);
    guessing_was_right(g, &who, now, 1);
    return 0;
}

static void delays_grow_and_are_forgotten(void **state)
{
    static const int64_t wanted[] = {500, 1000, 2000, 4000, 8000, 10000, 10000};
    struct guessing *g = guessing_new(&limits);
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_int_equal(try_once(g, "192.0.2.1", "alice", false, 1000), wanted[i]);
    assert_int_equal(try_once(g, "198.51.100.1", "alice", false, 1000), 500);
    assert_int_equal(try_once(g, "192.0.2.1", "alice", false, 1000 + 6 * MINUTE), 1000);
    guessing_unref(&g);
}

static void a_network_is_locked_out_and_not_the_user(void **state)
{
    struct guessing *g = guessing_new(&limits);
    size_t let_in = 0;
    for (int i = 0; i < 100000; i++) { /* ten a second, from all of a /24 */
        char address[20];
        snprintf(address, sizeof address, "192.0.2.%d", i % 256);
        let_in += try_once(g, address, "alice", false, i * 100) >= 0;
    }
    assert_in_range(let_in, 20, 80);
    assert_int_equal(try_once(g, "192.0.2.77", "bob", true, 10000000), -1);
    assert_int_equal(try_once(g, "192.0.3.1", "alice", true, 10000000), 0);
    guessing_unref(&g);
}

/* The next lock lasts twice as long, and a day without any makes it short again. */
static void locks_grow(void **state)
{
    struct guessing *g = guessing_new(&limits);
    int64_t now = 0;
    for (int64_t lock = GUESSING_FIRST_LOCK; lock <= 4 * GUESSING_FIRST_LOCK; lock *= 2) {
        while (try_once(g, "192.0.2.1", "alice", false, now) >= 0)
            ;
        assert_int_equal(try_once(g, "192.0.2.1", "bob", false, now + lock - 1), -1);
        now += lock;
        assert_int_not_equal(try_once(g, "192.0.2.1", "bob", false, now), -1);
    }
    guessing_unref(&g);
}

static void who_gets_in_has_not_guessed(void **state)
{
    struct guessing *g = guessing_new(&limits);
    for (int i = 0; i < 200; i++) {
        char name[20];
        snprintf(name, sizeof name, "user%d", i);
        assert_int_equal(try_once(g, "192.0.2.1", name, true, 0), 0);
    }
    assert_int_equal(try_once(g, "192.0.2.1", "alice", false, 0), 500);
    guessing_unref(&g);
}

/* For a month, just as fast as it goes. */
static void patience_does_not_help(void **state)
{
    struct guessing *g = guessing_new(&limits);
    size_t let_in = 0;
    for (int64_t now = 0; now < 30 * (int64_t)DAY; now += MINUTE) {
        for (int i = 0; i < 3; i++)
            let_in += try_once(g, "192.0.2.1", "alice", false, now) >= 0;
        assert_int_not_equal(try_once(g, "203.0.113.1", "alice", true, now), -1);
    }
    assert_in_range(let_in, 20, 1500);
    guessing_unref(&g);
}

static void a_place_that_is_known_is_never_locked(void **state)
{
    struct guessing *g = guessing_new(&limits);
    assert_int_equal(try_once(g, "192.0.2.1", "Alice", true, 0), 0);
    for (int i = 0; i < 50; i++)
        try_once(g, "192.0.2.9", "bob", false, 1);
    assert_int_equal(try_once(g, "192.0.2.9", "carol", true, 2), -1);
    assert_int_equal(try_once(g, "192.0.2.200", "alice", true, 2), 0); /* the network is locked */
    for (int i = 0; i < 200; i++) {                                    /* from everywhere */
        char address[20];
        snprintf(address, sizeof address, "10.1.%d.1", i);
        try_once(g, address, "alice", false, 3);
    }
    assert_int_equal(try_once(g, "10.9.9.9", "alice", true, 4), -1);
    assert_int_equal(try_once(g, "192.0.2.1", "ALICE", true, 4), 0);
    for (int i = 0; i < 50; i++)
        assert_int_not_equal(try_once(g, "192.0.2.1", "alice", false, 5), -1);
    assert_int_equal(try_once(g, "192.0.2.1", "alice", false, 5), GUESSING_LONGEST_DELAY);
    assert_int_equal(try_once(g, "192.0.2.1", "alice", true, 5), 0);
    assert_int_equal(try_once(g, "10.9.9.9", "alice", true, 3 * (int64_t)DAY), 0);
    guessing_unref(&g);
}

static void many_at_once_are_no_way_around(void **state)
{
    struct guessing *g = guessing_new(&limits);
    struct guess all[30];
    int64_t wait = 0;
    size_t may = 0;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        all[i] = of(g, "192.0.2.1", "alice");
        may += guessing_begin(g, &all[i], 0, &wait) == GUESS_MAY;
    }
    assert_int_equal(may, limits.network);
    assert_in_range(wait, 1, 10000);
    for (size_t i = 0; i < may; i++)
        guessing_is_unknown(g, &all[i], 0); /* nobody could say: it is as if nothing was */
    assert_int_equal(try_once(g, "192.0.2.1", "alice", false, 0), 500);
    guessing_unref(&g);
}

static void networks_of_ipv6(void **state)
{
    struct guessing *g = guessing_new(&limits);
    for (int i = 0; i < 30; i++)
        try_once(g, "2001:db8:0:1::1", "alice", false, 0);
    assert_int_equal(try_once(g, "2001:db8:0:1:ffff::2", "bob", true, 0), -1);
    assert_int_equal(try_once(g, "2001:db8:0:2::1", "bob", true, 0), 0);
    guessing_unref(&g);
}

static void places_are_kept_and_told(void **state)
{
    struct guessing *g = guessing_new(&limits), *again = guessing_new(&limits);
    struct guess who = of(g, "192.0.2.1", "alice");
    uint64_t place;
    unsigned day;
    size_t i = 0;
    int64_t wait;
    assert_int_equal(guessing_begin(g, &who, 0, &wait), GUESS_MAY);
    assert_true(guessing_was_right(g, &who, 0, 7));
    assert_false(guessing_was_right(g, &who, 0, 7));
    assert_true(guessing_was_right(g, &who, 0, 8));
    assert_true(guessing_next_place(g, &i, &place, &day));
    assert_int_equal(day, 8);
    assert_true(place == who.place);
    assert_false(guessing_next_place(g, &i, &place, &day));
    guessing_add_place(again, place, day);
    guessing_add_place(again, place, 3);
    assert_false(guessing_was_right(again, &who, 0, 8));
    assert_int_equal(guessing_begin(again, &who, 0, &wait), GUESS_MAY);
    assert_true(who.is_known);
    guessing_unref(&g);
    guessing_unref(&again);
}

static void memory_has_a_bound(void **state)
{
    struct guessing *g = guessing_new(&limits);
    for (unsigned i = 0; i < 2 * GUESSING_MOST; i++) {
        unsigned char address[16] = {0x20,
                                     1,
                                     0xD,
                                     0xB8,
                                     (unsigned char)(i >> 16),
                                     (unsigned char)(i >> 8),
                                     (unsigned char)i};
        struct guess who = guess_of(g, address, SPAN("alice"));
        int64_t wait;
        if (guessing_begin(g, &who, i, &wait) == GUESS_MAY)
            guessing_was_wrong(g, &who, i);
    }
    for (int i = 0; i < 30; i++)
        try_once(g, "192.0.2.1", "bob", false, 1 << 20);
    assert_int_equal(try_once(g, "192.0.2.1", "bob", false, 1 << 20), -1);
    guessing_unref(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_grow_and_are_forgotten),
        cmocka_unit_test(a_network_is_locked_out_and_not_the_user),
        cmocka_unit_test(locks_grow),
        cmocka_unit_test(who_gets_in_has_not_guessed),
        cmocka_unit_test(patience_does_not_help),
        cmocka_unit_test(a_place_that_is_known_is_never_locked),
        cmocka_unit_test(many_at_once_are_no_way_around),
        cmocka_unit_test(networks_of_ipv6),
        cmocka_unit_test(places_are_kept_and_told),
        cmocka_unit_test(memory_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
