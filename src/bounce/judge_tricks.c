/* What a true notice does not do: ask for something. */
#include "bounce/judge_inside.h"

#include "bounce/folded.h"
#include "bounce/judge_hosts.h"
#include "mail/address.h"
#include "mail/links.h"

#include <string.h>

enum { MOST_TEXT = 8192, MOST_HTML = 4096 };

void judge_place(struct judging *j, const char *name, struct span detail)
{
    j->places += !judge_has_fact(j, name);
    judge_fact(j, name, LEANS_TRICK, detail);
}

void judge_words(struct judging *j, const char *name, bool is_demand, struct span detail)
{
    j->demands |= is_demand;
    j->words += !judge_has_fact(j, name);
    judge_fact(j, name, LEANS_TRICK, detail);
}

/* ---- words */

static void look_for_words(struct judging *j, const struct folded *text)
{
    static const struct {
        enum sign_words words;
        const char *name;
        bool is_demand;
    } lists[] = {{TEXT_ASKS_TO_SIGN_IN, "asks-to-sign-in", true},
                 {TEXT_ASKS_TO_VERIFY, "asks-to-verify", true},
                 {TEXT_ASKS_FOR_PASSWORD, "asks-for-password", true},
                 {TEXT_ASKS_TO_RELEASE, "asks-to-release", false},
                 {TEXT_ASKS_TO_PAY, "asks-to-pay", false},
                 {TEXT_URGES, "urges", false}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct phrase *found = folded_has_any(text, lists[i].words);
        if (found)
            judge_words(j, lists[i].name, lists[i].is_demand,
                        span_make(found->text, found->length));
    }
}

/* Soft hyphens, and blanks without width, which are put into words so that no filter finds them. */
static size_t unseen_length(struct span s)
{
    static const struct span unseen[] = {SPAN("\xC2\xAD"),     SPAN("\xE2\x80\x8B"),
                                         SPAN("\xE2\x80\x8C"), SPAN("\xE2\x80\x8D"),
                                         SPAN("\xE2\x81\xA0"), SPAN("\xEF\xBB\xBF")};
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        if (span_starts(s, unseen[i]))
            return unseen[i].len;
    return 0;
}

static struct span without_unseen(struct span text, struct arena *a)
{
    char *at = NULL;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        size_t n = text.at[i] & 0x80 ? unseen_length(span_skip(text, i)) : 0;
        if (n && !at) {
            at = arena_new(a, text.len);
            memcpy(at, text.at, i);
            len = i;
        }
        if (n)
            i += n - 1;
        else if (at)
            at[len++] = text.at[i];
    }
    return at ? span_make(at, len) : text;
}

static void look_at_text(struct judging *j, struct span text, size_t most)
{
    struct span seen = without_unseen(span_first(text, most), j->arena);
    const struct notice *n = j->notice;
    if (n->words && text.at == n->text.at && seen.at == text.at) {
        look_for_words(j, n->words); /* who read the notice has made them already */
    } else if (text.len) {
        struct folded *f = arena_new(j->arena, sizeof *f);
        folded_take(f, seen, most, &phrase_set_text, j->arena);
        look_for_words(j, f);
    }
}

/* What is shown may be another text than the one for those who show none. */
void judge_read_words(struct judging *j)
{
    const struct notice *n = j->notice;
    if (j->has_read_words)
        return;
    j->has_read_words = true;
    const struct survey_part *html = survey_part(j->survey, PART_HTML);
    look_at_text(j, n->text, MOST_TEXT);
    look_at_text(j, n->around, MOST_TEXT);
    if (html && html->text.at != n->text.at)
        look_at_text(j, html->text, MOST_HTML);
}

/* ---- parts */

bool judge_is_active_file(struct span name)
{
    static const char *const ends[] = {
        ".html", ".htm",  ".shtml", ".xhtml", ".svg", ".js",  ".jse", ".vbs", ".vbe",
        ".wsf",  ".hta",  ".exe",   ".scr",   ".pif", ".com", ".bat", ".cmd", ".ps1",
        ".lnk",  ".iso",  ".img",   ".zip",   ".rar", ".7z",  ".ace", ".gz",  ".jar",
        ".docm", ".xlsm", ".pptm",  ".one",   ".cab", ".msi", NULL};
    for (size_t i = 0; ends[i]; i++)
        if (span_ends_nocase(name, span_of(ends[i])))
            return true;
    return false;
}

/* "ATT00001.htm": so a mail program calls the text of a message that it takes apart. */
static bool is_text_of_message(const struct survey_part *p)
{
    return p->role == PART_HTML &&
           (!p->is_attachment || span_starts_nocase(p->name, SPAN("ATT0")) ||
            !judge_is_active_file(p->name));
}

/* By what it is called to be, where it has no name. */
static bool is_active_type(const struct mime_entity *e)
{
    static const char *const types[] = {
        "zip",          "x-zip-compressed", "x-msdownload", "javascript",       "x-javascript",
        "hta",          "x-7z-compressed",  "vnd.rar",      "x-rar-compressed", "x-iso9660-image",
        "x-ms-shortcut"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (mime_is(e, "application", types[i]))
            return true;
    return false;
}

static void look_at_parts(struct judging *j)
{
    for (size_t i = 0; i < j->survey->part_count; i++) {
        const struct survey_part *p = &j->survey->parts[i];
        if (p->html && (p->html->has_form || p->html->has_password))
            judge_place(j, "has-form", SPAN_NONE);
        if (p->html && p->html->has_password)
            judge_words(j, "asks-for-password", true, SPAN_NONE);
        if (p->html && p->html->has_script)
            judge_place(j, "has-script", SPAN_NONE);
        bool may_be = p->role == PART_OTHER || (p->role == PART_HTML && !is_text_of_message(p)) ||
                      (p->role == PART_TEXT && p->is_attachment);
        if (may_be && (judge_is_active_file(p->name) || is_active_type(&p->entity)))
            judge_place(j, "active-attachment", p->name);
    }
}

/* ---- the sender */

/* It calls itself by the reader's domain, or by a known service's, and is not of there. */
static bool pretends(const struct notice *n, struct span from, struct span to)
{
    struct span site = link_site(to), name = span_first(n->from, span_find_char(n->from, '<'));
    bool is_named = name.len < n->from.len && site.len >= 4 &&
                    span_find(name, site) != SPAN_NOT_FOUND && !links_same_site(from, to);
    return is_named || host_wears_a_name(from);
}

/* Only said of what is suspect already: services that send for others look the same. */
static void look_at_sender(struct judging *j)
{
    const struct notice *n = j->notice;
    struct span from = address_domain(judge_first_address(n->from));
    struct span to = address_domain(judge_first_address(n->to));
    struct span path =
        address_domain(judge_first_address(survey_field(j->survey, "Return-Path", j->arena)));
    bool is_elsewhere =
        from.len && path.len && links_same_site(from, to) && !links_same_site(from, path);
    if ((j->words || j->places || j->away) && (is_elsewhere || pretends(n, from, to)))
        judge_place(j, "look-alike-sender", from);
}

/* Most true notices lead nowhere; then their words do not matter. */
void judge_tricks(struct judging *j, bool by_words)
{
    judge_links(j);
    look_at_parts(j);
    if (by_words || j->places || j->away)
        judge_read_words(j);
    look_at_sender(j);
}
