/* Real loops in real threads: one hangs, and the others and the asker go on. */
#include "base/test.h"

#include "daemon/watchdog.h"
#include "sys/worker.h"

#include <semaphore.h>
#include <string.h>

enum { EVERY = 200 /* ms: a busy machine lets a thread wait for tens of them */ };

struct trial {
    struct loop *loop, *other[2];
    struct watchdog *dog;
    size_t rounds, stuck, freed;
    struct task hang;
    sem_t lets_go;
    size_t rounds_when_stuck;
    struct timer look;
    int step;
};

static struct trial *the_trial;

static void *run(void *loop)
{
    loop_run(loop);
    return NULL;
}

static void hang(struct task *t)
{
    sem_wait(&the_trial->lets_go);
}

static void all_alive(void *arg)
{
    ((struct trial *)arg)->rounds++;
}

static void tell(void *arg, const char *thread, bool is_stuck)
{
    struct trial *x = arg;
    assert_string_equal(thread, "the second");
    if (is_stuck) {
        x->stuck++;
        x->rounds_when_stuck = x->rounds;
    } else {
        x->freed++;
    }
}

/* Three steps: all is well; one hangs for several rounds; it goes on. */
static void look(struct timer *t)
{
    struct trial *x = the_trial;
    timer_set(x->loop, t, loop_now(x->loop) + 4 * EVERY);
    if (x->step == 0 && x->rounds >= 3) {
        assert_true(watchdog_is_well(x->dog));
        loop_post(x->other[1], &x->hang);
        x->step = 1;
    } else if (x->step >= 1 && x->step < 4 && x->stuck) {
        assert_false(watchdog_is_well(x->dog));
        assert_int_equal(x->rounds, x->rounds_when_stuck); /* nobody hears that we are well */
        assert_int_equal(x->stuck, 1);                     /* said once */
        if (++x->step == 4)
            sem_post(&x->lets_go);
    } else if (x->step == 4 && x->freed && x->rounds >= x->rounds_when_stuck + 3) {
        assert_true(watchdog_is_well(x->dog));
        loop_stop(x->loop);
    }
}

static void a_thread_that_hangs_is_noticed(void **state)
{
    struct trial x = {.hang = {.run = hang}, .look = {.due = look}};
    struct error e;
    pthread_t threads[2];
    the_trial = &x;
    sem_init(&x.lets_go, 0, 0);
    x.loop = loop_new(&e);
    const struct watchdog_settings s = {
        .loop = x.loop, .every = EVERY, .all_alive = all_alive, .tell = tell, .arg = &x};
    x.dog = watchdog_new(&s);
    for (int i = 0; i < 2; i++) {
        x.other[i] = loop_new(&e);
        threads[i] = thread_start(run, x.other[i], "test");
        watchdog_add(x.dog, i ? "the second" : "the first", watchdog_ask_loop, x.other[i]);
    }
    watchdog_start(x.dog);
    timer_set(x.loop, &x.look, loop_now(x.loop));
    loop_run(x.loop);
    assert_int_equal(x.step, 4);
    assert_int_equal(x.freed, 1);
    for (int i = 0; i < 2; i++) {
        loop_stop(x.other[i]);
        pthread_join(threads[i], NULL);
        loop_free(&x.other[i]);
    }
    watchdog_free(&x.dog);
    loop_free(&x.loop);
    sem_destroy(&x.lets_go);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_thread_that_hangs_is_noticed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
