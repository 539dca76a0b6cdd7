/* The file format, byte by byte. */
#include "base/test.h"

#include "store/segment.h"

#include <string.h>

static const struct segment_life life = {0x0102030405060708, 0xa1a2a3a4a5a6a7a8};

static void a_segment_header_is_as_documented(void **state)
{
    unsigned char block[SEGMENT_HEADER_SIZE];
    memset(block, 0xff, sizeof block);
    segment_header_write(block, life);
    assert_memory_equal(block, "plainpost jrnl1\n", 16);
    assert_memory_equal(block + 16, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
    assert_memory_equal(block + 24, "\xa8\xa7\xa6\xa5\xa4\xa3\xa2\xa1", 8);
    for (size_t i = 40; i < sizeof block; i++)
        assert_int_equal(block[i], 0);
    struct segment_life read;
    assert_true(segment_header_read(block, &read));
    assert_true(read.generation == life.generation && read.salt == life.salt);
}

static void a_changed_segment_header_is_none(void **state)
{
    unsigned char block[SEGMENT_HEADER_SIZE];
    struct segment_life read;
    segment_header_write(block, life);
    for (size_t bit = 0; bit < 40 * 8; bit++) {
        block[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_false(segment_header_read(block, &read));
        block[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_true(segment_header_read(block, &read));
    memset(block, 0, sizeof block);
    assert_false(segment_header_read(block, &read));
    segment_header_write(block, (struct segment_life){0, 5}); /* 0 is before everything */
    assert_false(segment_header_read(block, &read));
}

static const struct record_header normal = {RECORD_NORMAL, 0x11121314, 0x2122232425262728,
                                            0x3132333435363738, 0x4142434445464748};

static void a_record_header_is_as_documented(void **state)
{
    unsigned char at[RECORD_HEADER_SIZE];
    struct record_header read;
    record_header_write(at, &normal, life, 4096);
    assert_memory_equal(at, "\x01\x00\x00\x00\x14\x13\x12\x11", 8);
    assert_memory_equal(at + 8, "\x28\x27\x26\x25\x24\x23\x22\x21", 8);
    assert_memory_equal(at + 16, "\x38\x37\x36\x35\x34\x33\x32\x31", 8);
    assert_memory_equal(at + 24, "\x48\x47\x46\x45\x44\x43\x42\x41", 8);
    assert_true(record_header_read(at, life, 4096, &read));
    assert_memory_equal(&read, &normal, sizeof read);
}

/* It is a record only here, in this life. */
static void a_record_is_one_only_at_its_place(void **state)
{
    unsigned char at[RECORD_HEADER_SIZE];
    struct record_header read;
    record_header_write(at, &normal, life, 4096);
    static const struct {
        uint64_t generation, salt, offset;
    } others[] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 8}, {0, UINT64_MAX, 0}, {1, 0, 8}};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        const struct segment_life other = {life.generation + others[i].generation,
                                           life.salt + others[i].salt};
        assert_false(record_header_read(at, other, 4096 + others[i].offset, &read));
    }
    for (size_t bit = 0; bit < sizeof at * 8; bit++) {
        at[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_false(record_header_read(at, life, 4096, &read));
        at[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    assert_true(record_header_read(at, life, 4096, &read));
    memset(at, 0, sizeof at);
    assert_false(record_header_read(at, life, 4096, &read));
}

static void kinds_have_limits(void **state)
{
    unsigned char at[RECORD_HEADER_SIZE];
    struct record_header h = {0}, read;
    for (unsigned kind = 0; kind < 6; kind++) {
        h.kind = (enum record_kind)kind;
        record_header_write(at, &h, life, 4096);
        assert_int_equal(record_header_read(at, life, 4096, &read), kind >= 1 && kind <= 3);
    }
}

static void sizes_are_rounded_up(void **state)
{
    static const struct {
        uint32_t entries;
        uint64_t message, size;
    } cases[] = {{0, 0, 40}, {1, 0, 48}, {8, 0, 48}, {0, 9, 56}, {7, 1, 48}, {7, 2, 56}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct record_header h = {.entries_size = cases[i].entries,
                                        .message_size = cases[i].message};
        assert_int_equal(record_size(&h), cases[i].size);
    }
}

static void a_segment_has_a_generation_that_can_be(void **state)
{
    static const struct {
        uint64_t generation;
        bool is_taken;
    } cases[] = {{1, true},
                 {1000000, true},
                 {((uint64_t)1 << 62) - 1, true},
                 {0, false},
                 {(uint64_t)1 << 62, false}, /* the next ones must be able to follow it */
                 {UINT64_MAX, false}};
    unsigned char block[SEGMENT_HEADER_SIZE];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct segment_life read = {0};
        segment_header_write(block, (struct segment_life){cases[i].generation, 7});
        assert_int_equal(segment_header_read(block, &read), cases[i].is_taken);
        assert_true(!cases[i].is_taken || read.generation == cases[i].generation);
        block[24] ^= 1;
        assert_false(segment_header_read(block, &read));
    }
}

static void a_record_has_a_size_that_can_be(void **state)
{
    static const struct {
        uint32_t entries;
        uint64_t message, size; /* 0: it is no record */
    } cases[] = {
        {0, 0, 40},
        {1, 0, 48},
        {8, 8, 56},
        {UINT32_MAX, 0, (uint64_t)UINT32_MAX + 41},
        {0, ((uint64_t)1 << 62) - 8, ((uint64_t)1 << 62) + 32},
        {0, (uint64_t)1 << 62, 0},
        {0, UINT64_MAX - 39, 0}, /* with its header nothing, if sums could overflow */
    };
    const struct segment_life here = {1, 7};
    unsigned char at[RECORD_HEADER_SIZE];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct record_header h = {.kind = RECORD_NORMAL,
                                        .entries_size = cases[i].entries,
                                        .message_size = cases[i].message};
        struct record_header read;
        record_header_write(at, &h, here, 4096);
        assert_int_equal(record_header_read(at, here, 4096, &read), cases[i].size != 0);
        assert_true(!cases[i].size || record_size(&read) == cases[i].size);
        assert_false(record_header_read(at, here, 4104, &read));
        assert_false(record_header_read(at, (struct segment_life){1, 8}, 4096, &read));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_has_a_generation_that_can_be),
        cmocka_unit_test(a_record_has_a_size_that_can_be),
        cmocka_unit_test(a_segment_header_is_as_documented),
        cmocka_unit_test(a_changed_segment_header_is_none),
        cmocka_unit_test(a_record_header_is_as_documented),
        cmocka_unit_test(a_record_is_one_only_at_its_place),
        cmocka_unit_test(kinds_have_limits),
        cmocka_unit_test(sizes_are_rounded_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
