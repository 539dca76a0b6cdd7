/* What the journal knows of messages that are not finished. */
#include "base/test.h"

#include "store/journal_inside.h"

/* A record is one durable step: it counts as a whole or not at all. */
static void a_record_that_is_malformed_counts_for_nothing(void **state)
{
    struct recipient to = {.address = SPAN("bob@example.org")};
    const struct envelope envelope = {.id = 7, .recipients = &to, .recipient_count = 1};
    const struct outcome delivered = {.kind = OUTCOME_DELIVERED};
    struct journal j = {.lock = PTHREAD_MUTEX_INITIALIZER, .live = INDEX_BY(struct live, id)};
    struct segment segment = {.number = 1};
    const struct record_place place = {&segment, SEGMENT_HEADER_SIZE, {.kind = RECORD_NORMAL}};
    struct buffer entries = BUFFER_EMPTY;
    list_init(&segment.live);
    for (int is_whole = 0; is_whole < 2; is_whole++) {
        buffer_clear(&entries);
        entry_add_accept(&entries, &envelope);
        if (!is_whole)
            buffer_add_char(&entries, '\0');
        assert_int_equal(live_apply(&j, &place, buffer_span(&entries)), is_whole);
        assert_int_equal(index_get(&j.live, 7) != NULL, is_whole);
    }
    for (int is_whole = 0; is_whole < 2; is_whole++) {
        buffer_clear(&entries);
        entry_add_outcome(&entries, 7, 0, 1, 0, &delivered);
        entry_add_hold(&entries, 7, 0, SPAN("why"));
        assert_int_equal(
            live_apply(&j, &place, span_first(buffer_span(&entries), entries.len - !is_whole)),
            is_whole);
        assert_int_equal(index_get(&j.live, 7) != NULL, !is_whole);
    }
    assert_true(list_is_empty(&segment.live));
    live_free_all(&j);
    arena_clear(&j.scratch);
    buffer_free(&entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_that_is_malformed_counts_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
