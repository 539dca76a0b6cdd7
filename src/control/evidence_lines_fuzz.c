/* Notices that the server is asked about: whatever a client sends is taken or refused with words,
 * what is taken is bounded, and said again it is the same. */
#include "base/fuzz.h"
#include "control/evidence_lines.h"
#include "mail/header.h"

static void check(const struct evidence_request *r)
{
    assert(r->me_count <= EVIDENCE_MOST_ME && r->count <= EVIDENCE_MOST_NOTICES);
    for (size_t i = 0; i < r->count; i++) {
        const struct notice *n = &r->questions[i].notice;
        assert(n->recipient_count <= EVIDENCE_MOST_RECIPIENTS && n->original.date_ms >= 0);
        struct arena a = ARENA_EMPTY;
        struct buffer out = BUFFER_EMPTY;
        struct evidence_request *again = arena_new(&a, sizeof *again);
        struct error e = {0};
        const struct evidence_question *q = &r->questions[i];
        evidence_lines_add_question(&out, n, q->came_to, &q->delivered);
        assert(out.len <= EVIDENCE_LONGEST_QUESTION);
        assert(span_find(buffer_span(&out), SPAN("\n\n")) == SPAN_NOT_FOUND);
        assert(evidence_lines_parse(again, buffer_span(&out), &a, &e) && again->count == 1);
        const struct notice_original *o = &again->questions[0].notice.original;
        assert(!o->header.len || !header_count(n->original.header, "DKIM-Signature") ||
               span_equal(o->header, n->original.header));
        assert(again->questions[0].notice.further_count >= n->further_count);
        q = &again->questions[0];
        struct buffer third = BUFFER_EMPTY;
        evidence_lines_add_question(&third, &q->notice, q->came_to, &q->delivered);
        assert(span_equal(buffer_span(&out), buffer_span(&third)));
        buffer_free(&third);
        buffer_free(&out);
        arena_clear(&a);
    }
}

static void check_answer(const struct evidence *told)
{
    struct buffer out = BUFFER_EMPTY;
    struct evidence again;
    evidence_lines_add_answer(&out, told);
    assert(span_find_char(buffer_span(&out), '\n') == out.len - 1);
    assert(evidence_lines_parse_answer(&again, span_first(buffer_span(&out), out.len - 1)));
    assert(again.is_sent == told->is_sent && again.sent_to == told->sent_to);
    assert(again.wrote_to == told->wrote_to && again.own_tag == told->own_tag);
    assert(again.own_signature == told->own_signature);
    assert(again.account_is_suspect == told->account_is_suspect);
    assert(span_equal(again.own_domain, told->own_domain));
    assert(span_equal(again.tagged, told->tagged));
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct arena a = ARENA_EMPTY;
    struct evidence_request *r = arena_new(&a, sizeof *r);
    struct evidence told;
    struct error e = {0};
    struct span text = fuzz_piece(span_make(at, len)), rest = text;
    if (evidence_lines_parse(r, text, &a, &e))
        check(r);
    else
        assert(e.text[0]);
    if (evidence_lines_parse_answer(&told, span_cut(&rest, '\n')))
        check_answer(&told);
    arena_clear(&a);
    fuzz_piece_free(text);
    return 0;
}
