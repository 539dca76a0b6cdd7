/* Which networks are trusted, which domains are ours, and who is where in them. */
#include "base/memory.h"
#include "import/inside.h"
#include "import/networks.h"
#include "mail/address.h"

/* ---- networks */

static void add_network(struct importer *i, struct span pattern, bool is_not)
{
    struct network n;
    struct span text = pattern;
    struct buffer plain = BUFFER_EMPTY;
    for (size_t c = 0; c < text.len; c++) /* [2001:db8::]/32 */
        if (text.at[c] != '[' && text.at[c] != ']')
            buffer_add_char(&plain, text.at[c]);
    if (!network_parse(buffer_span(&plain), &n))
        note(i, IMPORT_LOST, "mynetworks",
             "\"%.*s\" is no network; write it as trusted, if it is one", SPAN_F(pattern));
    else if (is_not)
        network_list_add(&i->holes, &n, NULL, 0);
    else
        network_list_add(&i->trusted, &n, i->holes.at, i->holes.count);
    buffer_free(&plain);
}

static bool has_item(const struct importer *i, const char *name, struct span wanted)
{
    struct span rest = main_cf_value(&i->cf, name), item;
    while (next_item(&rest, &item))
        if (span_equal(item, wanted))
            return true;
    return false;
}

static void trust_loopback(struct importer *i)
{
    bool is_host = span_equal(main_cf_value(&i->cf, "mynetworks_style"), SPAN("host"));
    buffer_add_text(&i->out->config, "trusted 127.0.0.0/8\ntrusted ::1/128\n");
    if (is_host)
        note(
            i, IMPORT_CARRIED, "mynetworks",
            "is not set: Postfix trusts this machine alone, so does plainpost (trusted 127.0.0.0/8 "
            "and ::1); if programs here connect to an address of its network, add that");
    else
        note(i, IMPORT_LOST, "mynetworks",
             "is not set, and mynetworks_style makes Postfix trust the networks that this machine "
             "is "
             "in; plainpost trusts 127.0.0.0/8 and ::1: add a line \"trusted NETWORK\" for each "
             "that "
             "you mean");
    tell_nothing(i, "mynetworks_style");
}

void import_networks(struct importer *i)
{
    bool is_used = has_item(i, "smtpd_relay_restrictions", SPAN("permit_mynetworks")) ||
                   has_item(i, "smtpd_recipient_restrictions", SPAN("permit_mynetworks"));
    if (!is_used) {
        tell_nothing(i, "mynetworks");
        note(i, IMPORT_LOST, "mynetworks",
             "no permit_mynetworks stands in smtpd_relay_restrictions or "
             "smtpd_recipient_restrictions, so these networks may not relay; write \"trusted "
             "none\" behind each line listen, because trusted itself can't be empty");
        buffer_add_text(&i->out->config, "trusted 127.0.0.0/8\n");
        return;
    }
    if (!main_cf_is_set(&i->cf, "mynetworks")) {
        trust_loopback(i);
        return;
    }
    tell_nothing(i, "mynetworks_style"); /* mynetworks goes before it */
    each_pattern(i, "mynetworks", add_network);
    for (size_t n = 0; n < i->trusted.count; n++) {
        buffer_add_text(&i->out->config, "trusted ");
        network_print(&i->out->config, &i->trusted.at[n]);
        buffer_add_char(&i->out->config, '\n');
    }
    if (i->trusted.count)
        note(i, IMPORT_CARRIED, "mynetworks", "%zu lines \"trusted\"", i->trusted.count);
    else
        note(i, IMPORT_LOST, "mynetworks",
             "names no network, but plainpost trusts at least one: 127.0.0.0/8 and ::1 stay");
}

/* ---- domains */

struct ours *domain_of(const struct importer *i, struct span address)
{
    return map_get_text(&i->domain_by_name, address_domain(address));
}

void add_domain(struct importer *i, struct span name, enum domain_class class)
{
    name = to_lower(i->arena, name);
    if (map_get_text(&i->domain_by_name, name) || map_get_text(&i->excluded, name))
        return;
    struct ours *d = arena_new(i->arena, sizeof *d);
    *d = (struct ours){name, class, false};
    map_set_text(&i->domain_by_name, name, d);
    if (i->domain_count == i->domain_room) {
        i->domain_room = i->domain_room ? i->domain_room * 2 : 16;
        i->domains = memory_resize(i->domains, i->domain_room * sizeof *i->domains);
    }
    i->domains[i->domain_count++] = d;
    i->has_local_only = i->has_local_only && class == DOMAIN_LOCAL;
}

static void one_domain(struct importer *i, struct span pattern, bool is_not)
{
    if (pattern.at[0] == '[' || span_find_char(pattern, '@') != SPAN_NOT_FOUND)
        return; /* an address of this machine; a key that is no domain */
    if (i->class == DOMAIN_ALIAS && span_find_char(pattern, '.') == SPAN_NOT_FOUND)
        return; /* a user's name in a table of aliases */
    if (is_not) {
        map_set_text(&i->excluded, to_lower(i->arena, pattern), i);
    } else if (domain_is_valid(pattern, true, false)) {
        add_domain(i, pattern, i->class);
    } else {
        note(i, IMPORT_LOST, i->list,
             "\"%.*s\": name each domain that is meant in a line \"domain NAME\" of the users file",
             SPAN_F(pattern));
    }
}

static const char *list_of(const struct importer *i, const char *name, const char *otherwise)
{
    return main_cf_is_set(&i->cf, name) ? name : otherwise;
}

static void index_local(struct importer *i)
{
    for (size_t d = 0; d < i->domain_count; d++) {
        if (i->domains[d]->class != DOMAIN_LOCAL)
            continue;
        i->local_count++;
        if (!i->primary.len || span_equal(i->domains[d]->name, i->origin))
            i->primary = i->domains[d]->name;
    }
}

static void index_table(struct importer *i, struct table *t, const char *name, enum table_form form,
                        struct map *by_key)
{
    read_tables(i, name, form, t);
    for (size_t n = 0; n < t->count; n++)
        if (!map_get_text(by_key, t->at[n].key))
            map_set_text(by_key, t->at[n].key, &t->at[n]);
}

void import_domains(struct importer *i)
{
    const struct {
        const char *name;
        enum domain_class class;
        const char *kind;
    } lists[] = {
        {"mydestination", DOMAIN_LOCAL, "local"},
        {list_of(i, "virtual_alias_domains", "virtual_alias_maps"), DOMAIN_ALIAS, "of aliases"},
        {list_of(i, "virtual_mailbox_domains", "virtual_mailbox_maps"), DOMAIN_MAILBOX,
         "of mailboxes"},
        {"relay_domains", DOMAIN_RELAY, "of relayed mail"},
    };
    i->has_local_only = true;
    for (size_t n = 0; n < sizeof lists / sizeof *lists; n++) {
        size_t before = i->domain_count;
        struct buffer names = BUFFER_EMPTY;
        i->class = lists[n].class;
        i->list = lists[n].name;
        map_free(&i->excluded);
        each_pattern(i, i->list, one_domain);
        for (size_t d = before; d < i->domain_count; d++)
            buffer_printf(&names, "%s%.*s", d > before ? ", " : "", SPAN_F(i->domains[d]->name));
        if (names.len)
            note(i, IMPORT_CARRIED, i->list, "domains %s: %s", lists[n].kind, buffer_text(&names));
        buffer_free(&names);
    }
    map_free(&i->excluded);
    index_local(i);
    index_table(i, &i->virtuals, "virtual_alias_maps", TABLE_OF_KEYS, &i->virtual_by_key);
    index_table(i, &i->aliases, "alias_maps", TABLE_OF_ALIASES, &i->alias_by_name);
    tell_nothing(i, "alias_database");
    for (size_t n = 0; n < i->virtuals.count; n++) {
        struct span key = i->virtuals.at[n].key;
        const struct ours *d = domain_of(i, key);
        if (key.at[0] == '@' && d && d->class == DOMAIN_LOCAL)
            i->has_local_only = false; /* it goes before the aliases of bare names */
    }
}

/* ---- addresses */

struct way *find_way(const struct importer *i, struct span address)
{
    return map_get_text(&i->way_by_address, address);
}

struct way *add_way(struct importer *i, struct span address)
{
    struct way *w = find_way(i, address);
    if (w)
        return w;
    w = arena_new(i->arena, sizeof *w);
    w->address = to_lower(i->arena, address);
    map_set_text(&i->way_by_address, w->address, w);
    if (i->way_count == i->way_room) {
        i->way_room = i->way_room ? i->way_room * 2 : 64;
        i->ways = memory_resize(i->ways, i->way_room * sizeof *i->ways);
    }
    i->ways[i->way_count++] = w;
    return w;
}

void add_target(struct importer *i, struct way *w, struct span target)
{
    for (size_t n = 0; n < w->count; n++)
        if (span_equal(w->targets[n], target))
            return;
    if (w->count == w->room) {
        size_t room = w->room ? w->room * 2 : 4;
        struct span *more = arena_new(i->arena, room * sizeof *more);
        for (size_t n = 0; n < w->count; n++)
            more[n] = w->targets[n];
        w->targets = more;
        w->room = room;
    }
    w->targets[w->count++] = target;
    w->is_alias = true;
}

/* What a word of the users file can hold. */
static bool is_plain_path(struct span path)
{
    for (size_t n = 0; n < path.len; n++)
        if ((unsigned char)path.at[n] <= ' ' || path.at[n] == '#' || path.at[n] == 0x7F)
            return false;
    return true;
}

bool add_user(struct importer *i, const char *about, struct span address, struct span maildir)
{
    struct span local = address_local(address);
    if (!address.len || local.at[0] == '.' || span_find_char(local, '/') != SPAN_NOT_FOUND) {
        note(i, IMPORT_LOST, about, "\"%.*s\" can't be a user here; give the mailbox another name",
             SPAN_F(address));
        return false;
    }
    struct way *w = add_way(i, address);
    w->is_user = true;
    if (is_plain_path(maildir))
        w->maildir = maildir;
    else
        note(
            i, IMPORT_LOST, about,
            "the path \"%.*s\" holds a blank or a \"#\"; the mailbox gets the place that plainpost "
            "gives it",
            SPAN_F(maildir));
    return true;
}
