/* The table of doc/judging.md: the first row that holds decides. A notice is judged by its own text
 * before anything that it returns or that proves it: whoever got one mail of ours can copy the head
 * of it into a trick. */
#include "bounce/judge_inside.h"

#include "bounce/folded.h"

/* Which leanings speak against a verdict. */
static const unsigned char against[] = {
    [VERDICT_GENUINE] = 1 << LEANS_TRICK | 1 << LEANS_FOREIGN,
    [VERDICT_NOT_YOURS] = 1 << LEANS_MINE,
    [VERDICT_ACCOUNT_ABUSED] = 1 << LEANS_FOREIGN,
    [VERDICT_PHISHING] = 1 << LEANS_TRUE | 1 << LEANS_MINE,
    [VERDICT_SPAM_IN_BOUNCE] = 1 << LEANS_MINE,
    [VERDICT_AUTO_REPLY] = 1 << LEANS_TRICK,
    [VERDICT_UNKNOWN] = 1 << LEANS_TRICK | 1 << LEANS_FOREIGN,
    [VERDICT_NOT_A_BOUNCE] = 1 << LEANS_TRUE,
};

static void weigh_facts(struct judging *j)
{
    struct verdict *v = j->verdict;
    for (size_t i = 0; i < v->fact_count; i++)
        v->facts[i].is_against = against[v->class] >> j->leanings[i] & 1;
}

static bool is_true_kind(enum notice_kind k)
{
    return k == NOTICE_FAILURE || k == NOTICE_DELAY || k == NOTICE_SUCCESS;
}

/* It tells of a message that somebody sent. */
static bool is_about_message(enum notice_kind k)
{
    return is_true_kind(k) || k == NOTICE_FEEDBACK_REPORT || k == NOTICE_CHALLENGE;
}

/* What the notice has for itself. */
static void note_structure(struct judging *j)
{
    const struct notice *n = j->notice;
    if (survey_part(j->survey, PART_STATUS) || survey_part(j->survey, PART_FEEDBACK))
        judge_fact(j, "report-structure", LEANS_TRUE, SPAN_NONE);
    if (*n->agent)
        judge_fact(j, "known-system", LEANS_TRUE, span_of(n->agent));
    if (n->recipient_count)
        judge_fact(j, "names-recipient", LEANS_TRUE, n->recipients[0].address);
    if (n->original.header.len)
        judge_fact(j, "returns-message", LEANS_TRUE, SPAN_NONE);
    else
        judge_fact(j, "returns-nothing", LEANS_FOREIGN, SPAN_NONE);
    if (survey_has_field(j->survey, "Auto-Submitted"))
        judge_fact(j, "auto-submitted", LEANS_TRUE, SPAN_NONE);
}

/* ---- the rows */

enum claim {
    CLAIMS_NOTHING,
    CLAIMS_IN_TEXT, /* … something of a mailbox */
    CLAIMS_VAGUELY, /* it may be about a mailbox, or boxes for storage */
    CLAIMS_TROUBLE  /* a mailbox, or mail that was not delivered */
};

/* Does it want to be taken for word from the keepers of the mailbox? */
static enum claim claim_of(struct judging *j)
{
    enum { MOST_CLAIMED = 2000 };
    const struct notice *n = j->notice;
    struct span both = arena_printf(j->arena, "%.*s %.*s", SPAN_F(n->from), SPAN_F(n->subject));
    struct folded *head = arena_new(j->arena, sizeof *head);
    struct folded *letter = arena_new(j->arena, sizeof *letter);
    folded_take(head, both, MOST_CLAIMED, &phrase_set_head, j->arena);
    if (folded_has_any(head, HEAD_CLAIMS_TROUBLE))
        return CLAIMS_TROUBLE;
    folded_take(letter, n->text, MOST_CLAIMED, &phrase_set_letter, j->arena);
    if (folded_has_any(head, HEAD_CLAIMS_FAILURE) && folded_has_any(letter, LETTER_NAMES_MAIL))
        return CLAIMS_TROUBLE;
    if (folded_has_any(head, HEAD_ABOUT_MAILBOX))
        return CLAIMS_VAGUELY;
    return folded_has_any(letter, LETTER_OF_MAILBOX) ? CLAIMS_IN_TEXT : CLAIMS_NOTHING;
}

/* What only a message that was sent has, or a mail system's report of it. */
static bool has_substance(struct judging *j)
{
    const struct notice_original *o = &j->notice->original;
    return survey_part(j->survey, PART_STATUS) || o->header.len || o->message_id.len || o->date.len;
}

static unsigned count_signs(const struct judging *j)
{
    return j->words + j->places + (j->away > 0);
}

/* One that brings what a true notice has must give itself away twice, and have somewhere to lead
 * to: words that ask may be a server's, that somebody sends on. Where it returns the message, words
 * of advice ("delete messages") are not enough. */
static bool is_trick_notice(struct judging *j)
{
    const struct notice *n = j->notice;
    bool has_code = n->recipient_count && n->recipients[0].code;
    if (n->original.header.len)
        return (j->places || j->away) && count_signs(j) >= 2 &&
               (j->places || j->demands || j->words >= 2);
    if (has_substance(j))
        return (j->places || j->away) && count_signs(j) >= 2;
    return j->places || (j->away && (j->words || j->has_button)) ||
           (j->words >= 2 && !has_code && !j->leads_home);
}

/* What goes to many by their own wish has links that know who follows them, and asks to sign in,
 * too. */
static bool is_bulk(const struct judging *j)
{
    enum { MOST_AWAY = 6 };
    return survey_has_field(j->survey, "List-Unsubscribe") ||
           survey_has_field(j->survey, "List-Id") || j->has_farewell || j->away > MOST_AWAY;
}

/* People write about mailboxes, too. */
static bool is_talk(const struct judging *j)
{
    return survey_has_field(j->survey, "In-Reply-To") || survey_has_field(j->survey, "References");
}

/* Word from the keepers of a mailbox. To sign in at the sender's own place may be meant well. */
static bool is_trick_letter(struct judging *j, enum claim claim)
{
    unsigned signs = j->words + j->places;
    if (is_bulk(j))
        return j->places && judge_has_fact(j, "asks-for-password");
    if (j->notice->kind == NOTICE_AUTO_REPLY)
        return j->places && j->words;
    if (claim == CLAIMS_IN_TEXT)
        return j->words >= 2 && (j->places || (j->away && j->demands && !is_talk(j)));
    if (!j->places && !j->away)
        return j->words >= 2 && !j->leads_home;
    if (claim == CLAIMS_VAGUELY || is_talk(j))
        return signs >= 2;
    bool may_be_meant = j->words == 1 && !j->has_far_button && judge_has_fact(j, "asks-to-sign-in");
    return signs - may_be_meant >= 1;
}

static bool is_trick(struct judging *j)
{
    enum notice_kind k = j->notice->kind;
    bool is_notice = is_true_kind(k) || k == NOTICE_FEEDBACK_REPORT;
    if (k == NOTICE_CHALLENGE)
        return false;
    enum claim claim = is_notice ? CLAIMS_TROUBLE : claim_of(j);
    if (claim == CLAIMS_NOTHING)
        return false;
    bool may_be_sure = j->verdict->provenance == PROVENANCE_PROVEN ||
                       j->evidence->wrote_to == ANSWER_YES; /* by_proof asks for words */
    judge_tricks(j, !is_notice || may_be_sure || !has_substance(j));
    return is_notice ? is_trick_notice(j) : is_trick_letter(j, claim);
}

/* It leads somewhere, and nothing shows why. A report can be made up, and so can the head of a
 * message; but few do both without asking for anything. */
static bool is_doubtful(struct judging *j)
{
    return j->away && (!has_substance(j) || (j->has_button && !j->notice->original.header.len));
}

static bool is_abused(struct judging *j)
{
    if (!is_about_message(j->notice->kind) || j->verdict->provenance != PROVENANCE_PROVEN ||
        !j->evidence->account_is_suspect)
        return false;
    judge_fact(j, "account-suspect", LEANS_FOREIGN, SPAN_NONE);
    return true;
}

/* A picture says what it wants. */
static bool shows_no_words(const struct judging *j)
{
    bool shows = false;
    if (span_trim(j->notice->text).len)
        return false;
    for (size_t i = 0; i < j->survey->part_count && !shows; i++) {
        const struct survey_part *p = &j->survey->parts[i];
        bool is_silent_page = p->role == PART_HTML && !span_trim(p->text).len;
        shows = (p->role == PART_OTHER || is_silent_page) && span_trim(p->entity.body).len;
    }
    return shows;
}

/* A report can be copied, and proven with all that a mail of ours brings along: its own words are
 * what whoever sent it is after. */
static bool is_about_else(struct judging *j)
{
    if (!is_true_kind(j->notice->kind))
        return false;
    if (shows_no_words(j))
        judge_fact(j, "shows-no-words", LEANS_TRICK, SPAN_NONE);
    else if (judge_speaks_of_else(j))
        judge_fact(j, "speaks-of-something-else", LEANS_TRICK, SPAN_NONE);
    else
        return false;
    return true;
}

/* Whether a filter that asks who wrote is meant well, only a proof tells; and where it names nobody
 * to whom the message went, whoever got it once may have its return path. */
static bool is_meant_well(const struct judging *j)
{
    const struct evidence *e = j->evidence;
    return e->is_sent == ANSWER_YES || e->own_signature == ANSWER_YES ||
           (e->own_tag == ANSWER_YES && j->notice->recipient_count);
}

static bool is_genuine(struct judging *j)
{
    enum provenance p = j->verdict->provenance;
    enum notice_kind k = j->notice->kind;
    if (!is_about_message(k) || p == PROVENANCE_DISPROVEN || is_about_else(j))
        return false;
    if (k == NOTICE_CHALLENGE)
        return is_meant_well(j);
    return p == PROVENANCE_PROVEN || !is_doubtful(j);
}

static bool is_auto_reply(struct judging *j)
{
    if (j->notice->kind != NOTICE_AUTO_REPLY)
        return false;
    judge_fact(j, "auto-submitted", LEANS_TRUE, SPAN_NONE);
    return true;
}

static bool is_foreign(struct judging *j)
{
    return is_about_message(j->notice->kind) && j->verdict->provenance == PROVENANCE_DISPROVEN;
}

static bool carries_spam(struct judging *j)
{
    return is_foreign(j) && judge_returns_spam(j);
}

static bool is_no_notice(struct judging *j)
{
    bool is_of_day = notice_kind_is_of_day(j->notice->kind);
    if (j->notice->kind != NOTICE_NOT_A_BOUNCE && !is_of_day)
        return false;
    judge_fact(j, is_of_day ? "report-of-day" : "no-notice", LEANS_FOREIGN, SPAN_NONE);
    return true;
}

static bool is_anything(struct judging *j)
{
    return true;
}

/* ---- how sure */

static enum confidence by_tricks(const struct judging *j)
{
    return count_signs(j) >= 2 ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY;
}

static enum confidence by_proof(const struct judging *j)
{
    /* What proves the message says nothing of who returns it; and a challenge always asks. */
    if (j->words || j->places || j->notice->kind == NOTICE_CHALLENGE)
        return CONFIDENCE_LIKELY;
    if (j->verdict->provenance != PROVENANCE_PROVEN)
        return j->evidence->wrote_to == ANSWER_YES ? CONFIDENCE_VERY_LIKELY : CONFIDENCE_LIKELY;
    /* A program that shows mail may find words where none could be read here. */
    bool is_silent = !span_trim(j->notice->text).len || judge_reads_binary(j);
    return j->is_fitting && !is_silent ? CONFIDENCE_CERTAIN : CONFIDENCE_VERY_LIKELY;
}

/* What was sent is known, and a signature is only another's where that is proven; a return path may
 * be of an older time, or not have been kept on the way, and a sender be written otherwise. Where
 * they did write to the recipient, it may be that message: some that pass mail on give it another
 * Message-ID. Without any it was only nothing like what was sent. */
static enum confidence by_disproof(const struct judging *j)
{
    const struct evidence *e = j->evidence;
    bool is_known =
        e->is_sent == ANSWER_NO && e->wrote_to != ANSWER_YES && j->notice->original.message_id.len;
    return is_known || e->own_signature == ANSWER_NO ? CONFIDENCE_VERY_LIKELY : CONFIDENCE_LIKELY;
}

static enum confidence very_likely(const struct judging *j)
{
    return CONFIDENCE_VERY_LIKELY;
}

static enum confidence likely(const struct judging *j)
{
    return CONFIDENCE_LIKELY;
}

static enum confidence unknown(const struct judging *j)
{
    return CONFIDENCE_UNKNOWN;
}

/* ---- the table */

static const struct {
    bool (*holds)(struct judging *j);
    enum verdict_class class;
    enum confidence (*how_sure)(const struct judging *j);
} rows[] = {
    {is_trick, VERDICT_PHISHING, by_tricks},
    {is_abused, VERDICT_ACCOUNT_ABUSED, very_likely},
    {is_genuine, VERDICT_GENUINE, by_proof},
    {is_auto_reply, VERDICT_AUTO_REPLY, likely},
    {carries_spam, VERDICT_SPAM_IN_BOUNCE, likely},
    {is_foreign, VERDICT_NOT_YOURS, by_disproof},
    {is_no_notice, VERDICT_NOT_A_BOUNCE, likely},
    {is_anything, VERDICT_UNKNOWN, unknown},
};

void notice_judge(struct verdict *v, const struct notice *n, const struct survey *s,
                  const struct evidence *e, struct arena *a)
{
    struct judging j = {.verdict = v, .notice = n, .survey = s, .evidence = e, .arena = a};
    size_t i = 0;
    *v = (struct verdict){.class = VERDICT_UNKNOWN};
    if (is_about_message(n->kind)) {
        v->provenance = judge_whose(&j);
        note_structure(&j);
    }
    while (!rows[i].holds(&j))
        i++;
    v->class = rows[i].class;
    v->confidence = rows[i].how_sure(&j);
    weigh_facts(&j);
}

void notice_settle(struct notice *n, const struct verdict *v)
{
    if (v->class == VERDICT_PHISHING) {
        n->kind = NOTICE_NOT_A_BOUNCE;
        n->recipient_count = 0;
    }
}
