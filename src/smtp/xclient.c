#include "smtp/xclient.h"

#include "base/inet.h"
#include "mail/address.h"
#include "smtp/parameters.h"

enum { LONGEST_VALUE = 255 };

static bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] <= ' ' || s.at[i] == 0x7F)
            return false;
    return s.len > 0;
}

static bool name_parse(struct xclient *x, struct span value)
{
    return domain_is_valid(value, false, false);
}

static bool address_parse(struct span value, unsigned char bytes[16])
{
    if (span_starts_nocase(value, SPAN("IPV6:")))
        return inet_parse_v6(span_skip(value, 5), bytes);
    return inet_parse(value, bytes);
}

static bool addr_parse(struct xclient *x, struct span value)
{
    return address_parse(value, x->address);
}

static bool destaddr_parse(struct xclient *x, struct span value)
{
    return address_parse(value, x->server);
}

static bool number_parse(struct span value, uint16_t *port)
{
    uint64_t number;
    bool ok = span_to_u64(value, UINT16_MAX, &number);
    if (ok)
        *port = (uint16_t)number;
    return ok;
}

static bool port_parse(struct xclient *x, struct span value)
{
    return number_parse(value, &x->port);
}

static bool destport_parse(struct xclient *x, struct span value)
{
    return number_parse(value, &x->server_port);
}

static bool proto_parse(struct xclient *x, struct span value)
{
    x->is_extended = span_equal_nocase(value, SPAN("ESMTP"));
    return x->is_extended || span_equal_nocase(value, SPAN("SMTP"));
}

static bool helo_parse(struct xclient *x, struct span value)
{
    return is_printable(value);
}

static bool login_parse(struct xclient *x, struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.at[i] < ' ' || value.at[i] == 0x7F)
            return false;
    return value.len > 0;
}

static const struct {
    const char *name;
    bool (*parse)(struct xclient *x, struct span value);
    struct reply problem;
} attributes[] = {
    [XCLIENT_NAME] = {"NAME", name_parse,
                      REPLY(501, 5, 5, 4,
                            "NAME must be a host name, [UNAVAILABLE] or [TEMPUNAVAIL]")},
    [XCLIENT_ADDR] = {"ADDR", addr_parse,
                      REPLY(501, 5, 5, 4,
                            "ADDR must be an address: 192.0.2.1, IPV6:2001:db8::1 or "
                            "[UNAVAILABLE]")},
    [XCLIENT_PORT] = {"PORT", port_parse,
                      REPLY(501, 5, 5, 4, "PORT must be a number up to 65535, or [UNAVAILABLE]")},
    [XCLIENT_PROTO] = {"PROTO", proto_parse, REPLY(501, 5, 5, 4, "PROTO must be SMTP or ESMTP")},
    [XCLIENT_HELO] = {"HELO", helo_parse,
                      REPLY(501, 5, 5, 4, "HELO must be what the client said, or [UNAVAILABLE]")},
    [XCLIENT_LOGIN] = {"LOGIN", login_parse,
                       REPLY(501, 5, 5, 4, "LOGIN must be the user's name, or [UNAVAILABLE]")},
    [XCLIENT_DESTADDR] = {"DESTADDR", destaddr_parse,
                          REPLY(501, 5, 5, 4,
                                "DESTADDR must be an address: 192.0.2.1, IPV6:2001:db8::1 or "
                                "[UNAVAILABLE]")},
    [XCLIENT_DESTPORT] = {"DESTPORT", destport_parse,
                          REPLY(501, 5, 5, 4,
                                "DESTPORT must be a number up to 65535, or [UNAVAILABLE]")},
};

static int find_attribute(struct span name)
{
    for (int i = 0; i < XCLIENT_ATTRIBUTES; i++)
        if (span_equal_nocase(name, span_of(attributes[i].name)))
            return i;
    return -1;
}

/* Old front ends do not encode; what can't be decoded is meant as it stands. */
static struct span decoded(struct span xtext, struct arena *a)
{
    struct buffer plain = BUFFER_EMPTY;
    struct span value = arena_copy(a, xtext_decode(&plain, xtext) ? buffer_span(&plain) : xtext);
    buffer_free(&plain);
    return value;
}

static bool is_unknown(struct span value)
{
    return span_equal_nocase(value, SPAN("[UNAVAILABLE]")) ||
           span_equal_nocase(value, SPAN("[TEMPUNAVAIL]"));
}

static bool attribute_parse(struct span word, struct xclient *x, struct arena *a,
                            struct reply *problem)
{
    struct span xtext = word, name = span_cut(&xtext, '=');
    int which = find_attribute(name);
    if (which < 0 || name.len == word.len) {
        *problem = REPLY(501, 5, 5, 4,
                         "Please say what the EHLO reply lists, as ATTRIBUTE=value: XCLIENT "
                         "ADDR=192.0.2.1 NAME=client.example.org");
        return false;
    }
    struct span value = decoded(xtext, a);
    x->at[which].says = true;
    x->at[which].has = !is_unknown(value);
    x->at[which].text = x->at[which].has ? value : SPAN_NONE;
    if (x->at[which].has && (value.len > LONGEST_VALUE || !attributes[which].parse(x, value))) {
        *problem = attributes[which].problem;
        return false;
    }
    return true;
}

bool xclient_parse(struct span rest, struct xclient *x, struct arena *a, struct reply *problem)
{
    *x = (struct xclient){0};
    struct span word = span_word(&rest);
    if (!word.len) {
        *problem = REPLY(501, 5, 5, 4,
                         "Please say for whom you come: XCLIENT ADDR=192.0.2.1 "
                         "NAME=client.example.org");
        return false;
    }
    for (; word.len; word = span_word(&rest))
        if (!attribute_parse(word, x, a, problem))
            return false;
    return true;
}
