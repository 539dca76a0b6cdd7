/* A true notice may name pages that help. They belong to the makers of mail systems, to whoever
 * sent it, to the system that refused, or stand in that system's own words; and they do not know
 * who follows them. What leads anywhere else is for somebody's own ends. */
#include "bounce/judge_inside.h"

#include "bounce/folded.h"
#include "bounce/free_text.h"
#include "bounce/judge_hosts.h"
#include "bounce/providers.h"
#include "mail/address.h"
#include "mail/encode.h"
#include "mail/links.h"

enum { MOST_TEXT = 8192, MOST_LINKS = 60, MOST_LINK = 4096, MOST_ASKED = 20, LONGEST_BUTTON = 60 };

struct span judge_first_address(struct span field)
{
    struct span address;
    size_t end;
    return text_find_address(field, &address, &end) ? address : SPAN_NONE;
}

/* ---- does it know whose it is? */

/* In a link "@" may be written "%40". */
static bool names_plainly(struct span link, struct span address)
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

/* The end of it depends on what follows, and is left out. */
static bool names_in_base64(struct span link, struct span address)
{
    struct buffer b = BUFFER_EMPTY;
    base64_lines_add(&b, span_first(address, 45));
    size_t len = address.len < 45 ? address.len * 4 / 3 : 60;
    bool is_named =
        len >= 12 && span_find(link, span_first(buffer_span(&b), len)) != SPAN_NOT_FOUND;
    buffer_free(&b);
    return is_named;
}

static bool names_address(struct span link, struct span address)
{
    return address.len && (names_plainly(link, address) || names_in_base64(link, address));
}

/* ---- has it to do with the notice? */

static bool asks(struct judging *j, struct span words)
{
    struct folded *f = arena_new(j->arena, sizeof *f);
    folded_take(f, words, MOST_TEXT, &phrase_set_button, j->arena);
    if (folded_has_any(f, BUTTON_ASKS))
        return true;
    folded_take(f, words, MOST_TEXT, &phrase_set_text, j->arena);
    return folded_has_any(f, TEXT_ASKS_TO_SIGN_IN) || folded_has_any(f, TEXT_ASKS_TO_VERIFY) ||
           folded_has_any(f, TEXT_ASKS_TO_RELEASE) || folded_has_any(f, TEXT_ASKS_FOR_PASSWORD);
}

/* It stands in what a server said, with its code, and that asks for nothing. */
static bool is_quoted(struct judging *j, struct span link)
{
    const struct notice *n = j->notice;
    for (size_t i = 0; i < n->recipient_count && i < MOST_ASKED; i++) {
        const struct notice_recipient *r = &n->recipients[i];
        if (!r->code || span_find(span_first(r->diagnostic, MOST_TEXT), link) == SPAN_NOT_FOUND)
            continue;
        return !asks(j, r->diagnostic);
    }
    return false;
}

static bool is_of_system(const struct notice *n, struct span host)
{
    if (links_same_site(host, n->reporting))
        return true;
    for (size_t i = 0; i < n->recipient_count && i < MOST_ASKED; i++)
        if (links_same_site(host, n->recipients[i].remote) ||
            links_same_site(host, address_domain(n->recipients[i].address)))
            return true;
    return false;
}

/* A page, the same for all. */
static bool is_plain(struct span link)
{
    return span_find_char(link, '?') == SPAN_NOT_FOUND &&
           span_find_char(link, '#') == SPAN_NOT_FOUND;
}

static bool is_of_same_service(struct span host, struct span from)
{
    const struct provider *p = provider_of_host(host);
    return p && (p == provider_of_address(from) || p == provider_of_host(address_domain(from)));
}

/* Where nothing asks for anything. */
static bool belongs(const struct judging *j, struct span link, struct span host)
{
    const struct notice *n = j->notice;
    if (n->kind == NOTICE_NOT_A_BOUNCE || notice_kind_is_of_day(n->kind) ||
        n->kind == NOTICE_AUTO_REPLY || j->words)
        return false;
    struct span from = address_domain(judge_first_address(n->from));
    return is_plain(link) && (links_same_site(host, from) || is_of_system(n, host));
}

/* Nobody but those whose mail it is has pages there. */
static bool is_home(const struct notice *n, struct span host)
{
    struct span from = judge_first_address(n->from), me = judge_first_address(n->to);
    if (host_is_anybodys(host))
        return false;
    return host_is_known(host) || links_same_site(host, address_domain(me)) ||
           is_of_same_service(host, from);
}

/* ---- one link */

static bool is_inside(struct span name, struct span host)
{
    for (size_t i = 0; name.len >= 4 && i + name.len <= host.len; i++)
        if (span_starts_nocase(span_skip(host, i), name))
            return true;
    return false;
}

static bool looks_alike(struct span host, struct span me)
{
    struct span mine = link_site(address_domain(me));
    return host_wears_a_name(host) || host_is_veiled(host) || is_inside(mine, host);
}

static bool is_farewell(struct judging *j, struct span target, struct span text)
{
    struct folded words;
    folded_take(&words,
                arena_printf(j->arena, "%.*s %.*s", SPAN_F(span_first(target, 1000)),
                             SPAN_F(span_first(text, LONGEST_BUTTON))),
                2000, &phrase_set_button, j->arena);
    return folded_has_any(&words, BUTTON_FAREWELL);
}

static void look_at_lure(struct judging *j, struct span target, struct span text, struct span host)
{
    struct span me = judge_first_address(j->notice->to);
    bool leaves = is_farewell(j, target, text);
    j->has_farewell |= leaves;
    if (link_looks_like_one(text) && !links_same_site(host, link_host(span_trim(text))))
        judge_place(j, "link-differs", target);
    if (!leaves && names_address(target, me))
        judge_place(j, "link-names-you", target);
    if (host_is_anybodys(host))
        judge_place(j, "link-to-anybodys-page", target);
    if (looks_alike(host, me))
        judge_place(j, "look-alike-host", target);
}

static bool has_scheme(struct span target, const char *name)
{
    return span_starts_nocase(target, span_of(name));
}

static void look_at_button(struct judging *j, struct span text)
{
    struct folded words;
    if (text.len > LONGEST_BUTTON)
        return;
    folded_take(&words, text, LONGEST_BUTTON, &phrase_set_button, j->arena);
    if (folded_has_any(&words, BUTTON_ENTERS))
        judge_words(j, "asks-to-sign-in", true, text);
    else if (folded_has_any(&words, BUTTON_ASKS))
        judge_words(j, "asks-to-release", false, text);
}

/* `text`: to click on; empty where the link itself is shown. */
static void look_at_link(struct judging *j, struct span target, struct span text)
{
    const struct notice *n = j->notice;
    target = span_first(span_trim(target), MOST_LINK);
    if (has_scheme(target, "data:") || has_scheme(target, "javascript:"))
        judge_place(j, "has-script", span_first(target, 80));
    if (!has_scheme(target, "http") && !has_scheme(target, "www.") && !has_scheme(target, "//"))
        return;
    struct span host = link_leads_to(target);
    if (!host.len || is_quoted(j, target))
        return;
    if (is_home(n, host)) {
        j->leads_home = true;
        return;
    }
    judge_read_words(j);
    look_at_lure(j, target, text, host);
    if (belongs(j, target, host) && !host_is_anybodys(host)) {
        j->leads_home = true;
        return;
    }
    judge_fact(j, "unknown-link", LEANS_TRICK, target);
    j->away++;
    if (span_trim(text).len && !link_looks_like_one(text)) {
        j->has_button = true;
        j->has_far_button |= !links_same_site(host, address_domain(judge_first_address(n->from)));
        look_at_button(j, span_trim(text));
    }
}

void judge_links(struct judging *j)
{
    size_t seen = 0;
    const struct span texts[] = {j->notice->text, j->notice->around};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct span rest = span_first(texts[i], MOST_TEXT), link;
        for (; seen < MOST_LINKS && links_next(&rest, &link); seen++)
            look_at_link(j, link, SPAN_NONE);
    }
    for (size_t i = 0; i < j->survey->part_count; i++) {
        const struct html *h = j->survey->parts[i].html;
        for (size_t n = 0; h && n < h->link_count && seen < 2 * MOST_LINKS; n++, seen++)
            look_at_link(j, h->links[n].target, h->links[n].text);
    }
}
