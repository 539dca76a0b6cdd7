#include "base/test.h"

#include "base/inet.h"
#include "entry/greylist.h"

#include <stdio.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
#define DAY ((int64_t)24 * HOUR)
#define NOW ((int64_t)1700000000000)

static const struct greylist_settings usual = {.wait_ms = MINUTE,
                                               .retry_ms = 24 * HOUR,
                                               .keep_ms = 36 * 24 * (int64_t)HOUR,
                                               .most_waiting = 100,
                                               .most_known = 10,
                                               .most_of_client = 5};

static enum greylist_answer ask(struct greylist *g, const char *client, const char *sender,
                                const char *recipient, int64_t after, int64_t *wait)
{
    unsigned char address[16];
    int64_t would_wait;
    assert_true(inet_parse(span_of(client), address));
    enum greylist_answer would =
        greylist_look(g, address, span_of(sender), span_of(recipient), NOW + after, &would_wait);
    enum greylist_answer is =
        greylist_ask(g, address, span_of(sender), span_of(recipient), NOW + after, wait);
    assert_int_equal(is, would);
    assert_int_equal(*wait, would_wait);
    return is;
}

/* One conversation, step by step. */
static const struct {
    const char *client, *sender, *recipient;
    int64_t after;
    enum greylist_answer answer;
    int64_t wait;
} steps[] = {
    {"192.0.2.7", "a@x.example", "b@y.example", 0, GREYLIST_WAITS, MINUTE},
    {"192.0.2.7", "a@x.example", "b@y.example", 20 * SECOND, GREYLIST_WAITS, 40 * SECOND},
    {"192.0.2.7", "a@x.example", "c@y.example", 30 * SECOND, GREYLIST_WAITS, MINUTE},
    {"192.0.3.7", "a@x.example", "b@y.example", 60 * SECOND, GREYLIST_WAITS, MINUTE},
    {"192.0.2.9", "A@X.example", "B@Y.EXAMPLE", 60 * SECOND, GREYLIST_PASSES, 0}, /* its network */
    {"192.0.2.200", "z@z.example", "q@y.example", 61 * SECOND, GREYLIST_KNOWN, 0},
    {"192.0.2.7", "a@x.example", "b@y.example", 30 * DAY, GREYLIST_KNOWN, 0},
    {"192.0.2.7", "a@x.example", "b@y.example", 65 * DAY, GREYLIST_KNOWN, 0}, /* from the last */
    {"192.0.2.7", "a@x.example", "b@y.example", 102 * DAY, GREYLIST_WAITS, MINUTE},
    {"192.0.2.7", "a@x.example", "b@y.example", 103 * DAY + 1, GREYLIST_WAITS,
     MINUTE}, /* too late */
    {"192.0.2.7", "a@x.example", "b@y.example", 104 * DAY, GREYLIST_PASSES, 0},
    {"2001:db8:0:1::7", "a@x.example", "b@y.example", 104 * DAY, GREYLIST_WAITS, MINUTE},
    {"2001:db8:0:2::7", "a@x.example", "b@y.example", 105 * DAY, GREYLIST_WAITS, MINUTE},
    {"2001:db8:0:1:f::9", "a@x.example", "b@y.example", 105 * DAY, GREYLIST_PASSES, 0},
    {"192.0.2.7", "a@x.example", "b@y.example", 105 * DAY, GREYLIST_KNOWN, 0},
    /* the clock is set back, by 105 days and more */
    {"192.0.2.7", "a@x.example", "b@y.example", 0, GREYLIST_KNOWN, 0},
    {"192.0.2.7", "a@x.example", "b@y.example", 35 * DAY, GREYLIST_KNOWN, 0},
    {"198.51.100.1", "a@x.example", "b@y.example", 30 * DAY, GREYLIST_WAITS, MINUTE},
    {"198.51.100.1", "a@x.example", "b@y.example", 20 * DAY, GREYLIST_WAITS, MINUTE},
    {"198.51.100.1", "a@x.example", "b@y.example", 20 * DAY + MINUTE, GREYLIST_PASSES, 0},
};

static void who_comes_again_gets_in(void **state)
{
    struct greylist *g = greylist_new(&usual, 7);
    int64_t wait;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        enum greylist_answer answer =
            ask(g, steps[i].client, steps[i].sender, steps[i].recipient, steps[i].after, &wait);
        if (answer != steps[i].answer || wait != steps[i].wait)
            fail_msg("step %zu: %d, %lld", i, answer, (long long)wait);
    }
    greylist_free(&g);
    assert_null(g);
}

static void it_is_bounded(void **state)
{
    struct greylist *g = greylist_new(&usual, 7);
    int64_t wait;
    char text[40];
    ask(g, "192.0.2.7", "honest@x.example", "b@y.example", 0, &wait);
    for (int i = 0; i < 1000; i++) { /* one client with ever new senders */
        snprintf(text, sizeof text, "%d@x.example", i);
        assert_int_equal(ask(g, "198.51.100.1", text, "b@y.example", i, &wait), GREYLIST_WAITS);
    }
    assert_int_equal(greylist_count(g, false), 6);
    assert_int_equal(ask(g, "192.0.2.7", "honest@x.example", "b@y.example", MINUTE, &wait),
                     GREYLIST_PASSES);
    for (int i = 0; i < 1000; i++) { /* many clients */
        snprintf(text, sizeof text, "10.%d.%d.1", i / 250, i % 250);
        ask(g, text, "", "b@y.example", MINUTE + i, &wait);
    }
    assert_int_equal(greylist_count(g, false), 100);
    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof text, "10.%d.%d.1", i / 250, i % 250);
        ask(g, text, "", "b@y.example", 3 * MINUTE + i, &wait);
        ask(g, text, "", "b@y.example", 5 * MINUTE + i, &wait);
    }
    assert_true(greylist_count(g, false) <= 100 && greylist_count(g, true) == 10);
    /* what is over makes room by itself */
    for (int i = 0; i < 40; i++)
        ask(g, "203.0.113.1", "", "b@y.example", 2 * DAY, &wait);
    for (int i = 0; i < 40; i++) {
        snprintf(text, sizeof text, "203.0.%d.1", i);
        ask(g, text, "", "b@y.example", 2 * DAY, &wait);
    }
    assert_int_equal(greylist_count(g, false), 41);
    greylist_free(&g);
}

static void what_has_changed_is_enough_to_go_on(void **state)
{
    struct greylist *g = greylist_new(&usual, 7), *again = greylist_new(&usual, 7);
    struct greylist_row rows[10];
    int64_t wait;
    ask(g, "192.0.2.7", "a@x.example", "b@y.example", 0, &wait);
    ask(g, "192.0.3.7", "a@x.example", "b@y.example", 0, &wait);
    ask(g, "192.0.3.7", "a@x.example", "b@y.example", 30 * SECOND, &wait);
    assert_int_equal(greylist_changed(g, rows, 1), 1);
    assert_int_equal(greylist_changed(g, rows + 1, 9), 1);
    assert_int_equal(greylist_changed(g, rows + 2, 8), 0);
    ask(g, "192.0.3.7", "a@x.example", "b@y.example", MINUTE, &wait);
    assert_int_equal(greylist_changed(g, rows + 2, 8), 1);
    assert_true(rows[2].is_known && !rows[0].is_known);
    ask(g, "192.0.3.7", "", "c@y.example", 30 * MINUTE, &wait); /* no news within an hour */
    assert_int_equal(greylist_changed(g, rows + 3, 7), 0);
    ask(g, "192.0.3.7", "", "c@y.example", 90 * MINUTE, &wait);
    assert_int_equal(greylist_changed(g, rows + 3, 7), 1);
    assert_int_equal(greylist_oldest(g, false), 0); /* nothing was dropped yet */
    for (int i = 0; i < 4; i++)
        greylist_restore(again, &rows[i]);
    assert_int_equal(greylist_changed(again, rows, 10), 0);
    assert_int_equal(ask(again, "192.0.2.7", "a@x.example", "b@y.example", HOUR, &wait),
                     GREYLIST_PASSES);
    assert_int_equal(ask(again, "192.0.3.200", "", "", DAY, &wait), GREYLIST_KNOWN);
    greylist_free(&g);
    greylist_free(&again);
}

static void the_disk_need_not_keep_more(void **state)
{
    struct greylist *g = greylist_new(&usual, 7);
    int64_t wait;
    ask(g, "192.0.2.7", "a@x.example", "b@y.example", 0, &wait);
    ask(g, "192.0.3.7", "a@x.example", "b@y.example", 2 * DAY, &wait);
    assert_int_equal(greylist_oldest(g, false), NOW + 2 * DAY);
    assert_int_equal(greylist_oldest(g, true), 0);
    const struct greylist_settings longer = {.wait_ms = 2 * MINUTE,
                                             .retry_ms = 7 * DAY,
                                             .keep_ms = DAY,
                                             .most_waiting = 1,
                                             .most_known = 1,
                                             .most_of_client = 1};
    greylist_set(g, &longer);
    assert_int_equal(ask(g, "192.0.3.7", "a@x.example", "b@y.example", 2 * DAY + MINUTE, &wait),
                     GREYLIST_WAITS);
    assert_int_equal(wait, MINUTE);
    greylist_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_again_gets_in),
        cmocka_unit_test(it_is_bounded),
        cmocka_unit_test(what_has_changed_is_enough_to_go_on),
        cmocka_unit_test(the_disk_need_not_keep_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
