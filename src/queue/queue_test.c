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
    struct waking *wakings[MOST];
    size_t waking_count;
    struct buffer store; /* the entries of all that is durable */
    bool is_routed;      /* else refused */
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

static void wake(void *arg, struct waking *waking)
{
    struct world *w = arg;
    assert_true(w->waking_count < MOST);
    w->wakings[w->waking_count++] = waking;
}

/* What the store has of a message. */
static struct message *recalled(const struct world *w, message_id id)
{
    struct arena a = ARENA_EMPTY;
    struct envelope envelope = {0};
    struct recovered_recipient recipients[3] = {0};
    struct recovered r = {.envelope = &envelope, .recipients = recipients};
    struct span rest = buffer_span(&w->store);
    struct entry e;
    while (entry_next(&rest, &e, &a) > 0) {
        if (e.id != id)
            continue;
        if (e.kind == ENTRY_ACCEPT)
            envelope = e.envelope;
        else if (e.kind == ENTRY_OUTCOME) {
            struct outcome *last = arena_new(&a, sizeof *last);
            *last = e.outcome;
            recipients[e.recipient] = (struct recovered_recipient){outcome_is_final(last->kind),
                                                                   e.attempts, e.retry_ms, last};
        } else
            r.is_held = e.kind == ENTRY_HOLD;
    }
    assert_int_equal(envelope.id, id);
    struct message *m = message_recovered(&r);
    arena_clear(&a);
    return m;
}

/* Let the queue do what is due, and wake whom it wants. */
static int64_t run(struct world *w)
{
    int64_t next = queue_run(w->queue);
    while (w->waking_count) {
        struct waking *waking = w->wakings[--w->waking_count];
        waking->message = recalled(w, waking->id);
        queue_woken(w->queue, waking);
        next = queue_run(w->queue);
    }
    return next;
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

static void tell_concurrency(void *arg, struct span destination, size_t limit,
                             const struct outcome *why)
{
    buffer_printf(&((struct world *)arg)->told, "%.*s %s %zu\n", SPAN_F(destination),
                  why ? "slower" : "faster", limit);
}

static void tell_back(void *arg, struct span destination, size_t missed)
{
    buffer_printf(&((struct world *)arg)->told, "%.*s back %zu\n", SPAN_F(destination), missed);
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
                                          wake,
                                          commit,
                                          read_message,
                                          tell_outcome,
                                          tell_notification,
                                          tell_concurrency,
                                          tell_back,
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
        if (result == COMMIT_DURABLE)
            buffer_add_span(&w->store, buffer_span(&c->entries));
        queue_committed(w->queue, c);
    }
}

static void world_free(struct world *w)
{
    answer_commits(w, COMMIT_DURABLE);
    while (w->delivery_count)
        delivery_free(w->deliveries[--w->delivery_count]);
    buffer_free(&w->store);
    queue_free(&w->queue);
    buffer_free(&w->told);
    free(w);
}

static message_id add(struct world *w, const char *sender, size_t count, unsigned notify)
{
    static const char *const names[] = {"a@example.net", "b@example.net", "c@example.net"};
    struct recipient recipients[3] = {0};
    for (size_t i = 0; i < count; i++)
        recipients[i] =
            (struct recipient){.address = span_of(names[i]), .parameters = {.notify = notify}};
    struct envelope e = {.id = ++w->last_id,
                         .accepted_ms = w->now,
                         .reverse_path = span_of(sender),
                         .size = strlen(w->original),
                         .recipients = recipients,
                         .recipient_count = count};
    entry_add_accept(&w->store, &e);
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
        assert_int_equal(run(w), w->now + minutes[i] * 60000);
        w->now += minutes[i] * 60000 - 1;
        run(w);
        assert_int_equal(w->delivery_count, 0);
        w->now++;
        run(w);
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
    w->deliveries[0]->peer = PEER_UNREACHABLE;
    answer(w, OUTCOME_DELAYED);
    assert_int_equal(w->delivery_count, 0); /* the second one shares the reason */
    assert_string_equal(buffer_text(&w->told), "a@example.net delayed 1 1060000\n"
                                               "a@example.net delayed 1 1060000\n");
    answer_commits(w, COMMIT_DURABLE);
    w->now += 60000;
    run(w);
    assert_int_equal(w->delivery_count, 1);
    answer(w, OUTCOME_RELAYED);
    answer(w, OUTCOME_RELAYED);
    world_free(w);
}

/* They don't wait for their own times, which may be hours away; but nobody else goes with them. */
static void what_missed_a_next_hop_goes_when_it_is_back(void **state)
{
    struct world *w = world_new();
    add(w, "s@example.org", 1, 0);
    answer(w, OUTCOME_DELAYED); /* for a reason of its own: it waits for its own time */
    for (int i = 0; i < 3; i++)
        add(w, "s@example.org", 1, 0);
    for (int i = 0; i < 3; i++) {
        w->deliveries[0]->peer = PEER_UNREACHABLE;
        answer(w, OUTCOME_DELAYED);
    }
    answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count_awake(w->queue), 0);
    w->now += 31000;
    run(w);
    assert_int_equal(w->delivery_count, 0);
    add(w, "s@example.org", 1, 0);
    assert_int_equal(w->delivery_count, 1);
    buffer_clear(&w->told);
    answer(w, OUTCOME_RELAYED);
    run(w);
    assert_int_equal(w->delivery_count, 3);
    assert_string_equal(buffer_text(&w->told), "192.0.2.7:25 back 3\n"
                                               "a@example.net relayed 1 0\n");
    while (w->delivery_count)
        answer(w, OUTCOME_RELAYED);
    assert_int_equal(queue_count(w->queue), 1);
    world_free(w);
}

static void a_held_message_waits_until_it_is_released(void **state)
{
    struct world *w = world_new();
    message_id id = add(w, "s@example.org", 1, 0);
    assert_true(queue_hold(w->queue, id, SPAN("looks odd")));
    expect_commit(w, "H");
    answer(w, OUTCOME_DELAYED); /* it was under way */
    answer_commits(w, COMMIT_DURABLE);
    w->now += 300000;
    run(w);
    assert_int_equal(w->delivery_count, 0);
    assert_false(queue_retry(w->queue, id));
    assert_false(queue_release(w->queue, 12345));
    assert_true(queue_release(w->queue, id));
    expect_commit(w, "R");
    run(w); /* the release is not durable yet */
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
    assert_int_equal(run(w), w->now + 1000);
    w->now += 1000;
    run(w);
    expect_commit(w, "OA");
    answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(w->delivery_count, 1);
    answer(w, OUTCOME_DELIVERED);
    world_free(w);
}

static void a_queue_that_is_stopped_starts_nothing(void **state)
{
    struct world *w = world_new();
    add(w, "s@example.org", 1, 0);
    queue_stop(w->queue);
    answer(w, OUTCOME_DELIVERED);
    expect_commit(w, "O"); /* what comes back is kept */
    answer_commits(w, COMMIT_DURABLE);
    assert_true(queue_is_idle(w->queue));
    add(w, "s@example.org", 1, 0);
    w->is_routed = false;
    add(w, "s@example.org", 1, 0); /* it would fail at once */
    assert_int_equal(run(w), INT64_MAX);
    assert_int_equal(w->delivery_count + w->commit_count + w->waking_count, 0);
    assert_int_equal(queue_count(w->queue), 2);
    assert_true(queue_is_idle(w->queue));
    world_free(w);
}

/* Nothing can be written down any more: what is delivered now would be delivered again. */
static void a_store_that_failed_stops_the_queue(void **state)
{
    struct world *w = world_new();
    w->concurrency = 1;
    add(w, "s@example.org", 1, 0);
    add(w, "s@example.org", 1, 0);
    add(w, "s@example.org", 1, 0);
    answer(w, OUTCOME_RELAYED);
    assert_int_equal(w->delivery_count, 1);
    answer_commits(w, COMMIT_FAILED);
    answer(w, OUTCOME_RELAYED);
    run(w);
    assert_int_equal(w->delivery_count, 0);
    assert_int_equal(queue_count(w->queue), 1);
    world_free(w);
}

static void what_was_recovered_goes_on_where_it_stood(void **state)
{
    struct world *w = world_new();
    struct recipient recipients[2] = {{.address = SPAN("a@example.net")},
                                      {.address = SPAN("b@example.net")}};
    struct envelope e = {.id = 7,
                         .accepted_ms = w->now,
                         .reverse_path = SPAN("s@example.org"),
                         .size = 10,
                         .recipients = recipients,
                         .recipient_count = 2};
    struct outcome done = {.kind = OUTCOME_DELIVERED}, late = {.kind = OUTCOME_DELAYED};
    entry_add_accept(&w->store, &e);
    entry_add_outcome(&w->store, 7, 0, 1, 0, &done);
    entry_add_outcome(&w->store, 7, 1, 3, w->now + 5000, &late);
    queue_add_sleeping(w->queue, 7, w->now + 5000);
    assert_int_equal(run(w), w->now + 5000);
    assert_int_equal(w->delivery_count, 0);
    w->now += 5000;
    run(w);
    assert_int_equal(w->delivery_count, 1);
    assert_int_equal(w->deliveries[0]->count, 1);
    assert_int_equal(w->deliveries[0]->recipients[0], 1);
    answer(w, OUTCOME_DELAYED);
    assert_string_equal(buffer_text(&w->told), "b@example.net delayed 4 1485000\n");
    world_free(w);
}

/* More than stand ready sleep, and are woken when there is room: nobody overtakes within a lane,
 * and who sends little does not wait behind who sends much. */
static void what_has_no_place_sleeps_and_others_senders_do_not_wait(void **state)
{
    struct world *w = world_new();
    w->concurrency = 1;
    w->recipients = 1;
    for (int i = 0; i < 40; i++)
        add(w, "much@example.org", 1, 0);
    message_id little = add(w, "little@example.org", 1, 0);
    assert_int_equal(w->delivery_count, 1);
    assert_true(queue_count_awake(w->queue) <= 10);
    assert_int_equal(queue_count(w->queue), 41);
    int before = 0;
    while (w->deliveries[0]->message->envelope.id != little) {
        before++;
        answer(w, OUTCOME_RELAYED);
        answer_commits(w, COMMIT_DURABLE);
        run(w);
        assert_int_equal(w->delivery_count, 1);
    }
    assert_true(before < 15);
    while (w->delivery_count) {
        answer(w, OUTCOME_RELAYED);
        answer_commits(w, COMMIT_DURABLE);
        run(w);
    }
    assert_int_equal(queue_count(w->queue), 0);
    world_free(w);
}

/* Also those that have no place at once: that they are due is written nowhere. */
static void retrying_all_tries_all(void **state)
{
    struct world *w = world_new();
    w->concurrency = w->recipients = 1;
    for (int i = 0; i < 20; i++) {
        add(w, "s@example.org", 1, 0);
        answer(w, OUTCOME_DELAYED);
        answer_commits(w, COMMIT_DURABLE);
    }
    assert_int_equal(queue_retry_all(w->queue), 20);
    run(w);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(w->delivery_count, 1);
        answer(w, OUTCOME_RELAYED);
        answer_commits(w, COMMIT_DURABLE);
        run(w);
    }
    assert_int_equal(queue_count(w->queue), 0);
    world_free(w);
}

static void what_never_gets_a_place_expires(void **state)
{
    struct world *w = world_new();
    w->concurrency = 1;
    w->recipients = 1;
    for (int i = 0; i < 12; i++)
        add(w, "s@example.org", 1, NOTIFY_NEVER);
    assert_int_equal(run(w), w->now + 3600000);
    w->now += 3600000;
    buffer_clear(&w->told);
    run(w);
    assert_string_equal(buffer_text(&w->told), "a@example.net failed 1 0\n"
                                               "a@example.net failed 1 0\n"
                                               "a@example.net failed 1 0\n");
    world_free(w);
}

static void a_next_hop_that_is_busy_gets_less_at_a_time(void **state)
{
    struct world *w = world_new();
    w->concurrency = 20;
    w->recipients = 1;
    for (int i = 0; i < 30; i++)
        add(w, "s@example.org", 1, 0);
    assert_int_equal(w->delivery_count, 5); /* it begins small, */
    for (int i = 0; i < 5; i++) {
        answer(w, OUTCOME_RELAYED);
        answer_commits(w, COMMIT_DURABLE);
        run(w);
    }
    assert_int_equal(w->delivery_count, 10); /* doubles with each round, */
    buffer_clear(&w->told);
    w->deliveries[0]->peer = PEER_BUSY;
    w->now += 10000;
    answer(w, OUTCOME_DELAYED);
    assert_true(strstr(buffer_text(&w->told), "192.0.2.7:25 slower 5") != NULL);
    while (w->delivery_count > 5)
        answer(w, OUTCOME_RELAYED);
    answer_commits(w, COMMIT_DURABLE);
    run(w);
    answer(w, OUTCOME_RELAYED);
    assert_true(w->delivery_count <= 6); /* and then grows slowly */
    world_free(w);
}

static void the_rest_of_too_many_recipients_goes_at_once(void **state)
{
    struct world *w = world_new();
    add(w, "s@example.org", 3, 0);
    struct delivery *d = w->deliveries[0];
    w->delivery_count = 0;
    for (size_t i = 0; i < 3; i++)
        d->outcomes[i] = (struct outcome){.kind = i ? OUTCOME_DELAYED : OUTCOME_RELAYED,
                                          .time_ms = w->now,
                                          .code = i ? 452 : 250,
                                          .status = {i ? 4 : 2, 5, 3},
                                          .words = SPAN("too many recipients")};
    queue_delivered(w->queue, d);
    answer_commits(w, COMMIT_DURABLE);
    run(w);
    assert_int_equal(w->delivery_count, 2);
    assert_int_equal(w->deliveries[0]->count, 1); /* as many as it took */
    world_free(w);
}

static void an_operator_can_remove_or_refuse(void **state)
{
    struct world *w = world_new();
    message_id removed = add(w, "s@example.org", 2, 0);
    answer(w, OUTCOME_DELAYED);
    answer_commits(w, COMMIT_DURABLE);
    assert_true(queue_remove(w->queue, removed, SPAN("a test")));
    run(w);
    expect_commit(w, "OO");
    answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    message_id refused = add(w, "s@example.org", 1, 0);
    answer(w, OUTCOME_DELAYED);
    assert_true(queue_refuse(w->queue, refused, SPAN("not from here")));
    expect_commit(w, "OA");
    assert_false(queue_remove(w->queue, 4711, SPAN_NONE));
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
        cmocka_unit_test(what_missed_a_next_hop_goes_when_it_is_back),
        cmocka_unit_test(what_has_no_place_sleeps_and_others_senders_do_not_wait),
        cmocka_unit_test(retrying_all_tries_all),
        cmocka_unit_test(what_never_gets_a_place_expires),
        cmocka_unit_test(a_next_hop_that_is_busy_gets_less_at_a_time),
        cmocka_unit_test(the_rest_of_too_many_recipients_goes_at_once),
        cmocka_unit_test(an_operator_can_remove_or_refuse),
        cmocka_unit_test(a_held_message_waits_until_it_is_released),
        cmocka_unit_test(a_commit_without_room_is_given_again),
        cmocka_unit_test(a_store_that_failed_stops_the_queue),
        cmocka_unit_test(a_queue_that_is_stopped_starts_nothing),
        cmocka_unit_test(what_was_recovered_goes_on_where_it_stood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
