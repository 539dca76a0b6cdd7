#include "base/test.h"

#include "events/event.h"

#include <jansson.h>
#include <string.h>

static struct recipient recipients[] = {
    {.address = {"team@example.org", 16}},
    {.address = {"alice@example.org", 17}, .parent = 1},
};

static struct envelope envelope(void)
{
    return (struct envelope){.id = 1795529697123456,
                             .accepted_ms = 1795529697123,
                             .reverse_path = SPAN("dave@example.net"),
                             .header_message_id = SPAN("<one@example.net>"),
                             .parameters = {.envid = SPAN("QQ+2B1")},
                             .size = 1234,
                             .login = SPAN("dave"),
                             .client_address = SPAN("192.0.2.20"),
                             .recipients = recipients,
                             .recipient_count = 2};
}

static const char *line(const struct ledger_event *event, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    event_write(&out, event);
    assert_int_equal(span_find_char(buffer_span(&out), '\n'), SPAN_NOT_FOUND);
    const char *text = arena_text(a, buffer_span(&out));
    buffer_free(&out);
    return text;
}

static void expect(struct ledger_event event, const char *expected)
{
    struct arena a = ARENA_EMPTY;
    struct envelope e = envelope();
    event.envelope = &e;
    event.time_ms = 1795529698005;
    event.number = 0x10000001234;
    struct buffer id = BUFFER_EMPTY, whole = BUFFER_EMPTY;
    message_id_add(&id, e.id);
    /* the queue id is another module's matter */
    struct span rest = span_of(expected), before = span_cut(&rest, '#');
    buffer_printf(&whole,
                  "{\"version\":1,\"id\":\"0000010000001234\","
                  "\"time\":\"2026-11-24T14:14:58.005Z\",%.*s"
                  "\"queue_id\":\"%s\",\"origin\":\"client\","
                  "\"message_id\":\"<one@example.net>\",\"envelope_id\":\"QQ+1\","
                  "\"sender\":\"dave@example.net\"%.*s}",
                  SPAN_F(before), buffer_text(&id), SPAN_F(rest));
    assert_string_equal(line(&event, &a), buffer_text(&whole));
    buffer_free(&id);
    buffer_free(&whole);
    arena_clear(&a);
}

static void events_have_their_members(void **state)
{
    expect((struct ledger_event){.kind = LEDGER_ACCEPTED},
           "\"event\":\"accepted\",#,\"size\":1234,\"recipients\":2,"
           "\"login\":\"dave\",\"client\":\"192.0.2.20\",\"to\":[\"team@example.org\"]");
    expect((struct ledger_event){.kind = LEDGER_HELD, .why = SPAN("a look")},
           "\"event\":\"held\",#,\"words\":\"a look\"");
    expect((struct ledger_event){.kind = LEDGER_RELEASED}, "\"event\":\"released\",#");
    expect((struct ledger_event){.kind = LEDGER_OUTCOME,
                                 .recipient = 1,
                                 .attempts = 1,
                                 .outcome = {.kind = OUTCOME_RELAYED,
                                             .code = 250,
                                             .status = STATUS(2, 0, 0),
                                             .is_remote = true,
                                             .words = SPAN("ok"),
                                             .host = SPAN("mx.example.org"),
                                             .address = SPAN("192.0.2.7:25")}},
           "\"event\":\"relayed\",#,\"recipient\":\"team@example.org\","
           "\"address\":\"alice@example.org\",\"attempt\":1,\"code\":250,\"status\":\"2.0.0\","
           "\"words\":\"ok\",\"remote\":true,\"host\":\"mx.example.org\","
           "\"server\":\"192.0.2.7:25\"");
    expect((struct ledger_event){.kind = LEDGER_OUTCOME,
                                 .attempts = 2,
                                 .retry_ms = 1795529760000,
                                 .outcome = {.kind = OUTCOME_DELAYED,
                                             .code = 451,
                                             .is_remote = true,
                                             .cause = {CAUSE_COULD_NOT_REACH, VARIANT_GREYLISTED},
                                             .words = SPAN("come\nlater")}},
           "\"event\":\"delayed\",#,\"recipient\":\"team@example.org\","
           "\"address\":\"team@example.org\",\"attempt\":2,"
           "\"next_attempt\":\"2026-11-24T14:16:00.000Z\",\"code\":451,"
           "\"cause\":\"could-not-reach\",\"variant\":\"greylisted\","
           "\"judgement\":{\"permanence\":\"temporary\",\"about\":\"their-system\","
           "\"confidence\":\"likely\"},\"words\":\"come\\nlater\",\"remote\":true");
    expect((struct ledger_event){.kind = LEDGER_REPORTED,
                                 .outcome = {.kind = OUTCOME_FAILED, .words = SPAN("no")}},
           "\"event\":\"reported\",#,\"recipient\":\"team@example.org\","
           "\"address\":\"team@example.org\",\"of\":\"failed\"");
}

static void a_failure_tells_of_its_notice(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct envelope e = {.id = 1,
                         .origin = ORIGIN_NOTIFICATION,
                         .about = 2,
                         .recipients = recipients,
                         .recipient_count = 2};
    const struct ledger_event event = {.kind = LEDGER_OUTCOME,
                                       .envelope = &e,
                                       .notification = 3,
                                       .outcome = {.kind = OUTCOME_FAILED, .is_expired = true}};
    json_error_t why;
    json_t *j = json_loads(line(&event, &a), 0, &why);
    assert_non_null(j);
    assert_string_equal(json_string_value(json_object_get(j, "notification")), "00000000003");
    assert_string_equal(json_string_value(json_object_get(j, "about")), "00000000002");
    assert_string_equal(json_string_value(json_object_get(j, "origin")), "notification");
    assert_string_equal(json_string_value(json_object_get(j, "sender")), "");
    assert_true(json_is_true(json_object_get(j, "expired")));
    assert_null(json_object_get(j, "code"));
    json_decref(j);
    arena_clear(&a);
}

/* What a server says may be anything, and as long as it likes. */
static void words_are_harmless(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct envelope e = envelope();
    struct buffer words = BUFFER_EMPTY;
    buffer_add_text(&words, "\x1b[2J\"\\\xff\xe2\x80\xae\r\n");
    while (words.len < 10000)
        buffer_add_text(&words, "gnu ");
    const struct ledger_event event = {
        .kind = LEDGER_OUTCOME,
        .envelope = &e,
        .outcome = {.kind = OUTCOME_FAILED, .words = buffer_span(&words)}};
    const char *text = line(&event, &a);
    assert_true(strlen(text) < 3000);
    assert_non_null(strstr(text, "<U+001B>[2J\\\"\\\\<FF><U+202E>\\n"));
    json_error_t why;
    json_t *j = json_loads(text, 0, &why);
    assert_non_null(j);
    json_decref(j);
    buffer_free(&words);
    arena_clear(&a);
}

static void ids_grow(void **state)
{
    static const uint64_t numbers[] = {1, 15, 16, 0xFFFFFFFFFF, 0x10000000000, INT64_MAX};
    char before[17] = "";
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct buffer id = BUFFER_EMPTY;
        event_id_add(&id, numbers[i]);
        assert_int_equal(id.len, 16);
        assert_true(strcmp(buffer_text(&id), before) > 0);
        memcpy(before, buffer_text(&id), 17);
        buffer_free(&id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_have_their_members),
        cmocka_unit_test(a_failure_tells_of_its_notice),
        cmocka_unit_test(words_are_harmless),
        cmocka_unit_test(ids_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
