#include "base/test.h"

#include "outcome/envelope.h"

#include <stdlib.h>
#include <string.h>

static void queue_ids_go_both_ways(void **state)
{
    static const message_id ids[] = {0, 1, 31, 32, 1764000000000000, (1ULL << 55) - 1};
    struct buffer text = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        message_id back = 42;
        buffer_clear(&text);
        message_id_add(&text, ids[i]);
        assert_int_equal(text.len, MESSAGE_ID_DIGITS);
        assert_true(message_id_parse(buffer_span(&text), &back));
        assert_true(back == ids[i]);
        for (size_t k = 0; k < text.len; k++)
            assert_null(strchr("ilou", text.at[k]));
    }
    buffer_free(&text);
    message_id a, b;
    assert_true(message_id_parse(SPAN("0000000000a"), &a) && a == 10);
    assert_true(message_id_parse(SPAN("0000000000A"), &b) && b == 10);
    static const char *const bad[] = {
        "",           "0000000000", "000000000000", "0000000000i", "0000000000u", "0000000000-",
        " 0000000000"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(message_id_parse(span_of(bad[i]), &a));
}

/* RFC 3461 4.1, and 6.1: never about the null reverse-path. */
static void notices_go_to_those_who_want_them(void **state)
{
    static const struct {
        unsigned notify;
        bool success, failure, delay;
    } cases[] = {
        {0, false, true, true},
        {NOTIFY_NEVER, false, false, false},
        {NOTIFY_SUCCESS, true, false, false},
        {NOTIFY_FAILURE, false, true, false},
        {NOTIFY_DELAY | NOTIFY_SUCCESS, true, false, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct recipient r = {SPAN("b@example.net"), {.notify = cases[i].notify}};
        struct envelope e = {.reverse_path = SPAN("a@example.org"), .recipients = &r};
        assert_int_equal(envelope_wants(&e, 0, NOTIFY_SUCCESS), cases[i].success);
        assert_int_equal(envelope_wants(&e, 0, NOTIFY_FAILURE), cases[i].failure);
        assert_int_equal(envelope_wants(&e, 0, NOTIFY_DELAY), cases[i].delay);
        e.origin = ORIGIN_NOTIFICATION;
        assert_false(envelope_wants(&e, 0, NOTIFY_FAILURE));
        e.origin = ORIGIN_SMTP;
        e.reverse_path = SPAN_NONE;
        assert_false(envelope_wants(&e, 0, NOTIFY_FAILURE));
    }
}

/* RFC 2852 4.1.4: that it was passed on. */
static void a_trace_goes_to_those_who_want_one(void **state)
{
    static const struct {
        enum by_mode by;
        bool by_trace, keeps_deadline, is_passed_on;
        unsigned notify;
        int64_t time_ms; /* it is to arrive by 10 */
        bool is_told, is_unwatched;
    } cases[] = {
        {BY_NONE, false, false, false, 0, 5, false, false},
        {BY_NONE, false, false, false, NOTIFY_SUCCESS, 5, true, false},
        {BY_NONE, false, false, true, NOTIFY_SUCCESS, 5, false, false},
        {BY_NOTIFY, false, false, true, 0, 5, true, true},
        {BY_NOTIFY, false, false, true, NOTIFY_FAILURE, 5, true, true},
        {BY_NOTIFY, false, false, true, NOTIFY_NEVER, 5, false, true},
        {BY_NOTIFY, false, false, true, 0, 10, false, false}, /* it was late already */
        {BY_NOTIFY, false, true, true, 0, 5, false, false},
        {BY_NOTIFY, true, true, true, 0, 5, true, false},
        {BY_NOTIFY, true, false, false, 0, 15, true, false},
        {BY_RETURN, false, true, true, 0, 5, false, false},
        {BY_RETURN, true, true, true, 0, 5, true, false},
        {BY_RETURN, true, true, true, NOTIFY_NEVER, 5, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct recipient to = {.address = SPAN("b@example.net"),
                               .parameters = {.notify = cases[i].notify}};
        const struct outcome o = {.kind = OUTCOME_RELAYED,
                                  .time_ms = cases[i].time_ms,
                                  .is_passed_on = cases[i].is_passed_on,
                                  .keeps_deadline = cases[i].keeps_deadline};
        struct envelope e = {
            .reverse_path = SPAN("s@example.org"),
            .parameters = {.by = cases[i].by, .by_trace = cases[i].by_trace, .by_ms = 10},
            .recipients = &to,
            .recipient_count = 1};
        assert_int_equal(envelope_wants_to_hear(&e, 0, &o), cases[i].is_told);
        assert_int_equal(envelope_is_unwatched(&e, &o), cases[i].is_unwatched);
        e.reverse_path = SPAN_NONE;
        assert_false(envelope_wants_to_hear(&e, 0, &o));
    }
}

static void a_copy_stands_alone(void **state)
{
    char *text = strdup("a@example.org|envid|client|192.0.2.1|<id>|subject|b@example.net|rfc822;c");
    struct span rest = span_of(text), parts[8];
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        parts[i] = span_cut(&rest, '|');
    struct recipient *r = calloc(1, sizeof *r);
    *r = (struct recipient){parts[6], {NOTIFY_DELAY, parts[7]}};
    struct envelope from = {.id = 7,
                            .reverse_path = parts[0],
                            .parameters = {.envid = parts[1], .ret = RET_HDRS},
                            .client_name = parts[2],
                            .client_address = parts[3],
                            .header_message_id = parts[4],
                            .subject = parts[5],
                            .recipients = r,
                            .recipient_count = 1};
    struct envelope to;
    struct arena a = ARENA_EMPTY;
    envelope_copy(&to, &from, &a);
    free(text); /* the sanitizer tells of anything that still points there */
    free(r);
    assert_true(to.id == 7 && to.parameters.ret == RET_HDRS && to.recipient_count == 1);
    assert_true(span_equal(to.reverse_path, SPAN("a@example.org")));
    assert_true(span_equal(to.parameters.envid, SPAN("envid")));
    assert_true(span_equal(to.client_name, SPAN("client")));
    assert_true(span_equal(to.client_address, SPAN("192.0.2.1")));
    assert_true(span_equal(to.header_message_id, SPAN("<id>")));
    assert_true(span_equal(to.subject, SPAN("subject")));
    assert_true(span_equal(to.recipients[0].address, SPAN("b@example.net")));
    assert_true(span_equal(to.recipients[0].parameters.orcpt, SPAN("rfc822;c")));
    assert_int_equal(to.recipients[0].parameters.notify, NOTIFY_DELAY);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue_ids_go_both_ways),
        cmocka_unit_test(notices_go_to_those_who_want_them),
        cmocka_unit_test(a_trace_goes_to_those_who_want_one),
        cmocka_unit_test(a_copy_stands_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
