/* What it is. What is certain comes first: a report of a type that has a standard, then the words
 * of a subject, then what was found about recipients. Mail that people write about notices has the
 * same words in it: without the sender or the structure of a notice, it is none. */
#include "bounce/read_inside.h"

static bool has_report_type(const struct reading *r, const char *type)
{
    return span_equal_nocase(r->survey->report_type, span_of(type));
}

/* RFC 8098, and Exchange's in a part of their own. */
static bool is_receipt(const struct reading *r)
{
    bool is_refusal = r->signs.is_daemon && r->signs.claim == NOTICE_FAILURE;
    if (is_refusal || (r->is_structured && !has_report_type(r, "disposition-notification")))
        return false;
    return survey_part(r->survey, PART_DISPOSITION) ||
           has_report_type(r, "disposition-notification") || r->signs.is_receipt;
}

/* ---- delay and failure */

/* "It will be tried again", and nothing of having given up. */
static bool tells_of_delay(const struct reading *r)
{
    bool is_claimed = r->signs.claim == NOTICE_DELAY && !r->is_structured;
    bool is_trying = is_claimed || folded_has_any(&r->words, TEXT_STILL_TRYING);
    return is_trying && !folded_has_any(&r->words, TEXT_GIVEN_UP);
}

/* The text beats an Action that can't be true. */
static void correct_actions(struct reading *r)
{
    struct notice *n = r->notice;
    bool has_given_up = folded_has_any(&r->words, TEXT_GIVEN_UP), is_delayed = tells_of_delay(r);
    for (size_t i = 0; i < n->recipient_count; i++) {
        struct notice_recipient *to = &n->recipients[i];
        bool is_claimed = r->signs.claim == NOTICE_DELAY || !r->is_structured;
        if (!r->is_structured && r->signs.claim == NOTICE_SUCCESS && !to->code)
            to->action = ACTION_DELIVERED;
        if (to->action == ACTION_DELAYED && to->status.class == 5 && has_given_up)
            to->action = ACTION_FAILED;
        else if (to->action == ACTION_FAILED && is_claimed && is_delayed)
            to->action = ACTION_DELAYED;
    }
}

static enum notice_kind kind_of_actions(const struct reading *r)
{
    bool has[ACTION_EXPANDED + 1] = {false};
    for (size_t i = 0; i < r->notice->recipient_count; i++)
        has[r->notice->recipients[i].action] = true;
    if (has[ACTION_FAILED])
        return NOTICE_FAILURE;
    if (has[ACTION_DELAYED])
        return NOTICE_DELAY;
    if (has[ACTION_DELIVERED] || has[ACTION_RELAYED] || has[ACTION_EXPANDED])
        return NOTICE_SUCCESS;
    return NOTICE_NOT_A_BOUNCE;
}

/* Nobody said what became of it, but in words. */
static enum notice_kind kind_of_words(const struct reading *r)
{
    const struct notice *n = r->notice;
    if (tells_of_delay(r))
        return NOTICE_DELAY;
    bool is_all_good = n->recipient_count > 0;
    for (size_t i = 0; i < n->recipient_count; i++)
        is_all_good &= n->recipients[i].status.class == 2 && n->recipients[i].code < 400;
    return is_all_good || (r->signs.claim == NOTICE_SUCCESS && !n->recipient_count)
               ? NOTICE_SUCCESS
               : NOTICE_FAILURE;
}

static enum notice_kind kind_of_bounce(struct reading *r)
{
    correct_actions(r);
    enum notice_kind kind = kind_of_actions(r);
    return kind == NOTICE_NOT_A_BOUNCE ? kind_of_words(r) : kind;
}

/* ---- answers */

static bool is_challenge(const struct reading *r)
{
    static const char *const fields[] = {"X-TMDA-Fingerprint", "X-AskVersion",       "X-BoxTrapper",
                                         "X-SpamArrest",       "X-BoxTrapper-Queue", "X-ELNK-CR"};
    const struct signs *g = &r->signs;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (survey_has_field(r->survey, fields[i]))
            return g->is_automatic || g->claim == NOTICE_CHALLENGE;
    bool is_machine = g->is_automatic || g->is_null_sender || (g->is_answer && !g->is_list);
    bool asks = folded_has_any(&r->words, TEXT_CHALLENGE) != NULL;
    bool is_claimed = g->claim == NOTICE_CHALLENGE && !g->is_list && !g->is_person;
    return (is_claimed && (asks || g->is_automatic)) ||
           (asks && is_machine && !g->is_person && !g->is_daemon);
}

static bool is_auto_reply(const struct reading *r)
{
    const struct signs *g = &r->signs;
    bool says_so = folded_has_any(&r->words, TEXT_AUTO_REPLY) != NULL;
    if (g->claim == NOTICE_AUTO_REPLY && (g->claim_is_sure || g->is_automatic))
        return true;
    if (g->is_automatic)
        return true;
    bool suppresses = survey_has_field(r->survey, "X-Auto-Response-Suppress") ||
                      survey_has_field(r->survey, "X-MS-Exchange-Inbox-Rules-Loop");
    bool hints = folded_has_any(&r->subject, SUBJECT_AUTO_REPLY_HINT) || g->is_answer;
    return says_so && hints && (suppresses || g->is_null_sender) && !g->is_person && !g->is_list;
}

/* ---- all of it */

static bool has_code(const struct notice *n)
{
    for (size_t i = 0; i < n->recipient_count; i++)
        if (n->recipients[i].code || status_is_given(n->recipients[i].status))
            return true;
    return false;
}

/* Somebody's mail system wrote it, as far as that shows: its structure, or its sender; or else its
 * subject and its words together (parcels can't be delivered either). */
static bool is_from_system(const struct reading *r)
{
    const struct signs *g = &r->signs;
    bool is_claimed = g->claim == NOTICE_FAILURE || g->claim == NOTICE_DELAY;
    bool has_sign = survey_part(r->survey, PART_RETURNED) || has_code(r->notice) ||
                    folded_has_any(&r->words, TEXT_YOUR_MESSAGE);
    bool is_worded = folded_has_any(&r->words, TEXT_FAILURE) || (!g->is_list && has_sign);
    bool may_be = is_claimed && g->claim_is_sure && !g->is_person && !(g->is_list && g->is_answer);
    return r->is_structured || g->is_daemon || g->is_return || (g->is_null_sender && is_claimed) ||
           (may_be && is_worded);
}

/* Recipients were found in its words, or its subject calls it a notice. */
static bool is_bounce(const struct reading *r)
{
    const struct signs *g = &r->signs;
    const struct notice *n = r->notice;
    bool is_claimed =
        g->claim == NOTICE_FAILURE || g->claim == NOTICE_DELAY || g->claim == NOTICE_SUCCESS;
    bool is_worded = has_code(n) || folded_has_any(&r->words, TEXT_FAILURE);
    if (n->recipient_count)
        return is_from_system(r) || (g->is_null_sender && has_code(n)) ||
               (g->is_pasted && (is_worded || r->names_as_notice));
    return g->is_return || (is_claimed && g->is_daemon && !(g->is_list && g->is_answer)) ||
           (g->is_null_sender && g->claim_is_sure && g->claim == NOTICE_FAILURE);
}

static enum notice_kind kind_of(struct reading *r)
{
    const struct signs *g = &r->signs;
    if (r->tells_of_flood)
        return NOTICE_NOT_A_BOUNCE;
    if (g->report_of_day || is_receipt(r))
        return g->report_of_day;
    if (r->is_structured)
        return kind_of_bounce(r);
    if (g->claim == NOTICE_AUTO_REPLY && !g->is_daemon && is_auto_reply(r))
        return NOTICE_AUTO_REPLY;
    if (is_challenge(r))
        return NOTICE_CHALLENGE;
    if (is_bounce(r))
        return kind_of_bounce(r);
    return is_auto_reply(r) ? NOTICE_AUTO_REPLY : NOTICE_NOT_A_BOUNCE;
}

enum notice_kind read_kind(struct reading *r)
{
    if (r->is_complaint || read_feedback(r))
        return NOTICE_FEEDBACK_REPORT;
    enum notice_kind kind = kind_of(r);
    if (kind != NOTICE_FAILURE && kind != NOTICE_DELAY && kind != NOTICE_SUCCESS)
        r->notice->recipient_count = 0;
    return kind;
}
