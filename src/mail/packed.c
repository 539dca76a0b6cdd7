/* An archive is read by the list at its end: what stands before a file may leave its size open. */
#include "mail/packed.h"

#include <assert.h>
#include <zlib.h>

enum { WITH_GZIP_HEAD = 15 + 16, RAW = -15, MEMORY_LEVEL = 8, STEP = 64 << 10 };

/* ---- gzip */

void gzip_add(struct buffer *out, struct span octets)
{
    z_stream z = {.next_in = (Bytef *)octets.at, .avail_in = (uInt)octets.len};
    int ok = deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, WITH_GZIP_HEAD, MEMORY_LEVEL,
                          Z_DEFAULT_STRATEGY);
    assert(ok == Z_OK);
    uLong most = deflateBound(&z, z.avail_in);
    z.next_out = (Bytef *)buffer_reserve(out, most);
    z.avail_out = (uInt)most;
    ok = deflate(&z, Z_FINISH);
    assert(ok == Z_STREAM_END); /* the room is as large as it ever needs */
    out->len += z.total_out;
    out->at[out->len] = '\0';
    deflateEnd(&z);
}

bool gzip_is_one(struct span octets)
{
    return span_starts(octets, SPAN("\x1f\x8b"));
}

/* One stream; `z` stands behind it then. */
static bool inflate_all(z_stream *z, struct buffer *out, size_t start, size_t most, struct error *e)
{
    int result = Z_OK;
    while (result == Z_OK) {
        size_t room = most - (out->len - start) < STEP ? most - (out->len - start) + 1 : STEP;
        z->next_out = (Bytef *)buffer_reserve(out, room);
        z->avail_out = (uInt)room;
        result = inflate(z, Z_NO_FLUSH);
        out->len += room - z->avail_out;
        out->at[out->len] = '\0';
        if (out->len - start > most)
            return error_set(e, "it unpacks to more than %zu MB", most >> 20);
    }
    return result == Z_STREAM_END || error_set(e, "it is cut off or broken");
}

bool gzip_unpack(struct buffer *out, struct span octets, size_t most, struct error *e)
{
    const size_t start = out->len;
    z_stream z = {.next_in = (Bytef *)octets.at, .avail_in = (uInt)octets.len};
    int begun = inflateInit2(&z, WITH_GZIP_HEAD);
    assert(begun == Z_OK);
    bool ok;
    do { /* what follows a member is another one, or of no meaning */
        ok = inflate_all(&z, out, start, most, e);
    } while (ok && gzip_is_one(span_make(z.next_in, z.avail_in)) && inflateReset(&z) == Z_OK);
    inflateEnd(&z);
    return ok;
}

/* ---- zip: all numbers are little-endian */

enum {
    END_SIZE = 22,
    LONGEST_COMMENT = 65535,
    LISTED_SIZE = 46,
    LOCAL_SIZE = 30,
    STORED = 0,
    DEFLATED = 8,
    IS_ENCRYPTED = 1
};

static uint32_t number_at(struct span s, size_t at, size_t octets)
{
    uint32_t value = 0;
    while (octets--)
        value = value << 8 | (unsigned char)s.at[at + octets];
    return value;
}

bool zip_is_one(struct span octets)
{
    return span_starts(octets, SPAN("PK\3\4")) || span_starts(octets, SPAN("PK\5\6"));
}

/* Where the record stands that ends an archive, behind which there may be a comment. */
static size_t find_end(struct span whole)
{
    size_t first =
        whole.len > END_SIZE + LONGEST_COMMENT ? whole.len - END_SIZE - LONGEST_COMMENT : 0;
    for (size_t at = whole.len < END_SIZE ? 0 : whole.len - END_SIZE + 1; at-- > first;)
        if (span_starts(span_skip(whole, at), SPAN("PK\5\6")))
            return at;
    return SPAN_NOT_FOUND;
}

bool zip_start(struct zip *z, struct span octets, struct error *e)
{
    size_t end = find_end(octets);
    if (end == SPAN_NOT_FOUND)
        return error_set(e, "the archive is cut off");
    uint32_t part = number_at(octets, end + 4, 2), count = number_at(octets, end + 10, 2);
    uint32_t size = number_at(octets, end + 12, 4), at = number_at(octets, end + 16, 4);
    if (part || at > end || size > end - at)
        return error_set(e, "the archive is broken, or of a kind that is not read");
    *z = (struct zip){octets, span_first(span_skip(octets, at), size), count};
    return true;
}

static bool unpack_file(struct buffer *out, uint32_t method, struct span data, size_t most,
                        struct error *e)
{
    if (method == STORED && data.len <= most) {
        buffer_add_span(out, data);
        return true;
    }
    if (method == STORED)
        return error_set(e, "a file in it is larger than %zu MB", most >> 20);
    if (method != DEFLATED)
        return error_set(e, "a file in it is packed in a way that is not read");
    z_stream z = {.next_in = (Bytef *)data.at, .avail_in = (uInt)data.len};
    int begun = inflateInit2(&z, RAW);
    assert(begun == Z_OK);
    bool ok = inflate_all(&z, out, out->len, most, e);
    inflateEnd(&z);
    return ok;
}

/* What stands before a file says only where the file begins. */
static bool find_data(const struct zip *z, size_t at, size_t size, struct span *data)
{
    struct span local = span_skip(z->whole, at);
    if (local.len < LOCAL_SIZE || !span_starts(local, SPAN("PK\3\4")))
        return false;
    size_t before = LOCAL_SIZE + number_at(local, 26, 2) + number_at(local, 28, 2);
    if (before > local.len || size > local.len - before)
        return false;
    *data = span_first(span_skip(local, before), size);
    return true;
}

int zip_next(struct zip *z, struct span *name, struct buffer *out, size_t most, struct error *e)
{
    struct span l = z->list, data;
    if (!z->left)
        return 0;
    z->left--;
    if (l.len < LISTED_SIZE || !span_starts(l, SPAN("PK\1\2"))) {
        error_set(e, "the archive is broken");
        return -1;
    }
    size_t length = number_at(l, 28, 2),
           all = LISTED_SIZE + length + number_at(l, 30, 2) + number_at(l, 32, 2);
    *name = span_first(span_skip(l, LISTED_SIZE), length);
    z->list = span_skip(l, all);
    if (number_at(l, 8, 2) & IS_ENCRYPTED) {
        error_set(e, "a file in it is encrypted");
        return -1;
    }
    if (!find_data(z, number_at(l, 42, 4), number_at(l, 20, 4), &data)) {
        error_set(e, "the archive is broken");
        return -1;
    }
    return unpack_file(out, number_at(l, 10, 2), data, most, e) ? 1 : -1;
}
