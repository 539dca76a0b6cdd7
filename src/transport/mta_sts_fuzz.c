/* A record has an id of letters and digits or is none; a file is a policy within its bounds, or an
 * error in words; every mail server that it names is one of its own. */
#include "base/fuzz.h"

#include "transport/mta_sts.h"

static void check_record(struct span text)
{
    struct span id;
    if (!sts_record_find(&text, 1, &id))
        return;
    assert(id.len && id.len <= 32 && span_starts(text, SPAN("v=STSv1")));
    for (size_t i = 0; i < id.len; i++)
        assert(ascii_is_alnum(id.at[i]));
    struct span twice[] = {text, text};
    assert(!sts_record_find(twice, 2, &id));
}

static void check_policy(struct span text)
{
    struct arena a = ARENA_EMPTY;
    struct sts_policy p;
    struct error e = {""};
    if (sts_policy_parse(&p, text, &a, &e)) {
        assert(p.mx_count <= STS_MOST_MX && p.max_age <= STS_LONGEST_AGE);
        assert(p.mode == STS_NONE || p.mx_count);
        for (size_t i = 0; i < p.mx_count; i++)
            assert(span_starts(p.mx[i], SPAN("*")) || sts_policy_has_host(&p, p.mx[i]));
    } else {
        assert(e.text[0]);
    }
    arena_clear(&a);
}

static void check_plan(struct fuzz_input *in)
{
    struct sts_memory m = {.id = fuzz_line(in),
                           .fetched_ms = (int64_t)(fuzz_u64(in) >> 16),
                           .max_age = (uint32_t)fuzz_number(in, 60000),
                           .tried_ms = (int64_t)(fuzz_u64(in) >> 16)};
    struct sts_record r = {.is_there = fuzz_bool(in), .id = fuzz_line(in)};
    int64_t now = (int64_t)(fuzz_u64(in) >> 16);
    struct sts_plan plan = sts_plan_make(&m, &r, now);
    assert(!plan.waits || plan.fetches);
    assert(plan.uses_policy != sts_memory_is_over(&m, now));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    struct fuzz_input in = fuzz_start(at, len);
    check_record(text);
    check_policy(text);
    check_plan(&in);
    fuzz_piece_free(text);
    return 0;
}
