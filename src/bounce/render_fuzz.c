/* A notice of which every text comes from outside, under every verdict, rendered in every way: what
 * comes out steers no terminal, and is no live content on a page. The first bytes of an input say
 * what kind it is; its texts are the lines behind them. */
#include "base/fuzz.h"

#include "bounce/render.h"
#include "bounce/trial_page.h"

enum { MOST_TRIED = 6, LONGEST_TEXT = 2000 };

struct fixture {
    struct notice notice;
    struct notice_recipient recipients[MOST_TRIED];
    struct verdict verdict;
    struct advise_wishes advise;
    struct render_wishes render;
};

static int64_t make_time(struct fuzz_input *in)
{
    return fuzz_bool(in) ? (int64_t)(fuzz_u64(in) % 253402300800000u) : 0;
}

static struct span make_text(struct fuzz_input *in)
{
    return span_first(fuzz_line(in), LONGEST_TEXT);
}

static void make_recipient(struct notice_recipient *r, struct fuzz_input *in)
{
    *r = (struct notice_recipient){
        .action = (enum notice_action)fuzz_number(in, ACTION_EXPANDED),
        .cause = {(enum cause)fuzz_number(in, CAUSE_COUNT - 1),
                  (enum variant)fuzz_number(in, VARIANT_COUNT - 1)},
        .code = (int)fuzz_number(in, 599),
        .last_attempt_ms = make_time(in),
        .retry_until_ms = make_time(in),
        .address = make_text(in),
        .original = make_text(in),
        .diagnostic = make_text(in),
        .remote = make_text(in),
    };
}

static void make_original(struct notice_original *o, struct fuzz_input *in)
{
    *o = (struct notice_original){.date_ms = make_time(in),
                                  .meeting_ms = make_time(in),
                                  .message_id = make_text(in),
                                  .from = make_text(in),
                                  .to = make_text(in),
                                  .subject = make_text(in),
                                  .date = make_text(in),
                                  .meeting = make_text(in)};
}

static void make_wishes(struct fixture *f, struct fuzz_input *in)
{
    const struct language *l = language_at(fuzz_number(in, 11));
    enum audience audience = fuzz_bool(in) ? AUDIENCE_OPERATOR : AUDIENCE_PERSON;
    int offset = (int)fuzz_number(in, 1680) - 840;
    f->advise = (struct advise_wishes){l, audience, SPAN_NONE, offset};
    f->render = (struct render_wishes){.language = l,
                                       .audience = audience,
                                       .offset_minutes = offset,
                                       .width = (unsigned)fuzz_byte(in),
                                       .file = make_text(in)};
}

static void make_verdict(struct verdict *v, struct fuzz_input *in)
{
    *v = (struct verdict){.class = (enum verdict_class)fuzz_number(in, VERDICT_NOT_A_BOUNCE),
                          .confidence = (enum confidence)fuzz_number(in, CONFIDENCE_CERTAIN),
                          .provenance = (enum provenance)fuzz_number(in, PROVENANCE_DISPROVEN),
                          .fact_count = fuzz_number(in, 3)};
    for (size_t i = 0; i < v->fact_count; i++)
        v->facts[i] = (struct verdict_fact){
            .name = "link-differs", .is_against = fuzz_bool(in), .detail = make_text(in)};
}

static void make(struct fixture *f, struct fuzz_input *in)
{
    *f = (struct fixture){0};
    make_wishes(f, in);
    make_verdict(&f->verdict, in);
    f->notice = (struct notice){.kind = (enum notice_kind)fuzz_number(in, NOTICE_LAST_KIND),
                                .agent = fuzz_bool(in) ? "Postfix" : "",
                                .recipients = f->recipients,
                                .recipient_count = fuzz_number(in, MOST_TRIED),
                                .further_count = fuzz_number(in, 3),
                                .date_ms = make_time(in),
                                .arrival_ms = make_time(in),
                                .reporting = make_text(in),
                                .from = make_text(in),
                                .to = make_text(in),
                                .subject = make_text(in),
                                .message_id = make_text(in)};
    make_original(&f->notice.original, in);
    for (size_t i = 0; i < f->notice.recipient_count; i++)
        make_recipient(&f->recipients[i], in);
    f->notice.text = in->rest;
}

static void check_advice(const struct advice *a)
{
    assert(a->headline.len && a->summary.len && a->lead.len);
    assert(a->step_count <= MOST_STEPS_OF_ALL);
    assert(text_is_harmless(a->headline) && span_find_char(a->headline, '\n') == SPAN_NOT_FOUND);
    assert(text_is_harmless(a->summary) && span_find_char(a->summary, '\n') == SPAN_NOT_FOUND);
    assert(text_is_harmless(a->sent) && text_is_harmless(a->arrived));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct arena arena = ARENA_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct fixture f;
    struct advice a;
    size_t where;
    make(&f, &in);
    notice_advise(&a, &f.notice, &f.verdict, &f.advise, &arena);
    check_advice(&a);
    render_text(&out, &f.notice, &f.verdict, &a, &f.render);
    assert(text_is_harmless(buffer_span(&out)));
    buffer_clear(&out);
    render_letter(&out, &f.notice, &f.verdict, &a, &f.render);
    assert(out.len && text_is_harmless(buffer_span(&out)));
    buffer_clear(&out);
    render_html(&out, &f.notice, &f.verdict, &a, &f.render);
    assert(page_is_harmless(buffer_span(&out), &where));
    buffer_free(&out);
    arena_clear(&arena);
    return 0;
}
