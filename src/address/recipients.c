/* Tables of who gets mail at a relay domain. A line, or a row, is an address, or the part before
 * the @ in any domain that the table is used for. What stands behind it in a line does not matter:
 * tables of Postfix's relay_recipient_maps have a word there. */
#include "address/directory_inside.h"
#include "base/visible.h"
#include "mail/address.h"
#include "store/table.h"

struct reading {
    struct directory *directory;
    struct recipients *into;
    const char *path;
    size_t line; /* 0: rows */
    struct error *error;
};

static bool fail(struct reading *r, struct span what)
{
    static const char words[] = "is no address (alice@example.net) or name (alice)";
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, what, 40);
    if (r->line)
        error_set(r->error, "%s:%zu: \"%s\" %s", r->path, r->line, buffer_text(&shown), words);
    else
        error_set(r->error, "%s: recipient \"%s\" %s", r->path, buffer_text(&shown), words);
    buffer_free(&shown);
    return false;
}

static bool is_name(struct span s)
{
    char room[LONGEST_ADDRESS];
    size_t n = 0;
    if (span_find_char(s, '@') != SPAN_NOT_FOUND)
        return address_check(s, true) == ADDRESS_OK;
    if (s.len > 64)
        return false;
    for (; n < s.len; n++)
        room[n] = s.at[n];
    room[n++] = '@';
    room[n++] = 'x';
    return address_check(span_make(room, n), true) == ADDRESS_OK;
}

static bool add(struct reading *r, struct span name)
{
    char room[LONGEST_ADDRESS];
    if (!is_name(name))
        return fail(r, name);
    struct span folded = directory_fold(name, room);
    if (!map_get_text(&r->into->known, folded))
        map_set_text(&r->into->known, arena_copy(&r->directory->arena, folded), r->into);
    return true;
}

static bool add_row(void *arg, const struct table_row *row)
{
    struct reading *r = arg;
    if (row->count != 1)
        return error_set(r->error, "%s: recipients-query must give one column, address", r->path);
    return add(r, row->values[0]);
}

static bool read_database(struct reading *r, const struct options *o)
{
    struct table *t = table_open(r->path, r->error);
    bool ok = t && table_read(t, o->recipients_query, add_row, r, r->error);
    table_close(&t);
    return ok;
}

static bool read_lines(struct reading *r, struct span text)
{
    bool ok = true;
    while (ok && text.len) {
        struct span line = span_cut(&text, '\n');
        line = span_trim(span_cut(&line, '#'));
        struct span word = span_word(&line);
        r->line++;
        ok = !word.len || add(r, word);
    }
    return ok;
}

bool recipients_parse(struct directory *d, struct recipients *into, const char *file,
                      struct span text, struct error *e)
{
    struct reading r = {.directory = d, .into = into, .path = file, .error = e};
    return read_lines(&r, text);
}

static bool read_file(struct reading *r, struct file_marks *marks)
{
    struct buffer text = BUFFER_EMPTY;
    bool ok = directory_read_file(marks, r->path, &text, r->error) > 0 &&
              read_lines(r, buffer_span(&text));
    buffer_free(&text);
    return ok;
}

/* Domains may share a table; it is read once. NULL: `e`. */
static const struct recipients *table_of(struct directory *d, const struct options *o,
                                         struct span file, struct file_marks *marks,
                                         struct error *e)
{
    struct recipients *known = map_get_text(&d->recipients, file);
    if (known)
        return known;
    struct span database = directory_database(file);
    struct reading r = {.directory = d,
                        .into = arena_new(&d->arena, sizeof *r.into),
                        .path = arena_text(&d->arena, database.len ? database : file),
                        .error = e};
    map_set_text(&d->recipients, file, r.into);
    if (database.len)
        file_marks_add_database(marks, r.path);
    return (database.len ? read_database(&r, o) : read_file(&r, marks)) ? r.into : NULL;
}

bool recipients_load(struct directory *d, const struct options *o, struct file_marks *marks,
                     struct error *e)
{
    for (size_t i = 0; i < o->relay_domain_count; i++) {
        const struct relay_domain *rule = &o->relay_domains[i];
        struct relay *relay = arena_new(&d->arena, sizeof *relay);
        relay->rule = rule;
        if (directory_has_domain(d, rule->match))
            return error_set(
                e,
                "%.*s is a relay-domain, and also a domain of the users; it can be one "
                "of the two",
                SPAN_F(rule->match));
        if (rule->check == RELAY_RECIPIENTS &&
            !(relay->recipients = table_of(d, o, rule->recipients, marks, e)))
            return false;
        map_set_text(&d->relays, rule->match, relay);
    }
    return true;
}
