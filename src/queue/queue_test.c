/* The queue with a fake outside: a clock that the test moves, deliveries and commits that it
 * answers. */
#include "base/test.h"

#include "base/memory.h"
#include "queue/queue.h"
#include "store/record.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

struct world {
    struct queue *queue;
    int64_t now;
    message_id last_id;
    struct delivery *deliveries[MOST];
    size_t delivery_count;
    struct commit *commits[MOST];
    size_t commit_count;
    bool is_routed; /* else refused */
    size_t concurrency, recipients;
    struct buffer told;
    const char *original;
};

static int64_t now_ms(void *arg)
{
    return ((struct world *)arg)->now;
}

static uint32_t random_number(void *arg)
{
    return 1000; /* no spread */
}

static message_id new_id(void *arg)
{
    return ++((struct world *)arg)->last_id;
}

static struct queue_route route(void *arg, const struct envelope *e, size_t recipient)
{
    struct world *w = arg;
    if (!w->is_routed)
        return (struct queue_route){.is_refused = true,
                                    .refusal = {.kind = OUTCOME_FAILED,
                                                .time_ms = w->now,
                                                .status = STATUS(5, 1, 1),
                                                .words = SPAN("nobody here")}};
    return (struct queue_route){.destination = SPAN("192.0.2.7:25"),
                                .concurrency = w->concurrency,
                                .recipients = w->recipients};
}

static void expand(void *arg, struct envelope *e, struct arena *a) {}

static void deliver(void *arg, struct delivery *d)
{
    struct world *w = arg;
    assert_true(w->delivery_count < MOST);
    w->deliveries[w->delivery_count++] = d;
}

static void commit(void *arg, struct commit *c)
{
    struct world *w = arg;
    assert_true(w->commit_count < MOST);
    w->commits[w->commit_count++] = c;
}

static ssize_t read_message(void *arg, message_id id, uint64_t offset, void *at, size_t len)
{
    struct world *w = arg;
    struct span rest = span_skip(span_of(w->original), (size_t)offset);
    size_t n = rest.len < len ? rest.len : len;
    memcpy(at, rest.at, n);
    return (ssize_t)n;
}

static void tell_outcome(void *arg, const struct envelope *e, size_t recipient, unsigned attempts,
                         int64_t retry_ms, const struct outcome *o)
{
    struct world *w = arg;
    buffer_printf(&w->told, "%.*s %s %u %lld\n", SPAN_F(e->recipients[recipient].address),
                  outcome_word(o->kind), attempts, (long long)retry_ms);
}

static void tell_notification(void *arg, const struct envelope *e)
{
    buffer_printf(&((struct world *)arg)->told, "reported to %.*s\n",
                  SPAN_F(e->recipients[0].address));
}

static int offset_minutes(void *arg, int64_t time_ms)
{
    return 60;
}

static struct world *world_new(void)
{
    struct world *w = memory_new(sizeof *w);
    const struct queue_settings settings = {.hostname = SPAN("mx.example.org"),
                                            .schedule = {60000, 600000, 3600000},
                                            .unreachable_pause = 30000,
                                            .max_returned = 65536};
    const struct queue_outside outside = {w,
                                          now_ms,
                                          random_number,
                                          new_id,
                                          route,
                                          expand,
                                          deliver,
                                          commit,
                                          read_message,
                                          tell_outcome,
                                          tell_notification,
                                          offset_minutes};
    w->now = 1000000;
    w->last_id = 100;
    w->is_routed = true;
    w->concurrency = w->recipients = 10;
    w->original = "Subject: hello\r\n\r\ntext\r\n";
    w->queue = queue_new(&settings, &outside);
    return w;
}

static void answer_commits(struct world *w, enum commit_result result)
{
    while (w->commit_count) {
        struct commit *c = w->commits[--w->commit_count];
        c->result = result;
        queue_committed(w->queue, c);
    }
}

static void world_free(struct world *w)
{
    answer_commits(w, COMMIT_DURABLE);
    while (w->delivery_count)
        delivery_free(w->deliveries[--w->delivery_count]);
    queue_free(&w->queue);
    buffer_free(&w->told);
    free(w);
}

static message_id add(struct world *w, const char *sender, size_t count, unsigned notify)
{
    static const char *const names[] = {"a@example.net", "b@example.net", "c@example.net"};
    struct recipient recipients[3] = {0};
    for (size_t i = 0; i < count; i++)
        recipients[i] = (struct recipient){span_of(names[i]), {.notify = notify}};
    struct envelope e = {.id = ++w->last_id,
                         .accepted_ms = w->now,
                         .reverse_path = span_of(sender),
                         .size = strlen(w->original),
                         .recipients = recipients,
                         .recipient_count = count};
    queue_add(w->queue, message_new(&e));
    return e.id;
}

static void answer(struct world *w, enum outcome_kind kind)
{
    assert_true(w->delivery_count > 0);
    struct delivery *d = w->deliveries[0];
    memmove(w->deliveries, w->deliveries + 1, --w->delivery_count * sizeof *w->deliveries);
    for (size_t i = 0; i < d->count; i++)
        d->outcomes[i] = (struct outcome){.kind = kind,
                                          .time_ms = w->now,
                                          .code = kind == OUTCOME_FAILED ? 550 : 0,
                                          .status = {kind == OUTCOME_FAILED ? 5 : 4, 0, 0},
                                          .words = SPAN("because")};
    queue_delivered(w->queue, d);
}

/* The entries of the newest commit, as letters: A accept, O outcome, H hold, R release. */
static void expect_commit(struct world *w, const char *kinds)
{
    assert_true(w->commit_count > 0);
    struct span rest = buffer_span(&w->commits[w->commit_count - 1]->entries);
    struct arena a = ARENA_EMPTY;
    struct buffer found = BUFFER_EMPTY;
    struct entry e;
    while (entry_next(&rest, &e, &a) > 0)
        buffer_add_char(&found, "?AOHR"[e.kind]);
    assert_string_equal(buffer_text(&found), kinds);
    buffer_free(&found);
    arena_clear(&a);
}

static void a_delivered_message_is_closed_and_forgotten(void **state)
{
    struct world *w = world_new();
    add(w, "s@example.org", 2, 0);
    assert_int_equal(w->delivery_count, 1);
    assert_int_equal(w->deliveries[0]->count, 2);
    answer(w, OUTCOME_RELAYED);
    expect_commit(w, "OO");
    assert_int_equal(queue_count(w->queue), 0);
    assert_false(queue_is_idle(w->queue));
    answer_commits(w, COMMIT_DURABLE);
    assert_true(queue_is_idle(w->queue));
    world_free(w);
}

static void a_delayed_recipient_comes_back_with_growing_intervals_until_it_expires(void **state)
{
    struct world *w = world_new();
    int64_t began = w->now;
    static const int64_t minutes[] = {1, 2, 4, 8, 10, 10, 10, 10, 5};
    add(w, "s@example.org", 1, 0);
    for (size_t i = 0; i < COUNT_OF(minutes); i++) {
        answer(w, OUTCOME_DELAYED);
        answer_commits(w, COMMIT_DURABLE);
        assert_int_equal(queue_run(w->queue), w->now + minutes[i] * 60000);
        w->now += minutes[i] * 60000 - 1;
        queue_run(w->queue);
        assert_int_equal(w->delivery_count, 0);
        w->now++;
        queue_run(w->queue);
        assert_int_equal(w->delivery_count, 1);
    }
    assert_int_equal(w->now - began, 3600000);
    answer(w, OUTCOME_DELAYED);
    expect_commit(w, "OA");
    assert_int_equal(queue_count(w->queue), 0);
    answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 1); /* the notification */
    world_free(w);
}

static void a_failure_is_closed_and_reported_in_one_commit(void **state)
{
    struct world *w = world_new();
    add(w, "s@example.org", 1, 0);
    answer(w, OUTCOME_FAILED);
    expect_commit(w, "OA");
    assert_int_equal(w->delivery_count, 0); /* the notification waits until it is durable */
    answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(w->delivery_count, 1);
    const struct envelope *e = &w->deliveries[0]->message->envelope;
    assert_int_equal(e->origin, ORIGIN_NOTIFICATION);
    assert_int_equal(e->reverse_path.len, 0);
    assert_true(span_equal(e->recipients[0].address, SPAN("s@example.org")));
    answer(w, OUTCOME_FAILED); /* never a bounce of a bounce */
    expect_commit(w, "O");
    world_free(w);
}

static void notices_are_sent_only_to_those_who_want_them(void **state)
{
    static const struct {
        const char *sender;
        unsigned notify;
        const char *commit;
    } cases[] = {
        {"s@example.org", 0, "OA"},
        {"s@example.org", NOTIFY_FAILURE, "OA"},
        {"s@example.org", NOTIFY_FAILURE | NOTIFY_DELAY, "OA"},
        {"s@example.org", NOTIFY_NEVER, "O"},
        {"s@example.org", NOTIFY_SUCCESS, "O"},
        {"", 0, "O"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct world *w = world_new();
        add(w, cases[i].sender, 1, cases[i].notify);
        answer(w, OUTCOME_FAILED);
        expect_commit(w, cases[i].commit);
        world_free(w);
    }
}

static void a_recipient_that_leads_nowhere_fails_at_once(void **state)
{
    struct world *w = world_new();
    w->is_routed = false;
    add(w, "s@example.org", 2, 0);
    assert_int_equal(w->delivery_count, 0);
    expect_commit(w, "OOA");
    w->is_routed = true;
    world_free(w);
}

static void a_destination_has_a_limit(void **state)
{
    struct world *w = world_new();
    w->concurrency = 2;
    w->recipients = 1;
    add(w, "s@example.org", 3, 0);
    add(w, "s@example.org", 1, 0);
    assert_int_equal(w->delivery_count, 2);
    answer(w, OUTCOME_RELAYED);
    assert_int_equal(w->delivery_count, 2);
    answer(w, OUTCOME_RELAYED);
    answer(w, OUTCOME_RELAYED);
    answer(w, OUTCOME_RELAYED);
    assert_int_equal(queue_count(w->queue), 0);
    world_free(w);
}

static void an_unreachable_next_hop_is_left_alone_for_a_while(void **state)
{
    struct world *w = world_new();
    w->concurrency = 1;
    add(w, "s@example.org", 1, 0);
    add(w, "s@example.org", 1, 0);
    w->deliveries[0]->is_unreachable = true;
    answer(w, OUTCOME_DELAYED);
    assert_int_equal(w->delivery_count, 0); /* the second one shares the reason */
    assert_string_equal(buffer_text(&w->told), "a@example.net delayed 1 1060000\n"
                                               "a@example.net delayed 1 1060000\n");
    w->now += 60000;
    queue_run(w->queue);
    assert_int_equal(w->delivery_count, 1);
    answer(w, OUTCOME_RELAYED);
    answer(w, OUTCOME_RELAYED);
    world_free(w);
}

static void a_held_message_waits_until_it_is_released(void **state)
{
    struct world *w = world_new();
    message_id id = add(w, "s@example.org", 1, 0);
    assert_true(queue_hold(w->queue, id, SPAN("looks odd")));
    expect_commit(w, "H");
    answer(w, OUTCOME_DELAYED); /* it was under way */
    w->now += 300000;
    queue_run(w->queue);
    assert_int_equal(w->delivery_count, 0);
    assert_false(queue_retry(w->queue, id));
    assert_false(queue_release(w->queue, 12345));
    assert_true(queue_release(w->queue, id));
    expect_commit(w, "R");
    queue_run(w->queue);
    assert_int_equal(w->delivery_count, 1);
    answer(w, OUTCOME_RELAYED);
    assert_false(queue_hold(w->queue, id, SPAN_NONE));
    world_free(w);
}

static void a_commit_without_room_is_given_again(void **state)
{
    struct world *w = world_new();
    add(w, "s@example.org", 1, 0);
    answer(w, OUTCOME_FAILED);
    answer_commits(w, COMMIT_FULL);
    assert_int_equal(w->commit_count, 0);
    assert_int_equal(queue_run(w->queue), w->now + 1000);
    w->now += 1000;
    queue_run(w->queue);
    expect_commit(w, "OA");
    answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(w->delivery_count, 1);
    answer(w, OUTCOME_DELIVERED);
    world_free(w);
}

static void what_was_recovered_goes_on_where_it_stood(void **state)
{
    struct world *w = world_new();
    struct recipient recipients[2] = {{SPAN("a@example.net"), {0}}, {SPAN("b@example.net"), {0}}};
    struct envelope e = {.id = 7,
                         .accepted_ms = w->now,
                         .reverse_path = SPAN("s@example.org"),
                         .size = 10,
                         .recipients = recipients,
                         .recipient_count = 2};
    struct outcome done = {.kind = OUTCOME_DELIVERED}, late = {.kind = OUTCOME_DELAYED};
    struct recovered_recipient states[2] = {{true, 1, 0, &done}, {false, 3, w->now + 5000, &late}};
    struct recovered r = {&e, states, false, SPAN_NONE};
    queue_add_recovered(w->queue, &r);
    assert_int_equal(queue_run(w->queue), w->now + 5000);
    assert_int_equal(w->delivery_count, 0);
    w->now += 5000;
    queue_run(w->queue);
    assert_int_equal(w->delivery_count, 1);
    assert_int_equal(w->deliveries[0]->count, 1);
    assert_int_equal(w->deliveries[0]->recipients[0], 1);
    answer(w, OUTCOME_DELAYED);
    assert_string_equal(buffer_text(&w->told), "b@example.net delayed 4 1485000\n");
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivered_message_is_closed_and_forgotten),
        cmocka_unit_test(a_delayed_recipient_comes_back_with_growing_intervals_until_it_expires),
        cmocka_unit_test(a_failure_is_closed_and_reported_in_one_commit),
        cmocka_unit_test(notices_are_sent_only_to_those_who_want_them),
        cmocka_unit_test(a_recipient_that_leads_nowhere_fails_at_once),
        cmocka_unit_test(a_destination_has_a_limit),
        cmocka_unit_test(an_unreachable_next_hop_is_left_alone_for_a_while),
        cmocka_unit_test(a_held_message_waits_until_it_is_released),
        cmocka_unit_test(a_commit_without_room_is_given_again),
        cmocka_unit_test(what_was_recovered_goes_on_where_it_stood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
