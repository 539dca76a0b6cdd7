/* What is closed is never told of again. */
#include "base/test.h"

#include "sys/loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

static int told;
static struct loop *loop;

static void ready(struct watch *w, uint32_t events)
{
    told++;
}

static void stop(struct timer *t)
{
    loop_stop(loop);
}

static void run_for_a_moment(void)
{
    struct timer timer = {.due = stop};
    timer_set(loop, &timer, loop_now(loop) + 20);
    loop_run(loop);
}

/* A child that is being started has copies of all descriptors until it runs its program. */
static void what_is_closed_is_silent_though_a_child_has_it(void **state)
{
    struct error e;
    int ends[2];
    assert_non_null(loop = loop_new(&e));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    int copy = dup(ends[0]);
    struct watch w = {.fd = ends[0], .ready = ready};
    watch_start(loop, &w, EPOLLIN);
    assert_int_equal(write(ends[1], "x", 1), 1);
    run_for_a_moment();
    assert_true(told > 0);
    told = 0;
    watch_close(loop, &w);
    run_for_a_moment();
    assert_int_equal(told, 0);
    close(copy);
    close(ends[1]);
    loop_free(&loop);
}

/* ---- wakes */

static atomic_int count;
static struct loop *other;

static void *run_other(void *arg)
{
    loop_run(other);
    return NULL;
}

static void count_it(struct task *t)
{
    atomic_fetch_add(&count, 1);
}

static void wait_for(int wanted)
{
    while (atomic_load(&count) < wanted)
        usleep(100);
}

static void held_wakes_come_when_they_are_let_go(void **state)
{
    struct error e;
    pthread_t thread;
    struct task tasks[3] = {{.run = count_it}, {.run = count_it}, {.run = count_it}};
    count = 0;
    assert_non_null(other = loop_new(&e));
    pthread_create(&thread, NULL, run_other, NULL);
    loop_post(other, &tasks[0]);
    wait_for(1);
    usleep(20000); /* so that it sleeps */
    loop_hold_wakes();
    loop_post(other, &tasks[1]);
    loop_post(other, &tasks[2]);
    usleep(20000);
    assert_int_equal(atomic_load(&count), 1);
    loop_wake_held();
    wait_for(3);
    loop_stop(other);
    pthread_join(thread, NULL);
    loop_free(&other);
}

/* One task that each of two loops posts to the other: a wake that is lost would be the end. */
enum { ROUNDS = 20000 };

static void play(struct task *t)
{
    int n = atomic_fetch_add(&count, 1) + 1;
    if (n < ROUNDS)
        loop_post(n % 2 ? other : loop, t);
    else
        loop_stop(loop);
}

static void loops_wake_each_other(void **state)
{
    struct error e;
    pthread_t thread;
    struct task ball = {.run = play};
    count = 0;
    assert_non_null(loop = loop_new(&e));
    assert_non_null(other = loop_new(&e));
    pthread_create(&thread, NULL, run_other, NULL);
    loop_post(loop, &ball);
    loop_run(loop);
    assert_int_equal(atomic_load(&count), ROUNDS);
    loop_stop(other);
    pthread_join(thread, NULL);
    loop_free(&loop);
    loop_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_closed_is_silent_though_a_child_has_it),
        cmocka_unit_test(held_wakes_come_when_they_are_let_go),
        cmocka_unit_test(loops_wake_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
