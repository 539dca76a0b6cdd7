/* Where mail goes: transport(5) and relayhost in our routes. */
#include "base/inet.h"
#include "import/inside.h"
#include "mail/address.h"

static struct span cut_last(struct span s, char c, struct span *behind)
{
    size_t n = s.len;
    while (n && s.at[n - 1] != c)
        n--;
    *behind = n ? span_skip(s, n) : SPAN_NONE;
    return n ? span_first(s, n - 1) : s;
}

/* "[host]:port", "host:port", "host"; `has_brackets`: not by MX. */
struct next_hop {
    struct span host, port;
    bool has_brackets;
};

static struct next_hop next_hop_parse(struct span text)
{
    struct next_hop h = {.host = text};
    if (text.len && text.at[0] == '[') {
        struct span rest = text;
        h.has_brackets = true;
        h.host = span_skip(span_cut(&rest, ']'), 1);
        h.port = rest.len && rest.at[0] == ':' ? span_skip(rest, 1) : SPAN_NONE;
        return h;
    }
    h.host = cut_last(text, ':', &h.port);
    return h;
}

static struct span port_number(struct span port, struct span standard)
{
    static const struct {
        struct span name, number;
    } known[] = {{{"smtp", 4}, {"25", 2}},
                 {{"submission", 10}, {"587", 3}},
                 {{"smtps", 5}, {"465", 3}},
                 {{"submissions", 11}, {"465", 3}},
                 {{"lmtp", 4}, {"24", 2}}};
    for (size_t n = 0; n < sizeof known / sizeof *known; n++)
        if (span_equal(port, known[n].name))
            return known[n].number;
    return port.len ? port : standard;
}

static bool print_server(struct buffer *out, struct next_hop h, struct span standard)
{
    struct endpoint e = {.host = h.host};
    uint64_t port;
    struct buffer text = BUFFER_EMPTY;
    if (span_starts_nocase(e.host, SPAN("ipv6:")))
        e.host = span_skip(e.host, 5);
    bool ok = span_to_u64(port_number(h.port, standard), UINT16_MAX, &port) && port;
    e.port = ok ? (uint16_t)port : 0;
    endpoint_print(&text, &e);
    ok = ok && endpoint_parse(buffer_span(&text), &e);
    if (ok)
        buffer_add_span(out, buffer_span(&text));
    buffer_free(&text);
    return ok;
}

static enum hop smtp_hop(struct importer *i, struct span text, struct span sources,
                         struct buffer *target, const char **why)
{
    struct next_hop h = next_hop_parse(text);
    bool is_number = span_equal(port_number(h.port, SPAN("25")), SPAN("25"));
    unsigned char bytes[16];
    *why = "it names several servers; write the route to one of them";
    if (span_find_char(text, ',') != SPAN_NOT_FOUND)
        return HOP_NONE;
    *why = "no server can be read there";
    bool is_mx = !text.len || (!h.has_brackets && is_number && !inet_parse(h.host, bytes));
    if (!text.len) {
        buffer_add_text(target, "mx");
    } else if (is_mx) {
        if (!domain_is_valid(h.host, true, false))
            return HOP_NONE;
        buffer_printf(target, "mx:%.*s", SPAN_F(h.host));
    } else if (!print_server(target, h, SPAN("25"))) {
        return HOP_NONE;
    }
    buffer_add_span(target, sources);
    buffer_add_text(target, import_tls_of_server(i, is_mx));
    return HOP_TARGET;
}

static enum hop lmtp_hop(struct importer *i, struct span text, struct buffer *target,
                         const char **why)
{
    struct span queue = main_cf_value(&i->cf, "queue_directory");
    *why = "no server can be read there";
    buffer_add_text(target, "lmtp:");
    if (span_starts(text, SPAN("unix:"))) {
        struct span path = span_skip(text, 5);
        if (!path.len || span_find_char(path, ' ') != SPAN_NOT_FOUND)
            return HOP_NONE;
        buffer_printf(target, path.at[0] == '/' ? "%.*s%.*s" : "%.*s/%.*s",
                      SPAN_F(path.at[0] == '/' ? SPAN_NONE : queue), SPAN_F(path));
        return HOP_TARGET;
    }
    if (span_starts(text, SPAN("inet:")))
        text = span_skip(text, 5);
    return print_server(target, next_hop_parse(text), SPAN("24")) ? HOP_TARGET : HOP_NONE;
}

static enum hop words_hop(const char *word, struct span text, struct buffer *target)
{
    struct buffer plain = BUFFER_EMPTY;
    for (size_t n = 0; n < text.len; n++)
        buffer_add_char(&plain,
                        (unsigned char)text.at[n] < ' ' || text.at[n] == 0x7F ? ' ' : text.at[n]);
    buffer_printf(target, "%s ", word);
    word_print(target,
               plain.len ? buffer_span(&plain) : SPAN("mail for this address is not taken"));
    buffer_free(&plain);
    return HOP_TARGET;
}

/* " source A,B", of what binds to addresses of this machine. */
static struct span sources_of(struct importer *i, const struct service *s)
{
    static const char *const names[] = {"smtp_bind_address", "smtp_bind_address6"};
    struct buffer out = BUFFER_EMPTY;
    for (size_t n = 0; n < 2; n++) {
        unsigned char bytes[16];
        struct span value = main_cf_value(&i->cf, names[n]), own;
        if (s && service_option(s, names[n], &own))
            value = main_cf_expand(&i->cf, own);
        tell_nothing(i, names[n]);
        if (inet_parse(value, bytes))
            buffer_printf(&out, "%s%.*s", out.len ? "," : " source ", SPAN_F(value));
    }
    struct span kept = arena_copy(i->arena, buffer_span(&out));
    buffer_free(&out);
    return kept;
}

/* What program a transport is: the command of the service in master.cf, or its name. */
static struct span program_of(const struct importer *i, struct span transport,
                              const struct service **s)
{
    *s = master_cf_find(&i->master, transport);
    if (*s)
        return (*s)->command;
    return span_equal(transport, SPAN("relay")) ? SPAN("smtp") : transport;
}

enum hop hop_of(struct importer *i, struct span text, struct buffer *target, const char **why)
{
    const struct service *s;
    struct span rest = span_trim(text), transport = span_cut(&rest, ':');
    buffer_clear(target);
    *why = "";
    if (!transport.len && !rest.len)
        return HOP_DEFAULT;
    struct span program = program_of(i, transport, &s);
    if (!transport.len || span_equal(program, SPAN("smtp")))
        return smtp_hop(i, rest, sources_of(i, s), target, why);
    if (span_equal(program, SPAN("lmtp")))
        return lmtp_hop(i, rest, target, why);
    if (span_equal(program, SPAN("local")) || span_equal(program, SPAN("virtual")))
        return HOP_LOCAL;
    if (span_equal(program, SPAN("error")) && !span_equal(transport, SPAN("retry")))
        return words_hop("refuse", rest, target);
    if (span_equal(program, SPAN("discard")))
        return words_hop("discard", rest.len ? rest : SPAN("as Postfix did"), target);
    *why =
        span_equal(program, SPAN("pipe"))
            ? "it hands mail to a program by pipe(8); plainpost delivers by SMTP and LMTP: let the "
              "program speak LMTP, and write route DOMAIN lmtp:/path/of/socket"
            : "plainpost delivers by SMTP and LMTP only";
    return HOP_NONE;
}

void add_route(struct importer *i, struct span match, struct span target)
{
    match = to_lower(i->arena, match);
    if (map_get_text(&i->routed, match))
        return;
    struct span line = arena_printf(i->arena, "route %.*s %.*s\n", SPAN_F(match), SPAN_F(target)),
                why;
    if (is_taken(i, line, &why)) {
        map_set_text(&i->routed, match, i);
        buffer_add_span(&i->routes, line);
    } else {
        note(i, IMPORT_LOST,
             arena_text(i->arena, arena_printf(i->arena, "route %.*s", SPAN_F(match))), "%.*s",
             SPAN_F(why));
    }
}

/* ---- who delivers for which class */

/* LMTP for mailboxes that are Postfix's own otherwise. */
static struct span lmtp_of(struct importer *i, const char *name)
{
    struct buffer target = BUFFER_EMPTY;
    const char *why;
    struct span value = main_cf_value(&i->cf, name), kept = SPAN_NONE;
    enum hop hop = value.len ? hop_of(i, value, &target, &why) : HOP_LOCAL;
    tell_nothing(i, name);
    if (hop == HOP_TARGET) {
        kept = arena_copy(i->arena, buffer_span(&target));
        note(i, IMPORT_CARRIED, name, "routes to %.*s", SPAN_F(kept));
    } else if (hop == HOP_NONE) {
        note(i, IMPORT_LOST, name, "%.*s: %s; until then plainpost writes Maildirs", SPAN_F(value),
             why);
    }
    buffer_free(&target);
    return kept;
}

void import_transports(struct importer *i)
{
    i->mailbox_route = lmtp_of(i, "local_transport");
    if (!i->mailbox_route.len)
        i->mailbox_route = lmtp_of(i, "mailbox_transport");
    tell_nothing(i, "mailbox_transport");
    i->virtual_route = lmtp_of(i, "virtual_transport");
    i->is_local_elsewhere = i->mailbox_route.len > 0;
    i->is_virtual_elsewhere = i->virtual_route.len > 0;
}

/* ---- routes */

/* Where mail for others goes when nothing else is said. */
static struct span standard_route(struct importer *i)
{
    struct buffer target = BUFFER_EMPTY;
    const char *why = "";
    struct span relayhost = main_cf_value(&i->cf, "relayhost"),
                transport = main_cf_value(&i->cf, "default_transport");
    bool has_hop = span_find_char(transport, ':') != SPAN_NOT_FOUND;
    struct span all = arena_printf(i->arena, has_hop ? "%.*s" : "%.*s:%.*s", SPAN_F(transport),
                                   SPAN_F(relayhost));
    enum hop hop = hop_of(i, all, &target, &why);
    const char *about = relayhost.len && !has_hop ? "relayhost" : "default_transport";
    if (hop != HOP_TARGET) {
        note(i, IMPORT_LOST, about, "%.*s: %s. Mail for others has no route: write route * TARGET",
             SPAN_F(all), why);
        buffer_clear(&target);
    } else {
        note(i, IMPORT_CARRIED, about, "route * %s", buffer_text(&target));
    }
    tell_nothing(i, "relayhost");
    tell_nothing(i, "default_transport");
    struct span kept = arena_copy(i->arena, buffer_span(&target));
    buffer_free(&target);
    return kept;
}

/* "example.org", ".example.org", "alice@example.org", "*" */
static struct span match_of(struct importer *i, struct span key)
{
    if (span_equal(key, SPAN("*")))
        return key;
    if (key.at[0] == '.' && domain_is_valid(span_skip(key, 1), true, false))
        return arena_printf(i->arena, "*%.*s", SPAN_F(key));
    if (domain_is_valid(key, true, false))
        return key;
    struct span address =
        span_find_char(key, '@') == SPAN_NOT_FOUND ? SPAN_NONE : full_address(i, key);
    return address;
}

/* A transport for local mail is none; it shadows a wider one. */
static void add_transport(struct importer *i, const struct table_entry *e, struct span standard,
                          size_t *count)
{
    struct buffer target = BUFFER_EMPTY;
    const char *why;
    const char *about =
        arena_text(i->arena, arena_printf(i->arena, "transport_maps %.*s", SPAN_F(e->key)));
    struct span match = match_of(i, e->key);
    const struct ours *d = match.len ? map_get_text(&i->domain_by_name, match) : NULL;
    switch (match.len ? hop_of(i, e->value, &target, &why) : HOP_NONE) {
    case HOP_TARGET:
        add_route(i, match, buffer_span(&target));
        ++*count;
        break;
    case HOP_DEFAULT:
        if (!d && standard.len)
            add_route(i, match, standard);
        ++*count;
        break;
    case HOP_LOCAL:
        if (d && d->class != DOMAIN_RELAY)
            map_set_text(&i->routed, match, i);
        else
            note(i, IMPORT_LOST, about,
                 "%.*s: plainpost knows local mailboxes by their users: write these into the users "
                 "file",
                 SPAN_F(e->value));
        break;
    case HOP_NONE:
        note(i, IMPORT_LOST, about, "%.*s: %s", SPAN_F(e->value),
             match.len ? why : "this is no domain or address that a route can have");
        break;
    }
    buffer_free(&target);
}

static void import_transport_maps(struct importer *i, struct span standard)
{
    struct table t = {0};
    size_t count = 0;
    read_tables(i, "transport_maps", TABLE_OF_KEYS, &t);
    for (size_t n = 0; n < t.count; n++)
        add_transport(i, &t.at[n], standard, &count);
    if (count)
        note(i, IMPORT_CARRIED, "transport_maps", "%zu routes", count);
    table_free(&t);
}

/* Routes of senders: "@example.org", "alice@example.org". */
static void import_senders(struct importer *i, const char *name, const char *before)
{
    struct table t = {0};
    struct buffer target = BUFFER_EMPTY;
    size_t count = 0;
    read_tables(i, name, TABLE_OF_KEYS, &t);
    for (size_t n = 0; n < t.count; n++) {
        struct span key = t.at[n].key;
        const char *why = "this is no sender that a route can have";
        struct span match = match_of(i, key.at[0] == '@' ? span_skip(key, 1) : key);
        struct span text = arena_printf(i->arena, "%s%.*s", before, SPAN_F(t.at[n].value));
        enum hop hop = match.len && span_find_char(key, '@') != SPAN_NOT_FOUND
                           ? hop_of(i, text, &target, &why)
                           : HOP_NONE;
        if (hop == HOP_TARGET) {
            add_route(i, arena_printf(i->arena, "from:%.*s", SPAN_F(match)), buffer_span(&target));
            count++;
        } else if (!span_equal_nocase(t.at[n].value, SPAN("DUNNO"))) {
            note(i, IMPORT_LOST,
                 arena_text(i->arena, arena_printf(i->arena, "%s %.*s", name, SPAN_F(key))),
                 "%.*s: %s", SPAN_F(t.at[n].value), why);
        }
    }
    if (count)
        note(i, IMPORT_CARRIED, name, "%zu routes \"from:\" a sender", count);
    buffer_free(&target);
    table_free(&t);
}

/* The mail of a domain of ours that is not for Maildirs here. */
static void import_class_routes(struct importer *i, struct span standard)
{
    struct buffer relay = BUFFER_EMPTY;
    const char *why;
    struct span transport = main_cf_value(&i->cf, "relay_transport");
    bool has_own = span_find_char(transport, ':') != SPAN_NOT_FOUND &&
                   hop_of(i, transport, &relay, &why) == HOP_TARGET;
    for (size_t n = 0; n < i->domain_count; n++) {
        const struct ours *d = i->domains[n];
        struct span target = d->class == DOMAIN_LOCAL     ? i->mailbox_route
                             : d->class == DOMAIN_MAILBOX ? i->virtual_route
                             : d->class == DOMAIN_RELAY ? (has_own ? buffer_span(&relay) : standard)
                                                        : SPAN_NONE;
        if (target.len)
            add_route(i, d->name, target);
    }
    if (has_own)
        note(i, IMPORT_CARRIED, "relay_transport", "routes to %s", buffer_text(&relay));
    tell_nothing(i, "relay_transport");
    buffer_free(&relay);
}

void import_routes(struct importer *i)
{
    struct span standard = standard_route(i), sources = sources_of(i, NULL);
    import_transport_maps(i, standard);
    import_class_routes(i, standard);
    import_senders(i, "sender_dependent_relayhost_maps", ":");
    import_senders(i, "sender_dependent_default_transport_maps", "");
    if (standard.len)
        add_route(i, SPAN("*"), standard);
    if (sources.len)
        note(i, IMPORT_CARRIED, "smtp_bind_address", "\"%.*s\" behind each route",
             SPAN_F(span_trim(sources)));
}
