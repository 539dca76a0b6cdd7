/* Headers: random bytes are none; what is written is read again, and nowhere else. */
#include "base/fuzz.h"

#include "store/segment.h"

#include <string.h>

static struct segment_life read_life(struct fuzz_input *in)
{
    struct segment_life life;
    life.generation = fuzz_u64(in);
    life.salt = fuzz_u64(in);
    return life;
}

static void check_segment(struct fuzz_input *in)
{
    unsigned char block[SEGMENT_HEADER_SIZE] = {0};
    struct segment_life life = read_life(in), read;
    segment_header_write(block, life);
    if (segment_header_read(block, &read))
        assert(read.generation == life.generation && read.salt == life.salt && life.generation);
    size_t at = fuzz_number(in, 39);
    block[at] ^= (unsigned char)(1 << fuzz_number(in, 7));
    assert(!segment_header_read(block, &read));
}

static void check_record(struct fuzz_input *in)
{
    unsigned char at[RECORD_HEADER_SIZE];
    struct segment_life life = read_life(in);
    uint64_t offset = fuzz_u64(in);
    struct record_header h = {.kind = (enum record_kind)(1 + fuzz_number(in, 2))};
    h.entries_size = (uint32_t)fuzz_u64(in);
    h.message_size = fuzz_u64(in);
    h.entries_checksum = fuzz_u64(in);
    h.message_checksum = fuzz_u64(in);
    struct record_header read;
    record_header_write(at, &h, life, offset);
    if (record_header_read(at, life, offset, &read)) {
        assert(read.kind == h.kind && read.entries_size == h.entries_size &&
               read.message_size == h.message_size);
        assert(read.entries_checksum == h.entries_checksum &&
               read.message_checksum == h.message_checksum);
        assert(record_size(&h) % RECORD_ALIGNMENT == 0);
        assert(record_size(&h) >= RECORD_HEADER_SIZE + (uint64_t)h.entries_size);
        assert(record_size(&h) > h.message_size);
    }
    assert(!record_header_read(at, life, offset + 8, &read));
    life.salt++;
    assert(!record_header_read(at, life, offset, &read));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    unsigned char block[SEGMENT_HEADER_SIZE] = {0};
    struct segment_life life;
    struct record_header h;
    memcpy(block, at, len < sizeof block ? len : sizeof block);
    segment_header_read(block, &life);
    record_header_read(block, (struct segment_life){1, 1}, SEGMENT_HEADER_SIZE, &h);
    check_segment(&in);
    check_record(&in);
    return 0;
}
