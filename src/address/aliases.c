#include "address/aliases.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "base/visible.h"
#include "mail/address.h"
#include "store/table.h"

#include <stdlib.h>

enum { MOST_INCLUDES = 8 /* inside of each other */, LONGEST_KEY = 320 };

struct parsing {
    struct aliases *aliases;
    const char *file;
    size_t line;
    unsigned depth;
    bool is_row; /* of a database */
    struct error *error;
};

/* Targets while they are collected. */
struct targets {
    struct span *at;
    size_t count, room;
};

static bool fail(struct parsing *p, const char *words, struct span what)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, what, 60);
    if (p->is_row)
        error_set(p->error, "%s: \"%s\" %s", p->file, buffer_text(&shown), words);
    else
        error_set(p->error, "%s:%zu: \"%s\" %s", p->file, p->line, buffer_text(&shown), words);
    buffer_free(&shown);
    return false;
}

static struct span lower(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return (struct span){at, s.len};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct span *rest)
{
    while (rest->len && is_blank(rest->at[0]))
        *rest = span_skip(*rest, 1);
}

/* How far a word goes that is bare up to one of `ends`, or in quotes, in which a backslash takes
 * the next character as it is. False: the quotes do not end. */
static bool measure_word(struct span rest, const char *ends, size_t *len)
{
    bool is_quoted = false;
    size_t i = 0;
    for (; i < rest.len; i++) {
        char c = rest.at[i];
        if (c == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && span_find_char(span_of(ends), c) != SPAN_NOT_FOUND)
            break;
        else if (is_quoted && c == '\\' && i + 1 < rest.len)
            i++;
    }
    *len = i;
    return !is_quoted;
}

bool aliases_take_word(struct span *rest, const char *ends, struct arena *a, struct span *word)
{
    size_t n, len = 0;
    bool is_closed = measure_word(*rest, ends, &n), is_quoted = false;
    char *text = arena_new(a, n + 1);
    for (size_t i = 0; i < n; i++) {
        char c = rest->at[i];
        if (c == '"') {
            is_quoted = !is_quoted;
            continue;
        }
        if (is_quoted && c == '\\' && i + 1 < rest->len)
            c = rest->at[++i];
        text[len++] = c;
    }
    *word = span_trim(span_make(text, len));
    *rest = span_skip(*rest, n);
    return is_closed;
}

static bool parse_targets(struct parsing *p, struct span rest, struct targets *t);

/* A list of members: as the targets of an alias, but in as many lines as it likes. */
static bool include(struct parsing *p, struct span path, struct targets *t)
{
    struct buffer text = BUFFER_EMPTY;
    struct error why;
    const char *name = arena_text(p->aliases->arena, path);
    struct parsing inner = {
        .aliases = p->aliases, .file = name, .depth = p->depth + 1, .error = p->error};
    bool ok = inner.depth <= MOST_INCLUDES ||
              fail(p, "is included by a file that it includes itself", path);
    if (ok && !p->aliases->read(p->aliases->arg, name, &text, &why))
        ok = error_set(p->error, "%s:%zu: %s", p->file, p->line, why.text);
    struct span rest = buffer_span(&text);
    while (ok && rest.len) {
        struct span line = span_cut(&rest, '\n');
        inner.line++;
        ok = parse_targets(&inner, span_cut(&line, '#'), t);
    }
    buffer_free(&text);
    return ok;
}

static bool is_name(struct span s)
{
    if (span_find_char(s, '@') != SPAN_NOT_FOUND)
        return address_check(s, true) == ADDRESS_OK;
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7F || s.at[i] == '/')
            return false;
    return s.len > 0 && s.len <= 64;
}

static bool keep(struct targets *t, struct span word)
{
    if (t->count == t->room) {
        t->room = t->room ? t->room * 2 : 8;
        t->at = memory_resize(t->at, t->room * sizeof *t->at);
    }
    t->at[t->count++] = word;
    return true;
}

static bool add_command(struct parsing *p, struct span word, struct targets *t)
{
    if (p->depth)
        return fail(p, "can't be run: a file that is included holds no commands", word);
    if (p->is_row)
        return fail(p, "can't be run: commands stand in files, not in a database", word);
    if (!p->aliases->runs_commands)
        return fail(p,
                    "can't be run: name the user to run commands as, by command-user in the "
                    "configuration",
                    word);
    return keep(t, word);
}

static bool add_target(struct parsing *p, struct span word, struct targets *t)
{
    bool is_include = span_starts_nocase(word, SPAN(":include:"));
    if (is_include && p->is_row)
        return fail(p, "can't stand in a database: list its addresses in rows", word);
    if (is_include)
        return include(p, span_trim(span_skip(word, 9)), t);
    if (word.at[0] == '\\') /* "\alice": alice's mailbox; aliases that name themselves mean that */
        word = span_skip(word, 1);
    if (word.len && word.at[0] == '|')
        return add_command(p, word, t);
    if (word.len && word.at[0] == '/')
        return fail(p, "can't be written to: aliases lead to addresses here, not to files", word);
    bool is_bare = span_find_char(word, '@') == SPAN_NOT_FOUND;
    if (!is_name(word) || (is_bare && span_find_char(word, ' ') != SPAN_NOT_FOUND))
        return fail(p, "is no address, name or :include:/file; several are parted by a comma",
                    word);
    return keep(t, word);
}

static bool parse_targets(struct parsing *p, struct span rest, struct targets *t)
{
    struct span word;
    for (skip_blanks(&rest); rest.len; skip_blanks(&rest)) {
        if (!aliases_take_word(&rest, ",", p->aliases->arena, &word))
            return fail(p, "has quotes that are opened and not closed", word);
        if (rest.len)
            rest = span_skip(rest, 1);
        if (word.len && !add_target(p, word, t))
            return false;
    }
    return true;
}

static bool key_is_valid(struct span key)
{
    if (key.len > 1 && key.at[0] == '@')
        return domain_is_valid(span_skip(key, 1), true, false);
    return is_name(key);
}

static struct alias *add_alias(struct parsing *p, struct span name)
{
    struct alias *alias = arena_new(p->aliases->arena, sizeof *alias);
    alias->name = name;
    alias->table = p->file;
    map_set_text(&p->aliases->by_name, name, alias);
    return alias;
}

static void add_entry(struct parsing *p, struct span name, const struct targets *t)
{
    struct alias *alias = add_alias(p, name);
    alias->targets = arena_new(p->aliases->arena, t->count * sizeof *alias->targets);
    for (size_t i = 0; i < t->count; i++)
        alias->targets[i] = t->at[i];
    alias->count = t->count;
}

static bool fail_key(struct parsing *p, struct span key)
{
    return fail(p,
                "can't be an alias; write a name, an address or @domain, and what it leads to: "
                "root: alice@example.org",
                key);
}

/* "name: target, target" or "name target"; continued lines are joined. */
static bool parse_entry(struct parsing *p, struct span entry)
{
    struct targets t = {0};
    struct span key, rest = entry;
    struct arena *a = p->aliases->arena;
    if (!aliases_take_word(&rest, ": \t\n", a, &key) || !key_is_valid(key))
        return fail_key(p, key);
    skip_blanks(&rest);
    if (rest.len && rest.at[0] == ':' && !span_starts_nocase(rest, SPAN(":include:")))
        rest = span_skip(rest, 1);
    struct span name = lower(a, key);
    bool ok = !map_get_text(&p->aliases->by_name, name) ||
              fail(p, "is an alias already; keep one of the two", key);
    ok = ok && parse_targets(p, rest, &t);
    if (ok && !t.count)
        ok = fail(p, "leads nowhere; write an address behind it, or remove it", key);
    if (ok)
        add_entry(p, name, &t);
    free(t.at);
    return ok;
}

/* An entry goes on in lines that begin with a blank. Comments and empty lines may stand between. */
bool aliases_parse(struct aliases *aliases, const char *file, struct span text, struct error *e)
{
    struct parsing p = {.aliases = aliases, .file = file, .error = e};
    struct buffer entry = BUFFER_EMPTY;
    size_t line_number = 0;
    bool ok = true;
    while (ok && text.len) {
        struct span line = span_cut(&text, '\n');
        line_number++;
        struct span trimmed = span_trim(line);
        if (!trimmed.len || trimmed.at[0] == '#')
            continue;
        if (!is_blank(line.at[0])) {
            ok = !entry.len || parse_entry(&p, buffer_span(&entry));
            buffer_clear(&entry);
            p.line = ok ? line_number : p.line;
        }
        buffer_add_span(&entry, trimmed);
        buffer_add_char(&entry, '\n');
    }
    ok = ok && (!entry.len || parse_entry(&p, buffer_span(&entry)));
    buffer_free(&entry);
    return ok;
}

struct rows {
    struct parsing parsing;
    struct targets targets; /* of the row at hand */
};

static struct alias *alias_of_row(struct parsing *p, struct span key)
{
    char room[LONGEST_KEY] = {0};
    for (size_t i = 0; i < key.len; i++)
        room[i] = ascii_lower(key.at[i]);
    struct alias *alias = map_get_text(&p->aliases->by_name, span_make(room, key.len));
    if (!alias)
        return add_alias(p, lower(p->aliases->arena, key));
    if (alias->table == p->file)
        return alias;
    fail(p, "is an alias in another table already; keep one of the two", key);
    return NULL;
}

/* Rows of one alias may be many, and come in any order: its room doubles. */
static void add_target_of_row(struct alias *alias, struct span target, struct arena *a)
{
    if ((alias->count & (alias->count - 1)) == 0) {
        struct span *more = arena_new(a, (alias->count ? alias->count * 2 : 1) * sizeof *more);
        for (size_t i = 0; i < alias->count; i++)
            more[i] = alias->targets[i];
        alias->targets = more;
    }
    alias->targets[alias->count++] = target;
}

static bool take_row(void *arg, const struct table_row *row)
{
    struct rows *r = arg;
    struct parsing *p = &r->parsing;
    if (row->count != 2)
        return error_set(p->error, "%s: aliases-query must give two columns, name and target",
                         p->file);
    struct span key = row->values[0];
    if (key.len > LONGEST_KEY || !key_is_valid(key))
        return fail_key(p, key);
    struct alias *alias = alias_of_row(p, key);
    r->targets.count = 0;
    if (!alias || !parse_targets(p, row->values[1], &r->targets))
        return false;
    for (size_t i = 0; i < r->targets.count; i++)
        add_target_of_row(alias, r->targets.at[i], p->aliases->arena);
    return r->targets.count ||
           fail(p, "leads nowhere; write an address as its target, or remove it", key);
}

bool aliases_read(struct aliases *aliases, const char *path, struct span query, struct error *e)
{
    struct rows r = {.parsing = {.aliases = aliases, .file = path, .is_row = true, .error = e}};
    struct table *t = table_open(path, e);
    bool ok = t && table_read(t, query, take_row, &r, e);
    table_close(&t);
    free(r.targets.at);
    return ok;
}

const struct alias *aliases_find(const struct aliases *a, struct span name)
{
    return map_get_text(&a->by_name, name);
}
