/* The store with its threads, on a real disk: what was handed in before is in the ledger after. */
#include "base/test.h"

#include "store/journal_trial.h"
#include "store/ledger.h"
#include "store/store.h"

#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NEVER = 3600 * 1000 /* ms; longer than a test waits */ };

static char directory[64];
static struct store *store;
static struct error error;
static atomic_int done;

static int begin(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/store-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    const struct store_settings s = {.disk = disk_real(),
                                     .directory = directory,
                                     .segment_size = TRIAL_SEGMENT,
                                     .keep_story = NEVER,
                                     .lazy_ms = NEVER};
    store = store_open(&s, NULL, NULL, &error);
    assert_non_null(store);
    return 0;
}

static void remove_all(const char *path)
{
    DIR *d = opendir(path);
    for (struct dirent *one; (one = readdir(d));) {
        char inner[512];
        int length = snprintf(inner, sizeof inner, "%s/%s", path, one->d_name);
        assert_in_range(length, 1, sizeof inner - 1);
        if (one->d_type == DT_DIR && one->d_name[0] != '.')
            remove_all(inner);
        else
            unlink(inner);
    }
    closedir(d);
    rmdir(path);
}

static int end(void **state)
{
    (void)state;
    store_close(&store);
    remove_all(directory);
    return 0;
}

static void count_done(struct commit *c)
{
    assert_int_equal(c->result, COMMIT_DURABLE);
    atomic_fetch_add(&done, 1);
}

static void the_ledger_catches_up_with_all_that_was_handed_in(void **state)
{
    (void)state;
    struct commit c[2] = {trial_acceptance(7, 1, TRIAL_MAIL), {.is_urgent = false}};
    trial_add_outcome(&c[1], 7, 0, OUTCOME_DELIVERED);
    for (int i = 0; i < 2; i++) {
        c[i].is_urgent = false; /* by itself the writer would wait */
        c[i].done = count_done;
        store_commit(store, &c[i]);
    }
    assert_int_equal(atomic_load(&done), 0);
    assert_true(store_catch_up(store, &error));
    assert_int_equal(atomic_load(&done), 2);

    struct buffer path = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct story s;
    buffer_printf(&path, "%s/ledger.sqlite", directory);
    struct ledger *l = ledger_open_read(buffer_text(&path), &error);
    assert_non_null(l);
    assert_int_equal(ledger_story(l, 7, &a, &s, &error), 1);
    assert_int_equal(s.event_count, 1);
    ledger_close(&l);
    arena_clear(&a);
    buffer_free(&path);
    for (int i = 0; i < 2; i++)
        commit_free(&c[i]);
    store_settle(store); /* nothing waits: it need not, either */
}

/* Each hands in one after the other, and waits for each: nobody may be forgotten. */
enum { SENDERS = 6, EACH = 60 };

static void tell_sender(struct commit *c)
{
    assert_int_equal(c->result, COMMIT_DURABLE);
    sem_post(c->owner);
}

static void *hand_in(void *arg)
{
    sem_t answered;
    sem_init(&answered, 0, 0);
    for (unsigned i = 0; i < EACH; i++) {
        message_id id = 1000 + *(unsigned *)arg * EACH + i;
        struct commit c = trial_acceptance(id, 1, TRIAL_MAIL);
        trial_add_outcome(&c, id, 0, OUTCOME_DELIVERED);
        c.done = tell_sender;
        c.owner = &answered;
        store_commit(store, &c);
        sem_wait(&answered);
        commit_free(&c);
    }
    sem_destroy(&answered);
    return NULL;
}

static void all_who_hand_in_at_once_are_answered(void **state)
{
    pthread_t threads[SENDERS];
    unsigned numbers[SENDERS];
    struct store_figures f;
    (void)state;
    for (unsigned i = 0; i < SENDERS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, hand_in, &numbers[i]), 0);
    }
    for (unsigned i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    assert_true(store_catch_up(store, &error)); /* so that the last group is counted */
    store_figures(store, &f);
    assert_int_equal(f.commits, SENDERS * EACH);
    assert_true(f.groups <= f.commits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_ledger_catches_up_with_all_that_was_handed_in, begin,
                                        end),
        cmocka_unit_test_setup_teardown(all_who_hand_in_at_once_are_answered, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
