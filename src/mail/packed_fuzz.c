/* Whatever is unpacked is no larger than allowed; what was packed comes out as it was. */
#include "base/fuzz.h"

#include "mail/packed.h"

enum { MOST = 100000 };

static void unpack_zip(struct span octets)
{
    struct zip z;
    struct error e;
    struct buffer out = BUFFER_EMPTY;
    struct span name;
    if (zip_start(&z, octets, &e))
        while (zip_next(&z, &name, &out, MOST, &e) == 1) {
            assert(out.len <= MOST);
            assert(name.len <= octets.len);
            buffer_clear(&out);
        }
    assert(out.len <= MOST + 1);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span octets = fuzz_piece(span_make(at, len));
    struct buffer out = BUFFER_EMPTY, packed = BUFFER_EMPTY;
    struct error e;
    bool ok = gzip_unpack(&out, octets, MOST, &e);
    assert(out.len <= MOST + !ok);
    unpack_zip(octets);
    gzip_add(&packed, octets);
    buffer_clear(&out);
    assert(gzip_unpack(&out, buffer_span(&packed), len, &e));
    assert(span_equal(buffer_span(&out), octets));
    buffer_free(&out);
    buffer_free(&packed);
    fuzz_piece_free(octets);
    return 0;
}
