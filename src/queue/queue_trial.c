#include "queue/queue_trial.h"

#include "base/test.h"

#include "base/memory.h"
#include "store/record.h"

#include <stdlib.h>
#include <string.h>

static int64_t now_ms(void *arg)
{
    return ((struct trial *)arg)->now;
}

static uint32_t random_number(void *arg)
{
    return 1000; /* no spread */
}

static message_id new_id(void *arg)
{
    return ++((struct trial *)arg)->last_id;
}

static struct queue_route route(void *arg, const struct envelope *e, size_t recipient)
{
    struct trial *w = arg;
    if (!w->is_routed)
        return (struct queue_route){.is_refused = true,
                                    .refusal = {.kind = OUTCOME_FAILED,
                                                .time_ms = w->now,
                                                .status = STATUS(5, 1, 1),
                                                .words = SPAN("nobody here")}};
    struct span to = e->recipients[recipient].address;
    return (struct queue_route){.destination = SPAN("192.0.2.7:25"),
                                .is_outside = w->login && !span_starts(to, SPAN("c@")),
                                .concurrency = w->concurrency,
                                .recipients = w->recipients};
}

static bool story(void *arg, message_id id, struct arena *a, struct story *s)
{
    return false;
}

static bool is_ours(void *arg, struct span address)
{
    return !((struct trial *)arg)->is_elsewhere;
}

/* s@example.org has written to "c@example.net", and nobody else to anybody. */
static void written_to(void *arg, struct span sender, struct span wrong, struct arena *a,
                       struct span *meant, int64_t *when_ms)
{
    struct trial *w = arg;
    w->asked++;
    if (!span_equal(sender, SPAN("s@example.org")))
        return;
    *meant = SPAN("c@example.net");
    *when_ms = w->now;
}

static struct span postmaster(void *arg, struct arena *a)
{
    return span_of(((struct trial *)arg)->postmaster);
}

static void expand(void *arg, struct envelope *e, struct arena *a)
{
    ((struct trial *)arg)->expanded_count++;
}

static void deliver(void *arg, struct delivery *d)
{
    struct trial *w = arg;
    assert_true(w->delivery_count < TRIAL_MOST);
    w->deliveries[w->delivery_count++] = d;
}

static void commit(void *arg, struct commit *c)
{
    struct trial *w = arg;
    assert_true(w->commit_count < TRIAL_MOST);
    w->commits[w->commit_count++] = c;
}

static void wake(void *arg, struct waking *waking)
{
    struct trial *w = arg;
    assert_true(w->waking_count < TRIAL_MOST);
    w->wakings[w->waking_count++] = waking;
}

/* What the store has of a message. */
static struct message *recalled(const struct trial *w, message_id id)
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
            recipients[e.recipient] =
                (struct recovered_recipient){entry_closes(&e), e.attempts, e.retry_ms, last};
        } else
            r.is_held = e.kind == ENTRY_HOLD;
        r.released_ms = e.kind == ENTRY_RELEASE ? e.time_ms
                        : e.kind == ENTRY_HOLD  ? 0
                                                : r.released_ms;
    }
    assert_int_equal(envelope.id, id);
    struct message *m = message_recovered(&r);
    arena_clear(&a);
    return m;
}

int64_t trial_run(struct trial *w)
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
    struct trial *w = arg;
    struct span rest = span_skip(span_of(w->original), (size_t)offset);
    size_t n = rest.len < len ? rest.len : len;
    memcpy(at, rest.at, n);
    return (ssize_t)n;
}

static void tell_outcome(void *arg, const struct envelope *e, size_t recipient, unsigned attempts,
                         int64_t retry_ms, const struct outcome *o)
{
    struct trial *w = arg;
    buffer_printf(&w->told, "%.*s %s %u %lld\n", SPAN_F(e->recipients[recipient].address),
                  outcome_word(o->kind), attempts, (long long)retry_ms);
}

static void tell_made(void *arg, const struct envelope *e)
{
    buffer_printf(&((struct trial *)arg)->told, "%s to %.*s\n",
                  e->tells_until          ? "digest"
                  : envelope_is_notice(e) ? "reported"
                                          : "redirected",
                  SPAN_F(e->recipients[e->recipient_count - 1].address));
}

/* Answered by the test. */
static void fetch(void *arg, struct delivery *d)
{
    struct trial *w = arg;
    assert_null(w->fetching);
    w->fetching = d;
}

void trial_answer_fetch(struct trial *w, bool is_read)
{
    struct delivery *d = w->fetching;
    assert_non_null(d);
    w->fetching = NULL;
    d->is_read = is_read;
    buffer_add_text(&d->text, is_read ? w->original : "");
    queue_fetched(w->queue, d);
}

/* Answered by the test. */
static void digest(void *arg, struct digest_order *d)
{
    struct trial *w = arg;
    assert_true(w->digest_count < TRIAL_MOST);
    w->digests[w->digest_count++] = d;
}

void trial_answer_digest(struct trial *w, bool is_read, size_t count)
{
    assert_true(w->digest_count > 0);
    struct digest_order *d = w->digests[--w->digest_count];
    struct recipient *to = arena_new(&d->arena, sizeof *to);
    to->address = arena_copy(&d->arena, d->to);
    d->is_read = is_read;
    d->count = count;
    d->envelope = (struct envelope){.id = d->id,
                                    .accepted_ms = w->now,
                                    .origin = ORIGIN_NOTIFICATION,
                                    .tells_until = 1,
                                    .size = 6,
                                    .recipients = to,
                                    .recipient_count = 1};
    buffer_add_text(&d->message, "many\r\n");
    queue_digested(w->queue, d);
}

static void tell_concurrency(void *arg, struct span destination, size_t limit,
                             const struct outcome *why)
{
    buffer_printf(&((struct trial *)arg)->told, "%.*s %s %zu\n", SPAN_F(destination),
                  why ? "slower" : "faster", limit);
}

static void tell_back(void *arg, struct span destination, size_t missed)
{
    buffer_printf(&((struct trial *)arg)->told, "%.*s back %zu\n", SPAN_F(destination), missed);
}

static struct draft *sign(void *arg, struct buffer *fields, struct span message, int64_t now_ms)
{
    ((struct trial *)arg)->signed_count++;
    return NULL;
}

static int offset_minutes(void *arg, int64_t time_ms)
{
    return 60;
}

static void choose(void *arg, struct report *r)
{
    report_choose(r, &(struct report_wishes){0});
}

struct trial *trial_new(void)
{
    struct trial *w = memory_new(sizeof *w);
    w->settings = (struct queue_settings){.places = 2,
                                          .hostname = SPAN("mx.example.org"),
                                          .schedule = {60000, 600000, 3600000},
                                          .unreachable_pause = 30000,
                                          .max_returned = 65536};
    const struct queue_outside outside = {
        .arg = w,
        .now_ms = now_ms,
        .random = random_number,
        .new_id = new_id,
        .route = route,
        .story = story,
        .written_to = written_to,
        .is_ours = is_ours,
        .postmaster = postmaster,
        .expand = expand,
        .sign = sign,
        .deliver = deliver,
        .wake = wake,
        .commit = commit,
        .read = read_message,
        .tell_outcome = tell_outcome,
        .tell_made = tell_made,
        .tell_concurrency = tell_concurrency,
        .tell_back = tell_back,
        .offset_minutes = offset_minutes,
        .choose = choose,
        .fetch = fetch,
        .digest = digest,
    };
    w->now = 1000000;
    w->last_id = 100;
    w->cause = CAUSE_UNKNOWN;
    w->is_routed = true;
    w->postmaster = "postmaster@mx.example.org";
    w->concurrency = w->recipients = 10;
    w->original = "Subject: hello\r\n\r\ntext\r\n";
    w->queue = queue_new(&w->settings, &outside);
    return w;
}

void trial_answer_commits(struct trial *w, enum commit_result result)
{
    while (w->commit_count) {
        struct commit *c = w->commits[--w->commit_count];
        c->result = result;
        if (result == COMMIT_DURABLE)
            buffer_add_span(&w->store, buffer_span(&c->entries));
        queue_committed(w->queue, c);
    }
}

/* At any moment, whatever a test does. */
static void everybody_is_accounted_for(const struct trial *w)
{
    struct queue_figures f;
    queue_figures(w->queue, &f);
    assert_int_equal(queue_figures_difference(&f), 0);
}

void trial_free(struct trial *w)
{
    trial_answer_commits(w, COMMIT_DURABLE);
    everybody_is_accounted_for(w);
    while (w->delivery_count)
        delivery_free(w->deliveries[--w->delivery_count]);
    while (w->digest_count)
        digest_order_free(w->digests[--w->digest_count]);
    buffer_free(&w->store);
    queue_free(&w->queue);
    buffer_free(&w->told);
    free(w);
}

message_id trial_add(struct trial *w, const char *sender, size_t count, unsigned notify)
{
    static const char *const names[] = {"a@example.net", "b@example.net", "c@example.net"};
    struct recipient recipients[3] = {0};
    for (size_t i = 0; i < count; i++)
        recipients[i] =
            (struct recipient){.address = span_of(names[i]), .parameters = {.notify = notify}};
    struct envelope e = {.id = ++w->last_id,
                         .accepted_ms = w->now,
                         .reverse_path = span_of(sender),
                         .parameters = w->parameters,
                         .login = span_of(w->login),
                         .size = strlen(w->original),
                         .recipients = recipients,
                         .recipient_count = count};
    entry_add_accept(&w->store, &e);
    w->added = message_new(&e);
    if (w->puts_off)
        message_put_off(w->added, 0, w->now + 600000,
                        &(struct outcome){.kind = OUTCOME_DELAYED,
                                          .time_ms = w->now,
                                          .status = STATUS(4, 7, 1),
                                          .cause = {CAUSE_TOO_MANY, VARIANT_ACCOUNT_SLOWED},
                                          .words = SPAN("one by one")});
    queue_add(w->queue, w->added);
    return e.id;
}

void trial_answer(struct trial *w, enum outcome_kind kind)
{
    everybody_is_accounted_for(w);
    assert_true(w->delivery_count > 0);
    struct delivery *d = w->deliveries[0];
    memmove(w->deliveries, w->deliveries + 1, --w->delivery_count * sizeof *w->deliveries);
    for (size_t i = 0; i < d->count; i++)
        d->outcomes[i] = (struct outcome){.kind = kind,
                                          .time_ms = w->now,
                                          .code = kind == OUTCOME_FAILED ? 550 : 0,
                                          .status = {kind == OUTCOME_FAILED ? 5 : 4, 0, 0},
                                          .cause = {w->cause, VARIANT_NONE},
                                          .words = SPAN("because")};
    queue_delivered(w->queue, d);
}

void trial_expect_commit(struct trial *w, const char *kinds)
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
