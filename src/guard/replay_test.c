#include "guard/replay.h"

#include "base/test.h"

#include <stdio.h>

#define NOW INT64_C(1795529698000)
#define HOUR INT64_C(3600000)

/* What was told, a letter each: s(lowed), h(eld), r(eleased); and of the last one. */
struct told {
    char letters[64];
    size_t count, recipients;
    int64_t time_ms;
};

static void tell(void *arg, const struct replay_finding *f)
{
    struct told *t = arg;
    t->letters[t->count++] = "shr"[f->kind];
    t->recipients = f->recipients;
    t->time_ms = f->time_ms;
}

struct trial {
    struct told told;
    struct replay *replay;
    unsigned number; /* of the next recipient */
};

static void begin(struct trial *t, bool is_by_sender)
{
    struct replay_settings s = {
        .limits = limits_usual(), .answer_ms = 4 * HOUR, .is_by_sender = is_by_sender};
    *t = (struct trial){.number = 0};
    t->replay = replay_new(&s, tell, &t->told);
}

static void send(struct trial *t, struct replay_line l, unsigned count, const char *domain)
{
    struct arena a = ARENA_EMPTY;
    l.kind = REPLAY_ACCEPTED;
    l.client = l.client.len ? l.client : SPAN("192.0.2.1");
    l.to = arena_new(&a, count * sizeof *l.to);
    for (; l.to_count < count; l.to_count++)
        l.to[l.to_count] = arena_printf(&a, "r%u@%s", t->number++, domain);
    replay_take(t->replay, &l);
    arena_clear(&a);
}

static void expect(struct trial *t, const char *letters)
{
    assert_string_equal(t->told.letters, letters);
}

static const struct span alice = {"alice", 5};

static void a_burst_is_slowed_held_and_released(void **state)
{
    struct trial t;
    begin(&t, false);
    send(&t, (struct replay_line){.time_ms = NOW, .login = alice}, 45, "example.net");
    expect(&t, "s");
    assert_int_equal(t.told.recipients, 5);
    send(&t, (struct replay_line){.time_ms = NOW + 1, .login = SPAN("Alice")}, 45, "example.net");
    expect(&t, "sh"); /* names in any case */
    send(&t, (struct replay_line){.time_ms = NOW + 2, .login = alice}, 7, "example.net");
    expect(&t, "sh");
    send(&t, (struct replay_line){.time_ms = NOW + 5 * HOUR, .login = alice}, 1, "example.net");
    expect(&t, "shr");
    assert_int_equal(t.told.recipients, 52);
    assert_int_equal(t.told.time_ms, NOW + 1 + 4 * HOUR);
    struct replay_figures f = replay_end(t.replay);
    assert_int_equal(f.accounts, 1);
    assert_int_equal(f.account_days, 1);
    assert_int_equal(f.messages, 4);
    assert_int_equal(f.recipients, 98);
    assert_int_equal(f.slowed, 1);
    assert_int_equal(f.slowed_recipients, 5);
    assert_int_equal(f.held, 1);
    assert_int_equal(f.held_recipients, 52);
    replay_free(&t.replay);
}

static void mail_that_stays_here_does_not_count(void **state)
{
    struct trial t;
    begin(&t, false);
    replay_add_local(t.replay, SPAN("Example.ORG"));
    send(&t, (struct replay_line){.time_ms = NOW, .login = alice}, 200, "example.org");
    replay_take(t.replay, &(struct replay_line){.kind = REPLAY_DELIVERED,
                                                .time_ms = NOW,
                                                .recipient = SPAN("bob@example.com")});
    send(&t, (struct replay_line){.time_ms = NOW, .login = alice}, 200, "example.com");
    expect(&t, "");
    send(&t, (struct replay_line){.time_ms = NOW, .login = alice}, 200, "example.net");
    expect(&t, "h");
    replay_free(&t.replay);
}

static void who_has_not_logged_in_counts_when_asked(void **state)
{
    const struct replay_line nobody = {.time_ms = NOW, .sender = SPAN("bob@example.org")};
    struct trial t;
    begin(&t, false);
    send(&t, nobody, 200, "example.net");
    expect(&t, "");
    assert_int_equal(replay_end(t.replay).unnamed, 1);
    replay_free(&t.replay);
    begin(&t, true);
    send(&t, nobody, 200, "example.net");
    expect(&t, "h");
    replay_free(&t.replay);
}

static void failures_are_tied_to_their_message(void **state)
{
    struct trial t;
    begin(&t, false);
    send(&t, (struct replay_line){.time_ms = NOW, .login = alice, .queue_id = SPAN("q1")}, 30,
         "example.net");
    for (int turn = 0; turn < 2; turn++) /* the second time nothing is new in it */
        for (int i = 0; i < 9; i++) {
            char recipient[32];
            snprintf(recipient, sizeof recipient, "R%d@example.net", i);
            replay_take(t.replay, &(struct replay_line){.kind = REPLAY_UNKNOWN_USER,
                                                        .time_ms = NOW + i,
                                                        .queue_id = SPAN("q1"),
                                                        .recipient = span_of(recipient)});
        }
    expect(&t, "");
    struct replay_line tenth = {.kind = REPLAY_UNKNOWN_USER,
                                .time_ms = NOW + 10,
                                .queue_id = SPAN("q2"),
                                .recipient = SPAN("r9@example.net")};
    replay_take(t.replay, &tenth); /* of another message */
    expect(&t, "");
    tenth.queue_id = SPAN("q1");
    replay_take(t.replay, &tenth);
    expect(&t, "h");
    replay_free(&t.replay);
}

static void complaints_changes_and_answers_name_the_account(void **state)
{
    struct trial t;
    begin(&t, false);
    send(&t, (struct replay_line){.time_ms = NOW, .login = alice}, 42, "example.net");
    expect(&t, "s");
    struct replay_line complaint = {.kind = REPLAY_COMPLAINT, .time_ms = NOW + 1, .login = alice};
    replay_take(t.replay, &complaint);
    replay_take(t.replay, &complaint);
    expect(&t, "sh");
    replay_take(t.replay, &(struct replay_line){
                              .kind = REPLAY_CONFIRMED, .time_ms = NOW + 2, .login = alice});
    expect(&t, "shr");
    replay_take(t.replay,
                &(struct replay_line){.kind = REPLAY_CHANGED, .time_ms = NOW + 3, .login = alice});
    send(&t, (struct replay_line){.time_ms = NOW + 4, .login = alice}, 20, "example.net");
    expect(&t, "shrs");
    replay_free(&t.replay);
}

static void clients_are_networks(void **state)
{
    static const struct {
        const char *client;
        const char *told;
    } table[] = {
        {"192.0.2.99", ""},
        {"198.51.100.1", "s"},
        {"IPv6:2001:db8::99", "s"},
        {"mail.example.org", "s"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct trial t;
        begin(&t, false);
        send(&t, (struct replay_line){.time_ms = NOW - HOUR, .login = alice}, 1, "example.net");
        struct replay_line l = {.time_ms = NOW, .login = alice, .client = span_of(table[i].client)};
        send(&t, l, 20, "example.net");
        expect(&t, table[i].told);
        replay_free(&t.replay);
    }
}

static void a_declared_newsletter_goes(void **state)
{
    struct trial t;
    begin(&t, false);
    replay_declare(t.replay, alice, PROFILE_NEWSLETTER, 1000);
    send(&t, (struct replay_line){.time_ms = NOW, .login = alice}, 1000, "example.net");
    expect(&t, "");
    send(&t, (struct replay_line){.time_ms = NOW, .login = alice}, 1, "example.net");
    expect(&t, "s");
    replay_free(&t.replay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_slowed_held_and_released),
        cmocka_unit_test(mail_that_stays_here_does_not_count),
        cmocka_unit_test(who_has_not_logged_in_counts_when_asked),
        cmocka_unit_test(failures_are_tied_to_their_message),
        cmocka_unit_test(complaints_changes_and_answers_name_the_account),
        cmocka_unit_test(clients_are_networks),
        cmocka_unit_test(a_declared_newsletter_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
