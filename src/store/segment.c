#include "store/segment.h"

#include <string.h>
#include <xxhash.h>

/* No generation and no size comes near it; below it, adding to them does not overflow. */
#define BEYOND_ALL ((uint64_t)1 << 62)

static const char magic[16] = "plainpost jrnl1\n";

static void put64(unsigned char *at, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        at[i] = (unsigned char)(v >> (8 * i));
}

static uint64_t get64(const unsigned char *at)
{
    uint64_t v = 0;
    for (int i = 8; i--;)
        v = v << 8 | at[i];
    return v;
}

uint64_t checksum(struct span s)
{
    return XXH3_64bits(s.at, s.len);
}

void segment_header_write(unsigned char block[SEGMENT_HEADER_SIZE], struct segment_life life)
{
    memset(block, 0, SEGMENT_HEADER_SIZE);
    memcpy(block, magic, sizeof magic);
    put64(block + 16, life.generation);
    put64(block + 24, life.salt);
    put64(block + 32, XXH3_64bits(block, 32));
}

bool segment_header_read(const unsigned char block[SEGMENT_HEADER_SIZE], struct segment_life *life)
{
    if (memcmp(block, magic, sizeof magic) != 0 || get64(block + 32) != XXH3_64bits(block, 32))
        return false;
    life->generation = get64(block + 16);
    life->salt = get64(block + 24);
    return life->generation > 0 && life->generation < BEYOND_ALL;
}

static uint64_t trailer_checksum(struct segment_life life, uint64_t seal)
{
    unsigned char all[24];
    put64(all, life.generation);
    put64(all + 8, life.salt);
    put64(all + 16, seal);
    return XXH3_64bits(all, sizeof all);
}

void segment_trailer_write(unsigned char at[SEGMENT_TRAILER_SIZE], struct segment_life life,
                           uint64_t seal)
{
    put64(at, seal);
    put64(at + 8, trailer_checksum(life, seal));
}

bool segment_trailer_read(const unsigned char at[SEGMENT_TRAILER_SIZE], struct segment_life life,
                          uint64_t *seal)
{
    *seal = get64(at);
    return get64(at + 8) == trailer_checksum(life, *seal) && *seal < BEYOND_ALL;
}

/* Over everything that makes the record this record here: its life, its place, its own fields. */
static uint64_t header_checksum(const unsigned char at[RECORD_HEADER_SIZE],
                                struct segment_life life, uint64_t offset)
{
    unsigned char all[24 + 32];
    put64(all, life.generation);
    put64(all + 8, life.salt);
    put64(all + 16, offset);
    memcpy(all + 24, at, 32);
    return XXH3_64bits(all, sizeof all);
}

void record_header_write(unsigned char at[RECORD_HEADER_SIZE], const struct record_header *h,
                         struct segment_life life, uint64_t offset)
{
    put64(at, (uint64_t)h->entries_size << 32 | h->kind);
    put64(at + 8, h->message_size);
    put64(at + 16, h->entries_checksum);
    put64(at + 24, h->message_checksum);
    put64(at + 32, header_checksum(at, life, offset));
}

bool record_header_read(const unsigned char at[RECORD_HEADER_SIZE], struct segment_life life,
                        uint64_t offset, struct record_header *h)
{
    uint64_t kind = get64(at) & UINT32_MAX;
    if (get64(at + 32) != header_checksum(at, life, offset) || kind < RECORD_NORMAL ||
        kind > RECORD_SEAL || get64(at + 8) >= BEYOND_ALL)
        return false;
    *h = (struct record_header){(enum record_kind)kind, (uint32_t)(get64(at) >> 32), get64(at + 8),
                                get64(at + 16), get64(at + 24)};
    return true;
}

uint64_t record_size(const struct record_header *h)
{
    uint64_t size = RECORD_HEADER_SIZE + (uint64_t)h->entries_size + h->message_size;
    return (size + RECORD_ALIGNMENT - 1) & ~(uint64_t)(RECORD_ALIGNMENT - 1);
}
