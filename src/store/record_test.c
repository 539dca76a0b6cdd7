/* Entries: what is written is read; what nobody wrote is told. */
#include "base/test.h"

#include "store/record.h"

#include <string.h>

static struct arena arena;

static int clear(void **state)
{
    arena_clear(&arena);
    return 0;
}

static struct envelope envelope(void)
{
    static struct recipient to[] = {
        {{"alice@example.org", 17},
         {.notify = NOTIFY_FAILURE | NOTIFY_DELAY, .orcpt = {"rfc822;a", 8}},
         .is_expanded = true},
        {{"bob@example.org", 15},
         {.notify = NOTIFY_NEVER},
         .judged = {true, VERDICT_PHISHING, CONFIDENCE_CERTAIN, PROVENANCE_DISPROVEN}},
        {{"", 0}, {0}},
        {{"ann@host.test", 13}, .parent = 1, .reverse_path = {"o@a.test", 8}, .action = {"~|x", 3}},
    };
    return (struct envelope){.id = UINT64_MAX,
                             .accepted_ms = -1,
                             .origin = ORIGIN_NOTIFICATION,
                             .is_own = true,
                             .has_owner = true,
                             .owner = 1000,
                             .vouched = VOUCHED_AGAINST,
                             .about = 7,
                             .tells_until = UINT64_MAX,
                             .digest_of = DIGEST_OF_MISUSE,
                             .reverse_path = SPAN("dave@example.net"),
                             .parameters = {.size = UINT64_MAX,
                                            .body = BODY_8BITMIME,
                                            .ret = RET_HDRS,
                                            .smtputf8 = true,
                                            .requires_tls = true,
                                            .release_ms = INT64_MIN,
                                            .priority = -9,
                                            .by = BY_NOTIFY,
                                            .by_trace = true,
                                            .by_ms = -5,
                                            .envid = SPAN("QQ314159")},
                             .needs_no_tls = true,
                             .is_8bit = true,
                             .is_binary = true,
                             .client_name = SPAN("client.test"),
                             .client_address = SPAN("192.0.2.1"),
                             .authentication = SPAN("SPF pass"),
                             .judged_by = SPAN("asks-to-sign-in"),
                             .login = SPAN("dave"),
                             .header_message_id = SPAN("<one@example.net>"),
                             .subject = SPAN("a\0b\r\n\xff"),
                             .size = 12345,
                             .recipients = to,
                             .recipient_count = COUNT_OF(to)};
}

static struct outcome outcome(void)
{
    return (struct outcome){.kind = OUTCOME_DISCARDED,
                            .time_ms = INT64_MIN,
                            .code = 550,
                            .status = STATUS(5, 999, 999),
                            .cause = {CAUSE_LOOP, VARIANT_STORAGE},
                            .is_remote = true,
                            .words = SPAN("go\naway"),
                            .host = SPAN("mx.example.org"),
                            .address = SPAN("192.0.2.7:25"),
                            .stage = SPAN("in reply to RCPT TO"),
                            .tls = OUTCOME_TLS_1_3,
                            .proof = OUTCOME_PROOF_DANE,
                            .login = SPAN("relay@example.org"),
                            .return_path = SPAN("SRS0=a=b=example.net=eve@example.org"),
                            .is_reported = true,
                            .is_in_digest = true,
                            .language = "zh",
                            .keeps_deadline = true,
                            .is_expired = true};
}

static void assert_span(struct span a, struct span b)
{
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.at, b.at, a.len);
}

static void expect_envelope(const struct envelope *a, const struct envelope *b)
{
    assert_true(a->id == b->id && a->accepted_ms == b->accepted_ms && a->origin == b->origin &&
                a->about == b->about && a->tells_until == b->tells_until &&
                a->is_8bit == b->is_8bit && a->is_binary == b->is_binary && a->size == b->size &&
                a->is_own == b->is_own && a->has_owner == b->has_owner && a->owner == b->owner &&
                a->vouched == b->vouched);
    assert_true(
        a->parameters.size == b->parameters.size && a->parameters.body == b->parameters.body &&
        a->parameters.ret == b->parameters.ret && a->parameters.smtputf8 == b->parameters.smtputf8);
    assert_true(
        a->parameters.requires_tls == b->parameters.requires_tls &&
        a->parameters.release_ms == b->parameters.release_ms &&
        a->parameters.priority == b->parameters.priority && a->parameters.by == b->parameters.by &&
        a->parameters.by_ms == b->parameters.by_ms &&
        a->parameters.by_trace == b->parameters.by_trace && a->needs_no_tls == b->needs_no_tls);
    assert_span(a->parameters.envid, b->parameters.envid);
    assert_span(a->reverse_path, b->reverse_path);
    assert_span(a->client_name, b->client_name);
    assert_span(a->login, b->login);
    assert_span(a->judged_by, b->judged_by);
    assert_int_equal(a->digest_of, b->digest_of);
    assert_span(a->client_address, b->client_address);
    assert_span(a->header_message_id, b->header_message_id);
    assert_span(a->subject, b->subject);
    assert_int_equal(a->recipient_count, b->recipient_count);
    for (size_t i = 0; i < a->recipient_count; i++) {
        assert_span(a->recipients[i].address, b->recipients[i].address);
        assert_span(a->recipients[i].parameters.orcpt, b->recipients[i].parameters.orcpt);
        assert_int_equal(a->recipients[i].parameters.notify, b->recipients[i].parameters.notify);
        assert_int_equal(a->recipients[i].parent, b->recipients[i].parent);
        assert_int_equal(a->recipients[i].is_expanded, b->recipients[i].is_expanded);
        assert_span(a->recipients[i].reverse_path, b->recipients[i].reverse_path);
        assert_span(a->recipients[i].action, b->recipients[i].action);
        assert_true(judged_is_same(a->recipients[i].judged, b->recipients[i].judged));
    }
}

static void expect_outcome(const struct outcome *a, const struct outcome *b)
{
    assert_true(a->kind == b->kind && a->time_ms == b->time_ms && a->code == b->code &&
                status_equal(a->status, b->status) && a->cause.cause == b->cause.cause &&
                a->cause.variant == b->cause.variant && a->is_remote == b->is_remote &&
                a->is_reported == b->is_reported && a->is_in_digest == b->is_in_digest &&
                a->is_expired == b->is_expired && a->tls == b->tls && a->proof == b->proof &&
                span_equal(a->login, b->login) && span_equal(a->return_path, b->return_path));
    assert_string_equal(a->language, b->language);
    assert_span(a->words, b->words);
    assert_span(a->host, b->host);
    assert_span(a->address, b->address);
    assert_span(a->stage, b->stage);
}

/* One of each kind, the largest and the smallest values, in one record. */
static struct buffer all_kinds(void)
{
    struct buffer out = BUFFER_EMPTY;
    const struct envelope full = envelope(), none = {0};
    const struct outcome o = outcome(), nothing = {0};
    entry_add_accept(&out, &full);
    entry_add_accept(&out, &none);
    entry_add_outcome(&out, 1, SIZE_MAX, UINT32_MAX, INT64_MAX, &o);
    entry_add_outcome(&out, 2, 0, 0, 0, &nothing);
    entry_add_hold(&out, 3, -5, SPAN("the operator"));
    entry_add_release(&out, 4, INT64_MAX);
    return out;
}

static void what_is_written_is_read(void **state)
{
    struct buffer all = all_kinds();
    struct span rest = buffer_span(&all);
    const struct envelope full = envelope(), none = {0};
    const struct outcome o = outcome(), nothing = {0};
    struct entry e;
    assert_int_equal(entry_next(&rest, &e, &arena), 1);
    assert_true(e.kind == ENTRY_ACCEPT && e.id == UINT64_MAX);
    expect_envelope(&e.envelope, &full);
    assert_int_equal(entry_next(&rest, &e, &arena), 1);
    expect_envelope(&e.envelope, &none);
    assert_int_equal(entry_next(&rest, &e, &arena), 1);
    assert_true(e.kind == ENTRY_OUTCOME && e.id == 1 && e.recipient == SIZE_MAX &&
                e.attempts == UINT32_MAX && e.retry_ms == INT64_MAX);
    expect_outcome(&e.outcome, &o);
    assert_int_equal(entry_next(&rest, &e, &arena), 1);
    expect_outcome(&e.outcome, &nothing);
    assert_int_equal(entry_next(&rest, &e, &arena), 1);
    assert_true(e.kind == ENTRY_HOLD && e.id == 3 && e.time_ms == -5);
    assert_span(e.why, SPAN("the operator"));
    assert_int_equal(entry_next(&rest, &e, &arena), 1);
    assert_true(e.kind == ENTRY_RELEASE && e.id == 4 && e.time_ms == INT64_MAX);
    assert_int_equal(entry_next(&rest, &e, &arena), 0);
    assert_int_equal(entry_next(&rest, &e, &arena), 0);
    buffer_free(&all);
}

/* Every cause, variant and kind that there is comes back. */
static void every_value_is_within_the_limits(void **state)
{
    for (unsigned kind = 0; kind <= OUTCOME_DISCARDED; kind++)
        for (unsigned cause = 0; cause < CAUSE_COUNT; cause++)
            for (unsigned variant = 0; variant < VARIANT_COUNT; variant++) {
                struct buffer out = BUFFER_EMPTY;
                const struct outcome o = {.kind = (enum outcome_kind)kind,
                                          .cause = {(enum cause)cause, (enum variant)variant}};
                struct entry e;
                entry_add_outcome(&out, 1, 0, 1, 0, &o);
                struct span rest = buffer_span(&out);
                assert_int_equal(entry_next(&rest, &e, &arena), 1);
                expect_outcome(&e.outcome, &o);
                buffer_free(&out);
                arena_clear(&arena);
            }
}

/* Exact copies, so that a sanitizer sees a read beyond the end. */
static int read_all(struct span text)
{
    struct buffer copy = BUFFER_EMPTY;
    struct entry e;
    int found;
    buffer_add_span(&copy, text);
    struct span exact = arena_copy(&arena, buffer_span(&copy)), rest = exact;
    while ((found = entry_next(&rest, &e, &arena)) > 0)
        ;
    buffer_free(&copy);
    arena_clear(&arena);
    return found;
}

static void what_ends_too_early_is_told(void **state)
{
    struct buffer all = all_kinds();
    size_t whole = 0;
    for (size_t len = 0; len <= all.len; len++)
        whole += read_all(span_first(buffer_span(&all), len)) == 0;
    assert_int_equal(whole, 7); /* between entries */
    buffer_free(&all);
}

/* It never crashes, hangs or takes much memory. */
static void what_was_changed_is_read_or_told(void **state)
{
    struct buffer all = all_kinds();
    for (size_t at = 0; at < all.len; at++)
        for (unsigned value = 0; value < 256; value += value < 8 || value > 247 ? 1 : 30) {
            char was = all.at[at];
            all.at[at] = (char)value;
            assert_true(read_all(buffer_span(&all)) <= 0);
            all.at[at] = was;
        }
    buffer_free(&all);
}

static void what_is_beyond_the_limits_is_told(void **state)
{
#define LONG "\xff\xff\xff\xff\xff\xff\xff\xff\xff"
    static const struct span cases[] = {
        {"\x00\x01", 2},                  /* no such kind */
        {"\x05\x01", 2},                  /* likewise */
        {"\x04\x01", 2},                  /* no time */
        {"\x04" LONG "\x01", 11},         /* the largest id, but no time */
        {"\x04" LONG "\xff\x01\x00", 13}, /* an id of 70 bits */
        {"\x03\x01\x00\x05"
         "four",
         8},                              /* a text longer than what is left */
        {"\x03\x01\x00" LONG "\x01", 13}, /* much longer */
        {"\x02\x01\x00\x01\x00\x05", 6},  /* no such outcome */
        /* an acceptance of more recipients than there are bytes for */
        {"\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" LONG "\x01", 27},
        {"\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00",
         21},
        /* an origin that is none */
        {"\x01\x01\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 18},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (read_all(cases[i]) != -1)
            fail_msg("case %zu", i);
    assert_int_equal(read_all(SPAN("\x04" LONG "\x01\x00")), 0);
    assert_int_equal(
        read_all(SPAN("\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
                      "\x00\x00\x00")),
        0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_is_written_is_read, clear),
        cmocka_unit_test_teardown(every_value_is_within_the_limits, clear),
        cmocka_unit_test_teardown(what_ends_too_early_is_told, clear),
        cmocka_unit_test_teardown(what_was_changed_is_read_or_told, clear),
        cmocka_unit_test_teardown(what_is_beyond_the_limits_is_told, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
