#include "bounce/explain_json.h"

#include "base/json.h"
#include "mail/date.h"

static void recipient(struct json *j, const struct notice_recipient *r)
{
    struct buffer status = BUFFER_EMPTY;
    json_object(j);
    json_text(j, "address", r->address);
    json_known_text(j, "original", r->original);
    json_known_text(j, "action", span_of(notice_action_name(r->action)));
    if (status_is_given(r->status)) {
        status_add(&status, r->status);
        json_text(j, "status", buffer_span(&status));
    }
    if (r->code)
        json_number(j, "code", r->code);
    if (!action_is_good(r->action)) {
        json_text(j, "cause", span_of(cause_name(r->cause.cause)));
        json_known_text(j, "variant", span_of(variant_name(r->cause.variant)));
        json_bool(j, "permanent", r->is_permanent);
        json_text(j, "who_acts", span_of(actor_name(cause_text(r->cause)->actor)));
    }
    json_known_text(j, "remote", r->remote);
    json_known_text(j, "diagnostic", r->diagnostic);
    date_json(j, "last_attempt", r->last_attempt_ms);
    date_json(j, "retry_until", r->retry_until_ms);
    json_end(j);
    buffer_free(&status);
}

static void verdict(struct json *j, const struct verdict *v)
{
    json_member_object(j, "verdict");
    json_text(j, "class", span_of(verdict_name(v->class)));
    json_text(j, "confidence", span_of(confidence_name(v->confidence)));
    json_text(j, "provenance", span_of(provenance_name(v->provenance)));
    json_member_array(j, "evidence");
    for (size_t i = 0; i < v->fact_count; i++) {
        json_object(j);
        json_text(j, "fact", span_of(v->facts[i].name));
        json_bool(j, "against", v->facts[i].is_against);
        json_known_text(j, "detail", v->facts[i].detail);
        json_end(j);
    }
    json_end(j);
    json_end(j);
}

static void original(struct json *j, const struct notice_original *o)
{
    json_member_object(j, "original");
    json_known_text(j, "message_id", o->message_id);
    json_known_text(j, "subject", o->subject);
    json_known_text(j, "date", o->date);
    date_json(j, "sent", o->date_ms);
    json_known_text(j, "from", o->from);
    json_known_text(j, "to", o->to);
    json_known_text(j, "meeting", o->meeting);
    date_json(j, "meeting_time", o->meeting_ms);
    json_end(j);
}

static void steps(struct json *j, const struct advice *a)
{
    json_member_array(j, "steps");
    for (size_t i = 0; i < a->step_count; i++) {
        struct buffer step = BUFFER_EMPTY;
        buffer_add_span(&step, a->steps[i].text);
        if (a->steps[i].link.len)
            buffer_printf(&step, " %.*s", SPAN_F(a->steps[i].link));
        json_element_text(j, buffer_span(&step));
        buffer_free(&step);
    }
    json_end(j);
}

enum { VERSION = 1 };

void explain_json(struct buffer *out, struct span file, const struct notice *n,
                  const struct verdict *v, const struct advice *a)
{
    struct json j = json_start(out);
    json_object(&j);
    json_number(&j, "version", VERSION);
    json_text(&j, "file", file);
    json_text(&j, "kind", span_of(notice_kind_name(n->kind)));
    json_known_text(&j, "agent", span_of(n->agent));
    json_known_text(&j, "reporting", n->reporting);
    json_known_text(&j, "feedback_type", n->feedback_type);
    date_json(&j, "date", n->date_ms);
    date_json(&j, "arrival", n->arrival_ms);
    verdict(&j, v);
    json_member_array(&j, "recipients");
    for (size_t i = 0; i < n->recipient_count; i++)
        recipient(&j, &n->recipients[i]);
    json_end(&j);
    if (n->further_count)
        json_number(&j, "further_recipients", (int64_t)n->further_count);
    original(&j, &n->original);
    json_known_text(&j, "headline", a->headline);
    json_known_text(&j, "summary", a->summary);
    steps(&j, a);
    json_known_text(&j, "would_settle", a->settle);
    json_end(&j);
}
