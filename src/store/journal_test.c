/* What was written is there again, and nothing else is. */
#include "base/test.h"

#include "base/memory.h"
#include "store/journal_trial.h"
#include "store/record.h"
#include "store/segment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is written is there */

static void what_was_appended_is_read_back(void **state)
{
    char text[8];
    assert_true(journal_sync(trial.journal, &trial.error));
    struct journal_position before = journal_durable(trial.journal);
    assert_false(journal_has_unsynced(trial.journal));
    struct commit c = trial_acceptance(7, 1, TRIAL_MAIL);
    assert_true(trial_append(&c, 1));
    assert_int_equal(c.result, COMMIT_DURABLE);
    assert_true(journal_has_unsynced(trial.journal));
    assert_int_equal(journal_position_compare(journal_durable(trial.journal), before), 0);
    assert_true(journal_sync(trial.journal, &trial.error));
    assert_false(journal_has_unsynced(trial.journal));
    assert_true(journal_position_compare(journal_durable(trial.journal), before) > 0);

    trial_expect_message(7, TRIAL_MAIL);
    assert_int_equal(journal_read(trial.journal, 7, TRIAL_MAIL - 3, text, sizeof text), 3);
    assert_int_equal(text[0], trial_letter(7, TRIAL_MAIL - 3));
    assert_int_equal(journal_read(trial.journal, 7, TRIAL_MAIL, text, sizeof text), 0);
    assert_int_equal(journal_read(trial.journal, 7, UINT64_MAX, text, sizeof text), 0);
    assert_int_equal(journal_read(trial.journal, 8, 0, text, sizeof text), -ENOENT);
    assert_int_equal(journal_last_id(trial.journal), 7);

    assert_true(trial_finish(7, 0));
    assert_int_equal(journal_read(trial.journal, 7, 0, text, sizeof text), -ENOENT);
}

static void another_start_finds_every_state(void **state)
{
    struct commit c = {0};
    const struct outcome delayed = {.kind = OUTCOME_DELAYED, .words = SPAN("later")};
    assert_true(trial_accept(1, 3, TRIAL_MAIL) && trial_accept(2, 1, 0) &&
                trial_accept(3, 1, TRIAL_MAIL) && trial_accept(4, 2, TRIAL_MAIL) &&
                trial_accept(5, 2, TRIAL_MAIL));
    commit_outcome(&c, 1, 0, 1, 400, &delayed);
    commit_outcome(&c, 1, 0, 2, 900, &delayed); /* the newest counts */
    trial_add_outcome(&c, 1, 1, OUTCOME_DELIVERED);
    commit_hold(&c, 1, 10, SPAN("a look"));
    trial_add_outcome(&c, 3, 0, OUTCOME_FAILED); /* gone */
    commit_hold(&c, 4, 10, SPAN("first"));
    commit_hold(&c, 4, 11, SPAN("second"));
    commit_release(&c, 4, 12);
    commit_hold(&c, 5, 10, SPAN_NONE);
    assert_true(trial_write(c));
    const char *all =
        "1: delayed/2/900 delivered open held(a look)\n2: open\n4: open open released(12)\n"
        "5: open open held()\n";
    for (int i = 0; i < 3; i++) {
        trial_reopen();
        trial_expect(all);
        assert_int_equal(journal_last_id(trial.journal), 5);
    }
    trial_cut_power(FAKE_LOSE_ALL, 0);
    trial_expect(all);
    trial_expect_message(1, TRIAL_MAIL);
}

/* What names a message or a recipient that is not there changes nothing: its acceptance may have
 * stood in a segment that is gone. */
static void what_names_nobody_changes_nothing(void **state)
{
    struct commit c = {0};
    assert_true(trial_accept(1, 1, TRIAL_MAIL));
    trial_add_outcome(&c, 99, 0, OUTCOME_DELIVERED);
    trial_add_outcome(&c, 1, 5, OUTCOME_DELIVERED);
    commit_hold(&c, 98, 0, SPAN("why"));
    assert_true(trial_write(c));
    trial_reopen();
    trial_expect("1: open\n");
    assert_int_equal(journal_last_id(trial.journal), 99);
}

/* One durable step: the acceptance of one message and the end of another. */
static void a_commit_is_there_or_not_as_a_whole(void **state)
{
    assert_true(trial_accept(1, 1, TRIAL_MAIL));
    for (uint64_t seed = 0; seed < 64; seed++) {
        struct commit c = trial_acceptance(2, 1, 3 * TRIAL_MAIL);
        trial_add_outcome(&c, 1, 0, OUTCOME_FAILED);
        assert_true(trial_append(&c, 1));
        trial_cut_power(FAKE_LOSE_PARTS, seed);
        if (strcmp(buffer_text(&trial.found), "1: open\n") != 0) {
            trial_expect("2: open\n");
            trial_expect_message(2, 3 * TRIAL_MAIL);
            assert_true(trial_finish(2, 0) && trial_accept(1, 1, TRIAL_MAIL));
        }
    }
}

/* ---- torn ends */

/* Of a group whose sync never came, any beginning may survive, and nothing else. */
static void a_torn_end_leaves_a_beginning(void **state)
{
    static const char *const allowed[] = {"1: open\n", "1: open\n2: open\n",
                                          "1: open\n2: open\n3: open\n"};
    unsigned seen[COUNT_OF(allowed)] = {0};
    for (uint64_t seed = 0; seed < 200; seed++) {
        trial_begin();
        assert_true(trial_accept(1, 1, 100));
        struct commit group[] = {trial_acceptance(2, 1, 100), trial_acceptance(3, 1, 600)};
        assert_true(trial_append(group, 2));
        trial_cut_power(seed % 2 ? FAKE_LOSE_PARTS : FAKE_LOSE_SOME, seed);
        size_t which = 0;
        while (which < COUNT_OF(allowed) && strcmp(buffer_text(&trial.found), allowed[which]) != 0)
            which++;
        assert_true(which < COUNT_OF(allowed));
        seen[which]++;
        assert_string_equal(buffer_text(&trial.warned), "");
        /* and what is written behind it does not bring back what was lost */
        assert_true(trial_accept(4, 1, 100));
        trial_reopen();
        assert_null(strstr(buffer_text(&trial.found), which < 2 ? "3:" : "x"));
        assert_non_null(strstr(buffer_text(&trial.found), "4: open\n"));
    }
    assert_true(seen[0] && seen[1] && seen[2]);
}

static void a_changed_byte_is_noticed(void **state)
{
    assert_true(trial_accept(1, 1, 100));
    struct journal_position from = journal_durable(trial.journal);
    assert_true(trial_accept(2, 1, 100));
    uint64_t end = journal_durable(trial.journal).offset;
    uint64_t padding = 0;
    for (uint64_t at = from.offset; at < end; at++) {
        trial_begin();
        assert_true(trial_accept(1, 1, 100) && trial_accept(2, 1, 100));
        trial_flip_byte(1, at);
        trial_cut_power(FAKE_LOSE_ALL, 0);
        if (strcmp(buffer_text(&trial.found), "1: open\n") != 0)
            padding++; /* it belongs to nothing */
    }
    assert_true(padding < RECORD_ALIGNMENT);
}

/* ---- what only looks like a record */

/* A mail that holds, at the very place where it will stand, a whole record of this life: nobody can
 * know the salt; and it would not help. */
static void a_record_inside_of_a_mail_is_not_taken(void **state)
{
    enum { INSIDE = 4000 };
    for (int is_torn = 0; is_torn < 2; is_torn++) {
        trial_begin();
        struct journal_position at = journal_durable(trial.journal);
        const struct segment_life life = {at.generation, trial.salt * 0x9e3779b97f4a7c15u};
        struct commit outer = trial_acceptance(1, 1, INSIDE), inner = trial_acceptance(66, 1, 100);
        uint64_t body = at.offset + RECORD_HEADER_SIZE + outer.entries.len;
        const struct record_header h = {RECORD_NORMAL, (uint32_t)inner.entries.len, 100,
                                        checksum(buffer_span(&inner.entries)),
                                        checksum(buffer_span(&inner.message))};
        for (uint64_t place = (body + 7) / 8 * 8; place + 300 < body + INSIDE; place += 304) {
            char *to = outer.message.at + (place - body);
            record_header_write((unsigned char *)to, &h, life, place);
            memcpy(to + RECORD_HEADER_SIZE, inner.entries.at, inner.entries.len);
            memcpy(to + RECORD_HEADER_SIZE + inner.entries.len, inner.message.at, 100);
        }
        commit_free(&inner);
        assert_true(trial_write(outer));
        if (is_torn)
            trial_flip_byte(1, at.offset);
        trial_cut_power(FAKE_LOSE_ALL, 0);
        trial_expect(is_torn ? "" : "1: open\n");
        assert_int_equal(journal_last_id(trial.journal), is_torn ? 0 : 1);
    }
}

/* Records of the same sizes, so that those of the earlier life begin where ours end. */
static void records_of_an_earlier_life_are_not_taken(void **state)
{
    trial_flow(1, 200);
    assert_true(journal_durable(trial.journal).generation > 2 * trial_count_files());
    for (message_id id = 201; id < 230; id++) {
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
        trial_cut_power(FAKE_LOSE_ALL, id);
        char line[32];
        snprintf(line, sizeof line, "%llu: open\n", (unsigned long long)id);
        trial_expect(line);
        trial_flow(1000 + id * 100, 3);
        assert_true(trial_finish(id, 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRIAL_TEST(what_was_appended_is_read_back),
        TRIAL_TEST(another_start_finds_every_state),
        TRIAL_TEST(what_names_nobody_changes_nothing),
        TRIAL_TEST(a_commit_is_there_or_not_as_a_whole),
        TRIAL_TEST(a_torn_end_leaves_a_beginning),
        TRIAL_TEST(a_changed_byte_is_noticed),
        TRIAL_TEST(a_record_inside_of_a_mail_is_not_taken),
        TRIAL_TEST(records_of_an_earlier_life_are_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
