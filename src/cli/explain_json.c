#include "cli/explain_json.h"

#include "base/json.h"

static void text(struct json *j, const char *name, struct span value)
{
    if (value.len)
        json_text(j, name, value);
}

static const char *actor_name(enum actor a)
{
    static const char *const names[] = {[ACTOR_YOU] = "you",
                                        [ACTOR_RECIPIENT] = "recipient",
                                        [ACTOR_THEIR_OPERATOR] = "their-operator",
                                        [ACTOR_YOUR_OPERATOR] = "your-operator",
                                        [ACTOR_NOBODY] = "nobody"};
    return names[a];
}

static void recipient(struct json *j, const struct notice_recipient *r)
{
    struct buffer status = BUFFER_EMPTY;
    json_object(j);
    json_text(j, "address", r->address);
    text(j, "original", r->original);
    text(j, "action", span_of(notice_action_name(r->action)));
    if (status_is_given(r->status)) {
        status_add(&status, r->status);
        json_text(j, "status", buffer_span(&status));
    }
    if (r->code)
        json_number(j, "code", r->code);
    if (r->action != ACTION_DELIVERED && r->action != ACTION_RELAYED &&
        r->action != ACTION_EXPANDED) {
        json_text(j, "cause", span_of(cause_name(r->cause.cause)));
        text(j, "variant", span_of(variant_name(r->cause.variant)));
        json_bool(j, "permanent", r->is_permanent);
        json_text(j, "who_acts", span_of(actor_name(cause_text(r->cause)->actor)));
    }
    text(j, "remote", r->remote);
    text(j, "diagnostic", r->diagnostic);
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
        text(j, "detail", v->facts[i].detail);
        json_end(j);
    }
    json_end(j);
    json_end(j);
}

void explain_json(struct buffer *out, struct span file, const struct notice *n,
                  const struct verdict *v)
{
    struct json j = json_start(out);
    json_object(&j);
    json_text(&j, "file", file);
    json_text(&j, "kind", span_of(notice_kind_name(n->kind)));
    text(&j, "agent", span_of(n->agent));
    verdict(&j, v);
    json_member_array(&j, "recipients");
    for (size_t i = 0; i < n->recipient_count; i++)
        recipient(&j, &n->recipients[i]);
    json_end(&j);
    json_member_object(&j, "original");
    text(&j, "message_id", n->original.message_id);
    text(&j, "subject", n->original.subject);
    text(&j, "date", n->original.date);
    text(&j, "from", n->original.from);
    json_end(&j);
    json_end(&j);
}
