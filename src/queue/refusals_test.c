/* A message to very many who go nowhere. */
#include "base/test.h"

#include "base/memory.h"
#include "queue/queue.h"
#include "store/record.h"

#include <stdlib.h>

enum { MANY = 2300, AT_ONCE = 1000, MOST = 16 };

static struct commit *commits[MOST];
static size_t commit_count;

static int64_t now_ms(void *arg)
{
    return 1000000;
}

static message_id new_id(void *arg)
{
    static message_id last = 100;
    return ++last;
}

/* Every third one is discarded. */
static struct queue_route route(void *arg, const struct envelope *e, size_t recipient)
{
    struct queue_route r = {.is_refused = true,
                            .refusal = {.kind = OUTCOME_FAILED,
                                        .time_ms = 1000000,
                                        .status = STATUS(5, 1, 1),
                                        .words = SPAN("nobody here")}};
    if (recipient % 3 == 0)
        r.refusal.kind = OUTCOME_DISCARDED;
    return r;
}

static bool story(void *arg, message_id id, struct arena *a, struct story *s)
{
    return false;
}

static bool is_ours(void *arg, struct span address)
{
    return true;
}

static void expand(void *arg, struct envelope *e, struct arena *a) {}

static void commit(void *arg, struct commit *c)
{
    assert_true(commit_count < MOST);
    commits[commit_count++] = c;
}

static ssize_t read_message(void *arg, message_id id, uint64_t offset, void *at, size_t len)
{
    return 0;
}

static void tell_outcome(void *arg, const struct envelope *e, size_t recipient, unsigned attempts,
                         int64_t retry_ms, const struct outcome *o)
{
}

static void tell_made(void *arg, const struct envelope *e) {}

static struct draft *sign(void *arg, struct buffer *fields, struct span message, int64_t now_ms)
{
    return NULL;
}

static int offset_minutes(void *arg, int64_t time_ms)
{
    return 0;
}

static void choose(void *arg, struct report *r) {}

static struct queue *make_queue(void)
{
    const struct queue_settings settings = {.hostname = SPAN("mx.example.org"),
                                            .schedule = {60000, 600000, 3600000},
                                            .max_returned = 65536};
    const struct queue_outside outside = {.now_ms = now_ms,
                                          .new_id = new_id,
                                          .route = route,
                                          .story = story,
                                          .is_ours = is_ours,
                                          .expand = expand,
                                          .sign = sign,
                                          .commit = commit,
                                          .read = read_message,
                                          .tell_outcome = tell_outcome,
                                          .tell_made = tell_made,
                                          .offset_minutes = offset_minutes,
                                          .choose = choose};
    return queue_new(&settings, &outside);
}

static void add_message(struct queue *q)
{
    struct recipient *recipients = memory_new(MANY * sizeof *recipients);
    for (size_t i = 0; i < MANY; i++)
        recipients[i] = (struct recipient){.address = SPAN("nobody@example.net")};
    const struct envelope e = {.id = new_id(NULL),
                               .accepted_ms = 1000000,
                               .reverse_path = SPAN("s@example.org"),
                               .recipients = recipients,
                               .recipient_count = MANY};
    queue_add(q, message_new(&e));
    free(recipients);
}

/* What closes them has a bound, and there is a notice for each thousand that fail. */
static void they_are_closed_in_parts(void **state)
{
    struct queue *q = make_queue();
    size_t outcomes = 0, notices = 0;
    add_message(q);
    for (size_t i = 0; i < commit_count; i++) {
        struct span rest = buffer_span(&commits[i]->entries);
        struct arena a = ARENA_EMPTY;
        struct entry each;
        size_t here = 0;
        while (entry_next(&rest, &each, &a) > 0) {
            here += each.kind == ENTRY_OUTCOME;
            notices += each.kind == ENTRY_ACCEPT;
        }
        assert_true(here <= AT_ONCE);
        outcomes += here;
        arena_clear(&a);
    }
    assert_int_equal(outcomes, MANY);
    assert_int_equal(commit_count, 1 + 2); /* 767 are discarded, 1533 fail */
    assert_int_equal(notices, 2);
    queue_stop(q);
    while (commit_count) {
        struct commit *c = commits[--commit_count];
        c->result = COMMIT_DURABLE;
        queue_committed(q, c);
    }
    queue_free(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(they_are_closed_in_parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
