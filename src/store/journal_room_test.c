/* The journal's segments: used, freed, used again; and a disk that is full, fails or lies. What a
 * whole server makes of power cuts is in deliver/power_cut_test.c. */
#include "base/test.h"

#include "base/memory.h"
#include "store/journal_trial.h"
#include "store/record.h"
#include "store/segment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- segments */

static void mail_goes_on_in_another_segment(void **state)
{
    struct buffer all = BUFFER_EMPTY;
    for (message_id id = 1; id <= 60; id++) {
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
        buffer_printf(&all, "%llu: open\n", (unsigned long long)id);
    }
    assert_true(trial_count_files() >= 60 * TRIAL_MAIL / TRIAL_SEGMENT);
    trial_cut_power(FAKE_LOSE_ALL, 0);
    trial_expect(buffer_text(&all));
    for (message_id id = 1; id <= 60; id++)
        trial_expect_message(id, TRIAL_MAIL);
    buffer_free(&all);
}

/* What is told to fit has a place in an empty segment; what is not never has. */
static void what_fits_is_known_before(void **state)
{
    size_t largest = 0, smallest_that_does_not = SIZE_MAX;
    for (size_t size = TRIAL_SEGMENT - SEGMENT_HEADER_SIZE - 500; size < TRIAL_SEGMENT; size += 3) {
        struct commit c = trial_acceptance(1 + size, 3, size);
        bool fits = commit_fits(&c, TRIAL_SEGMENT);
        bool has_place = trial_append(&c, 1) && c.result == COMMIT_DURABLE;
        assert_true(has_place || !fits);
        if (fits)
            largest = size;
        else if (has_place) /* a few bytes for safety */
            smallest_that_does_not = size;
    }
    assert_true(largest > 0);
    if (smallest_that_does_not != SIZE_MAX)
        assert_true(smallest_that_does_not - largest <= 2 * RECORD_ALIGNMENT);
}

static void a_group_may_fill_several_segments(void **state)
{
    struct commit group[50];
    for (size_t i = 0; i < COUNT_OF(group); i++)
        group[i] = trial_acceptance(i + 1, 1, TRIAL_MAIL);
    assert_true(trial_append(group, COUNT_OF(group)) && journal_sync(trial.journal, &trial.error));
    trial_cut_power(FAKE_LOSE_ALL, 0);
    for (size_t i = 0; i < COUNT_OF(group); i++)
        trial_expect_message(i + 1, TRIAL_MAIL);
}

static void room_is_used_again(void **state)
{
    trial_flow(1, 400);
    assert_true(journal_durable(trial.journal).generation > 20);
    assert_true(trial_count_files() <= 4);
    trial_reopen();
    trial_expect("");
}

static void nothing_is_freed_before_the_ledger_has_it(void **state)
{
    for (message_id id = 1; id <= 100; id++) {
        assert_true(trial_accept(id, 1, TRIAL_MAIL) && trial_finish(id, 0));
        trial_tidy();
    }
    assert_true(trial_count_files() > 5);
    size_t files = trial_count_files();
    trial.ledger = journal_durable(trial.journal);
    trial_tidy();
    trial_flow(101, 50);
    assert_int_equal(trial_count_files(), files);
}

/* The ledger must have read, too, what made it free: else it knows of mail that nobody can find
 * in the journal. */
static void nor_before_it_has_what_made_it_free(void **state)
{
    for (message_id id = 1; journal_durable(trial.journal).generation < 3; id++)
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
    trial.ledger = journal_durable(trial.journal);
    for (message_id id = 1; id < 60; id++)
        assert_true(trial_finish(id, 0));
    trial_tidy();
    size_t files = trial_count_files();
    for (message_id id = 100; journal_durable(trial.journal).generation < 5; id++)
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
    assert_true(trial_count_files() > files);
}

static void stragglers_are_copied_forward(void **state)
{
    struct commit c = trial_acceptance(5, 3, TRIAL_MAIL);
    trial_add_outcome(&c, 5, 0, OUTCOME_FAILED);
    trial_add_outcome(&c, 5, 1, OUTCOME_DELAYED);
    commit_hold(&c, 5, 10, SPAN("why"));
    assert_true(trial_write(c));
    assert_true(trial_accept(6, 1, TRIAL_MAIL));
    trial_flow(100, 300);
    assert_true(trial_count_files() <= 8);
    trial_expect_message(5, TRIAL_MAIL);
    trial_expect_message(6, TRIAL_MAIL);
    for (int i = 0; i < 2; i++) {
        trial_cut_power(FAKE_LOSE_ALL, 0);
        trial_expect("5: failed delayed/2/5000 open held(why)\n6: open\n");
    }
    trial_flow(1000, 300);
    assert_true(trial_finish(5, 1) && trial_finish(5, 2));
    trial_reopen();
    trial_expect("6: open\n");
    trial_expect_message(6, TRIAL_MAIL);
}

/* A disk on which other threads read while a write is under way. */
static struct disk_ops watched;
static const struct disk_ops *unwatched;
static size_t looks;

static void is_a_message(void *arg, const struct recovered *r)
{
    assert_true(r->envelope->recipient_count > 0 && r->recipients);
    ++*(size_t *)arg;
}

static int look_and_write(struct disk *d, int handle, const struct iovec *pieces, size_t count,
                          uint64_t offset)
{
    size_t told = 0;
    trial_expect_message(5, TRIAL_MAIL);
    assert_int_equal(journal_recall_all(trial.journal, is_a_message, &told), 0);
    assert_true(told > 0);
    looks++;
    return unwatched->write(d, handle, pieces, count, offset);
}

/* Nobody is told of a place to which nothing has been written yet. */
static void what_is_found_is_in_the_file(void **state)
{
    assert_true(trial_accept(5, 3, TRIAL_MAIL) && trial_finish(5, 1));
    trial_flow(100, 100);
    uint64_t before = journal_durable(trial.journal).generation;
    unwatched = trial.disk->ops;
    watched = *unwatched;
    watched.write = look_and_write;
    trial.disk->ops = &watched;
    looks = 0;
    trial_flow(300, 200);
    trial.disk->ops = unwatched;
    assert_true(looks > 400 && journal_durable(trial.journal).generation > before + 8);
    trial_expect_message(5, TRIAL_MAIL);
}

/* What was queued has changed on the disk since: nobody makes an empty message of it. */
static void what_cannot_be_told_is_no_message(void **state)
{
    size_t told = 0;
    assert_true(trial_accept(1, 1, TRIAL_MAIL));
    trial_flip_byte(1, SEGMENT_HEADER_SIZE + RECORD_HEADER_SIZE);
    assert_int_equal(journal_recall(trial.journal, 1, is_a_message, &told), -EIO);
    assert_int_equal(told, 0);
}

/* ---- full */

static size_t accept_until_full(message_id first)
{
    size_t count = 0;
    while (trial_accept(first + count, 1, TRIAL_MAIL))
        assert_true(++count < 1000);
    return count;
}

static void a_full_disk_refuses_mail_and_ends_it(void **state)
{
    for (int is_restarted = 0; is_restarted < 2; is_restarted++) {
        trial_begin();
        assert_true(trial_accept(1, 1, TRIAL_MAIL));
        fake_disk_fill(trial.disk, true);
        size_t count = accept_until_full(2);
        struct commit more = trial_acceptance(900, 1, TRIAL_MAIL);
        assert_true(trial_append(&more, 1));
        assert_int_equal(more.result, COMMIT_FULL);
        if (is_restarted)
            trial_cut_power(FAKE_LOSE_NONE, 0); /* else the disk would have room again */
        /* What was refused left nothing behind; what was taken can be delivered: that needs room,
         * and a segment was kept for it. */
        for (message_id id = 1; id < 2 + count; id++)
            assert_true(trial_finish(id, 0));
        trial.ledger = journal_durable(trial.journal);
        trial_tidy();
        assert_true(accept_until_full(1000) > 0);
        trial_reopen();
        assert_null(strstr(buffer_text(&trial.found), "900:"));
        fake_disk_fill(trial.disk, false);
        assert_true(trial_accept(2000, 1, TRIAL_MAIL));
    }
}

/* However often it starts: there is no segment more for it, and all that are there are needed. */
static void it_starts_again_and_again_on_a_full_disk(void **state)
{
    assert_true(trial_accept(1, 1, TRIAL_MAIL));
    fake_disk_fill(trial.disk, true);
    message_id end = 2 + accept_until_full(2);
    for (message_id id = 1; id < 12; id++) {
        trial_cut_power(id % 2 ? FAKE_LOSE_ALL : FAKE_LOSE_PARTS, id);
        assert_string_equal(buffer_text(&trial.warned), "");
        for (message_id left = id; left < end; left++)
            trial_expect_message(left, TRIAL_MAIL);
        assert_true(trial_finish(id, 0));
        assert_int_equal(journal_read(trial.journal, id, 0, NULL, 0), -ENOENT);
        struct commit c = {0};
        trial_add_outcome(&c, id + 1, 0, OUTCOME_DELAYED);
        assert_true(trial_append(&c, 1)); /* and is torn */
    }
}

/* All room is used when it starts, but nothing in it is needed. */
static void it_starts_on_a_full_disk(void **state)
{
    trial_flow(1, 100);
    fake_disk_fill(trial.disk, true);
    for (int i = 0; i < 20; i++) {
        trial_cut_power(FAKE_LOSE_ALL, 0);
        trial_flow(200 + (message_id)i, 1);
    }
}

static void what_fits_no_segment_uses_none(void **state)
{
    for (int i = 0; i < 5; i++) {
        struct commit c = trial_acceptance(1, 1, TRIAL_SEGMENT);
        assert_true(trial_append(&c, 1));
        assert_int_equal(c.result, COMMIT_FULL);
    }
    assert_true(trial_accept(2, 1, TRIAL_SEGMENT - SEGMENT_HEADER_SIZE - 200));
    trial_expect_message(2, TRIAL_SEGMENT - SEGMENT_HEADER_SIZE - 200);
    assert_int_equal(journal_durable(trial.journal).generation, 1);
}

/* The room of a spare one is there before it is needed, whatever a crash has left of it. */
static void a_spare_segment_has_all_its_room(void **state)
{
    for (size_t at = 0; at < 12; at++) {
        trial_begin_closed();
        fake_disk_cut_after(trial.disk, at);
        trial_open();
        journal_close(&trial.journal);
        fake_disk_restart(trial.disk, FAKE_LOSE_SOME, at);
        assert_true(trial_open());
        assert_true(trial_accept(1, 1, TRIAL_MAIL));
        fake_disk_fill(trial.disk, true);
        accept_until_full(2);
        assert_true(trial_finish(1, 0));
    }
}

/* ---- failing */

static void a_failed_sync_is_told(void **state)
{
    struct commit c = trial_acceptance(1, 1, TRIAL_MAIL);
    assert_true(trial_append(&c, 1));
    fake_disk_fail_call(trial.disk, 0, -EIO);
    assert_false(journal_sync(trial.journal, &trial.error));
    assert_string_equal(trial.error.text,
                        "cannot sync " TRIAL_JOURNAL "/000001: Input/output error");
}

static void a_failed_write_is_told(void **state)
{
    assert_true(trial_accept(1, 1, TRIAL_MAIL)); /* with a spare segment behind it */
    struct commit c = trial_acceptance(2, 1, TRIAL_MAIL);
    fake_disk_fail_call(trial.disk, 0, -EIO);
    assert_false(trial_append(&c, 1));
    assert_string_equal(trial.error.text,
                        "cannot write to " TRIAL_JOURNAL "/000001: Input/output error");
}

/* What a failed sync has left in the page cache is read by the next start as if it were on disk;
 * then it must come there before anybody relies on it. */
static void what_a_failed_sync_left_is_written_anew(void **state)
{
    struct commit c = trial_acceptance(1, 1, TRIAL_MAIL);
    assert_true(trial_append(&c, 1));
    fake_disk_fail_call(trial.disk, 0, -EIO);
    assert_false(journal_sync(trial.journal, &trial.error));
    trial_reopen();
    trial_expect("1: open\n");
    trial_cut_power(FAKE_LOSE_ALL, 0);
    trial_expect("1: open\n");
}

/* A process that was killed leaves names that only the page cache has. */
static void names_that_a_killed_one_left_are_synced(void **state)
{
    for (size_t at = 0; at < 40; at++) {
        trial_begin_closed();
        fake_disk_cut_after(trial.disk, at);
        if (trial_open())
            trial_accept(1, 1, TRIAL_MAIL);
        trial_reopen();
        assert_true(trial_accept(2, 1, TRIAL_MAIL));
        trial_cut_power(FAKE_LOSE_ALL, at);
        assert_non_null(strstr(buffer_text(&trial.found), "2: open\n"));
    }
}

/* What can't be read now may be there tomorrow: it is not taken for an end. */
static void a_read_that_fails_stops_the_start(void **state)
{
    for (message_id id = 1; id <= 25; id++)
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
    size_t failures = 0;
    for (size_t at = 0;; at++) {
        journal_close(&trial.journal);
        fake_disk_revive(trial.disk);
        fake_disk_fail_read(trial.disk, at, -EIO);
        trial_open();
        fake_disk_revive(trial.disk);
        if (trial.journal)
            break;
        failures++;
        assert_non_null(strstr(trial.error.text, "cannot "));
        assert_non_null(strstr(trial.error.text, "Input/output error"));
    }
    trial_reopen();
    assert_non_null(strstr(buffer_text(&trial.found), "25: open\n"));
    assert_true(failures > 30);
}

/* With the digests of its segment a damaged record is one mail that can't be read; without them
 * nobody knows where the next one begins. */
static void damage_is_told(void **state)
{
    static const uint64_t trailer = TRIAL_SEGMENT - 1;
    static const struct {
        unsigned segment;
        uint64_t offset;
        bool has_no_digests;
        const char *words, *lost, *kept;
    } cases[] = {
        {2, trailer, false, "", "no such", "\n16: "},
        {1, SEGMENT_HEADER_SIZE, false, "", "\n1:", "\n2: "},
        {1, SEGMENT_HEADER_SIZE, true, "/000001 is damaged at byte 4096", "\n2:", "\n25: "},
        {2, SEGMENT_HEADER_SIZE + 50, false, "", "\n14:", "\n15: "},
        {2, SEGMENT_HEADER_SIZE + 50, true, "/000002 is damaged at byte 4096", "\n16:", "\n1: "},
        {2, 20, false, "segment of generation 2 is missing", "\n16:", "\n1: "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        trial_begin();
        for (message_id id = 1; id <= 45; id++)
            assert_true(trial_accept(id, 1, TRIAL_MAIL));
        trial_flip_byte(cases[i].segment, cases[i].offset);
        if (cases[i].has_no_digests)
            trial_flip_byte(cases[i].segment, trailer);
        trial_reopen();
        struct buffer lines = BUFFER_EMPTY;
        buffer_printf(&lines, "\n%s", buffer_text(&trial.found));
        bool is_told = *cases[i].words;
        assert_int_equal(trial.warned.len > 0, is_told);
        assert_non_null(strstr(buffer_text(&trial.warned), cases[i].words));
        assert_int_equal(trial.unreadable, is_told || cases[i].offset == trailer ? 0 : -EIO);
        assert_null(strstr(buffer_text(&lines), cases[i].lost));
        assert_non_null(strstr(buffer_text(&lines), cases[i].kept));
        assert_non_null(strstr(buffer_text(&lines), "\n45: "));
        buffer_free(&lines);
    }
}

/* The end of the newest segment may be torn; but what the ledger has seen was durable. */
static void damage_in_the_newest_segment_is_told_when_the_ledger_knows_more(void **state)
{
    for (int knows = 0; knows < 2; knows++) {
        trial_begin();
        for (message_id id = 1; id <= 3; id++)
            assert_true(trial_accept(id, 1, TRIAL_MAIL));
        if (knows)
            trial.ledger = journal_durable(trial.journal);
        trial_flip_byte(1, SEGMENT_HEADER_SIZE + 50);
        trial_reopen();
        assert_string_equal(buffer_text(&trial.found), "");
        assert_int_equal(
            strstr(buffer_text(&trial.warned), "/000001 is damaged at byte 4096") != NULL, knows);
    }
}

/* The journal was moved away, the ledger was not: its position must not name what comes now. */
static void a_new_journal_begins_behind_the_ledger(void **state)
{
    trial_begin_closed();
    trial.ledger = (struct journal_position){57, 8192};
    assert_true(trial_open() && trial_accept(1, 1, TRIAL_MAIL));
    assert_int_equal(journal_durable(trial.journal).generation, 58);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRIAL_TEST(mail_goes_on_in_another_segment),
        TRIAL_TEST(what_fits_is_known_before),
        TRIAL_TEST(a_group_may_fill_several_segments),
        TRIAL_TEST(room_is_used_again),
        TRIAL_TEST(nothing_is_freed_before_the_ledger_has_it),
        TRIAL_TEST(nor_before_it_has_what_made_it_free),
        TRIAL_TEST(stragglers_are_copied_forward),
        TRIAL_TEST(what_is_found_is_in_the_file),
        TRIAL_TEST(what_cannot_be_told_is_no_message),
        TRIAL_TEST(a_full_disk_refuses_mail_and_ends_it),
        TRIAL_TEST(it_starts_again_and_again_on_a_full_disk),
        TRIAL_TEST(it_starts_on_a_full_disk),
        TRIAL_TEST(what_fits_no_segment_uses_none),
        TRIAL_TEST(a_spare_segment_has_all_its_room),
        TRIAL_TEST(a_failed_sync_is_told),
        TRIAL_TEST(a_failed_write_is_told),
        TRIAL_TEST(what_a_failed_sync_left_is_written_anew),
        TRIAL_TEST(names_that_a_killed_one_left_are_synced),
        TRIAL_TEST(a_read_that_fails_stops_the_start),
        TRIAL_TEST(damage_is_told),
        TRIAL_TEST(damage_in_the_newest_segment_is_told_when_the_ledger_knows_more),
        TRIAL_TEST(a_new_journal_begins_behind_the_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
