/* Whatever is handed in as a report: what is read of it can be written, and read again as the same;
 * and it has a sum. */
#include "base/fuzz.h"

#include "aggregate/documents.h"
#include "aggregate/read.h"
#include "aggregate/sum.h"
#include "aggregate/write.h"

static bool is_plain(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < ' ' || s.at[i] > '~')
            return false;
    return true;
}

/* What is not plain may be written as "?". */
static void must_be_same(struct span a, struct span b)
{
    assert(!is_plain(a) || span_equal(a, b));
}

static void compare(const struct aggregate_record *a, const struct aggregate_record *b)
{
    assert(a->count == b->count && a->dkim_count == b->dkim_count && a->spf_count == b->spf_count &&
           a->reason_count == b->reason_count && a->dkim_speaks == b->dkim_speaks &&
           a->spf_speaks == b->spf_speaks);
    must_be_same(a->source, b->source);
    must_be_same(a->disposition, b->disposition);
    must_be_same(a->author, b->author);
    must_be_same(a->sender, b->sender);
    for (size_t i = 0; i < a->dkim_count; i++) {
        must_be_same(a->dkim[i].domain, b->dkim[i].domain);
        must_be_same(a->dkim[i].detail, b->dkim[i].detail);
        must_be_same(a->dkim[i].result, b->dkim[i].result);
    }
}

static void write_again(const struct aggregate_report *r)
{
    struct buffer out = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct aggregate_report back;
    struct error e;
    aggregate_write(&out, r);
    assert(aggregate_read(&back, buffer_span(&out), &a, &e));
    assert(back.count == r->count && !back.unreadable);
    must_be_same(r->organization, back.organization);
    must_be_same(r->policy.domain, back.policy.domain);
    for (size_t i = 0; i < r->count; i++)
        compare(&r->records[i], &back.records[i]);
    arena_clear(&a);
    buffer_free(&out);
}

static void sum_up(const struct aggregate_report *r)
{
    struct aggregate_sum s = {.count = 0};
    uint64_t kinds = 0;
    aggregate_sum_add(&s, r);
    aggregate_sum_add(&s, r);
    aggregate_sum_order(&s);
    assert(s.count == 1);
    for (int i = 0; i < AGGREGATE_KINDS; i++)
        kinds += s.domains[0]->kinds[i];
    assert(kinds == s.domains[0]->messages);
    aggregate_sum_free(&s);
}

static void take(void *arg, struct span xml)
{
    struct aggregate_report r;
    struct arena a = ARENA_EMPTY;
    struct error e = {""};
    if (aggregate_read(&r, xml, &a, &e)) {
        write_again(&r);
        sum_up(&r);
    } else {
        assert(e.text[0]);
    }
    arena_clear(&a);
}

static void complain(void *arg, const struct error *e)
{
    assert(e->text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span octets = fuzz_piece(span_make(at, len));
    aggregate_documents(octets, &(struct aggregate_taker){NULL, take, complain});
    take(NULL, octets);
    fuzz_piece_free(octets);
    return 0;
}
