/* Whatever the values hold: one line stays one line of JSON, one message of syslog, one entry of
 * the journal with the fields that it has, and what a reader gets back is what the line says. */
#include "base/fuzz.h"

#include "base/log_format.h"
#include "base/visible.h"

#include <string.h>

enum { MOST_FIELDS = 12 };

static void check_text(struct span s, const char *allowed)
{
    assert(utf8_is_valid(s));
    for (size_t i = 0; i < s.len; i++)
        assert(((unsigned char)s.at[i] >= ' ' && s.at[i] != 0x7F) || strchr(allowed, s.at[i]));
}

static void check_journal(struct span out, size_t fields)
{
    size_t lines = 0, ours = 0;
    check_text(out, "\n");
    assert(span_starts(out, SPAN("MESSAGE=event")));
    while (out.len) {
        struct span value = span_cut(&out, '\n'), name = span_cut(&value, '=');
        assert(name.len);
        for (size_t i = 0; i < name.len; i++)
            assert((name.at[i] >= 'A' && name.at[i] <= 'Z') || name.at[i] == '_');
        lines++;
        ours += span_starts(name, SPAN("PLAINPOST_KEY_"));
    }
    assert(ours == fields && lines == fields + 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const char *const keys[MOST_FIELDS] = {"key-a", "key-b", "key-c", "key-d",
                                                  "key-e", "key-f", "key-g", "key-h",
                                                  "key-i", "key-j", "key-k", "key-l"};
    struct fuzz_input in = fuzz_start(at, len);
    struct buffer line = BUFFER_EMPTY, out = BUFFER_EMPTY, back = BUFFER_EMPTY,
                  shown = BUFFER_EMPTY;
    struct span given[MOST_FIELDS];
    size_t count = 0;
    log_line_start(&line, "2026-11-24T12:44:03.123Z", LOG_LEVEL_INFO, "event");
    for (; in.rest.len && count < MOST_FIELDS; count++) {
        given[count] = fuzz_text(&in, 700);
        log_line_text(&line, keys[count], given[count]);
    }
    log_format_json(&out, buffer_span(&line));
    check_text(buffer_span(&out), "");
    for (size_t i = 0; i < count; i++) {
        buffer_clear(&back);
        buffer_clear(&shown);
        fuzz_json_member(buffer_span(&out), keys[i], &back);
        visible_add(&shown, given[i], 500);
        assert(span_equal(buffer_span(&back), buffer_span(&shown)));
    }
    buffer_clear(&out);
    log_format_syslog(&out, buffer_span(&line), "Nov 24 12:44:03", 1);
    check_text(buffer_span(&out), "");
    buffer_clear(&out);
    log_format_journal(&out, buffer_span(&line));
    check_journal(buffer_span(&out), count);
    buffer_free(&line);
    buffer_free(&out);
    buffer_free(&back);
    buffer_free(&shown);
    return 0;
}
