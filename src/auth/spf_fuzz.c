/* Any record, and any answers: there is a verdict after a bounded number of questions, and all that
 * it says can be shown. The first line is the client, sender and name; then come the records that
 * the DNS gives, to each question the next one. */
#include "base/fuzz.h"

#include "auth/spf.h"
#include "base/inet.h"

/* 4.6.4: each of the terms may ask once, and for as many hosts; then there are the domain itself,
 * what it wants to be said, and names of the client. */
enum { MOST_QUESTIONS = 2 + SPF_MOST_TERMS * (2 + SPF_MOST_HOSTS) + 2 * (1 + SPF_MOST_HOSTS) };

static void add_text(struct buffer *out, struct span text)
{
    do {
        struct span piece = span_first(text, 255);
        buffer_add_char(out, (char)piece.len);
        buffer_add_span(out, piece);
        text = span_skip(text, 255);
    } while (text.len);
}

static struct dns_answer answer_of(struct fuzz_input *in, enum dns_type type, struct buffer *data,
                                   struct span *record)
{
    struct span line = fuzz_line(in);
    struct dns_answer a = {.result = DNS_FOUND, .records = record, .count = 1};
    if (!line.len)
        return (struct dns_answer){.result = (enum dns_result)(DNS_NO_RECORD + fuzz_number(in, 2))};
    if (type == DNS_TXT)
        add_text(data, line);
    else
        buffer_add_span(data, line);
    *record = buffer_span(data);
    return a;
}

static void answer_all(struct fuzz_input *in, struct lookups *l)
{
    for (struct lookups_question *q; (q = lookups_take(l));) {
        struct buffer data = BUFFER_EMPTY;
        struct span record;
        struct dns_answer a = answer_of(in, q->type, &data, &record);
        lookups_answer(l, q, &a);
        buffer_free(&data);
    }
}

static void check_shown(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        assert((unsigned char)s.at[i] >= ' ' && s.at[i] != 0x7F);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    struct spf_verdict v;
    struct spf_request r = {.receiver = SPAN("mx.example"), .now = 1};
    bool is_v4 = fuzz_bool(&in);
    for (int i = 0; i < 16; i++)
        r.client[i] = is_v4 && i < 12 ? (i < 10 ? 0 : 0xFF) : fuzz_byte(&in);
    r.sender = fuzz_line(&in);
    r.helo = fuzz_line(&in);
    while (!spf_check(&r, &l, &v, &a)) {
        size_t before = l.count;
        answer_all(&in, &l);
        arena_clear(&a);
        assert(l.count == before && l.count <= MOST_QUESTIONS);
    }
    assert(v.why.len && v.terms <= SPF_MOST_TERMS + 1);
    assert((v.result == SPF_FAIL) || !v.said.len);
    check_shown(v.why);
    check_shown(v.said);
    if (v.remedy.at)
        check_shown(v.remedy);
    arena_clear(&a);
    lookups_free(&l);
    return 0;
}
