/* The file format of a segment of the journal; doc/queue.md describes it byte by byte. Pure. */
#ifndef STORE_SEGMENT_H
#define STORE_SEGMENT_H

#include "base/span.h"

enum {
    SEGMENT_HEADER_SIZE = 4096,
    SEGMENT_TRAILER_SIZE = 16,
    RECORD_HEADER_SIZE = 40,
    RECORD_ALIGNMENT = 8
};

/* One life of a segment. The salt makes records of an earlier life, and bytes inside of mails,
 * worthless. */
struct segment_life {
    uint64_t generation, salt;
};

enum record_kind { RECORD_NORMAL = 1, RECORD_COPY = 2, RECORD_SEAL = 3 };

struct record_header {
    enum record_kind kind;
    uint32_t entries_size;
    uint64_t message_size;
    uint64_t entries_checksum, message_checksum;
};

void segment_header_write(unsigned char block[SEGMENT_HEADER_SIZE], struct segment_life life);
bool segment_header_read(const unsigned char block[SEGMENT_HEADER_SIZE], struct segment_life *life);

/* The last bytes of a sealed segment's file say where its seal stands. */
void segment_trailer_write(unsigned char at[SEGMENT_TRAILER_SIZE], struct segment_life life,
                           uint64_t seal);
/* False: nothing of the kind was written in this life. */
bool segment_trailer_read(const unsigned char at[SEGMENT_TRAILER_SIZE], struct segment_life life,
                          uint64_t *seal);

void record_header_write(unsigned char at[RECORD_HEADER_SIZE], const struct record_header *h,
                         struct segment_life life, uint64_t offset);
/* False: no record of this life begins at this offset. */
bool record_header_read(const unsigned char at[RECORD_HEADER_SIZE], struct segment_life life,
                        uint64_t offset, struct record_header *h);

uint64_t record_size(const struct record_header *h); /* with header and padding */
uint64_t checksum(struct span s);

#endif
