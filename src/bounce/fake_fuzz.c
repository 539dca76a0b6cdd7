/* A notice about any two addresses that may stand in one: whatever they hold, its header keeps its
 * fields and its lines, and nothing in it can be taken for HTML. The first line of an input says
 * which notice, the next ones are the addresses. */
#include "base/fuzz.h"

#include "bounce/fake.h"
#include "bounce/read.h"
#include "mail/header.h"

static void check_header(struct span message)
{
    static const char *const once[] = {"From", "To", "Subject", "Date", "Return-Path"};
    struct span header = span_first(message, header_length(message));
    for (size_t i = 0; i < COUNT_OF(once); i++)
        assert(header_count(header, once[i]) == 1);
    assert(span_starts(span_skip(message, header.len), SPAN("\n")));
}

static void check_lines(struct span message)
{
    assert(span_find_char(message, '\r') == SPAN_NOT_FOUND);
    assert(span_find_char(message, '\0') == SPAN_NOT_FOUND);
    assert(message.at[message.len - 1] == '\n');
    while (message.len)
        assert(span_cut(&message, '\n').len <= 998);
}

/* As a program would that is tested with it. */
static void check_kind(struct span message, enum notice_kind kind)
{
    struct arena a = ARENA_EMPTY;
    struct survey s;
    struct notice n;
    notice_read(&n, &s, message, &a);
    assert(n.kind == kind);
    arena_clear(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len), how = {fuzz_line(&in)};
    struct fake_wishes w = {.now_ms = 1795510000000};
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    w.system = (enum fake_system)fuzz_number(&how, FAKE_SYSTEM_COUNT - 1);
    w.kind = (enum notice_kind)(NOTICE_FAILURE + fuzz_number(&how, 2));
    w.cause.cause = (enum cause)fuzz_number(&how, CAUSE_COUNT - 1);
    w.cause.variant = (enum variant)fuzz_number(&how, VARIANT_COUNT - 1);
    w.twist = (enum fake_twist)fuzz_number(&how, FAKE_DOUBLE_BOUNCE);
    if (w.twist)
        w.kind = w.twist == FAKE_RECOVERED ? NOTICE_SUCCESS : NOTICE_FAILURE;
    w.to = fuzz_line(&in);
    w.from = fuzz_line(&in);
    if (fake_write(&out, &w, &e)) {
        check_header(buffer_span(&out));
        check_lines(buffer_span(&out));
        check_kind(buffer_span(&out), w.kind);
    } else {
        assert(!out.len && e.text[0]);
    }
    buffer_free(&out);
    return 0;
}
