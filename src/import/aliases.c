/* What addresses lead to: virtual(5) for all of them, and aliases(5) for names of local domains. */
#include "import/inside.h"
#include "mail/address.h"

enum { DEEPEST_INCLUDE = 5, MOST_PASSES = 5 };

/* ---- the right side of a table */

/* The next address: parted by commas, and by blanks where no command begins; quotes go. */
static bool next_target(struct span *rest, struct arena *a, struct span *target)
{
    while (rest->len && (rest->at[0] == ',' || rest->at[0] == ' ' || rest->at[0] == '\t'))
        *rest = span_skip(*rest, 1);
    if (!rest->len)
        return false;
    char *text = arena_new(a, rest->len + 1);
    size_t len = 0, n = 0;
    bool is_quoted = false, is_command = rest->at[0] == '|';
    for (; n < rest->len; n++) {
        char c = rest->at[n];
        bool is_blank = (c == ' ' || c == '\t') && !is_command;
        if (c == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && (c == ',' || is_blank))
            break;
        else
            text[len++] = c;
    }
    *rest = span_skip(*rest, n);
    *target = span_trim((struct span){text, len});
    return true;
}

static void add_include(struct importer *i, struct way *w, const char *about, struct span path);

static void add_one(struct importer *i, struct way *w, const char *about, struct span target,
                    bool is_local)
{
    if (!target.len)
        return;
    if (is_local && span_starts_nocase(target, SPAN(":include:"))) {
        add_include(i, w, about, span_trim(span_skip(target, 9)));
    } else if (is_local && (target.at[0] == '|' || target.at[0] == '/')) {
        note(i, IMPORT_LOST, about,
             "%s \"%.*s\": plainpost delivers into Maildirs and by LMTP only. Let a program that "
             "speaks LMTP take this mail (route ADDRESS lmtp:/path/of/socket), or read it from a "
             "mailbox",
             target.at[0] == '|' ? "runs" : "writes to", SPAN_F(target));
    } else {
        struct span address = full_address(i, target);
        if (address.len)
            add_target(i, w, address);
        else
            note(i, IMPORT_LOST, about, "\"%.*s\" is no address that plainpost can write to",
                 SPAN_F(target));
    }
}

void add_targets(struct importer *i, struct way *w, const char *about, struct span text,
                 bool is_local)
{
    struct span target;
    while (next_target(&text, i->arena, &target))
        add_one(i, w, about, target, is_local);
}

/* Can plainpost read this list as it is, and does it mean the same there? */
static bool is_plain_list(struct importer *i, struct span text)
{
    bool is_local = map_get_text(&i->domain_by_name, i->origin) != NULL;
    while (text.len) {
        struct span line = span_cut(&text, '\n'), rest = span_trim(span_cut(&line, '#'));
        while (rest.len) {
            struct span target = span_trim(span_cut(&rest, ','));
            if (!target.len)
                continue;
            bool is_bare = span_find_char(target, '@') == SPAN_NOT_FOUND;
            struct span address = full_address(i, target);
            if (!address.len || (is_bare && !is_local) ||
                (!is_bare && !span_equal_nocase(address, target)))
                return false;
        }
    }
    return true;
}

static void add_include(struct importer *i, struct way *w, const char *about, struct span path)
{
    struct buffer text = BUFFER_EMPTY;
    struct error e;
    if (i->include_depth >= DEEPEST_INCLUDE)
        return;
    i->include_depth++;
    if (!i->source->read(i->source->arg, arena_text(i->arena, path), &text, &e)) {
        note(i, IMPORT_LOST, about, "%s; its members are left out", e.text);
    } else if (is_plain_list(i, buffer_span(&text)) &&
               span_find_char(path, ' ') == SPAN_NOT_FOUND &&
               span_find_char(path, ',') == SPAN_NOT_FOUND) {
        add_target(i, w, arena_printf(i->arena, ":include:%.*s", SPAN_F(path)));
    } else {
        note(i, IMPORT_CARRIED, about,
             "the members in %.*s were copied: plainpost would not read that file as Postfix does",
             SPAN_F(path));
        struct span rest = arena_copy(i->arena, buffer_span(&text));
        while (rest.len) {
            struct span line = span_cut(&rest, '\n');
            add_targets(i, w, about, span_cut(&line, '#'), true);
        }
    }
    buffer_free(&text);
    i->include_depth--;
}

static const char *about_alias(struct importer *i, struct span key)
{
    return arena_text(i->arena, arena_printf(i->arena, "alias %.*s", SPAN_F(key)));
}

static bool is_word(struct importer *i, struct span key)
{
    struct span as_name = key.at[0] == '@' ? arena_printf(i->arena, "x%.*s", SPAN_F(key)) : key;
    return full_address(i, as_name).len > 0;
}

/* ---- local names */

static void add_local_alias(struct importer *i, struct span key, const struct table_entry *e)
{
    const char *about = about_alias(i, e->key);
    struct way *w = add_way(i, key);
    add_targets(i, w, about, e->value, true);
    if (!w->count)
        note(i, IMPORT_LOST, about, "leads nowhere that plainpost knows, so its mail is refused");
}

/* A local name leads where a virtual alias says, else where the alias says, else to its mailbox. */
static void add_local_name(struct importer *i, struct span name, const struct ours *d)
{
    struct span key = d ? arena_printf(i->arena, "%.*s@%.*s", SPAN_F(name), SPAN_F(d->name)) : name;
    const struct table_entry *e = map_get_text(&i->virtual_by_key, name);
    const struct table_entry *alias = map_get_text(&i->alias_by_name, name);
    struct way *home = map_get_text(&i->home_by_name, name);
    if (d && (map_get_text(&i->virtual_by_key, key) || is_caught(i, key)))
        return;
    if (find_way(i, key) && find_way(i, key)->is_alias)
        return;
    if (e)
        add_targets(i, add_way(i, key), about_alias(i, name), e->value, false);
    else if (alias)
        add_local_alias(i, key, alias);
    else if (home && !span_equal(home->address, key) &&
             (d || i->local_count > 1 || !span_equal(i->primary, address_domain(home->address))))
        add_target(i, add_way(i, key), home->address);
}

/* In every local domain; by its name alone where there are no other domains. */
static void add_everywhere(struct importer *i, struct span name)
{
    if (!is_word(i, name)) {
        note(i, IMPORT_LOST, about_alias(i, name), "is no name that plainpost can use");
        return;
    }
    if (i->has_local_only)
        add_local_name(i, name, NULL);
    for (size_t d = 0; d < i->domain_count && !i->has_local_only; d++)
        if (i->domains[d]->class == DOMAIN_LOCAL)
            add_local_name(i, name, i->domains[d]);
}

/* An alias that names itself means the mailbox of that name. */
static void keep_own_mailboxes(struct importer *i)
{
    for (size_t n = 0; n < i->aliases.count; n++) {
        struct span key = i->aliases.at[n].key, rest = i->aliases.at[n].value, target;
        struct span own = full_address(i, key);
        const struct account *a = map_get_text(&i->accounts, key);
        if (!a)
            continue;
        while (next_target(&rest, i->arena, &target))
            if (own.len && span_equal(full_address(i, target), own) && !find_way(i, own) &&
                domain_of(i, own) && domain_of(i, own)->class == DOMAIN_LOCAL)
                give_mailbox(i, a);
    }
}

static void add_local_names(struct importer *i)
{
    struct ours elsewhere = {.name = i->origin};
    bool is_origin_ours = map_get_text(&i->domain_by_name, i->origin) != NULL;
    for (size_t n = 0; n < i->virtuals.count; n++) {
        struct span key = i->virtuals.at[n].key;
        if (span_find_char(key, '@') != SPAN_NOT_FOUND || map_get_text(&i->domain_by_name, key))
            continue;
        add_everywhere(i, key);
        if (!is_origin_ours && is_word(i, key)) /* what programs here send to */
            add_local_name(i, key, &elsewhere);
    }
    for (size_t n = 0; n < i->aliases.count; n++)
        add_everywhere(i, i->aliases.at[n].key);
    for (size_t n = 0, count = i->way_count; n < count; n++) {
        const struct ours *d = domain_of(i, i->ways[n]->address);
        if (i->ways[n]->is_user && d && d->class == DOMAIN_LOCAL)
            add_everywhere(i, address_local(i->ways[n]->address));
    }
}

/* ---- addresses of virtual(5) */

/* What leads to itself goes on as a local name. */
static void add_virtual(struct importer *i, const struct table_entry *e)
{
    const char *about = about_alias(i, e->key);
    const struct ours *d = domain_of(i, e->key);
    const struct table_entry *local = d && d->class == DOMAIN_LOCAL
                                          ? map_get_text(&i->alias_by_name, address_local(e->key))
                                          : NULL;
    struct span rest = e->value, target;
    if (!is_word(i, e->key)) {
        note(i, IMPORT_LOST, about, "is no address that plainpost can use");
        return;
    }
    struct way *w = add_way(i, e->key);
    if (w->is_alias)
        return; /* the first one counts */
    while (next_target(&rest, i->arena, &target))
        if (local && span_equal(full_address(i, target), e->key))
            add_targets(i, w, about, local->value, true);
        else
            add_one(i, w, about, target, false);
}

/* "@old @new": every name of one domain is that of the other. */
static bool add_domain_names(struct importer *i, struct span old, struct span new)
{
    size_t before = i->way_count, count = i->way_count;
    for (size_t n = 0; n < count; n++) {
        struct span known = i->ways[n]->address;
        if (!span_equal_nocase(address_domain(known), span_skip(new, 1)))
            continue;
        struct span local = address_local(known);
        struct span key = arena_printf(i->arena, "%.*s%.*s", SPAN_F(local), SPAN_F(old));
        struct way *w = add_way(i, key);
        if (w->is_alias)
            continue;
        if (local.len)
            add_target(i, w, known);
        else
            for (size_t t = 0; t < i->ways[n]->count; t++)
                add_target(i, w, i->ways[n]->targets[t]);
    }
    return i->way_count > before;
}

static bool is_domain_entry(const struct table_entry *e)
{
    return e->key.at[0] == '@' && e->value.len > 1 && e->value.at[0] == '@';
}

static void add_domain_entries(struct importer *i)
{
    bool has_grown = true;
    for (int pass = 0; pass < MOST_PASSES && has_grown; pass++) {
        has_grown = false;
        for (size_t n = 0; n < i->virtuals.count; n++)
            if (is_domain_entry(&i->virtuals.at[n]) && is_word(i, i->virtuals.at[n].key))
                has_grown |= add_domain_names(i, i->virtuals.at[n].key, i->virtuals.at[n].value);
    }
    for (size_t n = 0; n < i->virtuals.count; n++) {
        const struct table_entry *e = &i->virtuals.at[n];
        if (!is_domain_entry(e))
            continue;
        if (!is_word(i, e->key))
            note(i, IMPORT_LOST, about_alias(i, e->key), "is no domain that plainpost can use");
        else if (map_get_text(&i->domain_by_name, to_lower(i->arena, span_skip(e->value, 1))))
            note(i, IMPORT_CARRIED, about_alias(i, e->key),
                 "each address of %.*s that is known now has an alias; new ones need one too",
                 SPAN_F(span_skip(e->value, 1)));
        else
            note(i, IMPORT_LOST, about_alias(i, e->key),
                 "every name goes to %.*s, which is not here: write an alias for each address that "
                 "is in use",
                 SPAN_F(e->value));
    }
}

static void add_unknown_local(struct importer *i)
{
    struct span to = main_cf_value(&i->cf, "luser_relay");
    if (!to.len)
        return;
    struct span raw = main_cf_expand(&i->cf, to), address = full_address(i, raw);
    if (!address.len) {
        note(i, IMPORT_LOST, "luser_relay",
             "write an alias \"@DOMAIN: ADDRESS\" for names that "
             "nobody has");
        return;
    }
    for (size_t d = 0; d < i->domain_count; d++) {
        struct span key = arena_printf(i->arena, "@%.*s", SPAN_F(i->domains[d]->name));
        if (i->domains[d]->class == DOMAIN_LOCAL && !find_way(i, key))
            add_target(i, add_way(i, key), address);
    }
    note(i, IMPORT_CARRIED, "luser_relay", "aliases \"@DOMAIN: %.*s\" for names that nobody has",
         SPAN_F(address));
}

void import_aliases(struct importer *i)
{
    keep_own_mailboxes(i);
    for (size_t n = 0; n < i->virtuals.count; n++)
        if (span_find_char(i->virtuals.at[n].key, '@') != SPAN_NOT_FOUND &&
            !is_domain_entry(&i->virtuals.at[n]))
            add_virtual(i, &i->virtuals.at[n]);
    add_local_names(i);
    add_domain_entries(i);
    add_unknown_local(i);
    if (i->aliases.count)
        note(i, IMPORT_CARRIED, "alias_maps", "%zu aliases of local names", i->aliases.count);
    if (i->virtuals.count)
        note(i, IMPORT_CARRIED, "virtual_alias_maps", "%zu entries", i->virtuals.count);
}
