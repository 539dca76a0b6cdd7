#include "account/accounts_trial.h"

#include "base/test.h"
#include "queue/operator.h"
#include "sys/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct world w;

/* ---- the queue's outside */

static int64_t now_ms(void *arg)
{
    return clock_now_ms();
}

static uint32_t chance(void *arg)
{
    return 1000;
}

static bool is_outside(void *arg, const struct envelope *e, size_t recipient)
{
    return !span_ends_nocase(e->recipients[recipient].address, SPAN("@example.org"));
}

static struct queue_route route(void *arg, const struct envelope *e, size_t recipient)
{
    return (struct queue_route){.destination = SPAN("192.0.2.7:25"),
                                .is_outside = is_outside(NULL, e, recipient),
                                .is_here = true, /* all places are there from the start */
                                .concurrency = MOST,
                                .recipients = 1};
}

static void deliver(void *arg, struct delivery *d)
{
    assert_true(w.left_count < MOST);
    w.left[w.left_count++] = d;
}

static void commit(void *arg, struct commit *c)
{
    list_append(&w.commits, &c->link);
}

static void wake(void *arg, struct waking *waking) {}

static void tell_outcome(void *arg, const struct envelope *e, size_t recipient, unsigned attempts,
                         int64_t retry_ms, const struct outcome *o)
{
}

/* ---- the world */

static void tell(void *arg, const struct account_news *n)
{
    buffer_printf(&w.told, "%.*s %s by %.*s%s\n", SPAN_F(n->account), account_deed_word(n->deed),
                  SPAN_F(n->by), n->is_noted ? ", noted" : "");
}

/* The first look at where its mail goes: to a list's members, for who is so called. */
static void met(void *arg, struct span account)
{
    static const struct span to[] = {{"member@example.net", 18}};
    bool is_list = span_starts(account, SPAN("list@"));
    accounts_hear_forwarding(w.accounts, account, FORWARDING_ALIASES, to, is_list);
}

/* She wants no letters. */
static struct span owner(void *arg, struct span account, struct arena *a)
{
    return span_equal(account, SPAN("carol@example.org")) ? SPAN_NONE : arena_copy(a, account);
}

static bool leads_away(void *arg, enum forwarding_source source, struct span target)
{
    return !span_ends_nocase(target, SPAN("@example.org"));
}

void start(enum accounts_mode mode)
{
    static const struct queue_settings settings = {.hostname = SPAN("mx.example.org"),
                                                   .schedule = {60000, 600000, 3600000}};
    const struct queue_outside outside = {.arg = &w,
                                          .now_ms = now_ms,
                                          .random = chance,
                                          .route = route,
                                          .deliver = deliver,
                                          .commit = commit,
                                          .wake = wake,
                                          .tell_outcome = tell_outcome};
    struct error e;
    w.loop = loop_new(&e);
    w.queue = queue_new(&settings, &outside);
    w.book = account_book_open(w.path, &e);
    const struct accounts_settings s = {.loop = w.loop,
                                        .queue = w.queue,
                                        .book = w.book,
                                        .key = 42,
                                        .mode = mode,
                                        .limits = limits_usual(),
                                        .is_outside = is_outside,
                                        .tell = tell,
                                        .met = met,
                                        .owner = owner,
                                        .leads_away = leads_away};
    assert_non_null(w.loop);
    assert_non_null(w.book);
    w.accounts = accounts_new(&s, &e);
    assert_non_null(w.accounts);
}

static void is_settled(struct task *t)
{
    loop_stop(w.loop);
}

/* What the worker does is awaited. */
void settle(void)
{
    struct task task = {.run = is_settled};
    accounts_settle(w.accounts, &task);
    loop_run(w.loop);
}

void stop(void)
{
    accounts_end(w.accounts);
    loop_stop(w.loop);
    loop_run(w.loop);
    accounts_free(&w.accounts);
    account_book_close(&w.book);
    while (w.left_count)
        delivery_free(w.left[--w.left_count]);
    for (struct list *node; (node = list_take(&w.commits));) {
        struct commit *c = LIST_ENTRY(node, struct commit, link);
        c->result = COMMIT_DURABLE;
        queue_committed(w.queue, c);
    }
    queue_free(&w.queue);
    loop_free(&w.loop);
}

int begin(void **state)
{
    w = (struct world){.directory = "/tmp/accounts-XXXXXX", .last_id = 1};
    list_init(&w.commits);
    assert_non_null(mkdtemp(w.directory));
    snprintf(w.path, sizeof w.path, "%s/book", w.directory);
    return 0;
}

int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[80];
    stop();
    buffer_free(&w.told);
    buffer_free(&w.history);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(name, sizeof name, "%s%s", w.path, ends[i]);
        unlink(name);
    }
    return rmdir(w.directory);
}

/* One message to so many strangers, with a text that repeats. */
void send_to(const char *login, const char *name, size_t count)
{
    struct recipient recipients[MOST] = {0};
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < count; i++)
        recipients[i].address = arena_printf(&a, "%s%zu@example.net", name, i);
    recipients[count].address = SPAN("colleague@example.org");
    const struct envelope e = {.id = (message_id)clock_now_us() + ++w.last_id,
                               .accepted_ms = clock_now_ms(),
                               .login = span_of(login),
                               .client_name = SPAN("laptop"),
                               .client_address = SPAN("192.0.2.9"),
                               .recipients = recipients,
                               .recipient_count = count + 1};
    struct message *m = message_new(&e);
    m->text_print = 0x1234567890abcdef;
    accounts_take(w.accounts, m);
    settle();
    arena_clear(&a);
}

/* Messages to one stranger each. */
void spam(const char *name, size_t count)
{
    struct buffer each = BUFFER_EMPTY;
    for (size_t i = 0; i < count; i++) {
        buffer_clear(&each);
        buffer_printf(&each, "%s-%zu-", name, i);
        send_to("Alice@example.org", buffer_text(&each), 1);
    }
    buffer_free(&each);
}

size_t left_outside(void)
{
    size_t count = 0;
    for (size_t i = 0; i < w.left_count; i++)
        count += w.left[i]->is_outside;
    return count;
}

/* ---- what people want */

struct asked {
    struct account_order order;
    bool is_answered;
    char problem[200];
};

static void answered(struct account_order *o, const char *problem)
{
    struct asked *x = (struct asked *)(void *)o;
    x->is_answered = true;
    snprintf(x->problem, sizeof x->problem, "%s", problem ? problem : "");
}

/* "": it is done. */
const char *order(enum account_act act, const char *account)
{
    static struct asked x;
    x = (struct asked){.order = {.act = act,
                                 .account = span_of(account),
                                 .by = SPAN("operator"),
                                 .profile = PROFILE_NEWSLETTER,
                                 .declared = 1000,
                                 .done = answered}};
    accounts_order(w.accounts, &x.order);
    while (!x.is_answered)
        settle();
    return x.problem;
}

const char *order_change(enum account_part part, const char *account, const char *why)
{
    static struct asked x;
    x = (struct asked){.order = {.account = span_of(account),
                                 .by = SPAN("operator"),
                                 .why = span_of(why),
                                 .done = answered}};
    accounts_order_change(w.accounts, &x.order, part);
    while (!x.is_answered)
        settle();
    return x.problem;
}

static void add_line(void *arg, const struct account_line *line)
{
    buffer_printf(arg, "%.*s: %.*s\n", SPAN_F(line->what), SPAN_F(line->why));
}

/* Newest first. */
const char *history_of(const char *account)
{
    struct error e;
    buffer_clear(&w.history);
    assert_true(account_book_history(w.book, span_of(account), 10, add_line, &w.history, &e));
    return buffer_text(&w.history);
}

uint64_t held(void)
{
    struct accounts_figures f;
    accounts_figures(w.accounts, &f);
    return f.held;
}
