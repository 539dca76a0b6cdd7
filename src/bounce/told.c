/* The order is that of the questions a sender has: did it arrive, why not, who must act, what
 * exactly, what comes next; who did get it; which message it was; the details come last, complete
 * and in the server's own words. */
#include "bounce/told_inside.h"

#include "bounce/meant.h"
#include "bounce/meeting.h"
#include "bounce/read.h"
#include "mail/header.h"

#include <string.h>

enum { NAMED_IN_A_GROUP = 200, NAMED_AS_RECEIVED = 20, LONGEST_NAME = 200, MOST_ASKED = 3 };

static const char *say(const struct told *t, const char *english)
{
    return words(t->language, english);
}

/* ---- the outcome */

static bool reaches_some(const struct report *r)
{
    return told_count(r, OUTCOME_FAILED) < r->recipient_count + r->received_count;
}

static bool has_recovered(const struct told_groups *g)
{
    return outcome_has_recovered(g->groups[0].first->outcome);
}

static void tell_title_of_success(struct told *t, bool is_delivered, bool has_recovered)
{
    told_add_words(t, TOLD_TITLE,
                   is_delivered    ? has_recovered ? say(t, "Your message was delivered after all")
                                                   : say(t, "Your message was delivered")
                      : has_recovered ? say(t, "Your message was passed on after all")
                                   : say(t, "Your message was passed on"));
}

static void tell_title(struct told *t, const struct report *r, const struct told_groups *g)
{
    switch (t->worst) {
    case OUTCOME_FAILED:
    case OUTCOME_DISCARDED:
        break;
    case OUTCOME_DELAYED:
        told_add_words(t, TOLD_TITLE, say(t, "Your message has not arrived yet"));
        return;
    case OUTCOME_DELIVERED:
    case OUTCOME_RELAYED:
    case OUTCOME_EXPANDED:
        tell_title_of_success(t, t->worst == OUTCOME_DELIVERED, has_recovered(g));
        return;
    }
    if (!reaches_some(r)) {
        told_add_words(t, TOLD_TITLE, say(t, "Your message was not delivered"));
        return;
    }
    size_t failed = told_count(r, OUTCOME_FAILED);
    const struct span with[] = {told_number(t, failed),
                                told_number(t, r->recipient_count + r->received_count)};
    /* TRANSLATORS: %1 and %2 are numbers. */
    const char *form = words_plural(t->language, "%1 of the %2 recipients did not get your message",
                                    "%1 of the %2 recipients did not get your message", failed);
    told_add(t, TOLD_TITLE, told_fill(t, form, with, 2));
}

static void tell_addresses(struct told *t, const struct report *r, const struct told_groups *g,
                           size_t group, enum told_kind kind)
{
    size_t named = 0;
    for (size_t i = 0; i < r->recipient_count && named < NAMED_IN_A_GROUP; i++)
        if (g->of[i] == group) {
            told_add_address(t, kind, told_recipient(r, i));
            named++;
        }
    told_further(t, g->groups[group].count - named);
}

/* ---- a failure or a delay */

/* What the sender has written to before is better than what many write to. */
static bool tell_meant_one(struct told *t, const struct report *r, size_t i)
{
    const struct report_recipient *it = &r->recipients[i];
    struct buffer meant = BUFFER_EMPTY;
    bool is_known = it->meant.len,
         is_near = is_known || address_meant(&meant, told_recipient(r, i));
    struct span address = told_shown(t, is_known ? it->meant : buffer_span(&meant), LONGEST_NAME);
    if (is_known)
        /* TRANSLATORS: %1 is an address, %2 a day. */
        told_add(t, TOLD_PARAGRAPH,
                 SAY(t, "Did you mean %1, to whom you wrote on %2?", address,
                     told_day(t, it->meant_ms, r->offset_minutes)));
    else if (is_near)
        /* TRANSLATORS: %1 is an address. */
        told_add(t, TOLD_PARAGRAPH, SAY(t, "Did you mean %1?", address));
    buffer_free(&meant);
    return is_near;
}

/* The sender has written these addresses, or the list that they own has them. */
static void tell_meant(struct told *t, const struct report *r, const struct told_groups *g,
                       size_t group)
{
    enum cause c = g->groups[group].first->outcome->cause.cause;
    bool may_be_misspelled = c == CAUSE_ADDRESS_NOT_FOUND || c == CAUSE_DOMAIN_NOT_FOUND;
    size_t asked = 0;
    for (size_t i = 0; may_be_misspelled && i < r->recipient_count && asked < MOST_ASKED; i++)
        asked += g->of[i] == group && tell_meant_one(t, r, i);
}

static void tell_who(struct told *t, const struct cause_text *text)
{
    told_add_words(t, TOLD_HEADING, say(t, "Who must act?"));
    told_add(t, TOLD_PARAGRAPH, SAY(t, "%1.", span_of(say(t, actor_words(text->actor)))));
}

static void tell_steps(struct told *t, const struct told_group *g)
{
    told_add_words(t, TOLD_HEADING, say(t, "What to do"));
    if (g->first->outcome->kind == OUTCOME_DELAYED) {
        told_add_words(t, TOLD_STEP, say(t, "Do not send it again: it might arrive twice."));
        told_add_words(t, TOLD_STEP,
                       say(t, "If it is urgent, reach the recipient by another way."));
        if (g->text->actor == ACTOR_RECIPIENT)
            told_add_words(t, TOLD_STEP, say(t, g->text->steps[0]));
        return;
    }
    for (size_t i = 0; i < 3 && g->text->steps[i] && g->text->steps[i][0]; i++)
        told_add_words(t, TOLD_STEP, say(t, g->text->steps[i]));
}

static void tell_whether_tried(struct told *t, const struct report *r, const struct told_group *g)
{
    int64_t until = g->first->retry_until_ms;
    told_add(t, TOLD_PARAGRAPH,
             /* TRANSLATORS: %1 is a time. */
             until ? SAY(t, "The mail server goes on trying until %1; you need not do anything.",
                         told_time(t, until, r->offset_minutes))
                   : span_of(say(t, "The mail server goes on trying; you need not do anything.")));
}

static void tell_what_comes(struct told *t, const struct report *r, const struct told_group *g)
{
    told_add_words(t, TOLD_HEADING, say(t, "What happens next"));
    if (g->first->outcome->kind == OUTCOME_DELAYED) {
        told_add_words(t, TOLD_PARAGRAPH,
                       say(t, "If it does not succeed, another notice will come, and tell why."));
        return;
    }
    struct span last = told_time(t, g->first->outcome->time_ms, r->offset_minutes);
    unsigned attempts = g->first->attempts;
    if (attempts < 2) {
        /* TRANSLATORS: %1 is a time. */
        told_add(t, TOLD_PARAGRAPH, SAY(t, "It was tried on %1, and is not tried again.", last));
        return;
    }
    const struct span with[] = {told_number(t, attempts), last};
    /* TRANSLATORS: %1 is a number, %2 a time. */
    const char *form = words_plural(
        t->language, "It was tried %1 time, the last time on %2, and is not tried again.",
        "It was tried %1 times, the last time on %2, and is not tried again.", attempts);
    told_add(t, TOLD_PARAGRAPH, told_fill(t, form, with, 2));
}

static void tell_trouble(struct told *t, const struct report *r, const struct told_groups *all,
                         size_t group, bool is_short)
{
    const struct told_group *g = &all->groups[group];
    if (g->first->outcome->kind == OUTCOME_DELAYED)
        tell_whether_tried(t, r, g);
    if (g->first->outcome->kind == OUTCOME_DELAYED && g->first->is_late)
        told_add(t, TOLD_PARAGRAPH,
                 /* TRANSLATORS: %1 is a time. */
                 SAY(t, "You wanted it to arrive by %1, and it has not.",
                     told_time(t, r->original->parameters.by_ms, r->offset_minutes)));
    told_cause(t, g);
    if (!is_short)
        tell_meant(t, r, all, group);
    tell_who(t, g->text);
    if (!is_short) {
        tell_steps(t, g);
        tell_what_comes(t, r, g);
    }
}

/* ---- what is well */

static const char *label_of(const struct outcome *o)
{
    if (o->kind == OUTCOME_EXPANDED)
        return WORDS("Passed on to a list");
    if (o->kind == OUTCOME_DELIVERED)
        return outcome_has_recovered(o) ? WORDS("Delivered after all") : WORDS("Delivered");
    return outcome_has_recovered(o) ? WORDS("Passed on after all") : WORDS("Passed on");
}

static void tell_whereto(struct told *t, const struct report *r, const struct outcome *o)
{
    if (outcome_has_recovered(o))
        /* TRANSLATORS: %1 is a time. */
        told_add(t, TOLD_PARAGRAPH,
                 SAY(t, "On %1 a notice told you that it was delayed. That is over.",
                     told_time(t, o->told_ms, r->offset_minutes)));
    if (o->kind == OUTCOME_EXPANDED)
        told_add_words(t, TOLD_PARAGRAPH, say(t, "It was passed on to the members of a list."));
    if (o->kind == OUTCOME_RELAYED && !o->is_passed_on)
        told_add_words(t, TOLD_PARAGRAPH,
                       say(t, "It was passed on to a server that does not confirm what becomes of "
                              "it."));
    if (envelope_is_unwatched(r->original, o))
        told_add_words(t, TOLD_PARAGRAPH,
                       say(t, "It was passed on to a server that does not watch the time by which "
                              "you want it to arrive."));
}

static void tell_received(struct told *t, const struct report *r)
{
    size_t named = r->received_count < NAMED_AS_RECEIVED ? r->received_count : NAMED_AS_RECEIVED;
    if (!named)
        return;
    told_add(t, TOLD_GROUP, SPAN_NONE);
    told_add_words(t, TOLD_HEADING, say(t, "Delivered"));
    for (size_t i = 0; i < named; i++)
        told_add_address(t, TOLD_NAME, r->received[i]);
    told_further(t, r->received_count - named);
}

/* Whom users are told to call is no help to postmaster. */
static void tell_help(struct told *t, const struct report *r, bool needs_rule)
{
    if (!r->is_for_postmaster)
        told_help(t, told_queue_id(t, r), needs_rule);
}

/* ---- all groups */

struct telling {
    const struct report *report;
    struct told_groups groups;
    struct notice_original original;
    const struct notice *lost; /* it is about a notice of ours; else NULL */
    bool is_short;
};

static void tell_meeting(struct told *t, const struct telling *g)
{
    const struct notice_original *o = &g->original;
    const struct report *r = g->report;
    if (!o->meeting.len || r->recipient_count != 1 || t->worst != OUTCOME_FAILED || g->is_short)
        return;
    struct span name = told_shown(t, o->meeting, LONGEST_NAME);
    struct span to = told_shown(t, told_recipient(r, 0), LONGEST_NAME);
    told_add(t, TOLD_PARAGRAPH,
             /* TRANSLATORS: %1 is the name of a meeting, %2 its time, %3 an address. */
             o->meeting_ms ? SAY(t, "The invitation “%1” for %2 was not delivered to %3.", name,
                                 told_time(t, o->meeting_ms, r->offset_minutes), to)
                           /* TRANSLATORS: %1 is the name of a meeting, %2 an address. */
                           : SAY(t, "The invitation “%1” was not delivered to %2.", name, to));
}

/* What is not told by the title needs a heading. */
static void tell_group(struct told *t, const struct telling *g, size_t i)
{
    const struct told_group *it = &g->groups.groups[i];
    enum outcome_kind kind = it->first->outcome->kind;
    bool has_heading = i && (!it->text || kind != t->worst);
    if (i)
        told_add(t, TOLD_GROUP, SPAN_NONE);
    if (has_heading)
        told_add_words(t, TOLD_HEADING,
                       say(t, it->text ? "Delayed" : label_of(it->first->outcome)));
    tell_addresses(t, g->report, &g->groups, i, has_heading ? TOLD_NAME : TOLD_ADDRESS);
    tell_meeting(t, g);
    if (it->text)
        tell_trouble(t, g->report, &g->groups, i, g->is_short);
    else
        tell_whereto(t, g->report, it->first->outcome);
}

static void tell_groups(struct told *t, const struct telling *g)
{
    if (g->report->is_for_postmaster) {
        told_to_postmaster(t, g->report, &g->groups, g->lost, g->is_short);
        return;
    }
    tell_title(t, g->report, &g->groups);
    for (size_t i = 0; i < g->groups.count; i++)
        tell_group(t, g, i);
    if (!g->groups.groups[0].text) {
        told_add_words(t, TOLD_HEADING, say(t, "Who must act?"));
        told_add_words(t, TOLD_PARAGRAPH, say(t, "Nobody."));
    }
}

static void tell_in_english(struct told *t, struct telling *g)
{
    const struct language *own = t->language;
    t->language = language_english(own);
    g->is_short = true;
    told_add_words(t, TOLD_ECHO, "In English");
    tell_groups(t, g);
    tell_help(t, g->report, false);
    t->language = own;
}

static const struct notice *read_lost(const struct report *r, struct arena *a)
{
    struct notice *lost = arena_new(a, sizeof *lost);
    struct survey *s = arena_new(a, sizeof *s);
    notice_read(lost, s, r->message, a);
    return lost;
}

void report_tell(struct told *t, const struct report *r, struct arena *a)
{
    *t = (struct told){.language = r->language, .worst = told_worst(r), .arena = a};
    struct telling g = {.report = r, .groups = told_group(r, a)};
    g.original.subject = r->original->subject;
    meeting_read(r->message, &g.original, a);
    if (envelope_is_notice(r->original))
        g.lost = read_lost(r, a);
    tell_groups(t, &g);
    tell_received(t, r);
    tell_help(t, r, g.groups.count > 1 || r->received_count);
    told_message(t, r, &g.original);
    told_details(t, r);
    if (strcmp(language_tag(t->language), "en") != 0)
        tell_in_english(t, &g);
    buffer_free(&t->scratch);
}
