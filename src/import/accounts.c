/* Who has a mailbox: the accounts of this machine in the local domains, and those that tables name
 * in the others. */
#include "import/inside.h"
#include "mail/address.h"

enum { FIRST_PERSON = 1000, LAST_PERSON = 65533 };

static bool ends_with_slash(struct span s)
{
    return s.len > 1 && s.at[s.len - 1] == '/';
}

static struct span without_slash(struct span s)
{
    return ends_with_slash(s) ? span_first(s, s.len - 1) : s;
}

/* Does an entry lead to this address itself (among others)? Then its mailbox is meant. */
static bool leads_to(struct importer *i, const struct table_entry *e, struct span address)
{
    struct span rest = e->value, item;
    while (next_item(&rest, &item))
        if (span_equal(full_address(i, item), address))
            return true;
    return false;
}

bool is_caught(struct importer *i, struct span address)
{
    struct span domain = address_domain(address);
    struct span all = span_skip(address, address.len - domain.len - 1);
    const struct table_entry *e = map_get_text(&i->virtual_by_key, all);
    return e && !map_get_text(&i->virtual_by_key, address) && !leads_to(i, e, address);
}

bool is_virtual(struct importer *i, struct span address)
{
    const struct ours *d = domain_of(i, address);
    const struct table_entry *e = map_get_text(&i->virtual_by_key, address);
    if (!e && d && d->class == DOMAIN_LOCAL)
        e = map_get_text(&i->virtual_by_key, address_local(address));
    return e && !leads_to(i, e, address);
}

/* The Maildir of an account, or nothing: where plainpost puts it. */
static struct span maildir_of(struct importer *i, struct span name, struct span home)
{
    struct span in_home = main_cf_value(&i->cf, "home_mailbox"),
                spool = main_cf_value(&i->cf, "mail_spool_directory");
    if (i->is_local_elsewhere)
        return SPAN_NONE;
    if (in_home.len)
        return ends_with_slash(in_home)
                   ? arena_printf(i->arena, "%.*s/%.*s", SPAN_F(without_slash(home)),
                                  SPAN_F(without_slash(in_home)))
                   : SPAN_NONE;
    return ends_with_slash(spool) ? arena_printf(i->arena, "%.*s%.*s", SPAN_F(spool), SPAN_F(name))
                                  : SPAN_NONE;
}

/* The address of a mailbox is in the first of the local domains in which it is no virtual alias. */
void give_mailbox(struct importer *i, const struct account *a)
{
    struct span name = a->name;
    struct span found = SPAN_NONE;
    for (size_t pass = 0; pass < 2 && !found.len; pass++)
        for (size_t d = 0; d < i->domain_count && !found.len; d++) {
            const struct ours *o = i->domains[d];
            struct span at = arena_printf(i->arena, "%.*s@%.*s", SPAN_F(name), SPAN_F(o->name));
            bool is_first = span_equal(o->name, i->primary) == (pass == 0);
            if (o->class == DOMAIN_LOCAL && is_first && !is_virtual(i, at) && !is_caught(i, at))
                found = at;
        }
    found = found.len ? full_address(i, found) : found;
    if (!found.len || !add_user(i, "local_recipient_maps", found, maildir_of(i, name, a->home)))
        return;
    find_way(i, found)->is_system = a->is_system;
    map_set_text(&i->home_by_name, to_lower(i->arena, name), find_way(i, found));
}

/* A line of passwd(5). */
static bool account_parse(struct span line, struct account *a)
{
    uint64_t id = 0;
    a->name = span_cut(&line, ':');
    span_cut(&line, ':');
    bool has_id = span_to_u64(span_cut(&line, ':'), UINT32_MAX, &id);
    span_cut(&line, ':');
    span_cut(&line, ':');
    a->home = span_cut(&line, ':');
    a->is_system = id < FIRST_PERSON || id > LAST_PERSON;
    return has_id && a->name.len && a->name.at[0] != '#';
}

static void read_accounts(struct importer *i)
{
    struct buffer text = BUFFER_EMPTY;
    struct error e;
    size_t people = 0, others = 0;
    if (!i->source->read(i->source->arg, "/etc/passwd", &text, &e)) {
        note(
            i, IMPORT_LOST, "local_recipient_maps",
            "%s, so the accounts that have mailboxes are not known: write them into the users file",
            e.text);
        buffer_free(&text);
        return;
    }
    struct span all = arena_copy(i->arena, buffer_span(&text));
    for (int pass = 0; pass < 2; pass++) { /* people first: the first one is the postmaster */
        struct span rest = all;
        while (rest.len) {
            struct account *a = arena_new(i->arena, sizeof *a);
            if (!account_parse(span_cut(&rest, '\n'), a) || a->is_system != (pass == 1))
                continue;
            struct span key = to_lower(i->arena, a->name);
            map_set_text(&i->accounts, key, a);
            if (map_get_text(&i->alias_by_name, key))
                continue; /* its mail goes where the alias leads */
            give_mailbox(i, a);
            people += !a->is_system;
            others += a->is_system;
        }
    }
    note(i, IMPORT_CARRIED, "local_recipient_maps",
         "a mailbox for each account of /etc/passwd that is no alias: %zu of people, %zu of the "
         "system (Postfix takes mail for these too; take them out of the users file if you like)",
         people, others);
    buffer_free(&text);
}

static bool is_in_list(const struct importer *i, const char *list, struct span wanted)
{
    struct span rest = main_cf_value(&i->cf, list), item;
    while (next_item(&rest, &item))
        if (span_equal(item, wanted))
            return true;
    return false;
}

static void read_recipients(struct importer *i, struct span item)
{
    struct table t = {0};
    read_one_table(i, "local_recipient_maps", item, TABLE_OF_KEYS, &t);
    for (size_t n = 0; n < t.count; n++) {
        struct span key = t.at[n].key;
        if (key.at[0] == '@')
            note(
                i, IMPORT_LOST, "local_recipient_maps",
                "\"%.*s\" takes every name; plainpost wants to know its users: write them into the "
                "users file",
                SPAN_F(key));
        else if (!map_get_text(&i->alias_by_name, address_local(key)))
            give_mailbox(i, &(struct account){address_local(key), SPAN_NONE, false});
    }
    note(i, IMPORT_CARRIED, "local_recipient_maps", "%zu names from %.*s", t.count, SPAN_F(item));
    table_free(&t);
}

static void tell_of_places(struct importer *i)
{
    struct span in_home = main_cf_value(&i->cf, "home_mailbox"),
                spool = main_cf_value(&i->cf, "mail_spool_directory");
    tell_nothing(i, "mail_spool_directory");
    if (i->is_local_elsewhere)
        return;
    if (ends_with_slash(in_home))
        note(i, IMPORT_CARRIED, "home_mailbox",
             "\"maildir HOME/%.*s\" behind each user; the user that plainpost runs as must be "
             "allowed "
             "to write there",
             SPAN_F(without_slash(in_home)));
    else if (in_home.len || !ends_with_slash(spool))
        note(i, IMPORT_LOST, in_home.len ? "home_mailbox" : "mail_spool_directory",
             "%.*s holds one file for each mailbox (mbox); plainpost writes Maildirs, in the "
             "directory "
             "of the option mailboxes. Point the IMAP server and mail programs there; old mail "
             "stays "
             "where it is until you convert it (mb2md, or doveadm import)",
             SPAN_F(in_home.len ? in_home : spool));
    else
        note(i, IMPORT_CARRIED, "mail_spool_directory", "\"maildir %.*sNAME\" behind each user",
             SPAN_F(spool));
}

void import_accounts(struct importer *i)
{
    struct span rest = main_cf_value(&i->cf, "local_recipient_maps"), item;
    tell_nothing(i, "local_recipient_maps");
    if (!i->primary.len) {
        note(i, IMPORT_UNNEEDED, "mydestination", "names no domain: there are no local mailboxes");
        tell_nothing(i, "home_mailbox");
        tell_nothing(i, "mail_spool_directory");
        return;
    }
    if (!rest.len)
        note(i, IMPORT_LOST, "local_recipient_maps",
             "is empty, so Postfix takes every name; plainpost wants to know its users: write them "
             "into the users file, or an alias \"@DOMAIN: ADDRESS\" for all others");
    tell_of_places(i);
    while (next_item(&rest, &item))
        if (span_find(item, SPAN("unix:passwd.byname")) != SPAN_NOT_FOUND)
            read_accounts(i);
        else if (!is_in_list(i, "alias_maps", item))
            read_recipients(i, item);
}

/* ---- virtual and relay domains */

static void add_catch_all(struct importer *i, const char *about, struct span key,
                          struct span maildir)
{
    if (map_get_text(&i->virtual_by_key, key))
        return;
    struct span name = arena_printf(i->arena, "catchall%.*s", SPAN_F(key));
    if (!find_way(i, name) && add_user(i, about, name, maildir)) {
        add_target(i, add_way(i, key), name);
        note(i, IMPORT_CARRIED, about, "\"%.*s\" takes every name: a user \"%.*s\" gets their mail",
             SPAN_F(key), SPAN_F(name));
    }
}

static struct span virtual_maildir(struct importer *i, const char *about, struct span path)
{
    struct span base = main_cf_value(&i->cf, "virtual_mailbox_base");
    if (i->is_virtual_elsewhere)
        return SPAN_NONE;
    if (!ends_with_slash(path)) {
        note(
            i, IMPORT_LOST, about,
            "\"%.*s\" is a file (mbox); plainpost writes a Maildir, in the directory of the option "
            "mailboxes",
            SPAN_F(path));
        return SPAN_NONE;
    }
    return arena_printf(i->arena, "%.*s%s%.*s", SPAN_F(without_slash(base)),
                        base.len && path.at[0] != '/' ? "/" : "", SPAN_F(without_slash(path)));
}

/* All addresses of one class of domains. */
static void import_recipients(struct importer *i, const char *list, enum domain_class class)
{
    struct table t = {0};
    size_t users = 0;
    bool is_mailbox = class == DOMAIN_MAILBOX;
    bool is_set = main_cf_value(&i->cf, list).len > 0;
    read_tables(i, list, TABLE_OF_KEYS, &t);
    for (size_t n = 0; n < t.count; n++) {
        struct span key = t.at[n].key;
        struct ours *d = domain_of(i, key);
        if (!d || d->class != class || span_find_char(key, '@') == SPAN_NOT_FOUND)
            continue;
        if (!is_mailbox && key.at[0] == '@')
            d->takes_all = true;
        struct span maildir = is_mailbox ? virtual_maildir(i, list, t.at[n].value) : SPAN_NONE;
        if (key.at[0] == '@' && is_mailbox)
            add_catch_all(i, list, key, maildir);
        else if (key.at[0] != '@' && !find_way(i, key) && !is_caught(i, key))
            users += add_user(i, list, full_address(i, key), maildir);
    }
    for (size_t d = 0; d < i->domain_count; d++)
        if (i->domains[d]->class == class)
            i->domains[d]->takes_all = i->domains[d]->takes_all || !is_set;
    if (users)
        note(i, IMPORT_CARRIED, list, "%zu users", users);
    table_free(&t);
}

void import_mailboxes(struct importer *i)
{
    import_recipients(i, "virtual_mailbox_maps", DOMAIN_MAILBOX);
    import_recipients(i, "relay_recipient_maps", DOMAIN_RELAY);
    tell_nothing(i, "virtual_mailbox_base");
    for (size_t d = 0; d < i->domain_count; d++)
        if (i->domains[d]->takes_all)
            note(i, IMPORT_LOST,
                 i->domains[d]->class == DOMAIN_RELAY ? "relay_domains" : "virtual_mailbox_domains",
                 "Postfix takes every address of %.*s, because no list of them is given; plainpost "
                 "refuses those that it does not know: write them into the users file",
                 SPAN_F(i->domains[d]->name));
}
