#include "cli/explain_trial.h"

#include "base/visible.h"
#include "bounce/explain_json.h"
#include "bounce/render.h"
#include "bounce/trial_page.h"
#include "explain/finding.h"

#include <assert.h>

static void check_text(const struct buffer *out)
{
    assert(out->len && text_is_harmless(buffer_span(out)));
}

static void check_notice(const struct notice *n)
{
    assert(n->recipient_count <= MOST_RECIPIENTS);
    for (size_t i = 0; i < n->recipient_count; i++) {
        const struct notice_recipient *to = &n->recipients[i];
        assert(!to->code || (to->code >= 200 && to->code <= 599));
        assert(to->cause.cause < CAUSE_COUNT);
        assert(to->address.at || !to->address.len);
    }
}

static void render_all(struct finding *f, enum audience audience, struct arena *a)
{
    const struct advise_wishes wishes = {.audience = audience};
    const struct render_wishes forms = {.audience = audience, .width = 72};
    struct buffer out = BUFFER_EMPTY;
    size_t at;
    finding_advise(f, &wishes, a);
    render_text(&out, &f->notice, &f->verdict, &f->advice, &forms);
    check_text(&out);
    buffer_clear(&out);
    render_letter(&out, &f->notice, &f->verdict, &f->advice, &forms);
    check_text(&out);
    buffer_clear(&out);
    render_html(&out, &f->notice, &f->verdict, &f->advice, &forms);
    assert(page_is_harmless(buffer_span(&out), &at));
    buffer_free(&out);
}

enum notice_kind explain_try(struct span message, struct buffer *json)
{
    static const struct evidence nothing = {0};
    struct arena a = ARENA_EMPTY;
    struct buffer line = BUFFER_EMPTY;
    struct finding f;
    const struct advise_wishes wishes = {0};
    finding_read(&f, message, &a);
    check_notice(&f.notice);
    finding_judge(&f, &nothing, &a);
    finding_advise(&f, &wishes, &a);
    explain_json(&line, SPAN("message"), &f.notice, &f.verdict, &f.advice);
    assert(utf8_is_valid(buffer_span(&line)));
    assert(span_find_char(buffer_span(&line), '\n') == SPAN_NOT_FOUND);
    if (json)
        buffer_add_span(json, buffer_span(&line));
    render_all(&f, AUDIENCE_PERSON, &a);
    render_all(&f, AUDIENCE_OPERATOR, &a);
    enum notice_kind kind = f.notice.kind;
    buffer_free(&line);
    arena_clear(&a);
    return kind;
}
