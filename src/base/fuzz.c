#include "base/fuzz.h"

#include "base/memory.h"
#include "base/visible.h"

#include <jansson.h>
#include <string.h>

struct fuzz_input fuzz_start(const uint8_t *at, size_t len)
{
    return (struct fuzz_input){span_make(at, len)};
}

uint8_t fuzz_byte(struct fuzz_input *in)
{
    uint8_t byte = in->rest.len ? (uint8_t)in->rest.at[0] : 0;
    in->rest = span_skip(in->rest, 1);
    return byte;
}

bool fuzz_bool(struct fuzz_input *in)
{
    return fuzz_byte(in) & 1;
}

size_t fuzz_number(struct fuzz_input *in, size_t max)
{
    size_t value = fuzz_byte(in);
    if (max > UINT8_MAX)
        value = value << 8 | fuzz_byte(in);
    return value % (max + 1);
}

uint64_t fuzz_u64(struct fuzz_input *in)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | fuzz_byte(in);
    return value;
}

struct span fuzz_text(struct fuzz_input *in, size_t max)
{
    size_t len = fuzz_number(in, max);
    struct span s = span_first(in->rest, len);
    in->rest = span_skip(in->rest, s.len);
    return s;
}

void fuzz_check_file_error(const char *words)
{
    struct buffer shown = BUFFER_EMPTY;
    struct span text = span_of(words);
    assert(span_starts(text, SPAN("file:")) && text.len > sizeof "file:1: " - 1);
    visible_add(&shown, text, SIZE_MAX);
    assert(span_equal(buffer_span(&shown), text));
    buffer_free(&shown);
}

struct span fuzz_line(struct fuzz_input *in)
{
    return span_cut(&in->rest, '\n');
}

struct span fuzz_piece(struct span s)
{
    char *at = memory_new(s.len ? s.len : 1);
    if (s.len)
        memcpy(at, s.at, s.len);
    return (struct span){at, s.len};
}

void fuzz_piece_free(struct span piece)
{
    free((void *)(uintptr_t)piece.at);
}

void fuzz_json_member(struct span json, const char *member, struct buffer *out)
{
    json_error_t e;
    json_t *whole = json_loadb(json.at, json.len, JSON_ALLOW_NUL, &e);
    assert(whole);
    const json_t *text = json_object_get(whole, member);
    assert(json_is_string(text));
    buffer_add(out, json_string_value(text), json_string_length(text));
    json_decref(whole);
}
