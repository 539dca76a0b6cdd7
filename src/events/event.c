#include "events/event.h"

#include "base/json.h"
#include "base/visible.h"
#include "mail/date.h"
#include "outcome/judged_words.h"
#include "outcome/judgement.h"

void event_id_add(struct buffer *out, uint64_t number)
{
    buffer_printf(out, "%016llx", (unsigned long long)number);
}

/* Each of these leaves out what is not known. */

static void add_queue_id(struct json *j, const char *name, message_id id)
{
    struct buffer text = BUFFER_EMPTY;
    if (!id)
        return;
    message_id_add(&text, id);
    json_text(j, name, buffer_span(&text));
    buffer_free(&text);
}

/* What came from outside: no character in it hides or turns the order. */
static void add_harmless(struct json *j, const char *name, struct span text)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add_lines(&shown, text, EVENT_MOST_WORDS);
    json_known_text(j, name, buffer_span(&shown));
    buffer_free(&shown);
}

static void add_envelope_id(struct json *j, struct span xtext)
{
    struct buffer plain = BUFFER_EMPTY;
    if (xtext_decode(&plain, xtext))
        add_harmless(j, "envelope_id", buffer_span(&plain));
    buffer_free(&plain);
}

static void add_status(struct json *j, struct status status)
{
    struct buffer text = BUFFER_EMPTY;
    if (status_is_given(status))
        status_add(&text, status);
    json_known_text(j, "status", buffer_span(&text));
    buffer_free(&text);
}

static const char *event_word(const struct ledger_event *e)
{
    switch (e->kind) {
    case LEDGER_ACCEPTED:
        return "accepted";
    case LEDGER_OUTCOME:
        return outcome_word(e->outcome.kind);
    case LEDGER_REPORTED:
        return "reported";
    case LEDGER_HELD:
        return "held";
    case LEDGER_RELEASED:
        return "released";
    }
    return "";
}

static void add_message(struct json *j, const struct envelope *e)
{
    static const char *const origins[] = {[ORIGIN_SMTP] = "client",
                                          [ORIGIN_NOTIFICATION] = "notification",
                                          [ORIGIN_FORWARD] = "forward",
                                          [ORIGIN_REDIRECTED] = "redirect",
                                          [ORIGIN_TO_POSTMASTER] = "notification"};
    add_queue_id(j, "queue_id", e->id);
    json_text(j, "origin", span_of(origins[e->origin]));
    add_queue_id(j, "about", e->about);
    add_harmless(j, "message_id", e->header_message_id);
    add_envelope_id(j, e->parameters.envid);
    json_text(j, "sender", e->reverse_path);
}

/* Who handed it in, and for whom, as the sender named them: what an account sends can be looked at
 * again (plainpost-guard(1)). */
static void add_acceptance(struct json *j, const struct envelope *e)
{
    json_number(j, "size", (int64_t)e->size);
    json_number(j, "recipients", (int64_t)e->recipient_count);
    add_harmless(j, "login", e->login);
    add_harmless(j, "client", e->client_address);
    json_member_array(j, "to");
    for (size_t i = 0, count = 0; i < e->recipient_count && count < EVENT_MOST_NAMED; i++) {
        if (e->recipients[i].parent)
            continue;
        json_element_text(j, e->recipients[i].address);
        count++;
    }
    json_end(j);
    judged_add_json(j, e);
}

/* Only of what did not go well is there anything to judge. */
static void add_reason(struct json *j, const struct outcome *o)
{
    if (o->kind != OUTCOME_FAILED && o->kind != OUTCOME_DELAYED)
        return;
    struct judgement judgement = outcome_judge(o);
    json_text(j, "cause", span_of(cause_name(o->cause.cause)));
    json_known_text(j, "variant", span_of(variant_name(o->cause.variant)));
    if (o->is_expired)
        json_bool(j, "expired", true);
    json_member_object(j, "judgement");
    json_text(j, "permanence", judgement.is_permanent ? SPAN("permanent") : SPAN("temporary"));
    json_text(j, "about", span_of(about_word(judgement.about)));
    json_text(j, "confidence", span_of(confidence_name(judgement.confidence)));
    json_end(j);
}

static void add_outcome(struct json *j, const struct ledger_event *e)
{
    const struct outcome *o = &e->outcome;
    json_number(j, "attempt", e->attempts);
    if (e->retry_ms)
        date_json(j, "next_attempt", e->retry_ms);
    if (o->code)
        json_number(j, "code", o->code);
    add_status(j, o->status);
    add_reason(j, o);
    add_harmless(j, "words", o->words);
    if (o->words.len)
        json_bool(j, "remote", o->is_remote);
    add_harmless(j, "host", o->host);
    add_harmless(j, "server", o->address);
    add_harmless(j, "return_path", o->return_path);
}

static void add_recipient(struct json *j, const struct ledger_event *e)
{
    const struct recipient *all = e->envelope->recipients;
    json_text(j, "recipient", all[envelope_told_as(e->envelope, e->recipient)].address);
    json_text(j, "address", all[e->recipient].address);
    if (e->kind == LEDGER_REPORTED)
        json_text(j, "of", span_of(outcome_word(e->outcome.kind)));
    else
        add_outcome(j, e);
    if (e->outcome.is_in_digest)
        json_bool(j, "in_digest", true);
    add_queue_id(j, "notification", e->notification);
}

void event_write(struct buffer *out, const struct ledger_event *e)
{
    struct json j = json_start(out);
    struct buffer id = BUFFER_EMPTY;
    event_id_add(&id, e->number);
    json_object(&j);
    json_number(&j, "version", EVENT_VERSION);
    json_text(&j, "id", buffer_span(&id));
    date_json(&j, "time", e->time_ms);
    json_text(&j, "event", span_of(event_word(e)));
    add_message(&j, e->envelope);
    switch (e->kind) {
    case LEDGER_ACCEPTED:
        add_acceptance(&j, e->envelope);
        break;
    case LEDGER_OUTCOME:
    case LEDGER_REPORTED:
        add_recipient(&j, e);
        break;
    case LEDGER_HELD:
        add_harmless(&j, "words", e->why);
        break;
    case LEDGER_RELEASED:
        break;
    }
    json_end(&j);
    buffer_free(&id);
}
