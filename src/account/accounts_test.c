/* Accounts with a real book and worker, and a queue whose outside does nothing: what leaves, what
 * is held, and what a restart finds. */
#include "base/test.h"

#include "account/accounts.h"
#include "base/memory.h"
#include "guard/forwarding.h"
#include "queue/operator.h"
#include "sys/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 200 };

struct world {
    char directory[40], path[64];
    struct loop *loop;
    struct queue *queue;
    struct account_book *book;
    struct accounts *accounts;
    struct delivery *left[MOST];
    size_t left_count;
    message_id last_id;
    struct buffer told, history;
    struct list commits;
    struct timer stop;
};

static struct world w;

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

static void start(enum accounts_mode mode)
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
static void settle(void)
{
    struct task task = {.run = is_settled};
    accounts_settle(w.accounts, &task);
    loop_run(w.loop);
}

static void stop(void)
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

static int begin(void **state)
{
    w = (struct world){.directory = "/tmp/accounts-XXXXXX", .last_id = 1};
    list_init(&w.commits);
    assert_non_null(mkdtemp(w.directory));
    snprintf(w.path, sizeof w.path, "%s/book", w.directory);
    return 0;
}

static int end(void **state)
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
static void send_to(const char *login, const char *name, size_t count)
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
static void spam(const char *name, size_t count)
{
    struct buffer each = BUFFER_EMPTY;
    for (size_t i = 0; i < count; i++) {
        buffer_clear(&each);
        buffer_printf(&each, "%s-%zu-", name, i);
        send_to("Alice@example.org", buffer_text(&each), 1);
    }
    buffer_free(&each);
}

static size_t left_outside(void)
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
static const char *order(enum account_act act, const char *account)
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

static const char *order_change(enum account_part part, const char *account, const char *why)
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
static const char *history_of(const char *account)
{
    struct error e;
    buffer_clear(&w.history);
    assert_true(account_book_history(w.book, span_of(account), 10, add_line, &w.history, &e));
    return buffer_text(&w.history);
}

/* ---- tests */

static void mail_of_everybody_goes(void **state)
{
    start(ACCOUNTS_HOLD);
    send_to("bob@example.org", "friend", 3);
    send_to("", "from-outside", 100);
    assert_int_equal(left_outside(), 103);
    assert_string_equal(buffer_text(&w.told), "");
}

/* The same text again and again, to strangers: the second sign makes it red. */
static void spam_is_held_and_colleagues_are_served(void **state)
{
    start(ACCOUNTS_HOLD);
    spam("stranger", 70);
    assert_in_range(left_outside(), 8, 50);
    assert_int_equal(w.left_count - left_outside(), 70);
    assert_non_null(strstr(buffer_text(&w.told), "alice@example.org held by guard\n"));
    size_t left = left_outside();
    send_to("bob@example.org", "friend", 3); /* others are not touched */
    assert_int_equal(left_outside(), left + 3);
}

static void one_message_to_very_many_is_no_way_around(void **state)
{
    start(ACCOUNTS_HOLD);
    send_to("alice@example.org", "all", 150);
    assert_int_equal(left_outside(), 0);
    assert_int_equal(w.left_count, 1);
    assert_non_null(strstr(buffer_text(&w.told), "alice@example.org held by guard\n"));
}

/* 50 are more than she ever wrote to, and nothing else is odd. */
static void who_writes_to_some_more_is_slowed(void **state)
{
    start(ACCOUNTS_HOLD);
    send_to("alice@example.org", "all", 50);
    assert_int_equal(left_outside(), 40);
    assert_string_equal(buffer_text(&w.told), "alice@example.org slowed by guard\n");
    assert_string_equal(order(ACT_RELEASE, "alice@example.org"), "");
    queue_run(w.queue);
    assert_int_equal(left_outside(), 50);
}

static void a_hold_outlives_a_restart(void **state)
{
    start(ACCOUNTS_HOLD);
    spam("stranger", 70);
    stop();
    start(ACCOUNTS_HOLD);
    send_to("alice@example.org", "friend", 1);
    assert_int_equal(left_outside(), 0);
    struct accounts_figures f;
    accounts_figures(w.accounts, &f);
    assert_int_equal(f.held, 1);
}

static void a_note_holds_nothing(void **state)
{
    start(ACCOUNTS_NOTE);
    spam("stranger", 70);
    assert_int_equal(left_outside(), 70);
    assert_non_null(strstr(buffer_text(&w.told), "alice@example.org held by guard, noted\n"));
}

static void without_it_nothing_is_counted(void **state)
{
    start(ACCOUNTS_OFF);
    spam("stranger", 70);
    assert_int_equal(left_outside(), 70);
    assert_string_equal(buffer_text(&w.told), "");
}

static void complaints_count(void **state)
{
    start(ACCOUNTS_HOLD);
    spam("stranger", 9);
    for (int i = 0; i < 3; i++)
        accounts_hear_complaint(w.accounts, SPAN("alice@example.org"));
    settle();
    spam("other", 50);
    assert_non_null(strstr(buffer_text(&w.told), "held by guard"));
    assert_in_range(left_outside(), 9, 45);
}

/* `to`: names, parted by blanks. */
static void hear_forwarding(const char *account, enum forwarding_source source, const char *to)
{
    struct span targets[8], rest = span_of(to), word;
    size_t count = 0;
    while ((word = span_word(&rest)).len)
        targets[count++] = word;
    accounts_hear_forwarding(w.accounts, span_of(account), source, targets, count);
    settle();
}

static void where_mail_goes_is_compared_with_before(void **state)
{
    static const char alice[] = "Alice@example.org";
    static const struct {
        enum forwarding_source source;
        const char *to, *history; /* the newest line; NULL: there is no new one */
    } looks[] = {
        {FORWARDING_ALIASES, "", NULL},
        {FORWARDING_ALIASES, "thief@example.net",
         "changed: its mail goes to thief@example.net now\n"},
        {FORWARDING_ALIASES, "thief@example.net", NULL},
        {FORWARDING_ALIASES, "", NULL},
        {FORWARDING_ALIASES, "thief@example.net bob@example.org",
         "changed: its mail goes to thief@example.net and others now\n"},
        {FORWARDING_FILE, "carol@example.net", NULL}, /* the first look */
        {FORWARDING_FILE, "carol@example.net |filter",
         "changed: its mail goes to the command filter now\n"},
        {FORWARDING_FILE, "|filter /home/alice/all",
         "changed: its mail goes to the file /home/alice/all now\n"},
        {FORWARDING_FILE, "", NULL},
        {FORWARDING_FILE, "x\x1b[2J@example.net",
         "changed: its mail goes to x<U+001B>[2J@example.net now\n"},
    };
    start(ACCOUNTS_HOLD);
    send_to(alice, "friend", 1);
    for (size_t i = 0; i < COUNT_OF(looks); i++) {
        char before[2000], expected[2200];
        snprintf(before, sizeof before, "%s", history_of("alice@example.org"));
        hear_forwarding(alice, looks[i].source, looks[i].to);
        settle();
        snprintf(expected, sizeof expected, "%s%s", looks[i].history ? looks[i].history : "",
                 before);
        if (strcmp(history_of("alice@example.org"), expected) != 0)
            fail_msg("row %zu: %s", i, history_of("alice@example.org"));
        if (i % 3 == 2) { /* what was seen is known to the next start */
            stop();
            start(ACCOUNTS_HOLD);
        }
    }
}

static void who_has_never_sent_is_no_account(void **state)
{
    start(ACCOUNTS_HOLD);
    hear_forwarding("bob@example.org", FORWARDING_FILE, "thief@example.net");
    hear_forwarding("bob@example.org", FORWARDING_FILE, "other@example.net");
    assert_string_equal(history_of("bob@example.org"), "");
    send_to("bob@example.org", "friend", 1); /* now it is one, and where its mail went is known */
    send_to("list@example.org", "friend", 1);
    stop();
    start(ACCOUNTS_HOLD);
    hear_forwarding("bob@example.org", FORWARDING_FILE, "other@example.net");
    hear_forwarding("list@example.org", FORWARDING_ALIASES, "member@example.net");
    hear_forwarding("bob@example.org", FORWARDING_ALIASES, "thief@example.net");
    settle();
    assert_string_equal(history_of("bob@example.org"),
                        "changed: its mail goes to thief@example.net now\n");
    assert_string_equal(history_of("list@example.org"), "");
}

static void what_is_no_news_is_remembered(void **state)
{
    struct forwarding f;
    struct buffer kept = BUFFER_EMPTY;
    const struct span bob = SPAN("bob@example.org");
    start(ACCOUNTS_HOLD);
    send_to("alice@example.org", "friend", 1);
    send_to("dave@example.org", "friend", 1);
    stop();
    start(ACCOUNTS_HOLD);
    hear_forwarding("dave@example.org", FORWARDING_FILE, ""); /* is in memory, alice is not */
    forwarding_of(&f, 42, &bob, 1);
    forwarding_write(&kept, &f);
    const struct account_forwarding all[] = {{SPAN("alice@example.org"), buffer_span(&kept)},
                                             {SPAN("dave@example.org"), buffer_span(&kept)}};
    accounts_keep_aliases(w.accounts, all, COUNT_OF(all));
    settle();
    hear_forwarding("alice@example.org", FORWARDING_ALIASES, "bob@example.org");
    hear_forwarding("dave@example.org", FORWARDING_ALIASES, "bob@example.org");
    settle();
    assert_string_equal(history_of("alice@example.org"), "");
    assert_string_equal(history_of("dave@example.org"), "");
    buffer_free(&kept);
}

/* 9 are a burst, and nothing but the change is odd. */
static void forwarding_that_was_changed_counts(void **state)
{
    start(ACCOUNTS_HOLD);
    send_to("alice@example.org", "friend", 1);
    hear_forwarding("alice@example.org", FORWARDING_ALIASES, "thief@example.net");
    hear_forwarding("info@example.org", FORWARDING_ALIASES, "thief@example.net");
    send_to("alice@example.org", "stranger", 9);
    assert_string_equal(buffer_text(&w.told), "alice@example.org changed by aliases\n"
                                              "alice@example.org slowed by guard\n");
    settle();
    assert_non_null(strstr(history_of("alice@example.org"), "the forwarding or the filters"));
    send_to("info@example.org", "stranger", 9);
    assert_int_equal(left_outside(), 10);
}

/* Of a row each: what is said, and whether it is a sign. */
static void what_others_say_was_changed_counts(void **state)
{
    static const struct {
        enum account_part part;
        const char *why, *history, *told;
        size_t left;
    } cases[] = {
        {PART_FILTERS, "sieve", "changed: its filters were changed: sieve\n",
         "a0@example.org changed by operator\na0@example.org slowed by guard\n", 0},
        {PART_FORWARDING, "", "changed: its forwarding was changed\n",
         "a1@example.org changed by operator\na1@example.org slowed by guard\n", 0},
        {PART_PASSWORD, "", "password: its password was changed\n",
         "a2@example.org password by operator\n", 9},
    };
    start(ACCOUNTS_HOLD);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char account[30];
        size_t before = left_outside();
        snprintf(account, sizeof account, "a%zu@example.org", i);
        buffer_clear(&w.told);
        assert_string_equal(order_change(cases[i].part, account, cases[i].why), "");
        assert_string_equal(history_of(account), cases[i].history);
        send_to(account, "stranger", 9);
        assert_string_equal(buffer_text(&w.told), cases[i].told);
        assert_int_equal(left_outside() - before, cases[i].left);
    }
    struct accounts_figures f;
    accounts_figures(w.accounts, &f);
    assert_int_equal(f.changes, 2);
}

static void add_owed(void *arg, const struct account_owed *o)
{
    buffer_printf(arg, "%.*s %.*s, ", SPAN_F(account_part_name(o->part)), SPAN_F(o->target));
}

static const char *owed(const char *to)
{
    struct error e;
    settle();
    buffer_clear(&w.history);
    assert_true(account_book_owed(w.book, span_of(to), add_owed, &w.history, &e));
    return buffer_text(&w.history);
}

/* Of what leads away from here, with the change itself, until one is on its way. */
static void owners_are_owed_a_letter(void **state)
{
    static const char alice[] = "alice@example.org", both[] = "x@example.net bob@example.org |cat";
    int64_t last_ms;
    struct error e;
    start(ACCOUNTS_NOTE);
    send_to(alice, "friend", 1);
    hear_forwarding(alice, FORWARDING_ALIASES, "old@example.net bob@example.org");
    hear_forwarding(alice, FORWARDING_FILE, "thief@example.net"); /* the first look */
    assert_string_equal(owed(alice), "forwarding old@example.net, ");
    accounts_warned(w.accounts, span_of(alice), span_of(alice), 1);
    hear_forwarding(alice, FORWARDING_ALIASES, "bob@example.org"); /* fewer */
    hear_forwarding(alice, FORWARDING_ALIASES, "carol@example.org");
    assert_string_equal(owed(alice), "");
    assert_string_equal(order_change(PART_FILTERS, alice, ""), "");
    stop();
    start(ACCOUNTS_HOLD);
    hear_forwarding(alice, FORWARDING_FILE, both);
    assert_string_equal(order_change(PART_PASSWORD, alice, ""), "");
    assert_string_equal(owed(alice),
                        "filter , forwarding x@example.net, forwarding |cat, password , ");
    assert_true(account_book_last_letter(w.book, span_of(alice), &last_ms, &e));
    assert_in_range(clock_now_ms() - last_ms, 0, 60000);
    assert_string_equal(order_change(PART_PASSWORD, "carol@example.org", ""), "");
    assert_string_equal(owed("carol@example.org"), "");
    assert_non_null(strstr(history_of(alice), "warned: alice@example.org\n"));
    stop();
    start(ACCOUNTS_OFF);
    assert_string_equal(order_change(PART_PASSWORD, "dave@example.org", ""), "");
    assert_string_equal(owed("dave@example.org"), "");
}

static void it_was_me(void **state)
{
    start(ACCOUNTS_HOLD);
    spam("stranger", 70);
    size_t left = left_outside();
    assert_string_equal(order(ACT_RELEASE, "ALICE@example.org"), "");
    spam("stranger", 20);
    assert_int_equal(left_outside(), left + 20);
    assert_non_null(strstr(buffer_text(&w.told), "alice@example.org released by operator\n"));
}

static void it_was_not_me(void **state)
{
    start(ACCOUNTS_HOLD);
    spam("stranger", 70);
    assert_string_equal(order(ACT_REVOKE, "alice@example.org"), "");
    size_t left = left_outside();
    usleep(2000); /* what comes later is hers */
    send_to("alice@example.org", "friend", 3);
    assert_int_equal(left_outside(), left + 3);
    stop();
    start(ACCOUNTS_HOLD);
    assert_string_equal(order(ACT_RESTORE, "alice@example.org"), "");
    assert_non_null(strstr(order(ACT_RESTORE, "alice@example.org"), "within the last week"));
}

/* The server may have been down when the week was over. */
static void what_nobody_wants_back_is_discarded(void **state)
{
    struct error e;
    w.book = account_book_open(w.path, &e);
    const struct account_removal r = {.account = SPAN("alice@example.org"),
                                      .from_ms = 1000,
                                      .until_ms = 2000,
                                      .ends_ms = clock_now_ms() - 1000,
                                      .why = SPAN("removed")};
    const struct account_change c = {.removal = &r};
    assert_true(account_book_write(w.book, r.account, &c, &e));
    account_book_close(&w.book);
    start(ACCOUNTS_HOLD);
    settle();
    assert_string_equal(buffer_text(&w.told), "alice@example.org discarded by guard\n");
    assert_non_null(strstr(order(ACT_RESTORE, "alice@example.org"), "within the last week"));
    stop();
    start(ACCOUNTS_HOLD); /* it is said once */
    settle();
    assert_string_equal(buffer_text(&w.told), "alice@example.org discarded by guard\n");
}

static void a_newsletter_is_declared(void **state)
{
    start(ACCOUNTS_HOLD);
    assert_string_equal(order(ACT_PROFILE, "news@example.org"), "");
    send_to("news@example.org", "reader", 150);
    assert_int_equal(left_outside(), 150);
}

static void an_operator_holds(void **state)
{
    start(ACCOUNTS_OFF);
    assert_string_equal(order(ACT_HOLD, "bob"), "");
    send_to("bob", "friend", 2);
    assert_int_equal(left_outside(), 0);
    assert_string_equal(order(ACT_RELEASE, "bob"), "");
    send_to("bob", "friend", 2);
    assert_int_equal(left_outside(), 2);
}

static void nobody_knows_a_misspelled_account(void **state)
{
    start(ACCOUNTS_HOLD);
    assert_non_null(strstr(order(ACT_RELEASE, "alcie"), "nothing is known of an account alcie"));
    assert_non_null(strstr(order(ACT_REVOKE, "alcie"), "nothing is known of an account alcie"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(mail_of_everybody_goes, begin, end),
        cmocka_unit_test_setup_teardown(spam_is_held_and_colleagues_are_served, begin, end),
        cmocka_unit_test_setup_teardown(one_message_to_very_many_is_no_way_around, begin, end),
        cmocka_unit_test_setup_teardown(who_writes_to_some_more_is_slowed, begin, end),
        cmocka_unit_test_setup_teardown(a_hold_outlives_a_restart, begin, end),
        cmocka_unit_test_setup_teardown(a_note_holds_nothing, begin, end),
        cmocka_unit_test_setup_teardown(without_it_nothing_is_counted, begin, end),
        cmocka_unit_test_setup_teardown(complaints_count, begin, end),
        cmocka_unit_test_setup_teardown(where_mail_goes_is_compared_with_before, begin, end),
        cmocka_unit_test_setup_teardown(who_has_never_sent_is_no_account, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_news_is_remembered, begin, end),
        cmocka_unit_test_setup_teardown(forwarding_that_was_changed_counts, begin, end),
        cmocka_unit_test_setup_teardown(what_others_say_was_changed_counts, begin, end),
        cmocka_unit_test_setup_teardown(owners_are_owed_a_letter, begin, end),
        cmocka_unit_test_setup_teardown(it_was_me, begin, end),
        cmocka_unit_test_setup_teardown(it_was_not_me, begin, end),
        cmocka_unit_test_setup_teardown(what_nobody_wants_back_is_discarded, begin, end),
        cmocka_unit_test_setup_teardown(a_newsletter_is_declared, begin, end),
        cmocka_unit_test_setup_teardown(an_operator_holds, begin, end),
        cmocka_unit_test_setup_teardown(nobody_knows_a_misspelled_account, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
