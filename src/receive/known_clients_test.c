#include "base/test.h"

#include "base/memory.h"
#include "receive/known_clients.h"

#include <stdio.h>

enum { MINUTE = 60000 };

static struct known_clients all;
static const struct options *options;

static int begin(void **state)
{
    struct options *o = memory_new(sizeof *o);
    options_defaults(o);
    options = o;
    all = (struct known_clients){0};
    list_init(&all.by_age);
    return 0;
}

static int end(void **state)
{
    known_clients_free(&all);
    options_unref(&options);
    return 0;
}

static void add(const char *key, int points, size_t unknown, int64_t now)
{
    struct known_client *k = known_client_new(options, span_of(key));
    k->score.points = points;
    k->score.unknown_count = unknown;
    known_clients_add(&all, k, now);
    known_client_unref(&k);
}

static int find(const char *key, int64_t now)
{
    struct known_client *k = known_clients_find(&all, options, span_of(key), now);
    int points = k ? k->score.points : -1;
    known_client_unref(&k);
    return points;
}

static void they_are_known_for_a_while(void **state)
{
    add("a", 1, 0, 0);
    add("b", 2, 1, 0); /* not sure */
    assert_true(find("a", MINUTE - 1) == 1 && find("b", MINUTE - 1) == 2);
    assert_true(find("a", MINUTE) == 1 && find("b", MINUTE) == -1);
    assert_int_equal(find("a", 5 * MINUTE), -1);
    add("a", 3, 0, 5 * MINUTE);
    add("a", 4, 0, 6 * MINUTE);
    assert_int_equal(find("a", 10 * MINUTE), 4);
    assert_int_equal(find("c", 0), -1);
}

static void a_session_keeps_its_own(void **state)
{
    add("a", 1, 0, 0);
    struct known_client *k = known_clients_find(&all, options, SPAN("a"), 0);
    assert_int_equal(find("a", 6 * MINUTE), -1);
    assert_int_equal(k->score.points, 1);
    known_client_unref(&k);
}

static void other_options_know_nothing(void **state)
{
    struct options *other = memory_new(sizeof *other);
    options_defaults(other);
    const struct options *o = other;
    add("a", 1, 0, 0);
    assert_null(known_clients_find(&all, o, SPAN("a"), 0));
    assert_int_equal(find("a", 0), -1); /* it is not looked at twice */
    options_unref(&o);
}

static void they_are_bounded(void **state)
{
    char key[20];
    for (int i = 0; i < MOST_KNOWN_CLIENTS + 10; i++) {
        snprintf(key, sizeof key, "%d", i);
        add(key, i, 0, 0);
    }
    assert_int_equal(all.by_key.count, MOST_KNOWN_CLIENTS);
    assert_true(find("9", 0) == -1 && find("10", 0) == 10);
}

static void a_key_is_of_all_that_matters(void **state)
{
    const struct entry_client c[] = {
        {.hello = SPAN("a"), .our_name = SPAN("b"), .sender_domain = SPAN("c")},
        {.hello = SPAN("A"), .our_name = SPAN("B"), .sender_domain = SPAN("d")},
        {.hello = SPAN("ab"), .our_name = SPAN(""), .sender_domain = SPAN("c")},
    };
    struct buffer keys[3] = {BUFFER_EMPTY};
    for (int i = 0; i < 3; i++)
        known_client_add_key(&keys[i], options, &c[i]);
    assert_true(span_equal(buffer_span(&keys[0]), buffer_span(&keys[1])));
    assert_false(span_equal(buffer_span(&keys[0]), buffer_span(&keys[2])));
    for (int i = 0; i < 3; i++)
        buffer_free(&keys[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(they_are_known_for_a_while, begin, end),
        cmocka_unit_test_setup_teardown(a_session_keeps_its_own, begin, end),
        cmocka_unit_test_setup_teardown(other_options_know_nothing, begin, end),
        cmocka_unit_test_setup_teardown(they_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(a_key_is_of_all_that_matters, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
