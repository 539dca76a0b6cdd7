/* A line of the log stays one line, and its values can be told apart whatever they hold. */
#include "base/fuzz.h"

#include "base/log_line.h"
#include "base/visible.h"

/* A value at the start of `*rest`, bare or in quotes. */
static void skip_value(struct span *rest)
{
    size_t i = 0;
    bool is_quoted = rest->len && rest->at[0] == '"';
    if (is_quoted)
        for (i = 1; i < rest->len && rest->at[i] != '"'; i++)
            i += rest->at[i] == '\\';
    else
        while (i < rest->len && rest->at[i] != ' ')
            i++;
    i += is_quoted;
    assert(i && i <= rest->len);
    *rest = span_skip(*rest, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct buffer line = BUFFER_EMPTY;
    size_t count = 0;
    log_line_start(&line, "2026-11-24T12:44:03.123Z", LOG_LEVEL_INFO, "event");
    size_t head = line.len;
    for (; in.rest.len && count < 20; count++)
        log_line_text(&line, "key", fuzz_line(&in));
    struct span rest = span_skip(buffer_span(&line), head);
    assert(utf8_is_valid(rest));
    for (size_t i = 0; i < rest.len; i++)
        assert((unsigned char)rest.at[i] >= ' ' && rest.at[i] != 0x7F);
    for (size_t i = 0; i < count; i++) {
        assert(span_starts(rest, SPAN(" key=")));
        rest = span_skip(rest, 5);
        skip_value(&rest);
    }
    assert(!rest.len);
    buffer_free(&line);
    return 0;
}
