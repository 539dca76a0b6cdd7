/* What a true notice does not do: ask for something. */
#include "bounce/judge_inside.h"

#include "bounce/judge_hosts.h"
#include "mail/address.h"
#include "mail/links.h"

#include <string.h>

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
