/* Postfix's configuration in our words. The order matters: domains before those who live in them,
 * mailboxes before the aliases that lead to them. */
#include "import/inside.h"
#include "mail/address.h"

#include <stdlib.h>

/* What Postfix takes when nothing is set, of all that matters here. */
static const struct {
    const char *name, *text;
} defaults[] = {
    {"alias_maps", "hash:/etc/aliases"},
    {"anvil_rate_time_unit", "60s"},
    {"append_dot_mydomain", "${{$compatibility_level} <level {1} ? {yes} : {no}}"},
    {"compatibility_level", "0"},
    {"default_database_type", "hash"},
    {"default_transport", "smtp"},
    {"inet_interfaces", "all"},
    {"inet_protocols", "all"},
    {"local_recipient_maps", "proxy:unix:passwd.byname $alias_maps"},
    {"local_transport", "local:$myhostname"},
    {"mail_name", "Postfix"},
    {"mail_spool_directory", "/var/mail"},
    {"message_size_limit", "10240000"},
    {"mydestination", "$myhostname, localhost.$mydomain, localhost"},
    {"mynetworks_style", "${{$compatibility_level} <level {2} ? {subnet} : {host}}"},
    {"myorigin", "$myhostname"},
    {"queue_directory", "/var/spool/postfix"},
    {"data_directory", "/var/lib/postfix"},
    {"daemon_directory", "/usr/lib/postfix/sbin"},
    {"command_directory", "/usr/sbin"},
    {"relay_transport", "relay"},
    /* Before compatibility_level 1 this stood in smtpd_recipient_restrictions. */
    {"smtpd_relay_restrictions",
     "${{$compatibility_level} <level {1} ? {${smtpd_recipient_restrictions:permit_mynetworks}} : "
     "{permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}}"},
    {"virtual_alias_maps", "$virtual_maps"},
    {"virtual_transport", "virtual"},
};

static void set_defaults(struct importer *i)
{
    struct span host = i->source->hostname;
    for (size_t n = 0; n < sizeof defaults / sizeof *defaults; n++)
        main_cf_default(&i->cf, defaults[n].name, span_of(defaults[n].text));
    main_cf_default(&i->cf, "config_directory", span_of(i->source->directory));
    /* Postfix puts mydomain behind a host name without a dot; mydomain is the rest of myhostname.
     */
    bool is_bare = span_find_char(host, '.') == SPAN_NOT_FOUND;
    main_cf_default(
        &i->cf, "myhostname",
        is_bare ? arena_printf(i->arena, "%.*s.%s", SPAN_F(host),
                               main_cf_is_set(&i->cf, "mydomain") ? "$mydomain" : "localdomain")
                : host);
    struct span domain = main_cf_value(&i->cf, "myhostname");
    size_t dot = span_find_char(domain, '.');
    main_cf_default(&i->cf, "mydomain",
                    dot == SPAN_NOT_FOUND ? SPAN("localdomain") : span_skip(domain, dot + 1));
}

/* myorigin = /etc/mailname: the first line of that file. */
static struct span first_line_of(struct importer *i, struct span path)
{
    struct buffer text = BUFFER_EMPTY;
    struct error e;
    struct span rest, kept = SPAN_NONE;
    if (i->source->read(i->source->arg, arena_text(i->arena, path), &text, &e)) {
        rest = buffer_span(&text);
        kept = arena_copy(i->arena, span_trim(span_cut(&rest, '\n')));
    } else {
        note(i, IMPORT_LOST, "myorigin", "%s; the name of this host is taken", e.text);
    }
    buffer_free(&text);
    return kept.len ? kept : main_cf_value(&i->cf, "myhostname");
}

static void import_names(struct importer *i)
{
    struct span host = to_lower(i->arena, main_cf_value(&i->cf, "myhostname"));
    struct span origin = main_cf_value(&i->cf, "myorigin");
    struct buffer *out = &i->out->config;
    if (domain_is_valid(host, false, false)) {
        buffer_printf(out, "hostname %.*s\n", SPAN_F(host));
        note(i, IMPORT_CARRIED, "myhostname", "hostname %.*s%s", SPAN_F(host),
             main_cf_is_set(&i->cf, "myhostname") ? "" : ", the name of this machine");
    } else {
        note(i, IMPORT_LOST, "myhostname", "\"%.*s\" is no host name; write the option hostname",
             SPAN_F(host));
    }
    origin = origin.len && origin.at[0] == '/' ? first_line_of(i, origin) : origin;
    i->origin = to_lower(i->arena, domain_is_valid(origin, true, false) ? origin : host);
    i->is_dot_mydomain = is_yes(i, "append_dot_mydomain");
    tell_nothing(i, "mydomain");
    note(i, IMPORT_CARRIED, "myorigin",
         "names without a domain are at %.*s in the aliases; for mail "
         "of programs here it is hostname",
         SPAN_F(i->origin));
}

static void read_files(struct importer *i)
{
    struct buffer text = BUFFER_EMPTY;
    struct error e;
    const char *path =
        arena_text(i->arena, arena_printf(i->arena, "%s/master.cf", i->source->directory));
    if (i->source->read(i->source->arg, path, &text, &e)) {
        i->master_text = arena_copy(i->arena, buffer_span(&text));
        master_cf_parse(&i->master, i->master_text, i->arena);
    } else {
        note(i, IMPORT_LOST, "master.cf", "%s; Postfix's usual one is assumed", e.text);
    }
    buffer_free(&text);
}

static void tell_of_delimiter(struct importer *i)
{
    struct span sign = main_cf_value(&i->cf, "recipient_delimiter");
    if (span_find_char(sign, '+') != SPAN_NOT_FOUND)
        note(i, sign.len == 1 ? IMPORT_CARRIED : IMPORT_LOST, "recipient_delimiter",
             sign.len == 1 ? "alice+anything is alice here too"
                           : "plainpost's sign between a name and its extension is \"+\" alone");
    else if (!sign.len)
        note(i, IMPORT_UNNEEDED, "recipient_delimiter",
             "is not set; in plainpost mail for alice+anything always goes to alice");
}

/* ---- files */

static void print_files(struct importer *i)
{
    const char *to = i->source->to;
    struct buffer *out = &i->out->config;
    buffer_add_text(out, "users ");
    word_print(out, arena_printf(i->arena, "%s/users", to));
    if (i->out->aliases.len) {
        buffer_add_text(out, "\naliases ");
        word_print(out, arena_printf(i->arena, "%s/aliases", to));
    }
    buffer_add_text(out, "\nmailboxes /var/lib/plainpost/mail\nstate /var/lib/plainpost\n"
                         "drop /var/spool/plainpost/drop\n");
    buffer_add_span(out, buffer_span(&i->routes));
}

static void print_user(struct buffer *out, const struct way *w)
{
    buffer_add_span(out, w->address);
    if (w->maildir.len)
        buffer_printf(out, " maildir %.*s", SPAN_F(w->maildir));
    buffer_add_char(out, '\n');
}

static void print_users(struct importer *i)
{
    struct buffer *out = &i->out->users;
    buffer_add_text(out, "# Made by plainpost import postfix. See plainpost-users(5).\n");
    for (size_t d = 0; d < i->domain_count; d++)
        buffer_printf(out, "domain %.*s\n", SPAN_F(i->domains[d]->name));
    size_t systems = 0;
    for (size_t n = 0; n < i->way_count; n++) {
        systems += i->ways[n]->is_user && i->ways[n]->is_system;
        if (i->ways[n]->is_user && !i->ways[n]->is_system)
            print_user(out, i->ways[n]);
    }
    if (systems)
        buffer_add_text(out, "# Accounts of the system: Postfix takes mail for them too.\n");
    for (size_t n = 0; n < i->way_count; n++)
        if (i->ways[n]->is_user && i->ways[n]->is_system)
            print_user(out, i->ways[n]);
}

/* A mailbox needs no alias to be itself. */
static bool is_itself(const struct way *w)
{
    return w->is_user && w->count == 1 && span_equal(w->targets[0], w->address);
}

static void print_aliases(struct importer *i)
{
    struct buffer *out = &i->out->aliases;
    for (size_t n = 0; n < i->way_count; n++) {
        const struct way *w = i->ways[n];
        if (!w->is_alias || !w->count || is_itself(w))
            continue;
        if (!out->len)
            buffer_add_text(out, "# Made by plainpost import postfix. See plainpost-aliases(5).\n");
        buffer_printf(out, "%.*s:", SPAN_F(w->address));
        for (size_t t = 0; t < w->count; t++)
            buffer_printf(out, "%s%.*s", t ? ",\n    " : " ", SPAN_F(w->targets[t]));
        buffer_add_char(out, '\n');
    }
}

static void run_parts(struct importer *i)
{
    buffer_printf(&i->out->config,
                  "# Made by plainpost import postfix from %s/main.cf. See plainpost.conf(5).\n",
                  i->source->directory);
    import_names(i);
    read_files(i);
    import_certificates(i);
    import_listeners(i);
    import_networks(i);
    import_limits(i);
    import_filters(i);
    import_transports(i);
    import_domains(i);
    import_accounts(i);
    import_mailboxes(i);
    import_aliases(i);
    import_routes(i);
    import_tls_of_routes(i);
    tell_of_delimiter(i);
    import_restrictions(i);
    import_rest(i);
    print_users(i);
    print_aliases(i);
    print_files(i);
}

static void importer_free(struct importer *i)
{
    main_cf_free(&i->cf);
    master_cf_free(&i->master);
    network_list_free(&i->trusted);
    network_list_free(&i->holes);
    table_free(&i->virtuals);
    table_free(&i->aliases);
    struct map *maps[] = {
        &i->told,           &i->used,          &i->excluded, &i->domain_by_name, &i->way_by_address,
        &i->virtual_by_key, &i->alias_by_name, &i->accounts, &i->home_by_name,   &i->routed};
    for (size_t n = 0; n < sizeof maps / sizeof *maps; n++)
        map_free(maps[n]);
    buffer_free(&i->routes);
    free(i->domains);
    free(i->ways);
}

bool import_postfix(struct import *out, const struct import_source *s, struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    *out = (struct import){0};
    struct importer i = {.out = out, .arena = &out->arena, .source = s};
    i.cf.arena = i.arena;
    const char *path = arena_text(i.arena, arena_printf(i.arena, "%s/main.cf", s->directory));
    bool ok = s->read(s->arg, path, &text, e) &&
              main_cf_parse(&i.cf, path, arena_copy(i.arena, buffer_span(&text)), e);
    buffer_free(&text);
    if (ok) {
        set_defaults(&i);
        out->settings = i.cf.count;
        run_parts(&i);
    }
    importer_free(&i);
    return ok;
}

void import_free(struct import *out)
{
    arena_clear(&out->arena);
    buffer_free(&out->config);
    buffer_free(&out->users);
    buffer_free(&out->aliases);
    free(out->notes);
    *out = (struct import){0};
}
