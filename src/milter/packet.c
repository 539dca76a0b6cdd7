#include "milter/packet.h"

#include <assert.h>

enum { LENGTH = 4 };

static uint32_t u32_at(const char *at)
{
    uint32_t value = 0;
    for (size_t i = 0; i < LENGTH; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

static void u32_to(char *at, uint32_t value)
{
    for (size_t i = 0; i < LENGTH; i++)
        at[i] = (char)(value >> (8 * (LENGTH - 1 - i)) & 0xff);
}

enum packet_result packet_next(struct span *input, size_t most, struct packet *p)
{
    if (input->len < LENGTH)
        return PACKET_MORE;
    size_t len = u32_at(input->at);
    if (!len || len > most)
        return PACKET_BAD;
    if (input->len < LENGTH + len)
        return PACKET_MORE;
    *p = (struct packet){input->at[LENGTH], span_make(input->at + LENGTH + 1, len - 1)};
    *input = span_skip(*input, LENGTH + len);
    return PACKET_DONE;
}

size_t packet_begin(struct buffer *out, char kind)
{
    size_t begin = out->len;
    buffer_add(out, "\0\0\0", LENGTH);
    buffer_add_char(out, kind);
    return begin;
}

void packet_add_u32(struct buffer *out, uint32_t value)
{
    char octets[LENGTH];
    u32_to(octets, value);
    buffer_add(out, octets, LENGTH);
}

void packet_add_text(struct buffer *out, struct span text)
{
    for (size_t nul; (nul = span_find_char(text, 0)) != SPAN_NOT_FOUND;) {
        buffer_add(out, text.at, nul);
        text = span_skip(text, nul + 1);
    }
    buffer_add_span(out, text);
    buffer_add_char(out, 0);
}

void packet_end(struct buffer *out, size_t begin)
{
    size_t len = out->len - begin - LENGTH;
    assert(len >= 1 && len <= UINT32_MAX);
    u32_to(out->at + begin, (uint32_t)len);
}

void packet_add(struct buffer *out, char kind)
{
    packet_end(out, packet_begin(out, kind));
}

bool packet_take_u32(struct span *data, uint32_t *value)
{
    if (data->len < LENGTH)
        return false;
    *value = u32_at(data->at);
    *data = span_skip(*data, LENGTH);
    return true;
}

bool packet_take_text(struct span *data, struct span *text)
{
    size_t nul = span_find_char(*data, 0);
    if (nul == SPAN_NOT_FOUND)
        return false;
    *text = span_first(*data, nul);
    *data = span_skip(*data, nul + 1);
    return true;
}
