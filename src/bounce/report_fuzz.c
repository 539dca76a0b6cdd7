/* What is taken out of the values of a report is in them, codes are such, and folding a folded text
 * changes nothing. */
#include "base/fuzz.h"

#include "bounce/folded.h"
#include "bounce/meeting.h"
#include "bounce/read_inside.h"
#include "bounce/report_values.h"

static void check_values(struct span raw, struct arena *a)
{
    struct notice_recipient to = {0};
    struct status s;
    struct span address = report_address(raw, a);
    assert(address.len <= raw.len * 4); /* Windows-1252, half-width kana */
    assert(report_without_type(raw).len <= raw.len);
    assert(report_host(raw).len <= raw.len);
    report_words(raw, a);
    report_action(raw);
    report_time(raw);
    assert(!report_status_value(raw, &s) || s.class == 2 || s.class == 4 || s.class == 5);
    read_codes(&to, raw);
    assert(!to.code || (to.code >= 400 && to.code < 600));
    assert(!to.status.class || to.status.class == 4 || to.status.class == 5);
}

static void check_folded(struct span text, struct arena *a)
{
    struct folded f, again;
    folded_take(&f, text, 4096, &phrase_set_text, a);
    folded_take(&again, f.text, 4096, &phrase_set_text, a);
    assert(f.text.len <= text.len);
    assert(span_equal(folded_text(text, 4096, a), f.text));
    for (size_t i = 0; i < phrase_set_text.count; i++) {
        const struct phrase *p = &phrase_set_text.phrases[i];
        size_t at = span_find(f.text, span_make(p->text, p->length));
        assert(at == SPAN_NOT_FOUND ||
               (f.found[p->list].phrase->order <= p->order && f.found[p->list].at <= at));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct span text = fuzz_piece(in.rest);
    struct arena a = ARENA_EMPTY;
    struct notice_original o = {0};
    check_values(text, &a);
    check_folded(text, &a);
    meeting_read(text, &o, &a);
    assert(o.meeting_ms >= -86400000 && o.meeting_ms < INT64_C(300000000000000));
    arena_clear(&a);
    fuzz_piece_free(text);
    return 0;
}
