/* The first rule that holds decides. A notice is judged by its own text
 * before anything that it returns or that proves it: whoever got one mail of ours can copy the head
 * of it into a trick. */
#include "bounce/judge_inside.h"

#include "bounce/folded.h"
#include "bounce/free_text.h"
#include "mail/header.h"

#include <string.h>

const char *verdict_name(enum verdict_class c)
{
    static const char *const names[] = {[VERDICT_GENUINE] = "genuine",
                                        [VERDICT_NOT_YOURS] = "not-yours",
                                        [VERDICT_ACCOUNT_ABUSED] = "account-abused",
                                        [VERDICT_PHISHING] = "phishing",
                                        [VERDICT_SPAM_IN_BOUNCE] = "spam-in-bounce",
                                        [VERDICT_AUTO_REPLY] = "auto-reply",
                                        [VERDICT_UNKNOWN] = "unknown",
                                        [VERDICT_NOT_A_BOUNCE] = "not-a-bounce"};
    return names[c];
}

const char *confidence_name(enum confidence c)
{
    static const char *const names[] = {[CONFIDENCE_UNKNOWN] = "unknown",
                                        [CONFIDENCE_LIKELY] = "likely",
                                        [CONFIDENCE_VERY_LIKELY] = "very-likely",
                                        [CONFIDENCE_CERTAIN] = "certain"};
    return names[c];
}

const char *provenance_name(enum provenance p)
{
    static const char *const names[] = {[PROVENANCE_UNKNOWN] = "unknown",
                                        [PROVENANCE_PROVEN] = "proven",
                                        [PROVENANCE_DISPROVEN] = "disproven"};
    return names[p];
}

void judge_fact(struct judging *j, const char *name, bool is_against, struct span detail)
{
    struct verdict *v = j->verdict;
    for (size_t i = 0; i < v->fact_count; i++)
        if (strcmp(v->facts[i].name, name) == 0)
            return;
    if (v->fact_count < MOST_FACTS)
        v->facts[v->fact_count++] = (struct verdict_fact){name, is_against, detail};
}

static bool is_true_kind(enum notice_kind k)
{
    return k == NOTICE_FAILURE || k == NOTICE_DELAY || k == NOTICE_SUCCESS;
}

/* ---- whose message */

static bool is_me(const struct evidence *e, struct span field)
{
    struct span address;
    size_t end;
    while (text_find_address(field, &address, &end)) {
        for (size_t i = 0; i < e->me_count; i++)
            if (span_equal_nocase(e->me[i], address))
                return true;
        field = span_skip(field, end);
    }
    return false;
}

static enum provenance by_answer(struct judging *j, enum answer a, const char *yes, const char *no)
{
    if (a == ANSWER_UNKNOWN)
        return PROVENANCE_UNKNOWN;
    judge_fact(j, a == ANSWER_YES ? yes : no, false, SPAN_NONE);
    return a == ANSWER_YES ? PROVENANCE_PROVEN : PROVENANCE_DISPROVEN;
}

/* The strongest first: a tag and a signature can be copied from any mail of ours, but not made;
 * what was sent is known; the sender that a header names is weak, and can only speak against it. */
static enum provenance provenance_of(struct judging *j)
{
    const struct evidence *e = j->evidence;
    const struct notice_original *o = &j->notice->original;
    enum provenance p = by_answer(j, e->is_sent, "sent", "not-sent");
    enum provenance s = by_answer(j, e->own_signature, "own-signature", "own-signature-broken");
    enum provenance t = by_answer(j, e->own_tag, "own-tag", "no-own-tag");
    if (p == PROVENANCE_PROVEN || s == PROVENANCE_PROVEN || t == PROVENANCE_PROVEN)
        return PROVENANCE_PROVEN;
    bool is_disproven =
        p == PROVENANCE_DISPROVEN || s == PROVENANCE_DISPROVEN || t == PROVENANCE_DISPROVEN;
    if (e->me_count && o->from.len) {
        bool is_mine = is_me(e, o->from);
        judge_fact(j, is_mine ? "from-me" : "not-from-me", false, o->from);
        is_disproven |= !is_mine;
    }
    return is_disproven ? PROVENANCE_DISPROVEN : PROVENANCE_UNKNOWN;
}

/* ---- what the notice has for itself */

static void note_structure(struct judging *j)
{
    const struct notice *n = j->notice;
    if (survey_part(j->survey, PART_STATUS))
        judge_fact(j, "report-structure", false, SPAN_NONE);
    if (*n->agent)
        judge_fact(j, "known-system", false, span_of(n->agent));
    if (n->recipient_count)
        judge_fact(j, "names-recipient", false, n->recipients[0].address);
    judge_fact(j, n->original.header.len ? "returns-message" : "returns-nothing",
               !n->original.header.len, SPAN_NONE);
    if (survey_has_field(j->survey, "Auto-Submitted"))
        judge_fact(j, "auto-submitted", false, SPAN_NONE);
}

/* Mass mail, by its own header; active content, by its parts. */
static bool returns_spam(struct judging *j)
{
    const struct notice_original *o = &j->notice->original;
    struct span value;
    bool is_bulk = header_find(o->header, "List-Unsubscribe", &value) ||
                   (header_find(o->header, "Precedence", &value) &&
                    span_equal_nocase(span_trim(value), SPAN("bulk"))) ||
                   header_find(o->header, "X-Spam-Flag", &value);
    struct survey inner;
    bool is_active = false;
    if (o->header.len)
        survey_take(&inner, (struct span){o->header.at, o->header.len + o->body.len}, j->arena);
    for (size_t i = 0; o->header.len && i < inner.part_count; i++)
        is_active |= (inner.parts[i].html && inner.parts[i].html->has_script) ||
                     judge_is_active_file(inner.parts[i].name);
    if (is_bulk)
        judge_fact(j, "returned-bulk", false, SPAN_NONE);
    if (is_active)
        judge_fact(j, "returned-active", false, SPAN_NONE);
    return is_bulk || is_active;
}

/* ---- the table */

static void decide(struct judging *j, enum verdict_class class, enum confidence confidence)
{
    j->verdict->class = class;
    j->verdict->confidence = confidence;
}

/* Does it want to be taken for a notice, or for word from the keepers of the mailbox? */
static bool imitates(struct judging *j)
{
    const struct notice *n = j->notice;
    if (is_true_kind(n->kind))
        return true;
    struct folded head;
    struct span both = arena_printf(j->arena, "%.*s %.*s", SPAN_F(n->from), SPAN_F(n->subject));
    folded_take(&head, both, 2000, &phrase_set_head, j->arena);
    return folded_has_any(&head, HEAD_ABOUT_MAILBOX) != NULL;
}

/* The notice's own text comes first: who imitates one may have copied all else. One that returns a
 * message, as a true one does, must give itself away twice. */
static bool is_phishing(struct judging *j)
{
    bool returns = j->notice->original.message_id.len || j->notice->original.date.len;
    bool claims_much = is_true_kind(j->notice->kind) && returns;
    if (j->notice->kind == NOTICE_AUTO_REPLY || j->notice->kind == NOTICE_FEEDBACK_REPORT ||
        j->notice->kind == NOTICE_CHALLENGE || !imitates(j))
        return false;
    judge_tricks(j);
    if (j->tricks < (claims_much || !is_true_kind(j->notice->kind) ? 2u : 1u)) {
        j->verdict->fact_count = 0;
        return false;
    }
    decide(j, VERDICT_PHISHING, j->tricks >= 2 ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY);
    return true;
}

static void judge_true_notice(struct judging *j)
{
    struct verdict *v = j->verdict;
    v->provenance = provenance_of(j);
    note_structure(j);
    bool is_proven = v->provenance == PROVENANCE_PROVEN;
    if (is_proven && j->evidence->account_is_suspect) {
        judge_fact(j, "account-suspect", false, SPAN_NONE);
        decide(j, VERDICT_ACCOUNT_ABUSED, CONFIDENCE_VERY_LIKELY);
    } else if (v->provenance != PROVENANCE_DISPROVEN) {
        decide(j, VERDICT_GENUINE, is_proven ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY);
    } else if (returns_spam(j)) {
        decide(j, VERDICT_SPAM_IN_BOUNCE, CONFIDENCE_LIKELY);
    } else {
        bool is_known =
            j->evidence->is_sent == ANSWER_NO || j->evidence->own_signature == ANSWER_NO;
        decide(j, VERDICT_NOT_YOURS, is_known ? CONFIDENCE_VERY_LIKELY : CONFIDENCE_LIKELY);
    }
}

void notice_judge(struct verdict *v, const struct notice *n, const struct survey *s,
                  const struct evidence *e, struct arena *a)
{
    struct judging j = {v, n, s, e, a, 0};
    *v = (struct verdict){.class = VERDICT_UNKNOWN};
    if (is_phishing(&j))
        return;
    switch (n->kind) {
    case NOTICE_FAILURE:
    case NOTICE_DELAY:
    case NOTICE_SUCCESS:
        judge_true_notice(&j);
        return;
    case NOTICE_AUTO_REPLY:
        judge_fact(&j, "auto-submitted", false, SPAN_NONE);
        decide(&j, VERDICT_AUTO_REPLY, CONFIDENCE_LIKELY);
        return;
    case NOTICE_FEEDBACK_REPORT:
    case NOTICE_CHALLENGE:
        v->provenance = provenance_of(&j);
        return;
    case NOTICE_NOT_A_BOUNCE:
        judge_fact(&j, "no-notice", false, SPAN_NONE);
        decide(&j, VERDICT_NOT_A_BOUNCE, CONFIDENCE_LIKELY);
        return;
    }
}

void notice_settle(struct notice *n, const struct verdict *v)
{
    if (v->class == VERDICT_PHISHING) {
        n->kind = NOTICE_NOT_A_BOUNCE;
        n->recipient_count = 0;
    }
}
