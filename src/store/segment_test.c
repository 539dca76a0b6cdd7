/* The headers of a segment and of its records: what is no header, and how large a record is. */
#include "base/test.h"

#include "store/segment.h"

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
        struct segment_life life = {0};
        segment_header_write(block, (struct segment_life){cases[i].generation, 7});
        assert_int_equal(segment_header_read(block, &life), cases[i].is_taken);
        assert_true(!cases[i].is_taken || life.generation == cases[i].generation);
        block[24] ^= 1;
        assert_false(segment_header_read(block, &life));
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
    const struct segment_life life = {1, 7};
    unsigned char at[RECORD_HEADER_SIZE];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct record_header h = {.kind = RECORD_NORMAL,
                                        .entries_size = cases[i].entries,
                                        .message_size = cases[i].message};
        struct record_header read;
        record_header_write(at, &h, life, 4096);
        assert_int_equal(record_header_read(at, life, 4096, &read), cases[i].size != 0);
        assert_true(!cases[i].size || record_size(&read) == cases[i].size);
        assert_false(record_header_read(at, life, 4104, &read));
        assert_false(record_header_read(at, (struct segment_life){1, 8}, 4096, &read));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_has_a_generation_that_can_be),
        cmocka_unit_test(a_record_has_a_size_that_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
