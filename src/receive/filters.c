/* Filters are judges who are asked one after the other: of a message each sees what the ones before
 * have changed. They are connected to when the first sender is there, and told then of the client
 * and its HELO too: most clients that go before that never were worth a connection. */
#include "base/memory.h"
#include "base/visible.h"
#include "outcome/counts.h"
#include "receive/filters_inside.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/tally.h"

#include <stdlib.h>

enum { LONGEST_REASON = 200, SPARE = 64 * 1024 /* octets of changes, beside a body of any size */ };

static const struct reply can_not_check =
    REPLY(451, 4, 7, 1,
          "This server can't check mail right now; its operator has been told. Please try again "
          "later");

/* ---- coming and going */

static void answered(struct filter_link *l);

static struct filtering *filtering_new(struct session *s)
{
    const struct entrance *x = s->entrance;
    const struct options *o = x->options;
    size_t count = 0;
    for (size_t i = 0; i < o->filter_count; i++)
        count += mail_filter_is_among(&o->filters[i], x->at->filters);
    if (!count)
        return NULL;
    struct filtering *f = memory_new(sizeof *f + count * sizeof *f->places);
    f->session = s;
    for (size_t i = 0; i < o->filter_count; i++) {
        if (!mail_filter_is_among(&o->filters[i], x->at->filters))
            continue;
        f->places[f->count++] =
            (struct filter_place){.filtering = f,
                                  .link = {.loop = s->receiver->loop,
                                           .filter = &o->filters[i],
                                           .most = 2 * (size_t)x->server.max_message_size + SPARE,
                                           .answered = answered}};
    }
    return f;
}

void filters_forget(struct session *s)
{
    struct filtering *f = s->filtering;
    s->filtering = NULL;
    if (!f)
        return;
    for (size_t i = 0; i < f->count; i++)
        filter_link_end(&f->places[i].link);
    arena_clear(&f->arena);
    free(f);
}

/* ---- what they say */

static void log_filter(const struct filtering *f, enum log_level level, const char *event,
                       const struct mail_filter *by, struct span words)
{
    struct buffer client = BUFFER_EMPTY, id = BUFFER_EMPTY, shown = BUFFER_EMPTY;
    arrival_add_client(&client, f->session);
    message_id_add(&id, f->id);
    visible_add(&shown, words, LONGEST_REASON);
    struct buffer *line = log_begin(level, event);
    log_line_text(line, "id", buffer_span(&id));
    log_line_text(line, "client", buffer_span(&client));
    log_line_text(line, "filter", by->name);
    if (words.len)
        log_line_text(line, "words", buffer_span(&shown));
    log_end();
    buffer_free(&client);
    buffer_free(&id);
    buffer_free(&shown);
}

static enum judgement refuse_for_now(struct filter_place *p, struct reply *reply)
{
    p->filtering->session->judging.filter = p->link.filter->name;
    *reply = can_not_check;
    return JUDGE_REFUSES;
}

static enum judgement failed(struct filter_place *p, const char *why, struct reply *reply)
{
    struct filtering *f = p->filtering;
    const struct mail_filter *filter = p->link.filter;
    tally_add(COUNT_FILTER_FAILED, 1);
    log_filter(f, LOG_LEVEL_ERROR, "filter-failed", filter, span_of(why));
    filter_link_end(&p->link);
    if (filter->on_failure == MAIL_FILTER_SKIP) {
        p->is_left_out = true;
        return JUDGE_TAKES;
    }
    p->is_lost = true;
    return refuse_for_now(p, reply);
}

static void discard(struct filter_place *p, bool has_no_recipients)
{
    struct filtering *f = p->filtering;
    tally_add(COUNT_FILTER_DISCARDED, 1);
    f->discards = p->link.filter;
    f->has_no_recipients = has_no_recipients;
    log_filter(f, LOG_LEVEL_INFO, "filter-discards", f->discards, SPAN_NONE);
}

/* Changes the message as the filter wants it. What has no recipients left goes nowhere; but it had
 * some, and the story tells of them. */
static enum judgement change(struct filter_place *p, struct reply *reply)
{
    struct filtering *f = p->filtering;
    const struct changes *c = dialogue_changes(p->link.dialogue);
    struct transaction *t = server_transaction(f->session->server);
    struct server_recipient *recipients = t->recipients;
    size_t count = t->recipient_count;
    struct error why;
    if (changes_are_none(c))
        return JUDGE_TAKES;
    if (!changes_apply(c, t, &f->arena, &why))
        return failed(p, why.text, reply);
    if (!t->recipient_count) {
        t->recipients = recipients;
        t->recipient_count = count;
        discard(p, true);
    }
    if (c->is_quarantined && !f->holds) {
        tally_add(COUNT_FILTER_HELD, 1);
        f->holds = p->link.filter;
        f->hold_why = arena_copy(&f->arena, span_first(c->quarantine, LONGEST_REASON));
        log_filter(f, LOG_LEVEL_INFO, "filter-holds", f->holds, f->hold_why);
    }
    f->facts.message = buffer_span(&t->message);
    return JUDGE_TAKES;
}

static enum judgement judgement_of(struct filter_place *p, struct reply *reply, struct arena *a)
{
    struct filtering *f = p->filtering;
    struct dialogue *c = p->link.dialogue;
    switch (dialogue_verdict(c)) {
    case MILTER_TAKES:
        return f->question == FILTER_MESSAGE ? change(p, reply) : JUDGE_TAKES;
    case MILTER_REFUSES:
        tally_add(COUNT_FILTER_REFUSED, 1);
        f->session->judging.filter = p->link.filter->name;
        *reply = dialogue_reply(c);
        reply->text = arena_copy(a, reply->text);
        return JUDGE_REFUSES;
    case MILTER_DISCARDS:
        discard(p, false);
        return JUDGE_TAKES;
    case MILTER_FAILED:
        break;
    }
    struct error why;
    error_set(&why, "%s", dialogue_failure(c));
    return failed(p, why.text, reply);
}

/* ---- asking them */

static enum judgement ask(struct filter_place *p, struct reply *reply, struct arena *a)
{
    struct filtering *f = p->filtering;
    if (p->is_lost)
        return refuse_for_now(p, reply);
    if (f->question != FILTER_SENDER && !p->link.dialogue)
        return failed(p, "has ended the connection inside of a message", reply);
    if (!filter_link_ask(&p->link, f->question, &f->facts))
        return JUDGE_ANSWERS_LATER;
    return judgement_of(p, reply, a);
}

static enum judgement go_on(struct filtering *f, struct arena *a, struct reply *reply)
{
    while (f->next < f->count && !f->discards) {
        struct filter_place *p = &f->places[f->next];
        enum judgement j = p->is_left_out ? JUDGE_TAKES : ask(p, reply, a);
        if (j != JUDGE_TAKES)
            return j;
        f->next++;
    }
    return JUDGE_TAKES;
}

static void answered(struct filter_link *l)
{
    struct filter_place *p = LIST_ENTRY(l, struct filter_place, link);
    struct filtering *f = p->filtering;
    struct session *s = f->session;
    struct arena a = ARENA_EMPTY;
    struct reply reply = s->judging.reply;
    enum judgement j = judgement_of(p, &reply, &a);
    if (j == JUDGE_TAKES) {
        f->next++;
        j = go_on(f, &a, &reply);
    }
    if (j != JUDGE_ANSWERS_LATER)
        judging_answered(s, j == JUDGE_TAKES ? s->judging.reply : reply);
    arena_clear(&a);
}

static enum judgement begin(struct filtering *f, enum filter_question question, struct arena *a,
                            struct reply *reply)
{
    f->question = question;
    f->next = 0;
    return go_on(f, a, reply);
}

enum judgement judge_filters_sender(struct session *s, struct arena *a, struct reply *reply)
{
    if (!s->filtering)
        s->filtering = filtering_new(s);
    struct filtering *f = s->filtering;
    if (!f)
        return JUDGE_TAKES;
    arena_clear(&f->arena);
    f->id = store_new_id(s->receiver->house->settings.store, clock_now_us());
    f->discards = f->holds = NULL;
    f->has_no_recipients = false;
    for (size_t i = 0; i < f->count; i++)
        f->places[i].is_left_out = f->places[i].is_lost = false;
    filter_facts_of_sender(f, s);
    return begin(f, FILTER_SENDER, a, reply);
}

enum judgement judge_filters_recipient(struct session *s, struct arena *a, struct reply *reply)
{
    struct filtering *f = s->filtering;
    if (!f)
        return JUDGE_TAKES;
    filter_facts_of_recipient(f, server_asked_recipient(s->server));
    return begin(f, FILTER_RECIPIENT, a, reply);
}

enum judgement judge_filters_message(struct session *s, struct arena *a, struct reply *reply)
{
    struct filtering *f = s->filtering;
    if (!f)
        return JUDGE_TAKES;
    f->facts.message = buffer_span(&server_transaction(s->server)->message);
    return begin(f, FILTER_MESSAGE, a, reply);
}

/* ---- what becomes of the message */

message_id filters_id(const struct session *s)
{
    return s->filtering ? s->filtering->id : 0;
}

bool filters_finish(const struct session *s, const struct envelope *e, struct commit *c)
{
    const struct filtering *f = s->filtering;
    struct arena a = ARENA_EMPTY;
    if (f && f->discards) {
        const struct outcome o = {
            .kind = OUTCOME_DISCARDED,
            .time_ms = e->accepted_ms,
            .words = arena_printf(&a, "discarded by the filter %.*s%s", SPAN_F(f->discards->name),
                                  f->has_no_recipients ? ", which took all recipients away" : ""),
            .host = SPAN_NONE,
            .address = SPAN_NONE,
            .stage = SPAN_NONE};
        for (size_t i = 0; i < e->recipient_count; i++)
            if (!e->recipients[i].is_expanded)
                commit_outcome(c, e->id, i, 1, 0, &o);
    } else if (f && f->holds) {
        struct buffer why = BUFFER_EMPTY;
        buffer_printf(&why, "the filter %.*s: ", SPAN_F(f->holds->name));
        visible_add(&why, f->hold_why, LONGEST_REASON);
        commit_hold(c, e->id, e->accepted_ms, buffer_span(&why));
        buffer_free(&why);
    }
    arena_clear(&a);
    return f && f->discards;
}

bool filters_hold(const struct session *s)
{
    return s->filtering && s->filtering->holds && !s->filtering->discards;
}
