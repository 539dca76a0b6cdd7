/* What every part of the import uses: notes, lists, addresses, tables. */
#include "base/memory.h"
#include "base/visible.h"
#include "import/inside.h"
#include "mail/address.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_SHOWN = 120, DEEPEST_FILE = 8, MOST_NOTES = 5000 };

/* ---- notes */

void tell_nothing(struct importer *i, const char *name)
{
    map_set_text(&i->used, arena_copy(i->arena, span_of(name)), i);
}

/* Text of the configuration in words for a person. */
static struct span shown(struct importer *i, struct span text, size_t longest)
{
    struct buffer out = BUFFER_EMPTY;
    visible_add(&out, text, longest);
    struct span kept = arena_copy(i->arena, buffer_span(&out));
    buffer_free(&out);
    return kept;
}

/* A table may be named by two settings. */
static bool is_said(const struct import *out, struct span about, struct span words)
{
    for (size_t n = 0; n < out->count; n++)
        if (span_equal(out->notes[n].about, about) && span_equal(out->notes[n].words, words))
            return true;
    return false;
}

void note(struct importer *i, enum import_fate fate, const char *about, const char *format, ...)
{
    struct import *out = i->out;
    char words[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    struct span rest = span_of(about);
    map_set_text(&i->told, arena_copy(i->arena, span_word(&rest)), i);
    if (out->count == MOST_NOTES || is_said(out, span_of(about), span_of(words)))
        return;
    if (out->count == out->room) {
        out->room = out->room ? out->room * 2 : 64;
        out->notes = memory_resize(out->notes, out->room * sizeof *out->notes);
    }
    out->notes[out->count++] = (struct import_note){fate, shown(i, span_of(about), LONGEST_SHOWN),
                                                    shown(i, span_of(words), sizeof words)};
}

/* ---- values */

struct span to_lower(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return (struct span){at, s.len};
}

bool is_yes(const struct importer *i, const char *name)
{
    return span_equal_nocase(main_cf_value(&i->cf, name), SPAN("yes"));
}

static bool is_separator(char c)
{
    return c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool next_item(struct span *rest, struct span *item)
{
    size_t depth = 0, n = 0;
    while (rest->len && is_separator(rest->at[0]))
        *rest = span_skip(*rest, 1);
    for (; n < rest->len && (depth || !is_separator(rest->at[n])); n++) {
        depth += rest->at[n] == '{';
        depth -= rest->at[n] == '}' && depth;
    }
    *item = span_first(*rest, n);
    *rest = span_skip(*rest, n);
    return n > 0;
}

/* Characters that our files could not hold in a word. */
static bool is_plain_address(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c <= ' ' || c == 0x7F || c == '"' || c == '#' || c == ',' || c == '\\' || c == ':')
            return false;
    }
    bool is_command = s.len && (s.at[0] == '|' || s.at[0] == '/');
    return !is_command && address_check(s, true) == ADDRESS_OK;
}

struct span full_address(struct importer *i, struct span text)
{
    text = span_trim(text);
    if (text.len > 1 && text.at[0] == '<' && text.at[text.len - 1] == '>')
        text = span_first(span_skip(text, 1), text.len - 2);
    if (text.len && text.at[0] == '\\')
        text = span_skip(text, 1);
    struct span domain = address_domain(text), all = text;
    if (!domain.len && text.len && text.at[text.len - 1] != '@')
        all = arena_printf(i->arena, "%.*s@%.*s", SPAN_F(text), SPAN_F(i->origin));
    else if (i->is_dot_mydomain && span_find_char(domain, '.') == SPAN_NOT_FOUND)
        all = arena_printf(i->arena, "%.*s.%.*s", SPAN_F(text),
                           SPAN_F(main_cf_value(&i->cf, "mydomain")));
    return is_plain_address(all) ? to_lower(i->arena, all) : SPAN_NONE;
}

/* ---- files and tables */

static bool read_text(struct importer *i, const char *about, struct span path, struct buffer *text)
{
    struct error e;
    const char *name = arena_text(i->arena, path);
    if (i->source->read(i->source->arg, name, text, &e))
        return true;
    note(i, IMPORT_LOST, about, "%s; only its text can be read, not a .db beside it", e.text);
    return false;
}

/* "type:name" without "proxy:" and "maybe:" before it. False: it is no table. */
static bool split_table(struct span item, struct span *type, struct span *name)
{
    while (span_starts(item, SPAN("proxy:")) || span_starts(item, SPAN("maybe:")))
        item = span_skip(item, 6);
    size_t colon = span_find_char(item, ':');
    if (colon == SPAN_NOT_FOUND || !colon)
        return false;
    *type = span_first(item, colon);
    *name = span_skip(item, colon + 1);
    for (size_t n = 0; n < type->len; n++)
        if (!ascii_is_alnum(type->at[n]))
            return false;
    return true;
}

void read_one_table(struct importer *i, const char *name, struct span item, enum table_form form,
                    struct table *t)
{
    struct span type = SPAN_NONE, file = SPAN_NONE;
    const char *instead,
        *about = arena_text(i->arena, arena_printf(i->arena, "%s %.*s", name, SPAN_F(item)));
    if (!split_table(item, &type,
                     &file)) { /* Postfix takes a bare name for default_database_type */
        type = main_cf_value(&i->cf, "default_database_type");
        file = item;
    }
    if (span_equal(type, SPAN("unix")) || span_equal(type, SPAN("nis")))
        return; /* the system's accounts, and what Postfix looks for by itself */
    if (span_equal(type, SPAN("inline"))) {
        struct span inside = span_trim(file);
        if (inside.len > 1 && inside.at[0] == '{')
            table_parse_inline(t, span_first(span_skip(inside, 1), inside.len - 2), i->arena);
        return;
    }
    if (!table_is_file(type, &instead)) {
        note(i, IMPORT_LOST, about, "%s", instead);
        return;
    }
    struct buffer text = BUFFER_EMPTY;
    if (read_text(i, about, file, &text))
        table_parse(t, form, buffer_span(&text), i->arena);
    buffer_free(&text);
}

void read_tables(struct importer *i, const char *name, enum table_form form, struct table *t)
{
    struct span rest = main_cf_value(&i->cf, name), item;
    tell_nothing(i, name);
    while (next_item(&rest, &item))
        read_one_table(i, name, item, form, t);
}

struct patterns {
    const char *name;
    void (*one)(struct importer *i, struct span pattern, bool is_not);
};

static void patterns_of_table(struct importer *i, const struct patterns *p, struct span item,
                              bool is_not)
{
    struct table t = {0};
    struct span type = SPAN_NONE, file = SPAN_NONE;
    bool is_cidr = split_table(item, &type, &file) && span_equal(type, SPAN("cidr"));
    if (is_cidr) /* its lines are those of any other table */
        item = arena_printf(i->arena, "texthash:%.*s", SPAN_F(file));
    read_one_table(i, p->name, item, TABLE_OF_KEYS, &t);
    for (size_t n = 0; n < t.count; n++) {
        bool is_other = is_cidr && t.at[n].key.at[0] == '!';
        p->one(i, is_other ? span_skip(t.at[n].key, 1) : t.at[n].key, is_not != is_other);
    }
    table_free(&t);
}

static void patterns_of(struct importer *i, const struct patterns *p, struct span list,
                        unsigned depth)
{
    struct span item, type, file;
    while (next_item(&list, &item)) {
        bool is_not = item.at[0] == '!';
        item = is_not ? span_skip(item, 1) : item;
        if (item.len && item.at[0] == '/') {
            struct buffer text = BUFFER_EMPTY, line = BUFFER_EMPTY;
            size_t number = 0, first;
            if (depth < DEEPEST_FILE && read_text(i, p->name, item, &text)) {
                struct span rest = buffer_span(&text);
                while (postfix_line(&rest, &number, &line, &first))
                    patterns_of(i, p, arena_copy(i->arena, buffer_span(&line)), depth + 1);
            }
            buffer_free(&text);
            buffer_free(&line);
        } else if (item.len && split_table(item, &type, &file)) {
            patterns_of_table(i, p, item, is_not);
        } else if (item.len) {
            p->one(i, item, is_not);
        }
    }
}

void each_pattern(struct importer *i, const char *name,
                  void (*one)(struct importer *i, struct span pattern, bool is_not))
{
    struct patterns p = {name, one};
    tell_nothing(i, name);
    patterns_of(i, &p, main_cf_value(&i->cf, name), 0);
}
