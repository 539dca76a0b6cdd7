/* Questions to next hops that are a table. */
#include "base/test.h"

#include "base/buffer.h"
#include "daemon/asking.h"
#include "smtp/client.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_DELIVERIES = 64 };

struct world {
    struct options options;
    struct loop *loop;
    struct asking *asking;
    struct delivery *deliveries[MOST_DELIVERIES]; /* asked, and not answered yet */
    size_t count;
    struct buffer told; /* answers, in their order */
};

struct asker {
    struct inquiry inquiry;
    struct world *world;
};

static void deliver(void *arg, struct delivery *d)
{
    struct world *w = arg;
    assert_true(d->is_question && d->count == 1 && w->count < MOST_DELIVERIES);
    assert_int_equal(d->message->envelope.reverse_path.len, 0);
    w->deliveries[w->count++] = d;
}

static void tell_nobody(void *arg, struct span destination, const struct outcome *why) {}

static void answered(struct task *t)
{
    struct asker *a = (struct asker *)(void *)((char *)t - offsetof(struct asker, inquiry.task));
    const struct outcome *o = &a->inquiry.answer;
    buffer_printf(&a->world->told, "%.*s: %s", SPAN_F(a->inquiry.address),
                  o->kind == OUTCOME_RELAYED  ? "yes"
                  : o->kind == OUTCOME_FAILED ? "no"
                                              : "?");
    if (o->words.len)
        buffer_printf(&a->world->told, " (%.*s)", SPAN_F(o->words));
    buffer_add_char(&a->world->told, '\n');
    arena_clear(&a->inquiry.arena);
    free(a);
}

static void ask(struct world *w, const char *address, const char *destination)
{
    struct asker *a = calloc(1, sizeof *a);
    a->world = w;
    a->inquiry.task.run = answered;
    a->inquiry.loop = w->loop;
    a->inquiry.address = span_of(address);
    asking_ask(w->asking, &a->inquiry, span_of(destination));
}

/* The next hop says this of the oldest question, which must be this one. */
static void reply(struct world *w, const char *address, enum outcome_kind kind,
                  enum client_stage stage, const char *words)
{
    struct delivery *d = w->deliveries[0];
    assert_true(w->count > 0);
    assert_true(span_equal(d->message->envelope.recipients[0].address, span_of(address)));
    for (size_t i = 1; i < w->count; i++)
        w->deliveries[i - 1] = w->deliveries[i];
    w->count--;
    d->outcomes[0] = (struct outcome){.kind = kind,
                                      .is_remote = stage > STAGE_CONNECT,
                                      .words = span_of(words),
                                      .stage = span_of(client_stage_words(stage))};
    asking_delivered(w->asking, d);
}

struct stopper {
    struct timer timer;
    struct loop *loop;
};

static void stop_now(struct timer *t)
{
    loop_stop(((struct stopper *)(void *)t)->loop);
}

/* Let tasks run, and for so long timers. */
static void pass(struct world *w, unsigned ms)
{
    struct stopper s = {.timer.due = stop_now, .loop = w->loop};
    timer_set(w->loop, &s.timer, loop_now(w->loop) + ms);
    loop_run(w->loop);
    timer_stop(w->loop, &s.timer);
}

static void expect(struct world *w, const char *told, size_t questions)
{
    pass(w, 0);
    assert_string_equal(buffer_text(&w->told), told);
    assert_int_equal(w->count, questions);
    buffer_clear(&w->told);
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct error e;
    options_defaults(&w->options);
    w->options.ask_timeout = 200;
    w->loop = loop_new(&e);
    const struct asking_settings s = {&w->options, w->loop, deliver, tell_nobody, w};
    w->asking = asking_new(&s);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    asking_end(w->asking);
    pass(w, 0);
    for (size_t i = 0; i < w->count; i++) /* as the relay does at its end */
        delivery_free(w->deliveries[i]);
    asking_free(&w->asking);
    loop_free(&w->loop);
    options_free(&w->options);
    buffer_free(&w->told);
    free(w);
    return 0;
}

static void an_answer_is_remembered(void **state)
{
    struct world *w = *state;
    ask(w, "a@x.test", "mx:x.test");
    ask(w, "b@x.test", "mx:x.test");
    expect(w, "", 2);
    reply(w, "a@x.test", OUTCOME_RELAYED, STAGE_RCPT, "Ok");
    reply(w, "b@x.test", OUTCOME_FAILED, STAGE_RCPT, "who?");
    expect(w, "a@x.test: yes (Ok)\nb@x.test: no (who?)\n", 0);
    ask(w, "A@x.test", "mx:x.test");
    ask(w, "b@X.test", "mx:x.test");
    expect(w, "A@x.test: yes (Ok)\nb@X.test: no (who?)\n", 0);
    ask(w, "a@x.test", "192.0.2.1:25"); /* another next hop knows others */
    expect(w, "", 1);
}

static void those_who_ask_the_same_share_a_question(void **state)
{
    struct world *w = *state;
    ask(w, "a@x.test", "mx:x.test");
    ask(w, "A@X.test", "mx:x.test");
    ask(w, "a@x.test", "mx:x.test");
    expect(w, "", 1);
    reply(w, "a@x.test", OUTCOME_DELIVERED, STAGE_RCPT, "");
    expect(w, "a@x.test: yes\nA@X.test: yes\na@x.test: yes\n", 0);
}

static void answers_grow_old(void **state)
{
    struct world *w = *state;
    w->options.ask_keep_accepted = 1;
    w->options.ask_keep_refused = 0;
    ask(w, "a@x.test", "h:1");
    ask(w, "b@x.test", "h:1");
    reply(w, "a@x.test", OUTCOME_RELAYED, STAGE_RCPT, "");
    reply(w, "b@x.test", OUTCOME_FAILED, STAGE_RCPT, "");
    expect(w, "a@x.test: yes\nb@x.test: no\n", 0);
    pass(w, 3);
    ask(w, "a@x.test", "h:1");
    ask(w, "b@x.test", "h:1");
    expect(w, "", 2);
}

/* What is said of one address for now is not remembered, and says nothing of others. */
static void not_now_is_asked_again(void **state)
{
    struct world *w = *state;
    ask(w, "a@x.test", "h:1");
    reply(w, "a@x.test", OUTCOME_DELAYED, STAGE_RCPT, "greylisted");
    expect(w, "a@x.test: ? (greylisted)\n", 0);
    ask(w, "a@x.test", "h:1");
    ask(w, "b@x.test", "h:1");
    expect(w, "", 2);
}

static void who_can_not_be_reached_is_left_alone(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 10; i++) { /* two more than are asked at once */
        static char names[10][16];
        snprintf(names[i], sizeof names[i], "u%d@x.test", i);
        ask(w, names[i], "h:1");
    }
    expect(w, "", 8);
    reply(w, "u0@x.test", OUTCOME_DELAYED, STAGE_CONNECT, "refused");
    expect(w, "u0@x.test: ? (refused)\nu8@x.test: ? (refused)\nu9@x.test: ? (refused)\n", 7);
    ask(w, "new@x.test", "h:1");
    ask(w, "u1@x.test", "h:1"); /* is still asked about */
    ask(w, "new@y.test", "h:2");
    expect(w, "new@x.test: ? (refused)\nu1@x.test: ? (refused)\n", 8);
    reply(w, "u1@x.test", OUTCOME_RELAYED, STAGE_RCPT, ""); /* it is back */
    expect(w, "u1@x.test: yes\n", 7);
    ask(w, "new@x.test", "h:1");
    expect(w, "", 8);
}

/* Nobody of the domain is wrong when we are not welcome. */
static void a_refusal_of_us_is_none_of_the_address(void **state)
{
    static const enum client_stage stages[] = {STAGE_GREETING, STAGE_HELLO, STAGE_MAIL};
    static const char *const hops[] = {"h:0", "h:1", "h:2"};
    struct world *w = *state;
    for (size_t i = 0; i < COUNT_OF(stages); i++) {
        ask(w, "a@x.test", hops[i]);
        reply(w, "a@x.test", OUTCOME_FAILED, stages[i], "go away");
        expect(w, "a@x.test: ? (go away)\n", 0);
    }
    ask(w, "a@x.test", "mx:x.test"); /* but no such domain is for good */
    reply(w, "a@x.test", OUTCOME_FAILED, STAGE_LOOKUP, "no such domain");
    expect(w, "a@x.test: no (no such domain)\n", 0);
}

static void nobody_waits_for_ever(void **state)
{
    struct world *w = *state;
    ask(w, "a@x.test", "mx:x.test");
    pass(w, 100);
    ask(w, "a@x.test", "mx:x.test");
    pass(w, 150);
    expect(w, "a@x.test: ? (no answer came in time)\n", 1);
    ask(w, "b@x.test", "mx:x.test");
    expect(w, "b@x.test: ? (no answer came in time)\n", 1);
    pass(w, 100);
    expect(w, "a@x.test: ? (no answer came in time)\n", 1);
    reply(w, "a@x.test", OUTCOME_RELAYED, STAGE_RCPT, ""); /* late, and worth remembering */
    ask(w, "a@x.test", "mx:x.test");
    expect(w, "a@x.test: yes\n", 0);
}

/* Who gave up asking is not asked for. */
static void what_nobody_waits_for_is_not_asked(void **state)
{
    static const char *const names[] = {"0@x.test", "1@x.test", "2@x.test", "3@x.test", "4@x.test",
                                        "5@x.test", "6@x.test", "7@x.test", "8@x.test"};
    struct world *w = *state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        ask(w, names[i], "h:1");
    pass(w, 250);
    buffer_clear(&w->told);
    for (size_t i = 0; i < 8; i++)
        reply(w, names[i], OUTCOME_RELAYED, STAGE_RCPT, "");
    expect(w, "", 0);
}

static void the_end_answers_all(void **state)
{
    struct world *w = *state;
    ask(w, "a@x.test", "h:1");
    asking_end(w->asking);
    ask(w, "b@x.test", "h:1");
    expect(w,
           "a@x.test: ? (this server is shutting down)\n"
           "b@x.test: ? (this server is shutting down)\n",
           1);
    reply(w, "a@x.test", OUTCOME_RELAYED, STAGE_RCPT, "");
    expect(w, "", 0);
}

static void memory_has_a_bound(void **state)
{
    enum { MANY = 50010 };
    struct world *w = *state;
    static char names[MANY][24];
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "user%d@x.test", i);
        ask(w, names[i], "h:1");
        reply(w, names[i], OUTCOME_FAILED, STAGE_RCPT, "");
    }
    pass(w, 0);
    buffer_clear(&w->told);
    ask(w, names[MANY - 1], "h:1");
    ask(w, names[10], "h:1");
    expect(w, "user50009@x.test: no\nuser10@x.test: no\n", 0);
    ask(w, names[0], "h:1"); /* the oldest went */
    expect(w, "", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_is_remembered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(those_who_ask_the_same_share_a_question, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_grow_old, set_up, tear_down),
        cmocka_unit_test_setup_teardown(not_now_is_asked_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_can_not_be_reached_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refusal_of_us_is_none_of_the_address, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_waits_for_ever, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_nobody_waits_for_is_not_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_answers_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_has_a_bound, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
