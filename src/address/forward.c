#include "address/forward.h"

#include "address/aliases.h"
#include "mail/address.h"

static bool fail(struct error *e, size_t line, const char *words)
{
    return error_set(e, "line %zu of .forward %s", line, words);
}

static bool is_known(const struct forward *f, struct forward_entry new)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->entries[i].kind == new.kind &&
            (new.kind == FORWARD_ADDRESS ? address_equal(f->entries[i].text, new.text)
                                         : span_equal(f->entries[i].text, new.text)))
            return true;
    return false;
}

static bool entry_of(struct span word, struct span own, struct forward_entry *entry,
                     struct arena *a)
{
    if (word.at[0] == '|' || word.at[0] == '/') {
        *entry = (struct forward_entry){word.at[0] == '|' ? FORWARD_COMMAND : FORWARD_FILE, word};
        return word.len > 1;
    }
    if (word.at[0] == '\\')
        word = span_skip(word, 1);
    if (span_find_char(word, '@') == SPAN_NOT_FOUND)
        word = arena_printf(a, "%.*s@%.*s", SPAN_F(word), SPAN_F(address_domain(own)));
    if (address_check(word, true) != ADDRESS_OK)
        return false;
    bool is_own = address_equal(word, own);
    *entry = (struct forward_entry){is_own ? FORWARD_MAILBOX : FORWARD_ADDRESS,
                                    is_own ? SPAN_NONE : word};
    return true;
}

static bool parse_line(struct span line, size_t number, struct span own, struct forward *f,
                       struct arena *a, struct error *e)
{
    for (line = span_trim(line); line.len; line = span_trim(line)) {
        struct forward_entry entry;
        struct span word;
        if (!aliases_take_word(&line, ",", a, &word))
            return fail(e, number, "has quotes that are opened and not closed");
        line = span_skip(line, 1);
        if (!word.len)
            continue;
        if (span_starts_nocase(word, SPAN(":include:")))
            return fail(e, number, "includes a file, which is not possible here");
        if (!entry_of(word, own, &entry, a))
            return fail(e, number, "has something that is no address, |command or /file");
        if (is_known(f, entry))
            continue;
        if (f->count == MOST_FORWARDS)
            return fail(e, number, "is one too many: 100 addresses can stand in it");
        f->entries[f->count++] = entry;
    }
    return true;
}

bool forward_parse(struct span text, struct span own, struct forward *f, struct arena *a,
                   struct error *e)
{
    *f = (struct forward){.entries = arena_new(a, MOST_FORWARDS * sizeof *f->entries)};
    for (size_t i = 0; i < text.len; i++)
        if (!text.at[i])
            return error_set(e, ".forward holds a byte of zero: it is no text");
    for (size_t number = 1; text.len; number++) {
        struct span line = span_trim(span_cut(&text, '\n'));
        if (line.len && line.at[0] != '#' && !parse_line(line, number, own, f, a, e))
            return false;
    }
    return true;
}
