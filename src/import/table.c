#include "import/table.h"

#include "base/memory.h"
#include "import/main_cf.h"

#include <stdlib.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void table_free(struct table *t)
{
    free(t->at);
    *t = (struct table){0};
}

static void add(struct table *t, struct span key, struct span value, struct arena *a)
{
    char *lower = arena_new(a, key.len + 1);
    for (size_t i = 0; i < key.len; i++)
        lower[i] = ascii_lower(key.at[i]);
    if (t->count == t->room) {
        t->room = t->room ? t->room * 2 : 64;
        t->at = memory_resize(t->at, t->room * sizeof *t->at);
    }
    t->at[t->count++] = (struct table_entry){{lower, key.len}, arena_copy(a, span_trim(value))};
}

/* A key, bare or in quotes, up to a blank, or up to the colon of an alias. */
static struct span take_key(struct span *rest, enum table_form form, struct arena *a)
{
    char *key = arena_new(a, rest->len + 1);
    size_t len = 0, i = 0;
    bool is_quoted = false;
    for (; i < rest->len; i++) {
        char c = rest->at[i];
        if (c == '"') {
            is_quoted = !is_quoted;
            continue;
        }
        if (!is_quoted && (form == TABLE_OF_ALIASES ? c == ':' : is_blank(c)))
            break;
        if (is_quoted && c == '\\' && i + 1 < rest->len)
            c = rest->at[++i];
        key[len++] = c;
    }
    *rest = span_skip(*rest, i + (form == TABLE_OF_ALIASES));
    return span_trim((struct span){key, len});
}

void table_parse(struct table *t, enum table_form form, struct span text, struct arena *a)
{
    struct buffer logical = BUFFER_EMPTY;
    size_t line = 0, first = 0;
    while (postfix_line(&text, &line, &logical, &first)) {
        struct span rest = span_trim(buffer_span(&logical));
        struct span key = take_key(&rest, form, a);
        if (key.len)
            add(t, key, rest, a);
    }
    buffer_free(&logical);
}

static struct span without_braces(struct span s)
{
    s = span_trim(s);
    if (s.len > 1 && s.at[0] == '{' && s.at[s.len - 1] == '}')
        s = span_trim(span_first(span_skip(s, 1), s.len - 2));
    return s;
}

void table_parse_inline(struct table *t, struct span inside, struct arena *a)
{
    while (inside.len) {
        size_t n = 0, depth = 0;
        for (; n < inside.len; n++) {
            char c = inside.at[n];
            if (!depth && (c == ',' || is_blank(c)) && n)
                break;
            depth += c == '{';
            depth -= c == '}' && depth;
        }
        struct span item = span_first(inside, n);
        inside = span_skip(inside, n ? n : 1);
        while (inside.len && (inside.at[0] == ',' || is_blank(inside.at[0])))
            inside = span_skip(inside, 1);
        struct span value = without_braces(item), key = span_trim(span_cut(&value, '='));
        if (key.len)
            add(t, key, without_braces(value), a);
    }
}

bool table_is_file(struct span type, const char **instead)
{
    static const char *const files[] = {"hash", "btree", "cdb", "dbm", "lmdb", "sdbm", "texthash"};
    static const char *const patterns[] = {"regexp", "pcre", "cidr"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (span_equal(type, span_of(files[i])))
            return true;
    *instead =
        "it asks another program or a database: export its entries into a text file of lines "
        "\"KEY VALUE\", name that as texthash:FILE, and import again";
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (span_equal(type, span_of(patterns[i])))
            *instead =
                "plainpost knows no patterns here: write the addresses that they are meant for "
                "one by one into the users or aliases file";
    return false;
}
