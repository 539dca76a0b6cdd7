/* Did the returned message leave from here? The strongest first: a tag and a signature can be
 * copied from any mail of ours, but not made; what was sent is known; the sender that a header
 * names is weak, and can only speak against it. */
#include "bounce/judge_inside.h"

#include "bounce/free_text.h"
#include "mail/address.h"
#include "mail/content.h"
#include "mail/header.h"
#include "mail/links.h"

enum {
    LONGEST_TRY = 30 /* days: no mail system tries longer */,
    MOST_ASKED = 50, /* recipients of a notice */
    MOST_HOPS = 200  /* fields that are looked through for them */
};

/* ---- addresses */

/* "ann+shop@home.test" is ann's, too. */
static bool is_same(struct span mine, struct span address)
{
    struct span local = address_local(address), own = address_local(mine);
    if (!span_equal_nocase(address_domain(mine), address_domain(address)))
        return false;
    size_t plus = span_find_char(local, '+');
    return span_equal_nocase(own, local) ||
           (plus != SPAN_NOT_FOUND && span_equal_nocase(own, span_first(local, plus)));
}

struct span judge_my_address(const struct evidence *e, struct span field)
{
    struct span address, one;
    size_t end;
    while (text_find_address(field, &address, &end)) {
        for (size_t i = 0; i < e->me_count; i++) {
            size_t after;
            if (text_find_address(e->me[i], &one, &after) && is_same(one, address))
                return address;
        }
        field = span_skip(field, end);
    }
    return SPAN_NONE;
}

/* Whoever sends for somebody else, or by a program, is named beside the author. Not Return-Path: it
 * is what a notice goes to, and so what somebody forged who caused it. */
static void note_sender(struct judging *j)
{
    static const char *const names[] = {"Sender", "Resent-From", "Resent-Sender"};
    const struct notice_original *o = &j->notice->original;
    struct span found = judge_my_address(j->evidence, o->from), value, author;
    size_t end;
    for (size_t i = 0; i < sizeof names / sizeof *names && !found.len; i++)
        if (header_find(o->header, names[i], &value))
            found = judge_my_address(j->evidence, content_field(value, j->arena));
    if (found.len)
        judge_fact(j, "from-me", LEANS_MINE, found);
    else if (text_find_address(o->from, &author, &end))
        judge_fact(j, "not-from-me", LEANS_FOREIGN, author);
}

/* What stands behind the "by" of a Received line, which may be folded anywhere. */
static struct span host_of_received(struct span value)
{
    size_t by = text_find_nocase(value, "by "), end = 0;
    struct span host = span_trim(span_skip(value, by == SPAN_NOT_FOUND ? value.len : by + 3));
    while (end < host.len && !strchr(" \t\r\n;(", host.at[end]))
        end++;
    return span_first(host, end);
}

struct span judge_passed_host(const struct notice *n, struct span domain)
{
    struct header_iterator it = header_start(n->original.header);
    struct header_field f;
    for (int i = 0; domain.len && i < MOST_HOPS && header_next(&it, &f) > 0; i++) {
        struct span host =
            span_equal_nocase(f.name, SPAN("Received")) ? host_of_received(f.value) : SPAN_NONE;
        if (links_same_site(host, domain))
            return host;
    }
    return SPAN_NONE;
}

/* A mail server of theirs took it: lines can be made up, so this is weak. */
static void note_path(struct judging *j)
{
    struct span mine = address_domain(j->evidence->me_count ? j->evidence->me[0] : j->notice->to);
    size_t end = 0;
    while (end < mine.len && (ascii_is_alnum(mine.at[end]) || strchr(".-", mine.at[end])))
        end++;
    struct span host = judge_passed_host(j->notice, span_first(mine, end));
    if (host.len)
        judge_fact(j, "passed-here", LEANS_MINE, host);
}

/* ---- does it fit? Whoever has one mail of ours can copy its head into a notice. */

bool judge_names_recipient(struct span field, const struct notice *n)
{
    struct span address;
    size_t end;
    while (text_find_address(field, &address, &end)) {
        for (size_t i = 0; i < n->recipient_count && i < MOST_ASKED; i++)
            if (span_equal_nocase(address, n->recipients[i].address) ||
                span_equal_nocase(address, n->recipients[i].original))
                return true;
        field = span_skip(field, end);
    }
    return false;
}

static struct span first_recipient(const struct notice *n)
{
    return n->recipient_count ? n->recipients[0].address : SPAN_NONE;
}

/* Did the message go to whom the notice names? As far as its own header tells. */
static enum answer goes_to(struct judging *j)
{
    struct span cc, address;
    size_t end;
    const struct notice *n = j->notice;
    bool has_cc = header_find(n->original.header, "Cc", &cc);
    if (!n->recipient_count || !text_find_address(n->original.to, &address, &end))
        return ANSWER_UNKNOWN;
    bool is_named = judge_names_recipient(n->original.to, n) ||
                    (has_cc && judge_names_recipient(content_field(cc, j->arena), n));
    return is_named ? ANSWER_YES : ANSWER_NO;
}

static void note_fit(struct judging *j)
{
    const struct notice *n = j->notice;
    const struct evidence *e = j->evidence;
    int64_t told = n->date_ms ? n->date_ms : n->arrival_ms, sent = n->original.date_ms;
    enum answer to = e->sent_to != ANSWER_UNKNOWN ? e->sent_to : goes_to(j);
    if (to == ANSWER_NO)
        judge_fact(j, "not-to-recipient", LEANS_FOREIGN, first_recipient(n));
    if (told && sent && told - sent > LONGEST_TRY * INT64_C(86400000))
        judge_fact(j, "long-ago", LEANS_FOREIGN, n->original.date);
    j->is_fitting = to != ANSWER_NO && !judge_has_fact(j, "long-ago");
}

/* ---- all of it */

static void note_answer(struct judging *j, enum answer a, const char *yes, const char *no,
                        struct span detail)
{
    if (a == ANSWER_YES)
        judge_fact(j, yes, LEANS_MINE, detail);
    if (a == ANSWER_NO)
        judge_fact(j, no, LEANS_FOREIGN, detail);
}

enum provenance judge_whose(struct judging *j)
{
    const struct evidence *e = j->evidence;
    note_answer(j, e->is_sent, "sent", "not-sent", j->notice->original.message_id);
    note_answer(j, e->own_signature, "own-signature", "own-signature-broken", e->own_domain);
    note_answer(j, e->own_tag, "own-tag", "no-own-tag", e->tagged);
    note_answer(j, e->wrote_to, "wrote-to-recipient", "never-wrote-to-recipient",
                first_recipient(j->notice));
    if (e->me_count)
        note_sender(j);
    note_path(j);
    if (e->is_sent == ANSWER_YES || e->own_signature == ANSWER_YES || e->own_tag == ANSWER_YES) {
        note_fit(j);
        return PROVENANCE_PROVEN;
    }
    bool is_disproven = e->is_sent == ANSWER_NO || e->own_signature == ANSWER_NO ||
                        e->own_tag == ANSWER_NO || judge_has_fact(j, "not-from-me");
    return is_disproven ? PROVENANCE_DISPROVEN : PROVENANCE_UNKNOWN;
}
