/* A line is a name and its words. What stands in the file replaces the defaults; the first line of
 * a list replaces the default list, further ones add to it. */
#include "config/options.h"

#include "base/visible.h"
#include "config/line_values.h"
#include "config/options_check.h"
#include "mail/address.h"

#include <string.h>

enum { MOST_WORDS = 24 };

struct parsing {
    struct options *options;
    const char *file;
    size_t line;
    struct error *error;
};

static void *member(struct options *o, size_t offset)
{
    return (char *)o + offset;
}

/* ---- words */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next word of a line: bare, or in quotes with \" and \\. 1, 0 at the end, -1: the quotes do
 * not end. */
static int next_word(struct span *rest, struct arena *a, struct span *word)
{
    while (rest->len && is_blank(rest->at[0]))
        *rest = span_skip(*rest, 1);
    if (!rest->len || rest->at[0] == '#')
        return 0;
    if (rest->at[0] != '"') {
        size_t n = 0;
        while (n < rest->len && !is_blank(rest->at[n]))
            n++;
        *word = span_first(*rest, n);
        *rest = span_skip(*rest, n);
        return 1;
    }
    char *text = arena_new(a, rest->len);
    size_t len = 0, i = 1;
    for (; i < rest->len && rest->at[i] != '"'; i++) {
        if (rest->at[i] == '\\' && i + 1 < rest->len)
            i++;
        text[len++] = rest->at[i];
    }
    if (i >= rest->len)
        return -1;
    *word = (struct span){text, len};
    *rest = span_skip(*rest, i + 1);
    return 1;
}

/* ---- which option is meant */

enum { LONGEST_NAME = 40 };

/* The number of letters to change, add or take away (Levenshtein). */
static size_t distance(struct span a, struct span b)
{
    size_t row[LONGEST_NAME + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = diagonal + (a.at[i - 1] != b.at[j - 1]);
            size_t other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < other ? change : other;
        }
    }
    return row[b.len];
}

static const char *nearest(struct span name)
{
    size_t best = 4;
    const char *found = NULL;
    for (size_t i = 0; i < options_count() && name.len <= LONGEST_NAME; i++) {
        size_t d = distance(name, span_of(option_at(i)->name));
        if (d < best) {
            best = d;
            found = option_at(i)->name;
        }
    }
    return found;
}

/* Says so, with the file and the line at hand; false. */
static bool fail(struct parsing *p, const char *words)
{
    return error_set(p->error, "%s:%zu: %s", p->file, p->line, words);
}

static bool fail_unknown(struct parsing *p, struct span name)
{
    struct buffer words = BUFFER_EMPTY;
    const char *meant = nearest(name);
    buffer_add_char(&words, '"');
    visible_add(&words, name, 60);
    buffer_add_text(&words, "\" is not an option; ");
    if (meant)
        buffer_printf(&words, "did you mean \"%s\"?", meant);
    else
        buffer_add_text(&words, "\"plainpost config default\" shows all of them");
    fail(p, buffer_text(&words));
    buffer_free(&words);
    return false;
}

/* ---- setting */

/* Room for one more element of a list. */
static void *list_add(struct options *o, const struct option *option)
{
    size_t *count = member(o, option->count_offset);
    void **list = member(o, option->offset);
    size_t size = line_value_size(option);
    if ((*count & (*count - 1)) == 0) { /* full at 0, 1, 2, 4, 8, … */
        void *more = arena_new(&o->arena, (*count ? *count * 2 : 1) * size);
        if (*count)
            memcpy(more, *list, *count * size);
        *list = more;
    }
    return (char *)*list + (*count)++ * size;
}

static bool set(struct options *o, const struct option *option, struct span *words, size_t count,
                struct error *problem)
{
    void *at = option->count_offset ? list_add(o, option) : member(o, option->offset);
    return line_value_parse(option, words, count, at, &o->arena, problem);
}

static bool route_is_repeated(const struct options *o)
{
    for (size_t i = 0; i + 1 < o->route_count; i++)
        if (span_equal(o->routes[i].match, o->routes[o->route_count - 1].match))
            return true;
    return false;
}

static bool listen_is_repeated(const struct options *o)
{
    for (size_t i = 0; i + 1 < o->listen_count; i++)
        if (listen_is_same_place(&o->listen[i], &o->listen[o->listen_count - 1]))
            return true;
    return false;
}

static bool relay_is_repeated(const struct options *o)
{
    for (size_t i = 0; i + 1 < o->relay_domain_count; i++)
        if (span_equal(o->relay_domains[i].match,
                       o->relay_domains[o->relay_domain_count - 1].match))
            return true;
    return false;
}

static bool events_are_repeated(const struct options *o)
{
    const struct event_sink *last = &o->events[o->event_sink_count - 1];
    for (const struct event_sink *s = o->events; s < last; s++)
        if (s->kind == last->kind && span_equal(s->target, last->target))
            return true;
    return false;
}

static bool key_is_repeated(const struct options *o)
{
    for (size_t i = 0; i + 1 < o->signing_key_count; i++)
        if (signing_key_is_same_name(&o->signing_keys[i],
                                     &o->signing_keys[o->signing_key_count - 1]))
            return true;
    return false;
}

static bool policy_is_repeated(const struct domain_policy *all, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++)
        if (span_equal(all[i].match, all[count - 1].match))
            return true;
    return false;
}

static bool folder_is_repeated(const struct options *o)
{
    const struct notice_folder *last = &o->notices.folders[o->notices.folder_count - 1];
    return notice_folder_of(o->notices.folders, o->notices.folder_count - 1, last->class).len > 0;
}

static bool account_limit_is_repeated(const struct options *o)
{
    const struct account_limit *last = &o->sending.limits[o->sending.limit_count - 1];
    for (const struct account_limit *l = o->sending.limits; l < last; l++)
        if (span_equal(l->account, last->account))
            return true;
    return false;
}

static bool link_list_is_repeated(const struct options *o)
{
    const struct link_list *last = &o->sending.link_lists[o->sending.link_list_count - 1];
    for (const struct link_list *l = o->sending.link_lists; l < last; l++)
        if (span_equal(l->zone, last->zone))
            return true;
    return false;
}

static bool filter_is_repeated(const struct options *o)
{
    for (size_t i = 0; i + 1 < o->filter_count; i++)
        if (span_equal(o->filters[i].name, o->filters[o->filter_count - 1].name))
            return true;
    return false;
}

static bool dns_list_is_repeated(const struct options *o)
{
    const struct dns_list *last = &o->entry.dns_lists[o->entry.dns_list_count - 1];
    for (const struct dns_list *l = o->entry.dns_lists; l < last; l++)
        if (l->about == last->about && span_equal(l->zone, last->zone))
            return true;
    return false;
}

static struct span example_of(const struct option *option)
{
    static const char *const examples[] = {
        [OPTION_ROUTE] = "example.org 192.0.2.7:25",
        [OPTION_RELAY] = "example.org ask",
        [OPTION_EVENTS] = "file /path/of/file",
        [OPTION_GUARD_LIMIT] = "new-hour 60",
        [OPTION_HOST] = "example.org",
        [OPTION_FILTER] = "inet:127.0.0.1:11332 name rspamd",
        [OPTION_POLICY] = "example.org refuse",
        [OPTION_FOLDER] = "phishing .Junk",
        [OPTION_LINK_LIST] = "dbl.example",
        [OPTION_ACCOUNTS] = "* message 100 recipients 500/1h 2000/1d",
        [OPTION_MATCH] = "example.org",
        [OPTION_FORWARDER] = "lists.example.org",
        [OPTION_DNS_LIST] = "zen.example points 127.0.0.2=5 127.0.0.10=3",
        [OPTION_DKIM_KEY] = "example.org s1 /etc/plainpost/s1.pem",
        [OPTION_CERTIFICATE] = "/path/of/certificate /path/of/key",
        [OPTION_ACME] = "mx.example.org",
    };
    if (option->standard[0])
        return span_first(span_of(option->standard), strcspn(option->standard, "\n"));
    bool has_own = option->type < sizeof examples / sizeof *examples && examples[option->type];
    return span_of(has_own ? examples[option->type] : "/path/of/file");
}

static bool set_option(struct parsing *p, size_t *seen_at, const struct option *option,
                       struct span *words, size_t count)
{
    struct error problem;
    struct options *o = p->options;
    if (option->count_offset) {
        if (!*seen_at)
            *(size_t *)member(o, option->count_offset) = 0;
    } else if (*seen_at) {
        error_set(&problem, "%s was already given in line %zu; keep one of the two", option->name,
                  *seen_at);
        return fail(p, problem.text);
    }
    *seen_at = p->line;
    if (!count) {
        const char *quote = option->type == OPTION_TEXT ? "\"" : "";
        error_set(&problem, "%s needs a value, for example: %s %s%.*s%s", option->name,
                  option->name, quote, SPAN_F(example_of(option)), quote);
        return fail(p, problem.text);
    }
    if (!set(o, option, words, count, &problem))
        return fail(p, problem.text);
    if (option->type == OPTION_ROUTE && route_is_repeated(o))
        return fail(p, "there already is a route for this; keep one of the two");
    if (option->type == OPTION_LISTEN && listen_is_repeated(o))
        return fail(p, "there already is a listen for this place; keep one of the two");
    if (option->type == OPTION_RELAY && relay_is_repeated(o))
        return fail(p, "there already is a relay-domain for this; keep one of the two");
    if (option->type == OPTION_EVENTS && events_are_repeated(o))
        return fail(p, "events are told there already; keep one of the two");
    if (option->type == OPTION_FILTER && filter_is_repeated(o))
        return fail(p, "there already is a filter of this name; give each its own");
    if (option->type == OPTION_POLICY &&
        policy_is_repeated(*(struct domain_policy **)member(o, option->offset),
                           *(size_t *)member(o, option->count_offset))) {
        error_set(&problem, "there already is another %s for this; keep one of the two",
                  option->name);
        return fail(p, problem.text);
    }
    if (option->type == OPTION_FOLDER && folder_is_repeated(o))
        return fail(p, "there already is a file-notices of this; keep one of the two");
    if (option->type == OPTION_ACCOUNTS && account_limit_is_repeated(o))
        return fail(p, "there already is an account-limit for this account; keep one of the two");
    if (option->type == OPTION_LINK_LIST && link_list_is_repeated(o))
        return fail(p, "there already is a link-list of this zone; keep one of the two");
    if (option->type == OPTION_DNS_LIST && dns_list_is_repeated(o))
        return fail(p, "there already is a dns-list of this zone; keep one of the two");
    if (option->type == OPTION_DKIM_KEY && key_is_repeated(o))
        return fail(p, "there already is a dkim-key of this domain and selector; keep one of the "
                       "two");
    return true;
}

void options_defaults(struct options *o)
{
    *o = (struct options){.references = 1};
    for (size_t i = 0; i < options_count(); i++) {
        struct span lines = span_of(option_at(i)->standard);
        while (lines.len) {
            struct span word = span_cut(&lines, '\n');
            struct error never;
            if (!set(o, option_at(i), &word, 1, &never))
                __builtin_trap(); /* the table is wrong; its test says where */
        }
    }
}

static bool parse_line(struct parsing *p, struct span line, size_t *seen)
{
    struct span words[MOST_WORDS + 1];
    size_t count = 0;
    int found;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    for (size_t i = 0; i < line.len; i++)
        if (((unsigned char)line.at[i] < ' ' && line.at[i] != '\t') || line.at[i] == 0x7F)
            return fail(p, "this line holds a control character; please remove it");
    while ((found = next_word(&line, &p->options->arena, &words[count])) > 0)
        if (++count > MOST_WORDS)
            return fail(p, "this line has too many words");
    if (found < 0)
        return fail(p, "these quotes are opened and not closed; add a \" at their end");
    if (!count)
        return true;
    const struct option *option = option_find(words[0]);
    if (!option)
        return fail_unknown(p, words[0]);
    return set_option(p, &seen[option_place(option)], option, words + 1, count - 1);
}

bool options_parse(struct options *o, const char *file, struct span text, struct error *e)
{
    struct parsing p = {.options = o, .file = file, .error = e};
    options_defaults(o);
    size_t *seen = arena_new(&o->arena, options_count() * sizeof *seen);
    bool ok = true;
    while (ok && text.len) {
        p.line++;
        ok = parse_line(&p, span_cut(&text, '\n'), seen);
    }
    struct error problem;
    if (ok && !options_check(o, seen, &p.line, &problem))
        ok = fail(&p, problem.text);
    if (!ok)
        options_free(o);
    return ok;
}

void options_free(struct options *o)
{
    struct arena a = o->arena;
    arena_clear(&a);
    *o = (struct options){0};
}
