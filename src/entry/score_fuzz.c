/* Whatever the DNS answers, and whatever a client says: it comes to an end, the points are the sum
 * of what was found, and the reply is ASCII in lines that are not too long. */
#include "base/fuzz.h"

#include "entry/words.h"

enum { MOST_ROUNDS = 4, MOST_RECORDS = 4, LONGEST_LINE = 512, MOST_LINES = 10 };

static const char options[] = "greylist-points 1\nrefuse-points 5\n"
                              "dns-list z.example points 127.0.0.2=6 127.0.0.10/31=3 1\n"
                              "dns-list k.g.example name g.example points -9 127.0.0.0/9=4\n"
                              "dns-list d.example about sender points 2\n"
                              "dns-list h.example about hello points 2 see https://h.example/\n";

static void answer_one(struct lookups *l, struct lookups_question *q, struct fuzz_input *in)
{
    struct span records[MOST_RECORDS];
    struct dns_answer answer = {.result = (enum dns_result)fuzz_number(in, DNS_RESULTS - 1),
                                .why = SPAN("no answer"),
                                .records = records};
    if (answer.result == DNS_FOUND)
        answer.count = 1 + fuzz_number(in, MOST_RECORDS - 1);
    for (size_t i = 0; i < answer.count; i++)
        records[i] = fuzz_piece(fuzz_text(in, 255));
    lookups_answer(l, q, &answer);
    for (size_t i = 0; i < answer.count; i++)
        fuzz_piece_free(records[i]);
}

static void answer(struct lookups *l, struct fuzz_input *in)
{
    struct lookups_question *q;
    size_t count = 0;
    for (; (q = lookups_take(l)); count++)
        answer_one(l, q, in);
    assert(count);
}

static void check_reply(struct reply r)
{
    struct buffer out = BUFFER_EMPTY;
    size_t lines = 0;
    reply_add(&out, r);
    for (struct span rest = buffer_span(&out); rest.len; lines++)
        assert(span_cut(&rest, '\n').len < LONGEST_LINE);
    for (size_t i = 0; i < r.text.len; i++)
        assert((r.text.at[i] >= ' ' && r.text.at[i] < 0x7F) || r.text.at[i] == '\n');
    assert(lines && lines <= MOST_LINES);
    buffer_free(&out);
}

static void check(const struct options *o, const struct entry_client *c,
                  const struct entry_score *s, struct arena *a)
{
    int sum = 0;
    struct span to = SPAN("b@c.example");
    for (size_t i = 0; i < s->count; i++) {
        sum += s->findings[i].points;
        assert(s->findings[i].points && (!i || s->findings[i - 1].points >= s->findings[i].points));
        assert((s->findings[i].fact == ENTRY_LISTED) == (s->findings[i].list != NULL));
    }
    assert(sum == s->points);
    switch (entry_decide(o, s->points)) {
    case ENTRY_WELCOME:
        assert(sum < 1);
        break;
    case ENTRY_DOUBTFUL:
        check_reply(entry_wait(c, s, to, 60000, a));
        break;
    case ENTRY_REFUSED:
        check_reply(entry_refusal(c, s, to, SPAN("c.example"), a));
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct options o;
    struct error e;
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    struct entry_score s;
    struct span hello = fuzz_piece(fuzz_line(&in)), sender = fuzz_piece(fuzz_line(&in));
    struct entry_client c = {
        .hello = hello, .sender_domain = sender, .our_name = SPAN("mx.c.example")};
    bool is_v4 = fuzz_bool(&in);
    for (size_t i = 0; i < 16; i++)
        c.address[i] = (unsigned char)(is_v4 && i < 12 ? (i < 10 ? 0 : 255) : fuzz_byte(&in));
    assert(options_parse(&o, "x", span_of(options), &e));
    for (int round = 0; !entry_score(&o, &c, &l, &s, &a); round++) {
        assert(round < MOST_ROUNDS);
        answer(&l, &in);
        arena_clear(&a);
    }
    check(&o, &c, &s, &a);
    arena_clear(&a);
    lookups_free(&l);
    options_free(&o);
    fuzz_piece_free(hello);
    fuzz_piece_free(sender);
    return 0;
}
