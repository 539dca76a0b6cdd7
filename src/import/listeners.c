/* Where mail is taken: inet_interfaces and the smtpd services of master.cf. */
#include "import/inside.h"

static bool has_protocol(const struct importer *i, struct span wanted)
{
    struct span rest = main_cf_value(&i->cf, "inet_protocols"), item;
    while (next_item(&rest, &item))
        if (span_equal_nocase(item, wanted) || span_equal_nocase(item, SPAN("all")))
            return true;
    return false;
}

static void listen_at(struct importer *i, const char *about, struct span host, struct span port,
                      const char *settings)
{
    struct endpoint e;
    struct buffer text = BUFFER_EMPTY;
    uint64_t number = 0;
    span_to_u64(port, UINT16_MAX, &number);
    e = (struct endpoint){host, (uint16_t)number};
    endpoint_print(&text, &e);
    if (number && endpoint_parse(buffer_span(&text), &e)) {
        struct span line = arena_printf(i->arena, "listen %s%s\n", buffer_text(&text), settings);
        if (span_find(buffer_span(&i->out->config), line) == SPAN_NOT_FOUND)
            buffer_add_span(&i->out->config, line);
        note(i, IMPORT_CARRIED, about, "listen %s%s", buffer_text(&text), settings);
    } else {
        note(i, IMPORT_LOST, about,
             "\"%.*s:%.*s\" is no address and port; write it as listen "
             "ADDRESS:PORT",
             SPAN_F(host), SPAN_F(port));
    }
    buffer_free(&text);
}

/* On all interfaces that Postfix uses. */
static void listen_on_port(struct importer *i, const char *about, struct span port,
                           const char *settings)
{
    struct span rest = main_cf_value(&i->cf, "inet_interfaces"), item;
    bool has_v4 = has_protocol(i, SPAN("ipv4")), has_v6 = has_protocol(i, SPAN("ipv6"));
    while (next_item(&rest, &item)) {
        if (span_equal_nocase(item, SPAN("all"))) /* [::] takes IPv4 too */
            listen_at(i, about, has_v6 ? SPAN("::") : SPAN("0.0.0.0"), port, settings);
        else if (span_equal_nocase(item, SPAN("loopback-only")) ||
                 span_equal_nocase(item, SPAN("localhost"))) {
            if (has_v4)
                listen_at(i, about, SPAN("127.0.0.1"), port, settings);
            if (has_v6)
                listen_at(i, about, SPAN("::1"), port, settings);
        } else {
            bool is_bracketed = item.len > 2 && item.at[0] == '[';
            listen_at(i, about, is_bracketed ? span_first(span_skip(item, 1), item.len - 2) : item,
                      port, settings);
        }
    }
}

static struct span port_of(struct span name)
{
    if (span_equal(name, SPAN("smtp")))
        return SPAN("25");
    if (span_equal(name, SPAN("submission")))
        return SPAN("587");
    if (span_equal(name, SPAN("smtps")) || span_equal(name, SPAN("submissions")))
        return SPAN("465");
    return name;
}

static bool service_says_yes(const struct importer *i, const struct service *s, const char *name)
{
    struct span value;
    if (!service_option(s, name, &value))
        return is_yes(i, name);
    return span_equal_nocase(main_cf_expand(&i->cf, value), SPAN("yes"));
}

static void import_service(struct importer *i, const struct service *s)
{
    const char *about =
        arena_text(i->arena, arena_printf(i->arena, "master.cf %.*s", SPAN_F(s->name)));
    struct span name = s->name, value;
    size_t colon = name.len;
    while (colon && name.at[colon - 1] != ':')
        colon--;
    struct span port = port_of(span_skip(name, colon));
    bool is_submission = service_option(s, "smtpd_sasl_auth_enable", &value) &&
                         service_says_yes(i, s, "smtpd_sasl_auth_enable");
    bool is_implicit = service_says_yes(i, s, "smtpd_tls_wrappermode");
    if (is_implicit && !i->has_certificate) {
        note(i, IMPORT_LOST, about,
             "this port begins with TLS, but there is no certificate that could be carried over; "
             "write tls-certificate CERTIFICATE KEY, and: listen ADDRESS:PORT tls implicit");
        return;
    }
    const char *settings = is_implicit ? " tls implicit" : "";
    if (is_submission || span_equal(port, SPAN("587"))) {
        note(i, IMPORT_LOST, about,
             "clients log in here, which plainpost does not know yet; keep them on the old server "
             "for now, or trust their network (option trusted)");
        return;
    }
    if (colon) {
        struct span host = span_first(name, colon - 1);
        if (host.len > 2 && host.at[0] == '[')
            host = span_first(span_skip(host, 1), host.len - 2);
        listen_at(i, about, span_equal(host, SPAN("localhost")) ? SPAN("127.0.0.1") : host, port,
                  settings);
    } else {
        listen_on_port(i, about, port, settings);
    }
    struct span rest = s->arguments, option;
    while (service_next_option(&rest, &option, &value))
        if (!span_equal(option, SPAN("syslog_name")) &&
            !span_equal(option, SPAN("smtpd_tls_wrappermode")))
            note(i, IMPORT_LOST, about,
                 "its own \"-o %.*s=%.*s\": behind a line listen of plainpost may stand hostname, "
                 "trusted, max-sessions, max-message-size and tls; all else holds for every "
                 "listener",
                 SPAN_F(option), SPAN_F(value));
}

void import_listeners(struct importer *i)
{
    size_t count = 0;
    for (size_t n = 0; n < i->master.count; n++) {
        const struct service *s = &i->master.services[n];
        if (!span_equal(s->type, SPAN("inet")) ||
            (!span_equal(s->command, SPAN("smtpd")) && !span_equal(s->command, SPAN("postscreen"))))
            continue;
        import_service(i, s);
        count++;
    }
    if (!count && !i->master.count)
        listen_on_port(i, "inet_interfaces", SPAN("25"), "");
    else if (!count)
        note(i, IMPORT_LOST, "master.cf",
             "no smtpd listens on the network; plainpost listens at least once: on 127.0.0.1:2525 "
             "unless you write a line listen");
    tell_nothing(i, "inet_interfaces");
    tell_nothing(i, "inet_protocols");
    tell_nothing(i, "smtpd_tls_wrappermode");
}
