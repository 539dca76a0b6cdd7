#include "cli/triage_json.h"

#include "base/json.h"
#include "mail/date.h"

enum { VERSION = 1, NAMED_RECIPIENTS = 100 };

/* "2026-11-24" */
static void day(struct json *j, const char *name, int64_t day)
{
    struct buffer b = BUFFER_EMPTY;
    date_add_rfc3339(&b, day * 86400000);
    json_text(j, name, span_first(buffer_span(&b), 10));
    buffer_free(&b);
}

static void days(struct json *j, const struct triage_days *d)
{
    json_member_array(j, "days");
    for (size_t i = 0; i < d->count; i++) {
        json_object(j);
        day(j, "day", d->days[i].day);
        json_number(j, "notices", (int64_t)d->days[i].notices);
        json_end(j);
    }
    json_end(j);
    if (d->further)
        json_number(j, "other_days", (int64_t)d->further);
}

static void recipients(struct json *j, const struct triage_recipients *r)
{
    size_t named = r->count < NAMED_RECIPIENTS ? r->count : NAMED_RECIPIENTS;
    json_member_array(j, "recipients");
    for (size_t i = 0; i < named; i++) {
        json_object(j);
        json_text(j, "address", r->list[i]->address);
        json_number(j, "notices", (int64_t)r->list[i]->notices);
        json_end(j);
    }
    json_end(j);
    if (r->count > named)
        json_number(j, "further_recipients", (int64_t)(r->count - named));
    if (r->further)
        json_number(j, "times_others", (int64_t)r->further);
}

static void texts(struct json *j, const char *name, const struct span *at, size_t count)
{
    json_member_array(j, name);
    for (size_t i = 0; i < count; i++)
        json_element_text(j, at[i]);
    json_end(j);
}

static void group(struct json *j, const struct triage_group *g)
{
    bool is_failure = g->action == ACTION_FAILED;
    json_object(j);
    json_known_text(j, "action", span_of(notice_action_name(g->action)));
    if (is_failure) {
        json_text(j, "cause", span_of(cause_name(g->cause.cause)));
        json_known_text(j, "variant", span_of(variant_name(g->cause.variant)));
    }
    json_number(j, "notices", (int64_t)g->notices);
    json_known_text(j, "headline", g->headline);
    json_known_text(j, "sentence", g->sentence);
    json_text(j, "who_acts", span_of(actor_name(g->actor)));
    texts(j, "steps", g->steps, g->step_count);
    if (g->check_count)
        texts(j, "checks", g->checks, g->check_count);
    json_known_text(j, "example", g->example);
    recipients(j, &g->recipients);
    json_end(j);
}

static void pile_steps(struct json *j, const struct triage_pile *p)
{
    json_member_array(j, "steps");
    for (size_t i = 0; i < p->step_count; i++) {
        struct buffer step = BUFFER_EMPTY;
        buffer_add_span(&step, p->steps[i].text);
        if (p->steps[i].link.len)
            buffer_printf(&step, " %.*s", SPAN_F(p->steps[i].link));
        json_element_text(j, buffer_span(&step));
        buffer_free(&step);
    }
    json_end(j);
}

static void pile(struct json *j, const struct triage_pile *p, const char *name)
{
    json_object(j);
    json_text(j, "pile", span_of(name));
    json_number(j, "notices", (int64_t)p->notices);
    date_json(j, "first", p->days.first_ms);
    date_json(j, "last", p->days.last_ms);
    if (p->summary.len) {
        json_text(j, "confidence", span_of(confidence_name(p->confidence)));
        json_text(j, "summary", p->summary);
        json_text(j, "who_acts", span_of(actor_name(p->actor)));
        pile_steps(j, p);
    }
    json_member_array(j, "causes");
    for (size_t i = 0; i < p->group_count; i++)
        group(j, p->groups[i]);
    json_end(j);
    days(j, &p->days);
    json_end(j);
}

static void storm(struct json *j, const struct triage_storm *s)
{
    static const char *const names[] = {
        [STORM_OPEN] = "open", [STORM_LIKELY] = "likely-forged", [STORM_FORGED] = "forged"};
    if (s->storm == STORM_NONE)
        return;
    json_member_object(j, "storm");
    json_text(j, "storm", span_of(names[s->storm]));
    json_number(j, "notices", (int64_t)s->notices);
    day(j, "first_day", s->first_day);
    day(j, "last_day", s->last_day);
    json_number(j, "recipients", (int64_t)s->recipients);
    json_number(j, "systems", (int64_t)s->systems);
    json_number(j, "disproven", (int64_t)s->disproven);
    json_number(j, "other_senders", (int64_t)s->other_senders);
    json_end(j);
}

void triage_json(struct buffer *out, const struct triage *t)
{
    struct json j = json_start(out);
    json_object(&j);
    json_number(&j, "version", VERSION);
    json_number(&j, "messages", (int64_t)t->messages);
    json_number(&j, "notices", (int64_t)t->notices);
    date_json(&j, "first", t->days.first_ms);
    date_json(&j, "last", t->days.last_ms);
    storm(&j, &t->storm);
    json_member_array(&j, "piles");
    for (size_t i = 0; i < PILE_OTHER; i++)
        if (t->piles[i].notices)
            pile(&j, &t->piles[i], pile_name((enum pile)i));
    json_end(&j);
    json_end(&j);
}
