/* What a record's digest says, and how it is read. */
#include "base/test.h"

#include "store/digest.h"

static struct arena scratch;

static struct buffer entries_of_all_kinds(void)
{
    struct recipient to[2] = {{.address = SPAN("bob@example.org")},
                              {.address = SPAN("carol@example.org")}};
    const struct envelope envelope = {.id = 7, .recipients = to, .recipient_count = 2};
    const struct outcome delivered = {.kind = OUTCOME_DELIVERED}, late = {.kind = OUTCOME_DELAYED};
    struct buffer b = BUFFER_EMPTY;
    entry_add_accept(&b, &envelope);
    entry_add_outcome(&b, 7, 0, 1, 0, &delivered);
    entry_add_outcome(&b, 6, 1, 3, 5000, &late);
    entry_add_hold(&b, 5, 0, SPAN("why"));
    entry_add_release(&b, 4, 0);
    return b;
}

static void it_tells_of_every_entry(void **state)
{
    static const struct digest_step expected[] = {
        {ENTRY_ACCEPT, 7, .recipients = 2},
        {ENTRY_OUTCOME, 7, .recipient = 0, .due_ms = INT64_MAX},
        {ENTRY_OUTCOME, 6, .recipient = 1, .due_ms = 5000},
        {ENTRY_HOLD, 5},
        {ENTRY_RELEASE, 4},
    };
    struct buffer entries = entries_of_all_kinds(), out = BUFFER_EMPTY;
    const struct record_header h = {
        .kind = RECORD_NORMAL, .entries_size = (uint32_t)entries.len, .message_size = 1234};
    assert_true(digest_add(&out, &h, buffer_span(&entries), &scratch));
    struct span rest = buffer_span(&out);
    struct digest d;
    struct digest_step s;
    assert_int_equal(digest_next(&rest, &d), 1);
    assert_int_equal(d.entries_size, entries.len);
    assert_int_equal(d.message_size, 1234);
    assert_int_equal(digest_record_size(&d), record_size(&h));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_int_equal(digest_next_step(&d, &s), 1);
        assert_int_equal(s.kind, expected[i].kind);
        assert_int_equal(s.id, expected[i].id);
        assert_int_equal(s.recipients, expected[i].recipients);
        assert_int_equal(s.recipient, expected[i].recipient);
        assert_int_equal(s.due_ms, expected[i].due_ms);
    }
    assert_int_equal(digest_next_step(&d, &s), 0);
    assert_int_equal(digest_next(&rest, &d), 0);
    buffer_free(&entries);
    buffer_free(&out);
}

/* A record is one durable step: it counts as a whole or not at all. */
static void a_record_that_is_malformed_has_none(void **state)
{
    struct buffer entries = entries_of_all_kinds(), out = BUFFER_EMPTY;
    const struct record_header h = {.kind = RECORD_NORMAL};
    buffer_add_char(&entries, '\0');
    assert_false(digest_add(&out, &h, buffer_span(&entries), &scratch));
    assert_int_equal(out.len, 0);
    buffer_free(&entries);
    buffer_free(&out);
}

static void they_cover_a_segment_or_not(void **state)
{
    struct buffer entries = entries_of_all_kinds(), out = BUFFER_EMPTY;
    const struct record_header h = {.kind = RECORD_NORMAL, .entries_size = (uint32_t)entries.len};
    uint64_t end = 4096 + 2 * record_size(&h);
    for (int i = 0; i < 2; i++)
        assert_true(digest_add(&out, &h, buffer_span(&entries), &scratch));
    assert_true(digests_cover(buffer_span(&out), 4096, end));
    assert_true(digests_cover(SPAN_NONE, 4096, 4096));
    assert_false(digests_cover(buffer_span(&out), 4096, end - 8));
    assert_false(digests_cover(buffer_span(&out), 4096, end + 8));
    for (size_t i = 1; i < out.len; i++)
        assert_false(digests_cover(span_first(buffer_span(&out), i), 4096, end));
    buffer_clear(&out);
    const struct record_header too_small = {.kind = RECORD_NORMAL, .entries_size = 1};
    assert_true(digest_add(&out, &too_small, buffer_span(&entries), &scratch));
    assert_false(digests_cover(buffer_span(&out), 4096, 4096 + record_size(&too_small)));
    buffer_free(&entries);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_of_every_entry),
        cmocka_unit_test(a_record_that_is_malformed_has_none),
        cmocka_unit_test(they_cover_a_segment_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
