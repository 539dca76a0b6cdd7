/* Any message, and any answers of the DNS: there is a verdict after a bounded number of questions,
 * and the field that tells it is read again as it was written. The first line is the sender; then
 * come eight lines that the DNS gives, to each question for text the next one; the rest is the
 * message. */
#include "base/fuzz.h"

#include "auth/message_check.h"
#include "mail/line_ends.h"

enum { LINES = 8, MOST_ROUNDS = 200 };

struct dns_lines {
    struct span at[LINES];
    size_t next;
};

static void answer_all(struct dns_lines *lines, struct lookups *l)
{
    for (struct lookups_question *q; (q = lookups_take(l));) {
        struct buffer data = BUFFER_EMPTY;
        struct span line = span_first(lines->at[lines->next++ % LINES], 255), record;
        struct dns_answer a = {.result = line.len ? DNS_FOUND : DNS_NO_NAME,
                               .records = &record,
                               .count = line.len > 0};
        if (q->type == DNS_TXT)
            buffer_add_char(&data, (char)line.len);
        buffer_add_span(&data, line);
        record = buffer_span(&data);
        lookups_answer(l, q, &a);
        buffer_free(&data);
    }
}

static void check_field(const struct message_verdict *v)
{
    struct arena a = ARENA_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct authres results = message_results(v, SPAN("mx.example"), &a), again;
    struct error e;
    authres_write(&out, &results);
    bool ok = authres_parse(&again, span_skip(buffer_span(&out), 23), &a, &e);
    assert(ok && again.count == results.count);
    buffer_free(&out);
    arena_clear(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    struct buffer message = BUFFER_EMPTY;
    struct message_verdict v;
    struct dns_lines lines = {.next = 0};
    struct spf_request spf = {.sender = fuzz_line(&in), .helo = SPAN("mx.example")};
    for (size_t i = 0; i < LINES; i++)
        lines.at[i] = fuzz_line(&in);
    line_ends_to_crlf(&message, in.rest);
    struct span piece = fuzz_piece(buffer_span(&message));
    struct message_request r = {.spf = &spf, .message = piece, .now = 1};
    for (size_t rounds = 0; !message_check(&r, &l, &v, &a); rounds++) {
        assert(rounds < MOST_ROUNDS);
        answer_all(&lines, &l);
        arena_clear(&a);
    }
    assert(l.count < MOST_LOOKUPS);
    check_field(&v);
    arena_clear(&a);
    lookups_free(&l);
    fuzz_piece_free(piece);
    buffer_free(&message);
    return 0;
}
