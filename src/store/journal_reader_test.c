/* The walk through segments that a test has written: what is damaged in one of them ends the walk
 * through that one, and no more. */
#include "base/test.h"

#include "store/journal_reader.h"
#include "store/segment.h"
#include "sys/fake_disk.h"

#include <fcntl.h>
#include <unistd.h>

enum { LONGEST_TEST_SECONDS = 20 };

/* A segment with one record, of one HOLD and a message. */
static void write_segment(struct disk *d, const char *path, uint64_t generation, bool is_damaged)
{
    const struct segment_life life = {generation, 7};
    const struct span message = SPAN("Subject: x\r\n\r\n");
    unsigned char block[SEGMENT_HEADER_SIZE], header[RECORD_HEADER_SIZE];
    struct buffer file = BUFFER_EMPTY, entries = BUFFER_EMPTY;
    entry_add_hold(&entries, generation, 0, SPAN("why"));
    struct record_header h = {.kind = RECORD_NORMAL,
                              .entries_size = (uint32_t)entries.len,
                              .message_size = message.len,
                              .entries_checksum = checksum(buffer_span(&entries)),
                              .message_checksum = checksum(message) ^ is_damaged};
    segment_header_write(block, life);
    buffer_add(&file, block, sizeof block);
    record_header_write(header, &h, life, file.len);
    buffer_add(&file, header, sizeof header);
    buffer_add_span(&file, buffer_span(&entries));
    buffer_add_span(&file, message);
    while (file.len % RECORD_ALIGNMENT)
        buffer_add_char(&file, '\0');
    int handle = d->ops->open(d, path, O_RDWR | O_CREAT, 0600);
    assert_true(handle >= 0);
    assert_int_equal(d->ops->write(d, handle, &(struct iovec){file.at, file.len}, 1, 0), 0);
    d->ops->close(d, handle);
    buffer_free(&file);
    buffer_free(&entries);
}

static void expect_generations(struct disk *d, bool check_messages, const char *want)
{
    struct error e = {""};
    struct journal_record record;
    struct buffer found = BUFFER_EMPTY;
    struct journal_reader *r =
        journal_reader_open(d, "/journal", (struct journal_position){0, 0}, &e);
    assert_non_null(r);
    while (journal_reader_next(r, check_messages, &record, &e) > 0)
        buffer_printf(&found, "%llu ", (unsigned long long)record.at.generation);
    assert_string_equal(buffer_text(&found), want);
    assert_string_equal(e.text, "");
    journal_reader_close(&r);
    buffer_free(&found);
}

static void a_damaged_message_ends_its_segment(void **state)
{
    struct disk *d = fake_disk_new();
    alarm(LONGEST_TEST_SECONDS);
    d->ops->mkdir(d, "/journal", 0700);
    write_segment(d, "/journal/000001", 1, true);
    write_segment(d, "/journal/000002", 2, false);
    write_segment(d, "/journal/000003", 3, true);
    expect_generations(d, false, "1 2 3 ");
    expect_generations(d, true, "2 ");
    fake_disk_free(&d);
    alarm(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_message_ends_its_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
