/* What is removed when somebody else has used an account, and what becomes of it. */
#include "base/test.h"

#include "account/accounts_trial.h"
#include "queue/operator.h"
#include "sys/clock.h"

#include <string.h>
#include <unistd.h>

struct kept {
    struct account_removal at[4];
    size_t count;
};

static void keep(void *arg, const struct account_removal *r)
{
    struct kept *k = arg;
    assert_true(k->count < COUNT_OF(k->at));
    k->at[k->count++] = *r;
}

/* Latest first; without their texts. */
static struct kept removals(void)
{
    struct kept k = {.count = 0};
    struct error e;
    assert_true(account_book_removals(w.book, keep, &k, &e));
    return k;
}

/* ---- */

static void it_was_not_me(void **state)
{
    start(ACCOUNTS_HOLD);
    spam("stranger", 70);
    assert_string_equal(order(ACT_REVOKE, "alice@example.org"), "");
    size_t left = left_outside();
    usleep(2000); /* what comes later is hers */
    send_to("alice@example.org", "friend", 3);
    assert_int_equal(left_outside(), left + 3);
    stop();
    start(ACCOUNTS_HOLD);
    assert_string_equal(order(ACT_RESTORE, "alice@example.org"), "");
    assert_non_null(strstr(order(ACT_RESTORE, "alice@example.org"), "within the last week"));
}

static void what_was_removed_comes_back(void **state)
{
    start(ACCOUNTS_HOLD);
    spam("stranger", 70);
    assert_string_equal(order(ACT_HOLD, "bob@example.org"), "");
    assert_int_equal(held(), 2);
    assert_string_equal(order(ACT_REVOKE, "alice@example.org"), "");
    assert_string_equal(order(ACT_REVOKE, "bob@example.org"), "");
    assert_int_equal(held(), 0);
    assert_string_equal(order(ACT_RESTORE, "alice@example.org"), "");
    queue_run(w.queue);
    assert_int_equal(left_outside(), 70);
    const struct kept k = removals();
    assert_int_equal(k.count, 1); /* bob's */
    assert_non_null(strstr(order(ACT_RESTORE, "alice@example.org"), "within the last week"));
}

/* An hour before anything stood out; of two times the latest is the one that is undone. */
static void what_is_removed_has_its_time(void **state)
{
    enum { HOUR = 3600 * 1000, WEEK = 7 * 24 * HOUR };
    start(ACCOUNTS_HOLD);
    int64_t begins = clock_now_ms();
    assert_string_equal(order(ACT_HOLD, "bob"), "");
    usleep(20000);
    assert_string_equal(order(ACT_REVOKE, "bob"), "");
    struct kept first = removals();
    assert_int_equal(first.count, 1);
    assert_in_range(first.at[0].from_ms, begins - HOUR, begins - HOUR + 15);
    assert_in_range(first.at[0].until_ms, begins + 20, clock_now_ms());
    assert_int_equal(first.at[0].ends_ms - first.at[0].until_ms, WEEK);
    usleep(2000);
    assert_string_equal(order(ACT_REVOKE, "bob"), "");
    assert_int_equal(removals().count, 2);
    assert_string_equal(order(ACT_RESTORE, "bob"), "");
    struct kept left = removals();
    assert_int_equal(left.count, 1);
    assert_int_equal(left.at[0].until_ms, first.at[0].until_ms);
}

/* The server may have been down when the week was over. */
static void what_nobody_wants_back_is_discarded(void **state)
{
    struct error e;
    w.book = account_book_open(w.path, &e);
    const struct account_removal r = {.account = SPAN("alice@example.org"),
                                      .from_ms = 1000,
                                      .until_ms = 2000,
                                      .ends_ms = clock_now_ms() - 1000,
                                      .why = SPAN("removed")};
    const struct account_change c = {.removal = &r};
    assert_true(account_book_write(w.book, r.account, &c, &e));
    account_book_close(&w.book);
    start(ACCOUNTS_HOLD);
    settle();
    assert_string_equal(buffer_text(&w.told), "alice@example.org discarded by guard\n");
    assert_non_null(strstr(order(ACT_RESTORE, "alice@example.org"), "within the last week"));
    stop();
    start(ACCOUNTS_HOLD); /* it is said once */
    settle();
    assert_string_equal(buffer_text(&w.told), "alice@example.org discarded by guard\n");
    assert_int_equal(removals().count, 1); /* for what wakes late; but not for ever */
    struct account_removal old = r;
    old.is_discarded = true;
    old.ends_ms -= INT64_C(30) * 24 * 3600 * 1000;
    const struct account_change is_old = {.removal = &old};
    assert_true(account_book_write(w.book, old.account, &is_old, &e));
    stop();
    start(ACCOUNTS_HOLD);
    settle(); /* it is read, */
    settle(); /* and written */
    assert_int_equal(removals().count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_was_not_me, begin, end),
        cmocka_unit_test_setup_teardown(what_was_removed_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(what_is_removed_has_its_time, begin, end),
        cmocka_unit_test_setup_teardown(what_nobody_wants_back_is_discarded, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
