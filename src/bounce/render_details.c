#include "base/visible.h"
#include "bounce/render_inside.h"

#include <stdio.h>

enum {
    FIELD_SHOWN = 500,
    WORDS_SHOWN = 4000,
    TEXT_SHOWN = 3000,
    RECIPIENTS_FOR_A_PERSON = 20,
    RECIPIENTS_FOR_AN_OPERATOR = 200
};

static const char *say(const struct details *d, const char *english)
{
    return words(d->wishes->language, english);
}

static void row(struct details *d, const char *label, struct span value)
{
    value = span_trim(value);
    if (!value.len)
        return;
    buffer_clear(&d->scratch);
    visible_add_field(&d->scratch, value, FIELD_SHOWN);
    d->row(d, label, buffer_span(&d->scratch));
}

static void time_row(struct details *d, const char *label, int64_t time_ms)
{
    if (!time_ms)
        return;
    buffer_clear(&d->scratch);
    words_add_time(&d->scratch, d->wishes->language, time_ms, d->wishes->offset_minutes);
    d->row(d, label, buffer_span(&d->scratch));
}

static void verbatim(struct details *d, const char *label, struct span words, size_t most)
{
    words = span_trim(words);
    if (!words.len)
        return;
    buffer_clear(&d->scratch);
    visible_add_lines(&d->scratch, words, most);
    d->verbatim(d, label, buffer_span(&d->scratch));
}

static const char *action_words(const struct details *d, enum notice_action a)
{
    switch (a) {
    case ACTION_UNKNOWN:
        break;
    case ACTION_FAILED:
        return say(d, "Not delivered");
    case ACTION_DELAYED:
        return say(d, "Delayed");
    case ACTION_DELIVERED:
        return say(d, "Delivered");
    case ACTION_RELAYED:
        return say(d, "Passed on");
    case ACTION_EXPANDED:
        return say(d, "Passed on to a list");
    }
    return "";
}

static void codes_row(struct details *d, const struct notice_recipient *r)
{
    buffer_clear(&d->scratch);
    if (r->code)
        buffer_printf(&d->scratch, "%d", r->code);
    if (r->code && status_is_given(r->status))
        buffer_add_char(&d->scratch, ' ');
    if (status_is_given(r->status))
        status_add(&d->scratch, r->status);
    if (d->scratch.len)
        d->row(d, say(d, "Codes"), buffer_span(&d->scratch));
}

static void cause_row(struct details *d, const struct notice_recipient *r)
{
    if (r->action != ACTION_FAILED && r->action != ACTION_DELAYED)
        return;
    buffer_clear(&d->scratch);
    cause_add(&d->scratch, r->cause);
    d->row(d, say(d, "Cause"), buffer_span(&d->scratch));
}

void details_give_recipient(struct details *d, const struct notice *n, size_t recipient)
{
    const struct notice_recipient *r = &n->recipients[recipient];
    bool for_operator = d->wishes->audience == AUDIENCE_OPERATOR;
    row(d, say(d, "What became of it"), span_of(action_words(d, r->action)));
    if (r->original.len && !span_equal_nocase(r->original, r->address))
        row(d, say(d, "Final address"), r->address);
    codes_row(d, r);
    if (for_operator)
        cause_row(d, r);
    row(d, say(d, "Server"), r->remote);
    time_row(d, say(d, "Last attempt"), r->last_attempt_ms);
    time_row(d, say(d, "Tried until"), r->retry_until_ms);
    verbatim(d, say(d, "The server's own words"), r->diagnostic, WORDS_SHOWN);
}

static void give_recipients(struct details *d, const struct notice *n)
{
    size_t most = d->wishes->audience == AUDIENCE_OPERATOR ? RECIPIENTS_FOR_AN_OPERATOR
                                                           : RECIPIENTS_FOR_A_PERSON;
    for (size_t i = 0; i < n->recipient_count && i < most; i++) {
        buffer_clear(&d->scratch);
        say_recipient(&d->scratch, &n->recipients[i]);
        d->heading(d, buffer_span(&d->scratch));
        details_give_recipient(d, n, i);
    }
    size_t further = n->recipient_count + n->further_count;
    further -= further < most ? further : most;
    if (further) {
        char number[24];
        snprintf(number, sizeof number, "%zu", further);
        const struct span with[] = {span_of(number)};
        struct buffer line = BUFFER_EMPTY;
        words_fill(&line, d->wishes->language,
                   words_plural(d->wishes->language, "%1 further recipient",
                                "%1 further recipients", further),
                   with, 1);
        d->heading(d, buffer_span(&line));
        buffer_free(&line);
    }
}

void details_give_original(struct details *d, const struct notice *n)
{
    const struct notice_original *o = &n->original;
    row(d, say(d, "Subject"), o->subject);
    row(d, say(d, "From"), o->from);
    row(d, say(d, "To"), o->to);
    if (o->date_ms)
        time_row(d, say(d, "Date"), o->date_ms);
    else
        row(d, say(d, "Date"), o->date);
    row(d, say(d, "Message-ID"), o->message_id);
    row(d, say(d, "Invitation"), o->meeting);
    time_row(d, say(d, "Time of the meeting"), o->meeting_ms);
}

static bool knows_original(const struct notice_original *o)
{
    return o->subject.len || o->from.len || o->to.len || o->message_id.len || o->meeting.len;
}

bool details_have_text(const struct notice *n)
{
    bool said = n->kind == NOTICE_FAILURE || n->kind == NOTICE_DELAY || n->kind == NOTICE_SUCCESS;
    for (size_t i = 0; i < n->recipient_count && said; i++)
        said = n->recipients[i].diagnostic.len > 0;
    return !said || !n->recipient_count;
}

static void give_notice(struct details *d, const struct notice *n)
{
    d->heading(d, span_of(say(d, "The notice")));
    row(d, say(d, "Subject"), n->subject);
    row(d, say(d, "From"), n->from);
    time_row(d, say(d, "Date"), n->date_ms);
    row(d, say(d, "Reporting server"), n->reporting);
    row(d, say(d, "Written by"), span_of(n->agent));
    time_row(d, say(d, "Message received there"), n->arrival_ms);
    if (d->wishes->audience == AUDIENCE_OPERATOR)
        row(d, say(d, "Message-ID"), n->message_id);
}

void details_give(struct details *d, const struct notice *n, const struct verdict *v)
{
    if (v->class != VERDICT_PHISHING)
        give_recipients(d, n);
    if (knows_original(&n->original)) {
        d->heading(d, span_of(say(d, "The message")));
        details_give_original(d, n);
    }
    give_notice(d, n);
    if (v->class != VERDICT_PHISHING && v->class != VERDICT_NOT_A_BOUNCE && details_have_text(n))
        verbatim(d, say(d, "The notice's own words"), n->text, TEXT_SHOWN);
    buffer_free(&d->scratch);
}
