#include "control/story_text.h"

#include "auth/return_tag.h"
#include "base/visible.h"
#include "control/server_text.h"
#include "control/story_feedback.h"
#include "control/story_sum.h"
#include "control/story_waits.h"
#include "control/wishes.h"
#include "mail/date.h"
#include "mail/encode.h"
#include "outcome/hidden.h"
#include "outcome/judged_words.h"
#include "outcome/report_to.h"

enum { LONGEST_ADDRESS = 254, LONGEST_WORDS = 500, MOST_MEMBERS = 8, COLUMNS = 98, INDENT = 12 };

void story_for_sender(struct story *s, struct arena *a)
{
    s->is_for_sender = true;
    for (size_t i = 0; i < s->event_count; i++) {
        struct story_event *e = &s->events[i];
        bool has_words = e->kind == STORY_ATTEMPT || e->kind == STORY_REPORTED;
        if (has_words && e->recipient < s->envelope.recipient_count)
            e->outcome.words = words_for_sender(&s->envelope, e->recipient, e->outcome.words, a);
    }
}

static void add_visible(struct buffer *out, struct span s)
{
    visible_add(out, s, LONGEST_ADDRESS);
}

static void add_size(struct buffer *out, uint64_t size)
{
    if (size < 1000)
        buffer_printf(out, "%llu bytes", (unsigned long long)size);
    else if (size < 1000000)
        buffer_printf(out, "%.1f KB", (double)size / 1000);
    else
        buffer_printf(out, "%.1f MB", (double)size / 1000000);
}

static const char *digest_name(enum digest_of what)
{
    switch (what) {
    case DIGEST_OF_OUTCOMES:
        return "our own digest of many failures or delays";
    case DIGEST_OF_FLOOD:
        return "our own digest of notices about forged mail";
    case DIGEST_OF_MISUSE:
        break;
    }
    return "our own digest of notices about mail that somebody else sent through the account";
}

static void add_head(struct buffer *out, const struct envelope *e)
{
    struct buffer subject = BUFFER_EMPTY;
    message_id_add(out, e->id);
    encoded_words_decode(&subject, e->subject);
    buffer_add_text(out, "  ");
    if (subject.len) {
        buffer_add_text(out, "“");
        visible_add(out, buffer_span(&subject), 200);
        buffer_add_text(out, "” ");
    }
    buffer_free(&subject);
    if (e->tells_until) {
        buffer_add_text(out, digest_name(e->digest_of));
    } else if (envelope_is_notice(e)) {
        buffer_add_text(out, "our own notification about ");
        message_id_add(out, e->about);
    } else {
        if (e->origin == ORIGIN_FORWARD) {
            message_id_add(out, e->about);
            buffer_add_text(out, " sent on, ");
        } else if (e->origin == ORIGIN_REDIRECTED) {
            buffer_add_text(out, "redirected out of ");
            message_id_add(out, e->about);
            buffer_add_text(out, ", ");
        }
        buffer_add_text(out, "from ");
        if (e->reverse_path.len)
            add_visible(out, e->reverse_path);
        else
            buffer_add_text(out, "<> (a notice: it has no sender to report to)");
    }
    buffer_add_text(out, ", ");
    add_size(out, e->size);
    buffer_add_char(out, '\n');
}

/* ---- lines with a time */

struct telling {
    struct buffer *out;
    int offset;
    struct buffer day; /* of the line before */
};

/* "Tue 24 Nov 2026" on a line of its own where it changes, then "  12:44:03  ". */
static void begin_line(struct telling *t, int64_t time_ms)
{
    struct buffer text = BUFFER_EMPTY;
    date_add_words(&text, time_ms, t->offset);
    struct span clock = buffer_span(&text), day = span_cut(&clock, ',');
    struct span zone = span_trim(clock), time = span_word(&zone);
    if (!span_equal(day, buffer_span(&t->day))) {
        buffer_clear(&t->day);
        buffer_add_span(&t->day, day);
        buffer_printf(t->out, "  %.*s %.*s\n", SPAN_F(day), SPAN_F(span_trim(zone)));
    }
    buffer_printf(t->out, "  %.*s  ", SPAN_F(time));
    buffer_free(&text);
}

/* The rest of a line, wrapped. */
static void end_line(struct telling *t, struct span text)
{
    size_t column = INDENT;
    bool is_start = true;
    for (struct span word; (word = span_word(&text)).len; is_start = false) {
        if (!is_start && column + 1 + word.len > COLUMNS) {
            buffer_printf(t->out, "\n%*s", INDENT + 2, "");
            column = INDENT + 2;
            is_start = true;
        }
        buffer_printf(t->out, "%s%.*s", is_start ? "" : " ", SPAN_F(word));
        column += word.len + !is_start;
    }
    buffer_add_char(t->out, '\n');
}

/* By the sender: not those that aliases led to. */
static size_t count_named(const struct envelope *e)
{
    size_t count = 0;
    while (count < e->recipient_count && !e->recipients[count].parent)
        count++;
    return count;
}

static void add_accepted(struct buffer *line, const struct envelope *e)
{
    switch (e->origin) {
    case ORIGIN_NOTIFICATION:
    case ORIGIN_TO_POSTMASTER:
        buffer_add_text(line, "made by this server");
        break;
    case ORIGIN_FORWARD:
        buffer_add_text(line, "sent on by the recipient's .forward");
        break;
    case ORIGIN_REDIRECTED:
        buffer_add_text(line, "redirected by the operator");
        break;
    case ORIGIN_SMTP:
        buffer_add_text(line, "accepted from ");
        add_visible(line, e->client_name);
        if (e->client_address.len) { /* else it was handed in here, by sendmail(1) */
            buffer_add_text(line, " [");
            add_visible(line, e->client_address);
            buffer_add_char(line, ']');
        }
        if (e->login.len) {
            buffer_add_text(line, ", logged in as ");
            add_visible(line, e->login);
            buffer_add_char(line, ',');
        }
        if (e->authentication.len) {
            buffer_add_text(line, " (");
            visible_add(line, e->authentication, LONGEST_WORDS);
            buffer_add_char(line, ')');
        }
        break;
    }
    size_t named = count_named(e);
    buffer_add_text(line, " for ");
    add_visible(line, e->recipients[0].address);
    if (named > 1)
        buffer_printf(line, " and %zu other%s", named - 1, named == 2 ? "" : "s");
}

static void tell_accepted(struct telling *t, const struct envelope *e)
{
    struct buffer line = BUFFER_EMPTY;
    begin_line(t, e->accepted_ms);
    add_accepted(&line, e);
    wishes_add_words(&line, e, t->offset);
    judged_add_words(&line, e);
    end_line(t, buffer_span(&line));
    buffer_free(&line);
}

/* The recipient as whoever hears the story may know it. */
static struct span address_of(const struct story *s, size_t recipient)
{
    const struct envelope *e = &s->envelope;
    if (recipient >= e->recipient_count)
        return SPAN("?");
    while (s->is_for_sender && e->recipients[recipient].parent)
        recipient = e->recipients[recipient].parent - 1;
    return e->recipients[recipient].address;
}

/* An address that we have made of a sender's, of whose mail this is a report: rewritten (SRS), or
 * signed. */
static bool is_return(const struct story *s, size_t recipient)
{
    struct arena a = ARENA_EMPTY;
    struct return_tag tag;
    struct span address = s->envelope.recipients[recipient].address;
    bool is_rewritten =
        span_starts_nocase(address, SPAN("SRS0")) || span_starts_nocase(address, SPAN("SRS1"));
    bool is =
        (is_rewritten && !s->envelope.reverse_path.len) || return_tag_parse(&tag, address, &a);
    arena_clear(&a);
    return is;
}

/* "leads to bob@example.org, eve@example.net and 3 more" */
static void add_members(struct buffer *line, const struct story *s, size_t of, const char *by)
{
    size_t count = 0;
    of = by ? 0 : of; /* what goes on in the place of several is the first one's */
    for (size_t i = of + 1; i < s->envelope.recipient_count; i++) {
        if (s->envelope.recipients[i].parent != of + 1)
            continue;
        if (count < MOST_MEMBERS) {
            buffer_printf(line, "%s%s", by && !count ? by : "",
                          count              ? ", "
                          : by               ? " to "
                          : is_return(s, of) ? "stands for the sender "
                                             : "is an alias of ");
            add_visible(line, s->envelope.recipients[i].address);
        }
        count++;
    }
    if (count > MOST_MEMBERS)
        buffer_printf(line, " and %zu more", count - MOST_MEMBERS);
    if (!count)
        buffer_add_text(line, "is an alias of somebody who gets it already");
}

/* By an alias; or by the operator or the user: then the stage says so, and the story of what stands
 * in its place says it again. Whoever has sent it need not know where it leads. */
static void add_expanded(struct buffer *line, const struct story *s, const struct story_event *e)
{
    if (e->outcome.stage.len) {
        add_visible(line, e->outcome.stage);
        if (e->outcome.words.len && !s->is_for_sender) {
            buffer_add_char(line, ' ');
            visible_add(line, e->outcome.words, LONGEST_WORDS);
        }
        return;
    }
    static const char *const how[] = {[ORIGIN_SMTP] = NULL,
                                      [ORIGIN_NOTIFICATION] = NULL,
                                      [ORIGIN_FORWARD] = "sent on by the user's .forward",
                                      [ORIGIN_REDIRECTED] = "redirected by the operator",
                                      [ORIGIN_TO_POSTMASTER] = NULL};
    bool is_member =
        e->recipient >= s->envelope.recipient_count || s->envelope.recipients[e->recipient].parent;
    const char *by = !is_member ? how[s->envelope.origin] : NULL;
    if (!s->is_for_sender)
        add_members(line, s, e->recipient, by);
    else
        buffer_add_text(line, by ? by : "is an alias on this server");
}

static void add_outcome(struct buffer *line, const struct story *s, const struct story_event *e)
{
    const struct outcome *o = &e->outcome;
    switch (o->kind) {
    case OUTCOME_DELIVERED:
        buffer_add_text(line, "delivered into the mailbox");
        if (o->is_remote)
            server_add_taker(line, " by ", o);
        return;
    case OUTCOME_RELAYED:
        server_add_taker(line, "relayed to ", o);
        return;
    case OUTCOME_DISCARDED:
        buffer_add_text(line, "discarded: ");
        visible_add(line, o->words, LONGEST_WORDS);
        return;
    case OUTCOME_EXPANDED:
        add_expanded(line, s, e);
        return;
    case OUTCOME_DELAYED:
        if (story_add_own_will(line, e))
            return;
        buffer_printf(line, "delayed: %s; next attempt ", cause_text(o->cause)->headline);
        if (e->retry_ms > o->time_ms) {
            buffer_add_text(line, "in ");
            duration_add_words(line, e->retry_ms - o->time_ms);
        } else {
            buffer_add_text(line, "at once");
        }
        buffer_add_char(line, '.');
        break;
    case OUTCOME_FAILED:
        buffer_printf(line, "%s: %s.", o->is_expired ? "given up" : "refused for good",
                      cause_text(o->cause)->headline);
        break;
    }
    server_add_words(line, o);
}

/* "": somebody was told, is still to be told, or there is nothing to tell. */
static const char *why_nobody_is_told(const struct story *s, const struct story_event *e)
{
    bool is_untold = e->kind == STORY_ATTEMPT && e->outcome.kind == OUTCOME_FAILED &&
                     !e->notification && !e->retry_ms && !e->outcome.is_in_digest &&
                     e->recipient < s->envelope.recipient_count;
    return is_untold ? report_why_nobody(&s->envelope, e->recipient) : "";
}

static void add_why_nobody(struct buffer *line, const struct story *s, const struct story_event *e)
{
    const char *why = why_nobody_is_told(s, e);
    if (*why)
        buffer_printf(line, " Nobody is told: %s.", why);
}

static void add_told(struct buffer *line, const struct story *s, const struct story_event *e)
{
    if (e->outcome.kind == OUTCOME_DISCARDED)
        add_visible(line, e->outcome.stage);
    else if (report_is_for_postmaster(&s->envelope, e->recipient))
        buffer_add_text(line, s->envelope.vouched == VOUCHED_AGAINST
                                  ? "postmaster, because the return path is forged,"
                                  : "postmaster");
    else if (s->is_for_sender && s->envelope.recipients[e->recipient].reverse_path.len)
        buffer_add_text(line, "the owner of the list");
    else
        add_visible(line, envelope_reverse_path(&s->envelope, e->recipient));
}

/* What is to come in a digest has no notice yet; one line tells of all that came together. */
static bool is_last_of_notice(const struct story *s, const struct story_event *e)
{
    const struct story_event *next = e == s->events + s->event_count - 1 ? NULL : e + 1;
    if (!e->notification)
        return e->kind == STORY_REPORTED && !(next && next->outcome.is_in_digest);
    return !next || next->notification != e->notification;
}

static void tell_reported(struct telling *t, const struct story *s, const struct story_event *e)
{
    struct buffer line = BUFFER_EMPTY;
    begin_line(t, e->time_ms);
    buffer_add_text(&line, e->notification ? "reported " : "will be reported ");
    buffer_add_text(&line, e->outcome.is_in_digest ? "in a digest to " : "to ");
    add_told(&line, s, e);
    if (e->notification) {
        buffer_add_text(&line, " in ");
        message_id_add(&line, e->notification);
    }
    end_line(t, buffer_span(&line));
    buffer_free(&line);
}

static void tell_event(struct telling *t, const struct story *s, const struct story_event *e)
{
    struct buffer line = BUFFER_EMPTY;
    if (e->kind != STORY_REPORTED)
        begin_line(t, e->time_ms);
    switch (e->kind) {
    case STORY_ATTEMPT:
        add_visible(&line, address_of(s, e->recipient));
        buffer_add_text(&line, "  ");
        add_outcome(&line, s, e);
        add_why_nobody(&line, s, e);
        break;
    case STORY_REPORTED:
        break;
    case STORY_HELD:
        buffer_add_text(&line, e->why.len ? "put on hold" : "put on hold by the operator");
        if (e->why.len)
            buffer_add_text(&line, ": ");
        visible_add(&line, e->why, LONGEST_WORDS);
        break;
    case STORY_RELEASED:
        buffer_add_text(&line, "released by the operator");
        break;
    case STORY_COMPLAINED:
        story_add_complaint(&line, s, e);
        break;
    }
    if (e->kind != STORY_REPORTED)
        end_line(t, buffer_span(&line));
    if (is_last_of_notice(s, e))
        tell_reported(t, s, e);
    buffer_free(&line);
}

/* ---- the whole */

void story_print(struct buffer *out, const struct story *s, int offset_minutes)
{
    struct telling t = {out, offset_minutes, BUFFER_EMPTY};
    struct story_sum sum = story_sum(s);
    add_head(out, &s->envelope);
    tell_accepted(&t, &s->envelope);
    for (size_t i = 0; i < s->event_count; i++)
        tell_event(&t, s, &s->events[i]);
    story_sum_tell(out, &sum,
                   report_is_for_postmaster(&s->envelope, 0) ? "failed and reported to postmaster"
                                                             : "failed and reported to the sender");
    buffer_free(&t.day);
}

/* ---- one line of it */

/* "12:44:03  1k10sawp4dr  ", and what happened. */
void story_line(struct buffer *out, const struct story *s, int offset_minutes)
{
    const struct envelope *e = &s->envelope;
    struct buffer date = BUFFER_EMPTY, line = BUFFER_EMPTY;
    date_add_words(&date, s->event_count ? s->events[0].time_ms : e->accepted_ms, offset_minutes);
    struct span clock = buffer_span(&date);
    span_cut(&clock, ',');
    struct span time = span_word(&clock);
    buffer_printf(&line, "%.*s  ", SPAN_F(time));
    message_id_add(&line, e->id);
    buffer_add_text(&line, "  ");
    if (s->event_count) {
        add_visible(&line, address_of(s, s->events[0].recipient));
        buffer_add_text(&line, "  ");
        add_outcome(&line, s, &s->events[0]);
    } else {
        add_accepted(&line, e);
        buffer_add_text(&line, ", from ");
        add_visible(&line, e->reverse_path.len ? e->reverse_path : SPAN("<>"));
        buffer_add_text(&line, ", ");
        add_size(&line, e->size);
        wishes_add_words(&line, e, offset_minutes);
    }
    buffer_add_char(&line, '\n');
    buffer_add_span(out, buffer_span(&line));
    buffer_free(&line);
    buffer_free(&date);
}

/* ---- JSON */

static void json_id(struct json *j, const char *name, message_id id)
{
    struct buffer text = BUFFER_EMPTY;
    message_id_add(&text, id);
    json_text(j, name, buffer_span(&text));
    buffer_free(&text);
}

static void json_attempt(struct json *j, const struct story *s, const struct story_event *e)
{
    const struct outcome *o = &e->outcome;
    struct buffer status = BUFFER_EMPTY;
    json_text(j, "recipient", address_of(s, e->recipient));
    json_number(j, "attempt", e->attempts);
    if (o->kind == OUTCOME_DELAYED || o->kind == OUTCOME_FAILED) {
        json_text(j, "cause", span_of(cause_name(o->cause.cause)));
        if (o->cause.variant)
            json_text(j, "variant", span_of(variant_name(o->cause.variant)));
    }
    if (o->code)
        json_number(j, "code", o->code);
    if (status_is_given(o->status)) {
        status_add(&status, o->status);
        json_text(j, "status", buffer_span(&status));
    }
    bool tells_where = o->kind == OUTCOME_EXPANDED;
    json_text(j, "words", tells_where && s->is_for_sender ? SPAN_NONE : o->words);
    json_bool(j, "remote", o->is_remote);
    if (o->host.len)
        json_text(j, "host", o->host);
    if (o->address.len)
        json_text(j, "address", o->address);
    if (o->stage.len)
        json_text(j, "stage", o->stage);
    if (o->return_path.len)
        json_text(j, "return_path", o->return_path);
    if (o->is_expired)
        json_bool(j, "expired", true);
    if (e->retry_ms)
        date_json(j, outcome_is_final(o->kind) ? "notice_due" : "next_attempt", e->retry_ms);
    if (e->notification)
        json_id(j, "notification", e->notification);
    buffer_free(&status);
}

static void json_what(struct json *j, const struct story *s, const struct story_event *e)
{
    date_json(j, "time", e->time_ms);
    switch (e->kind) {
    case STORY_ATTEMPT:
        json_text(j, "event", span_of(outcome_word(e->outcome.kind)));
        json_attempt(j, s, e);
        break;
    case STORY_REPORTED:
        json_text(j, "event", SPAN("reported"));
        json_text(j, "recipient", address_of(s, e->recipient));
        if (e->outcome.is_in_digest)
            json_bool(j, "in_digest", true);
        if (e->notification)
            json_id(j, "notification", e->notification);
        break;
    case STORY_HELD:
        json_text(j, "event", SPAN("held"));
        json_text(j, "why", e->why);
        break;
    case STORY_RELEASED:
        json_text(j, "event", SPAN("released"));
        break;
    case STORY_COMPLAINED:
        story_json_complaint(j, s, e);
        break;
    }
}

static void json_event(struct json *j, const struct story *s, const struct story_event *e)
{
    const char *why = why_nobody_is_told(s, e);
    json_object(j);
    json_what(j, s, e);
    if (*why)
        json_text(j, "nobody_told", span_of(why));
    json_end(j);
}

void story_line_json(struct buffer *out, const struct story *s)
{
    const struct envelope *e = &s->envelope;
    struct json j = json_start(out);
    json_object(&j);
    json_id(&j, "id", e->id);
    if (s->event_count) {
        json_what(&j, s, &s->events[0]);
    } else {
        date_json(&j, "time", e->accepted_ms);
        json_text(&j, "event", SPAN("accepted"));
        json_number(&j, "size", (int64_t)e->size);
        json_member_array(&j, "recipients");
        for (size_t i = 0; i < e->recipient_count; i++)
            if (!s->is_for_sender || !e->recipients[i].parent)
                json_element_text(&j, e->recipients[i].address);
        json_end(&j);
    }
    json_text(&j, "from", e->reverse_path);
    json_end(&j);
    buffer_add_char(out, '\n');
}

void story_print_json(struct json *j, const struct story *s)
{
    const struct envelope *e = &s->envelope;
    struct story_sum sum = story_sum(s);
    json_object(j);
    json_id(j, "id", e->id);
    date_json(j, "accepted", e->accepted_ms);
    static const char *const origins[] = {
        [ORIGIN_SMTP] = "smtp",
        [ORIGIN_NOTIFICATION] = "notification",
        [ORIGIN_FORWARD] = "forward",
        [ORIGIN_REDIRECTED] = "redirected",
        [ORIGIN_TO_POSTMASTER] = "notification",
    };
    json_text(j, "origin", span_of(origins[e->origin]));
    if (e->about)
        json_id(j, "about", e->about);
    json_text(j, "from", e->reverse_path);
    json_text(j, "message_id", e->header_message_id);
    json_text(j, "subject", e->subject);
    json_text(j, "client_name", e->client_name);
    json_text(j, "client_address", e->client_address);
    json_known_text(j, "authentication", e->authentication);
    json_known_text(j, "login", e->login);
    json_number(j, "size", (int64_t)e->size);
    wishes_add_json(j, e);
    judged_add_json(j, e);
    json_member_array(j, "recipients");
    for (size_t i = 0; i < e->recipient_count; i++)
        if (!s->is_for_sender || !e->recipients[i].parent)
            json_element_text(j, e->recipients[i].address);
    json_end(j);
    json_member_array(j, "events");
    for (size_t i = 0; i < s->event_count; i++)
        json_event(j, s, &s->events[i]);
    json_end(j);
    json_number(j, "open", (int64_t)sum.open);
    json_bool(j, "held", sum.is_held && sum.open);
    json_end(j);
}
