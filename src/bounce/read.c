#include "bounce/read.h"

#include "bounce/explained.h"
#include "bounce/read_inside.h"
#include "mail/content.h"
#include "mail/date.h"
#include "mail/pasted.h"

enum {
    LEAST_TEXT = 40,   /* a plain text below it only points to the other one */
    MOST_WORDS = 8192, /* of the text that are looked at for phrases */
};

static void read_head(struct reading *r)
{
    const struct survey *s = r->survey;
    struct notice *n = r->notice;
    int offset;
    n->from = survey_field(s, "From", r->arena);
    n->to = survey_field(s, "To", r->arena);
    n->subject = survey_field(s, "Subject", r->arena);
    n->message_id = survey_field(s, "Message-ID", r->arena);
    if (!date_parse(survey_field(s, "Date", r->arena), &n->date_ms, &offset))
        n->date_ms = 0;
}

/* The words of the notice: its first text, plain where there is one that says something. */
static struct span own_text(const struct survey *s)
{
    const struct survey_part *plain = NULL, *html = NULL;
    for (size_t i = 0; i < s->part_count; i++) {
        const struct survey_part *p = &s->parts[i];
        if (p->role == PART_TEXT && !plain && !p->is_attachment && span_trim(p->text).len)
            plain = p;
        if (p->role == PART_HTML && !html && !p->is_attachment && span_trim(p->text).len)
            html = p;
    }
    if (plain && (span_trim(plain->text).len >= LEAST_TEXT || !html))
        return plain->text;
    return html ? html->text : SPAN_NONE;
}

static void decide_actions(struct reading *r)
{
    for (size_t i = 0; i < r->notice->recipient_count; i++) {
        struct notice_recipient *to = &r->notice->recipients[i];
        if (to->action == ACTION_UNKNOWN && r->notice->kind == NOTICE_DELAY)
            to->action = ACTION_DELAYED;
        if (to->action == ACTION_UNKNOWN && r->notice->kind == NOTICE_FAILURE)
            to->action = ACTION_FAILED;
        to->is_permanent = to->action == ACTION_FAILED;
    }
}

/* A report told something of somebody, and the text named them. */
static void give_orphan(struct reading *r)
{
    const struct notice_recipient *o = &r->orphan;
    for (size_t i = 0; i < r->notice->recipient_count; i++) {
        struct notice_recipient *to = &r->notice->recipients[i];
        if (to->action == ACTION_UNKNOWN)
            to->action = o->action;
        read_take_status(&to->status, o->status);
        if (!to->code)
            to->code = o->code;
        if (!to->diagnostic.len)
            to->diagnostic = o->diagnostic;
        if (!to->remote.len)
            to->remote = o->remote;
        if (!to->last_attempt_ms)
            to->last_attempt_ms = o->last_attempt_ms;
        if (!to->retry_until_ms)
            to->retry_until_ms = o->retry_until_ms;
    }
}

static void read_one(struct reading *r)
{
    struct notice *n = r->notice;
    *n = (struct notice){.agent = ""};
    read_head(r);
    n->text = own_text(r->survey);
    spotted_take(&r->spotted, span_first(n->text, LONGEST_SPOTTED), r->arena);
    read_signs(r);
    read_returned(r);
    folded_take(&r->words, n->text, MOST_WORDS, &phrase_set_text, r->arena);
    n->words = &r->words;
    if (read_report(r) || read_table(r)) {
        read_transcript(r);
    } else if (!read_event(r)) {
        read_dialect(r);
        give_orphan(r);
    }
    n->kind = read_kind(r);
    read_hosts(r);
    n->agent = read_agent(r);
    decide_actions(r);
    read_causes(r);
}

/* ---- a notice inside of another message */

enum { DEEPEST_NOTICE = 3, MOST_INNER = 3 };

static bool is_bounce(const struct notice *n)
{
    return n->kind == NOTICE_FAILURE || n->kind == NOTICE_DELAY || n->kind == NOTICE_SUCCESS;
}

/* Recipients that the words do not name were guessed. */
static bool is_guess(const struct reading *r)
{
    const struct notice *n = r->notice;
    bool is_named = r->is_structured || survey_has_field(r->survey, "X-Failed-Recipients");
    for (size_t i = 0; i < n->recipient_count && i < MOST_INNER && !is_named; i++)
        is_named = span_find(n->text, n->recipients[i].address) != SPAN_NOT_FOUND;
    return !is_named;
}

/* It says nothing of its own about anybody, or explains what it carries (explained.h), so that may.
 * What mailing lists write about
 * the bounces of their members (Mailman) is for their keepers. */
static bool may_carry(const struct reading *r)
{
    const struct notice *n = r->notice;
    bool says_nothing = n->kind == NOTICE_NOT_A_BOUNCE || (is_bounce(n) && is_guess(r)) ||
                         survey_has_field(r->survey, EXPLAINED_FIELD);
    return says_nothing && !r->signs.report_of_day && !r->signs.is_receipt &&
           !folded_has(&r->subject, "bounce action notification");
}

static bool read_inner(struct reading *r, struct span message, int depth);

static bool read_carried(struct reading *r, int depth)
{
    const struct survey *s = r->survey;
    size_t tried = 0;
    if (depth == DEEPEST_NOTICE || !may_carry(r))
        return false;
    for (size_t i = 0; i < s->part_count && tried < MOST_INNER; i++)
        if (s->parts[i].role == PART_RETURNED && ++tried &&
            read_inner(r, s->parts[i].text, depth + 1))
            return true;
    return false;
}

/* Sent on by a person, a list, a gateway that looked for viruses: the notice is the inner one. */
static bool read_inner(struct reading *r, struct span message, int depth)
{
    struct survey *s = arena_new(r->arena, sizeof *s);
    struct notice *n = arena_new(r->arena, sizeof *n);
    struct reading *in = arena_new(r->arena, sizeof *in);
    *in = (struct reading){.survey = s, .notice = n, .arena = r->arena};
    survey_take(s, message, r->arena);
    read_one(in);
    bool is_found =
        is_bounce(n) && n->recipient_count && (in->is_structured || in->signs.is_daemon);
    if (!is_found && !read_carried(in, depth))
        return false;
    n->around = r->notice->text;
    *r->notice = *n;
    return true;
}

/* A person sent it on in the text of their mail, as programs do: below the header that they show.
 */
static bool read_forwarded(struct reading *r)
{
    struct notice *n = r->notice;
    struct pasted_header h;
    struct buffer made = BUFFER_EMPTY;
    struct span text = own_text(r->survey); /* n->text may end before what is sent on */
    if (n->kind != NOTICE_NOT_A_BOUNCE || !may_carry(r) || !pasted_find_header(text, &h))
        return false;
    struct span words = span_first(text, h.from);
    pasted_to_message(&made, text);
    if (!read_inner(r, arena_keep(r->arena, &made), 1))
        return false;
    n->around = words;
    return true;
}

void notice_read(struct notice *n, struct survey *s, struct span message, struct arena *a)
{
    struct reading *r = arena_new(a, sizeof *r);
    *r = (struct reading){.survey = s, .notice = n, .arena = a};
    survey_take(s, message, a);
    read_one(r);
    if (!read_carried(r, 0))
        read_forwarded(r);
}
