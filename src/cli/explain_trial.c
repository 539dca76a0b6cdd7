#include "cli/explain_trial.h"

#include "base/visible.h"
#include "bounce/explain_json.h"
#include "bounce/read.h"
#include "bounce/render.h"
#include "bounce/trial_page.h"

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

static void render_all(const struct notice *n, const struct verdict *v, enum audience audience,
                       struct arena *a)
{
    const struct advise_wishes wishes = {.audience = audience};
    const struct render_wishes forms = {.audience = audience, .width = 72};
    struct advice advice;
    struct buffer out = BUFFER_EMPTY;
    size_t at;
    notice_advise(&advice, n, v, &wishes, a);
    render_text(&out, n, v, &advice, &forms);
    check_text(&out);
    buffer_clear(&out);
    render_letter(&out, n, v, &advice, &forms);
    check_text(&out);
    buffer_clear(&out);
    render_html(&out, n, v, &advice, &forms);
    assert(page_is_harmless(buffer_span(&out), &at));
    buffer_free(&out);
}

enum notice_kind explain_try(struct span message, struct buffer *json)
{
    static const struct evidence nothing = {0};
    struct arena a = ARENA_EMPTY;
    struct buffer line = BUFFER_EMPTY;
    struct notice n;
    struct survey s;
    struct verdict v;
    struct advice advice;
    const struct advise_wishes wishes = {0};
    notice_read(&n, &s, message, &a);
    check_notice(&n);
    notice_judge(&v, &n, &s, &nothing, &a);
    notice_settle(&n, &v);
    notice_advise(&advice, &n, &v, &wishes, &a);
    explain_json(&line, SPAN("message"), &n, &v, &advice);
    assert(utf8_is_valid(buffer_span(&line)));
    assert(span_find_char(buffer_span(&line), '\n') == SPAN_NOT_FOUND);
    if (json)
        buffer_add_span(json, buffer_span(&line));
    render_all(&n, &v, AUDIENCE_PERSON, &a);
    render_all(&n, &v, AUDIENCE_OPERATOR, &a);
    enum notice_kind kind = n.kind;
    buffer_free(&line);
    arena_clear(&a);
    return kind;
}
