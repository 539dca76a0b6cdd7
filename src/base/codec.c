#include "base/codec.h"

void codec_add_number(struct buffer *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buffer_add_char(out, (char)(0x80 | (value & 0x7F)));
    buffer_add_char(out, (char)value);
}

void codec_add_signed(struct buffer *out, int64_t value)
{
    codec_add_number(out, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

void codec_add_text(struct buffer *out, struct span s)
{
    codec_add_number(out, s.len);
    buffer_add_span(out, s);
}

uint64_t codec_number(struct codec_reading *r, uint64_t max)
{
    uint64_t value = 0;
    for (unsigned shift = 0; r->ok; shift += 7) {
        if (!r->rest.len || shift > 63) {
            r->ok = false;
            break;
        }
        unsigned char c = (unsigned char)r->rest.at[0];
        r->rest = span_skip(r->rest, 1);
        value |= (uint64_t)(c & 0x7F) << shift;
        if (!(c & 0x80))
            break;
    }
    if (value > max)
        r->ok = false;
    return r->ok ? value : 0;
}

int64_t codec_signed(struct codec_reading *r)
{
    uint64_t value = codec_number(r, UINT64_MAX);
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

struct span codec_text(struct codec_reading *r)
{
    uint64_t len = codec_number(r, r->rest.len);
    if (!r->ok || len > r->rest.len) {
        r->ok = false;
        return SPAN_NONE;
    }
    struct span s = span_first(r->rest, (size_t)len);
    r->rest = span_skip(r->rest, (size_t)len);
    return s;
}
