#include "guard/replay_line.h"

#include "base/test.h"

static void what_happened_is_read(void **state)
{
    static const struct {
        const char *members;
        enum replay_kind kind;
    } table[] = {
        {"\"event\":\"accepted\"", REPLAY_ACCEPTED},
        {"\"event\":\"accepted\",\"origin\":\"client\"", REPLAY_ACCEPTED},
        {"\"event\":\"accepted\",\"origin\":\"notification\"", REPLAY_OTHER},
        {"\"event\":\"delivered\"", REPLAY_DELIVERED},
        {"\"event\":\"failed\",\"cause\":\"address-not-found\"", REPLAY_UNKNOWN_USER},
        {"\"event\":\"failed\",\"cause\":\"blocked-content\"", REPLAY_REFUSED},
        {"\"event\":\"delayed\",\"cause\":\"blocked-content\"", REPLAY_REFUSED},
        {"\"event\":\"delayed\",\"cause\":\"address-not-found\"", REPLAY_OTHER},
        {"\"event\":\"failed\"", REPLAY_OTHER},
        {"\"event\":\"complaint\"", REPLAY_COMPLAINT},
        {"\"event\":\"changed\"", REPLAY_CHANGED},
        {"\"event\":\"account-changed\"", REPLAY_CHANGED},
        {"\"event\":\"account-password\"", REPLAY_OTHER},
        {"\"event\":\"account-slowed\"", REPLAY_OTHER},
        {"\"event\":\"confirmed\"", REPLAY_CONFIRMED},
        {"\"event\":\"something new\"", REPLAY_OTHER},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct arena a = ARENA_EMPTY;
        struct replay_line l;
        struct error e;
        struct span line =
            arena_printf(&a, "{\"time\":\"2026-11-24T14:14:58.005Z\",%s}", table[i].members);
        assert_true(replay_line_read(line, &a, &l, &e));
        assert_int_equal(l.kind, table[i].kind);
        assert_int_equal(l.time_ms / 1000, 1795529698);
        arena_clear(&a);
    }
}

static void its_members_are_read(void **state)
{
    static const char line[] =
        "{\"time\":\"2026-11-24T14:14:58Z\",\"event\":\"accepted\",\"queue_id\":\"q1\","
        "\"login\":\"alice\",\"sender\":\"alice@example.org\",\"client\":\"IPv6:2001:db8::1\","
        "\"program\":\"Mailer 3\",\"country\":\"DE\",\"to\":[\"bob@example.net\",7,"
        "\"carol@example.net\"],\"links\":[\"a.test\",\"b.test\",\"c.test\",\"d.test\","
        "\"e.test\"],\"text\":\"00ff\",\"more\":{\"x\":[]}}";
    struct arena a = ARENA_EMPTY;
    struct replay_line l;
    struct error e;
    assert_true(replay_line_read(span_of(line), &a, &l, &e));
    assert_true(span_equal(l.queue_id, SPAN("q1")) && span_equal(l.login, SPAN("alice")));
    assert_true(span_equal(l.sender, SPAN("alice@example.org")));
    assert_true(span_equal(l.client, SPAN("IPv6:2001:db8::1")));
    assert_true(span_equal(l.program, SPAN("Mailer 3")) && span_equal(l.country, SPAN("DE")));
    assert_int_equal(l.to_count, 2);
    assert_true(span_equal(l.to[1], SPAN("carol@example.net")));
    assert_int_equal(l.link_count, REPLAY_MOST_LINKS);
    assert_int_equal(l.text, 255);
    arena_clear(&a);
}

/* As src/events writes it. */
static void an_event_of_an_account_names_it(void **state)
{
    static const char line[] =
        "{\"version\":1,\"id\":\"account-7\",\"time\":\"2026-11-24T14:14:58.005Z\","
        "\"event\":\"account-changed\",\"account\":\"alice@example.org\",\"by\":\"aliases\","
        "\"words\":\"its mail goes to x@example.net now\"}";
    struct arena a = ARENA_EMPTY;
    struct replay_line l;
    struct error e;
    assert_true(replay_line_read(span_of(line), &a, &l, &e));
    assert_int_equal(l.kind, REPLAY_CHANGED);
    assert_true(span_equal(l.login, SPAN("alice@example.org")));
    arena_clear(&a);
}

static void what_is_no_event_is_said_so(void **state)
{
    static const struct {
        const char *line, *fault;
    } table[] = {
        {"", "it is not JSON"},
        {"Nov 24 14:14:58 mx postfix/smtp[1]: ABC", "it is not JSON"},
        {"[1]", "it is JSON, but not an object"},
        {"{\"time\":\"2026-11-24T14:14:58Z\"}", "there is no \"event\" in it"},
        {"{\"event\":\"accepted\"}", "there is no \"time\" in it"},
        {"{\"event\":\"accepted\",\"time\":\"tomorrow\"}", "there is no \"time\" in it"},
        {"{\"event\":\"accepted\",\"time\":17955296}", "there is no \"time\" in it"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct arena a = ARENA_EMPTY;
        struct replay_line l;
        struct error e;
        assert_false(replay_line_read(span_of(table[i].line), &a, &l, &e));
        if (!span_starts(span_of(e.text), span_of(table[i].fault)))
            fail_msg("row %zu: %s", i, e.text);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_happened_is_read),
        cmocka_unit_test(its_members_are_read),
        cmocka_unit_test(an_event_of_an_account_names_it),
        cmocka_unit_test(what_is_no_event_is_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
