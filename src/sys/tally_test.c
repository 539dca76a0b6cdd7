#include "base/test.h"

#include "sys/tally.h"
#include "sys/worker.h"

enum { THREADS = 4, ADDITIONS = 100000 };

static void *add(void *arg)
{
    for (int i = 0; i < ADDITIONS; i++) {
        tally_add(1, 1);
        tally_add(TALLIES - 1, 3);
    }
    return NULL;
}

static void nothing_is_lost_and_ended_threads_count(void **state)
{
    pthread_t threads[THREADS];
    tally_add(1, 7);
    for (int i = 0; i < THREADS; i++)
        threads[i] = thread_start(add, NULL, "test");
    uint64_t before = 0;
    for (int i = 0; i < 1000; i++) { /* sums only grow, also while others add */
        uint64_t sum = tally_sum(1);
        assert_true(sum >= before && sum <= 7 + THREADS * ADDITIONS);
        before = sum;
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(tally_sum(1), 7 + THREADS * ADDITIONS);
    assert_int_equal(tally_sum(TALLIES - 1), 3 * THREADS * ADDITIONS);
    assert_int_equal(tally_sum(0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_lost_and_ended_threads_count)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
