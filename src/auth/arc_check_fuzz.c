/* Any message, with any chain: there is a verdict after three rounds of questions at most, and a
 * bounded number of them; who seals it says so, and then it holds as long as it held before. The
 * first line is what the DNS gives, the rest is the message. */
#include "base/fuzz.h"

#include "auth/arc_check.h"
#include "auth/arc_seal.h"
#include "auth/dkim_trial.h"
#include "mail/line_ends.h"

enum { MOST_ROUNDS = 3, NOW = 1500000000 };

static void answer_all(struct lookups *l, struct span line)
{
    for (struct lookups_question *q; (q = lookups_take(l));) {
        struct buffer data = BUFFER_EMPTY;
        bool is_sealers = span_starts(q->name, SPAN("sealer."));
        struct span text = is_sealers ? span_of(dkim_trial_ed25519) : span_first(line, 255), record;
        struct dns_answer a = {.result = text.len ? DNS_FOUND : DNS_NO_NAME,
                               .records = &record,
                               .count = text.len > 0};
        assert(q->type == DNS_TXT);
        buffer_add_char(&data, (char)text.len);
        buffer_add_span(&data, text);
        record = buffer_span(&data);
        lookups_answer(l, q, &a);
        buffer_free(&data);
    }
}

static enum arc_state check(struct span message, struct span line, size_t *count)
{
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    struct arc_verdict v;
    for (size_t rounds = 0; !arc_check(message, NOW, &l, &v, &a); rounds++) {
        assert(rounds < MOST_ROUNDS);
        answer_all(&l, line);
        arena_clear(&a);
    }
    enum arc_state state = v.state;
    *count = v.chain.count;
    assert(v.why.len && l.count <= 2 * ARC_MOST_SETS);
    assert((state == ARC_NONE) == !v.chain.sets);
    arena_clear(&a);
    lookups_free(&l);
    return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct buffer message = BUFFER_EMPTY, sealed = BUFFER_EMPTY;
    struct span line = fuzz_line(&in);
    struct error e;
    size_t before, after;
    struct private_key *k = dkim_trial_key(KEY_ED25519);
    const struct arc_sealer s = {.domain = SPAN("example.net"),
                                 .selector = SPAN("sealer"),
                                 .key = k,
                                 .server = SPAN("mx"),
                                 .names = SPAN_NONE};
    buffer_add_text(&message, "Authentication-Results: mx; dkim=none\r\n");
    line_ends_to_crlf(&message, in.rest);
    struct span piece = fuzz_piece(buffer_span(&message));
    enum arc_state found = check(piece, line, &before);
    if (arc_seal(&sealed, &s, piece, found, NOW, &e) == ARC_SEALED) {
        buffer_add_span(&sealed, piece);
        enum arc_state now = check(buffer_span(&sealed), line, &after);
        bool has_end = !span_skip(piece, header_length(piece)).len ||
                       span_starts(span_skip(piece, header_length(piece)), SPAN("\r\n"));
        assert(after == before + 1);
        assert(now == (found == ARC_FAIL || !has_end ? ARC_FAIL : ARC_PASS));
    }
    private_key_free(&k);
    fuzz_piece_free(piece);
    buffer_free(&message);
    buffer_free(&sealed);
    return 0;
}
