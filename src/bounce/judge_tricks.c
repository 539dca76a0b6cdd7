/* What a true notice does not do: ask for something. A true one may name pages that help, and those
 * belong to whoever sent it, to the system of the recipient, or to nobody who wants a password. */
#include "bounce/judge_inside.h"

#include "bounce/folded.h"
#include "bounce/free_text.h"
#include "bounce/judge_words.h"
#include "mail/address.h"
#include "mail/content.h"
#include "mail/links.h"

#include <string.h>

enum { MOST_TEXT = 8192, MOST_LINKS = 60 };

static void trick(struct judging *j, const char *name, struct span detail)
{
    judge_fact(j, name, LEANS_TRICK, detail);
    j->tricks++;
}

static bool is_own(const struct survey_part *p)
{
    return p->role == PART_TEXT || p->role == PART_HTML;
}

/* ---- words */

static void look_for_words(struct judging *j, const struct folded *text)
{
    static const struct {
        const char *const *words;
        const char *name;
    } lists[] = {{asks_to_sign_in, "asks-to-sign-in"},     {asks_to_verify, "asks-to-verify"},
                 {asks_to_release, "asks-to-release"},     {asks_to_pay, "asks-to-pay"},
                 {asks_for_password, "asks-for-password"}, {urges, "urges"}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const char *found = folded_has_any(text, lists[i].words);
        if (found)
            trick(j, lists[i].name, span_of(found));
    }
}

/* ---- links */

static struct span first_address(struct span field)
{
    struct span address;
    size_t end;
    return text_find_address(field, &address, &end) ? address : SPAN_NONE;
}

/* In a link "@" may be written "%40". */
static bool names_address(struct span link, struct span address)
{
    struct span local = address_local(address), domain = address_domain(address);
    size_t at = local.len >= 2 ? span_find(link, local) : SPAN_NOT_FOUND;
    if (at == SPAN_NOT_FOUND)
        return false;
    struct span rest = span_skip(link, at + local.len);
    rest = span_skip(rest, span_starts(rest, SPAN("@"))            ? 1
                           : span_starts_nocase(rest, SPAN("%40")) ? 3
                                                                   : 0);
    return span_starts_nocase(rest, domain);
}

static void look_at_link(struct judging *j, struct span target, struct span text, bool *has_named)
{
    struct span host = link_host(target), shown = link_host(span_trim(text));
    struct span me = first_address(j->notice->to);
    if (!host.len)
        return;
    if (link_looks_like_one(text) && !links_same_site(host, shown))
        trick(j, "link-differs", target);
    bool is_mine = links_same_site(host, address_domain(me));
    bool is_farewell = text_find_nocase(target, "unsubscri") != SPAN_NOT_FOUND;
    if (!*has_named && !is_mine && !is_farewell && me.len && names_address(target, me)) {
        trick(j, "link-names-you", target);
        *has_named = true;
    }
}

static void look_at_links(struct judging *j)
{
    size_t seen = 0;
    bool has_named = false;
    struct span rest = span_first(j->notice->text, MOST_TEXT), link;
    while (seen < MOST_LINKS && links_next(&rest, &link)) {
        look_at_link(j, link, SPAN_NONE, &has_named);
        seen++;
    }
    for (size_t i = 0; i < j->survey->part_count; i++) {
        const struct html *h = j->survey->parts[i].html;
        for (size_t n = 0; h && n < h->link_count && seen < MOST_LINKS; n++, seen++)
            look_at_link(j, h->links[n].target, h->links[n].text, &has_named);
    }
}

/* ---- parts */

bool judge_is_active_file(struct span name)
{
    for (size_t i = 0; active_files[i]; i++)
        if (span_ends_nocase(name, span_of(active_files[i])))
            return true;
    return false;
}

static void look_at_parts(struct judging *j)
{
    bool has_form = false, has_script = false, has_file = false;
    struct span file = SPAN_NONE;
    for (size_t i = 0; i < j->survey->part_count; i++) {
        const struct survey_part *p = &j->survey->parts[i];
        if (p->html && is_own(p)) {
            has_form |= p->html->has_form || p->html->has_password;
            has_script |= p->html->has_script;
        }
        if (p->name.len && judge_is_active_file(p->name)) {
            has_file = true;
            file = p->name;
        }
    }
    if (has_form)
        trick(j, "has-form", SPAN_NONE);
    if (has_script)
        trick(j, "has-script", SPAN_NONE);
    if (has_file)
        trick(j, "active-attachment", file);
}

/* ---- the sender */

/* It claims to be of the recipient's own domain, and came from elsewhere. */
static void look_at_sender(struct judging *j)
{
    struct span from = address_domain(first_address(j->notice->from));
    struct span to = address_domain(first_address(j->notice->to));
    struct span path =
        address_domain(first_address(survey_field(j->survey, "Return-Path", j->arena)));
    if (from.len && path.len && links_same_site(from, to) && !links_same_site(from, path))
        trick(j, "look-alike-sender", path);
}

/* Who read the notice has mostly made them already. */
static const struct folded *folded_words(struct judging *j)
{
    if (j->notice->words)
        return j->notice->words;
    struct folded *text = arena_new(j->arena, sizeof *text);
    folded_take(text, j->notice->text, MOST_TEXT, j->arena);
    return text;
}

void judge_tricks(struct judging *j)
{
    look_for_words(j, folded_words(j));
    look_at_links(j);
    look_at_parts(j);
    look_at_sender(j);
}
