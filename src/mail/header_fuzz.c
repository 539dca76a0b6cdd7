/* The fields lie one behind the other, and nothing is read that is not of the message. */
#include "base/fuzz.h"

#include "mail/header.h"

static bool is_inside(struct span part, struct span whole)
{
    return !part.len || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void check_field(const struct header_field *f)
{
    assert(f->name.len && f->whole.len);
    assert(is_inside(f->name, f->whole) && is_inside(f->value, f->whole));
    for (size_t i = 0; i < f->name.len; i++)
        assert(f->name.at[i] > ' ' && f->name.at[i] <= '~' && f->name.at[i] != ':');
    struct buffer text = BUFFER_EMPTY;
    header_unfold(&text, f->value);
    assert(span_find_char(buffer_span(&text), '\n') == SPAN_NOT_FOUND);
    assert(span_find_char(buffer_span(&text), '\r') == SPAN_NOT_FOUND);
    buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct span message = fuzz_piece(in.rest), value = SPAN_NONE;
    struct header_iterator it = header_start(message);
    struct header_field field;
    size_t length = 0, subjects = 0;
    while (header_next(&it, &field) > 0) {
        assert(field.whole.at == message.at + length);
        check_field(&field);
        length += field.whole.len;
        subjects += span_equal_nocase(field.name, SPAN("Subject"));
    }
    assert(length == header_length(message) && length + it.rest.len == message.len);
    assert(header_count(message, "Subject") == subjects);
    assert(header_find(message, "subject", &value) == (subjects > 0) && is_inside(value, message));
    fuzz_piece_free(message);
    return 0;
}
