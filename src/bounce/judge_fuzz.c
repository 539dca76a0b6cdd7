/* Whatever a message is, and whatever is known of it: there is a verdict, with facts that people
 * have words for, and what must never be is not. */
#include "base/fuzz.h"

#include "bounce/judge.h"
#include "bounce/read.h"

static bool is_about_message(enum notice_kind k)
{
    return k != NOTICE_NOT_A_BOUNCE && !notice_kind_is_of_day(k) && k != NOTICE_AUTO_REPLY;
}

static enum answer make_answer(struct fuzz_input *in)
{
    return (enum answer)fuzz_number(in, ANSWER_NO);
}

static void check_facts(const struct verdict *v)
{
    assert(v->fact_count <= MOST_FACTS);
    for (size_t i = 0; i < v->fact_count; i++) {
        assert(v->facts[i].name[0]);
        for (size_t k = 0; k < i; k++)
            assert(strcmp(v->facts[i].name, v->facts[k].name) != 0);
    }
}

static bool asks_for_something(const struct verdict *v)
{
    for (size_t i = 0; i < v->fact_count; i++)
        if (span_starts(span_of(v->facts[i].name), SPAN("asks-")))
            return true;
    return false;
}

static void check_verdict(const struct verdict *v, const struct notice *n, const struct evidence *e)
{
    bool has_proof =
        e->is_sent == ANSWER_YES || e->own_signature == ANSWER_YES || e->own_tag == ANSWER_YES;
    bool is_foreign = v->class == VERDICT_NOT_YOURS || v->class == VERDICT_SPAM_IN_BOUNCE;
    assert(!is_foreign || (v->provenance == PROVENANCE_DISPROVEN && !has_proof));
    assert(v->class != VERDICT_GENUINE || v->provenance != PROVENANCE_DISPROVEN);
    assert(v->class != VERDICT_GENUINE || is_about_message(n->kind));
    assert(v->confidence != CONFIDENCE_CERTAIN || has_proof || v->class == VERDICT_PHISHING);
    assert(v->class != VERDICT_GENUINE || v->confidence == CONFIDENCE_LIKELY ||
           (!asks_for_something(v) && n->kind != NOTICE_CHALLENGE));
    assert(v->class != VERDICT_GENUINE || n->kind != NOTICE_CHALLENGE || n->recipient_count ||
           e->is_sent == ANSWER_YES || e->own_signature == ANSWER_YES);
    assert(v->class != VERDICT_ACCOUNT_ABUSED || (has_proof && e->account_is_suspect));
    assert(v->class != VERDICT_NOT_A_BOUNCE || n->kind == NOTICE_NOT_A_BOUNCE ||
           notice_kind_is_of_day(n->kind));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    const struct span me = fuzz_text(&in, 64);
    const struct evidence e = {.me = &me,
                               .me_count = fuzz_number(&in, 1),
                               .is_sent = make_answer(&in),
                               .sent_to = make_answer(&in),
                               .wrote_to = make_answer(&in),
                               .own_signature = make_answer(&in),
                               .own_tag = make_answer(&in),
                               .account_is_suspect = fuzz_bool(&in)};
    struct span message = fuzz_piece(in.rest);
    struct arena a = ARENA_EMPTY;
    struct notice n;
    struct survey s;
    struct verdict v;
    notice_read(&n, &s, message, &a);
    notice_judge(&v, &n, &s, &e, &a);
    check_facts(&v);
    check_verdict(&v, &n, &e);
    notice_settle(&n, &v);
    assert(v.class != VERDICT_PHISHING || n.kind == NOTICE_NOT_A_BOUNCE);
    arena_clear(&a);
    fuzz_piece_free(message);
    return 0;
}
