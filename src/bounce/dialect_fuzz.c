/* Free text gives addresses, hosts and recipients that are parts of it, in bounded number and
 * length, whatever it is. */
#include "base/fuzz.h"

#include "bounce/dialect_inside.h"
#include "bounce/dialect_original.h"
#include "bounce/free_text.h"
#include "bounce/read.h"

static bool is_inside(struct span part, struct span whole)
{
    return part.at >= whole.at && part.at + part.len <= whole.at + whole.len;
}

static void check_addresses(struct span text)
{
    struct span address, rest = text;
    size_t end;
    while (text_find_address(rest, &address, &end)) {
        assert(address.len && end && end <= rest.len && is_inside(address, rest));
        assert(span_find_char(address, '@') != SPAN_NOT_FOUND);
        rest = span_skip(rest, end);
    }
}

static void check_lines(struct span text)
{
    struct text_line line;
    struct span address, behind;
    size_t at;
    while (text_next_line(&text, &line)) {
        if (text_leads_with_address(&line, &address, &behind))
            assert(is_inside(address, line.content) &&
                   (!behind.len || is_inside(behind, line.content)));
        int code = text_find_reply(line.content, &at);
        assert(!code || (code >= 400 && code <= 579 && at < line.content.len));
        struct span host = dialect_host(line.content);
        assert(!host.len || is_inside(host, line.content));
    }
}

static void check_original(struct span text)
{
    struct arena a = ARENA_EMPTY;
    struct spotted s;
    size_t from, message;
    spotted_take(&s, text, &a);
    if (dialect_find_original(&s, text, &from, &message))
        assert(from <= message && message <= text.len);
    arena_clear(&a);
}

/* As the words of a notice. */
static void check_notice(struct span text)
{
    static const struct span head =
        SPAN("Return-Path: <>\nFrom: MAILER-DAEMON@example.org\nTo: alice@example.org\n"
             "Subject: Undelivered mail\n\n");
    struct arena a = ARENA_EMPTY;
    struct buffer b = BUFFER_EMPTY;
    struct notice n;
    struct survey s;
    buffer_add_span(&b, head);
    buffer_add_span(&b, text);
    notice_read(&n, &s, buffer_span(&b), &a);
    assert(n.recipient_count <= MOST_RECIPIENTS);
    for (size_t i = 0; i < n.recipient_count; i++) {
        const struct notice_recipient *to = &n.recipients[i];
        assert(to->address.len && (!to->code || (to->code >= 100 && to->code <= 599)));
    }
    arena_clear(&a);
    buffer_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct span text = fuzz_piece(in.rest);
    check_addresses(text);
    check_lines(text);
    check_original(text);
    check_notice(text);
    fuzz_piece_free(text);
    return 0;
}
