/* From what the engine found to what the public header shows. */
#include "base/visible.h"
#include "explain/message_inside.h"
#include "explain/numbers.h"

#include <assert.h>

static const char replacement[] = "\xEF\xBF\xBD";

static void add_clean(struct buffer *out, struct span text)
{
    uint32_t code;
    while (text.len) {
        size_t n = utf8_next(text, &code);
        if (!n)
            buffer_add_text(out, replacement);
        else if (code)
            buffer_add(out, text.at, n);
        text = span_skip(text, n ? n : 1);
    }
}

const char *shown_text(struct arena *a, struct span text)
{
    struct buffer clean = BUFFER_EMPTY;
    if (!text.len)
        return NULL;
    if (utf8_is_valid(text) && span_find_char(text, 0) == SPAN_NOT_FOUND)
        return arena_text(a, text);
    add_clean(&clean, text);
    const char *shown = clean.len ? arena_text(a, buffer_span(&clean)) : NULL;
    buffer_free(&clean);
    return shown;
}

/* ---- the original */

void shown_fill_original(struct plainpost_original *o, const struct notice_original *from,
                         struct arena *a)
{
    *o = (struct plainpost_original){.message_id = shown_text(a, from->message_id),
                                     .subject = shown_text(a, from->subject),
                                     .date = shown_text(a, from->date),
                                     .from = shown_text(a, from->from),
                                     .to = shown_text(a, from->to),
                                     .date_ms = from->date_ms,
                                     .meeting = shown_text(a, from->meeting),
                                     .meeting_ms = from->meeting_ms,
                                     .header_size = from->header.len};
    if (from->header.len)
        o->header = arena_text(a, from->header);
}

/* ---- recipients */

enum { LEAST_SHARED = 64 };

struct filling {
    const struct finding *finding;
    struct arena *arena;
    struct map long_texts; /* by where they stand in the message: many may share one */
    const char *headlines[MOST_GROUPS], *sentences[MOST_GROUPS];
};

static const char *shared_text(struct filling *f, struct span text)
{
    if (text.len < LEAST_SHARED)
        return shown_text(f->arena, text);
    char *known = map_get_text(&f->long_texts, span_make(&text, sizeof text));
    if (known)
        return known;
    const char *shown = shown_text(f->arena, text);
    if (shown)
        map_set_text(&f->long_texts, arena_copy(f->arena, span_make(&text, sizeof text)),
                     (char *)(uintptr_t)shown);
    return shown;
}

static const char *status_text(struct arena *a, struct status s)
{
    struct buffer b = BUFFER_EMPTY;
    if (!status_is_given(s))
        return NULL;
    status_add(&b, s);
    const char *shown = shown_text(a, buffer_span(&b));
    buffer_free(&b);
    return shown;
}

static void fill_cause(struct filling *f, struct plainpost_recipient *to, size_t i)
{
    const struct notice_recipient *r = &f->finding->notice.recipients[i];
    const struct advice *a = &f->finding->advice;
    if (action_is_good(r->action))
        return;
    const char *variant = variant_name(r->cause.variant);
    to->cause = number_of_cause(r->cause.cause);
    to->variant = *variant ? variant : NULL;
    to->permanent = r->is_permanent;
    to->who_acts = number_of_actor(cause_text(r->cause)->actor);
    if (a->group_count) {
        to->headline = f->headlines[a->group_of[i]];
        to->sentence = f->sentences[a->group_of[i]];
    }
}

static void fill_recipient(struct filling *f, struct plainpost_recipient *to, size_t i)
{
    const struct notice_recipient *r = &f->finding->notice.recipients[i];
    *to = (struct plainpost_recipient){.address = shown_text(f->arena, r->address),
                                       .original = shown_text(f->arena, r->original),
                                       .action = number_of_action(r->action),
                                       .status = status_text(f->arena, r->status),
                                       .code = r->code,
                                       .remote = shared_text(f, r->remote),
                                       .diagnostic = shared_text(f, r->diagnostic),
                                       .last_attempt_ms = r->last_attempt_ms,
                                       .retry_until_ms = r->retry_until_ms};
    fill_cause(f, to, i);
}

static void fill_recipients(struct shown *s, struct filling *f)
{
    const struct advice *a = &f->finding->advice;
    for (size_t i = 0; i < a->group_count; i++) {
        f->headlines[i] = shown_text(f->arena, a->groups[i].headline);
        f->sentences[i] = shown_text(f->arena, a->groups[i].sentence);
    }
    s->recipient_count = f->finding->notice.recipient_count;
    if (s->recipient_count)
        s->recipients = arena_new(f->arena, s->recipient_count * sizeof *s->recipients);
    for (size_t i = 0; i < s->recipient_count; i++)
        fill_recipient(f, &s->recipients[i], i);
}

/* ---- the rest */

static void fill_notice(struct shown *s, const struct notice *n, struct arena *a)
{
    s->notice = (struct plainpost_notice){.kind = number_of_kind(n->kind),
                                          .agent = shown_text(a, span_of(n->agent)),
                                          .reporting = shown_text(a, n->reporting),
                                          .from = shown_text(a, n->from),
                                          .to = shown_text(a, n->to),
                                          .subject = shown_text(a, n->subject),
                                          .message_id = shown_text(a, n->message_id),
                                          .date_ms = n->date_ms,
                                          .arrival_ms = n->arrival_ms,
                                          .recipients = n->recipient_count,
                                          .further_recipients = n->further_count};
}

/* The sentences of the reasons stand in the order of the facts. */
static void fill_verdict(struct shown *s, const struct finding *f, struct arena *a)
{
    const struct verdict *v = &f->verdict;
    assert(f->advice.reason_count == v->fact_count);
    s->verdict = (struct plainpost_verdict){.is = number_of_class(v->class),
                                            .confidence = number_of_confidence(v->confidence),
                                            .is_from_here = number_of_provenance(v->provenance)};
    s->evidence_count = v->fact_count;
    for (size_t i = 0; i < v->fact_count; i++)
        s->evidence[i] =
            (struct plainpost_evidence){.fact = v->facts[i].name,
                                        .against = v->facts[i].is_against,
                                        .detail = shown_text(a, v->facts[i].detail),
                                        .text = shown_text(a, f->advice.reasons[i].text)};
}

static void fill_advice(struct shown *s, const struct advice *from, struct arena *a)
{
    s->advice = (struct plainpost_advice){.headline = shown_text(a, from->headline),
                                          .summary = shown_text(a, from->summary),
                                          .arrived = shown_text(a, from->arrived),
                                          .sent = shown_text(a, from->sent),
                                          .who = shown_text(a, from->who),
                                          .who_acts = number_of_actor(from->actor),
                                          .would_settle = shown_text(a, from->settle)};
    s->step_count = from->step_count;
    for (size_t i = 0; i < from->step_count; i++)
        s->steps[i] = (struct plainpost_step){.text = shown_text(a, from->steps[i].text),
                                              .link = shown_text(a, from->steps[i].link)};
}

void shown_fill(struct shown *s, const struct finding *found, struct arena *a)
{
    struct filling f = {.finding = found, .arena = a};
    *s = (struct shown){0};
    fill_notice(s, &found->notice, a);
    fill_recipients(s, &f);
    fill_verdict(s, found, a);
    fill_advice(s, &found->advice, a);
    map_free(&f.long_texts);
}
