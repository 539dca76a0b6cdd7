/* What is closed is never told of again. */
#include "base/test.h"

#include "sys/loop.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_closed_is_silent_though_a_child_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
