#include "config/values.h"

#include "base/visible.h"
#include "mail/address.h"

#include <string.h>

struct unit {
    const char *name;
    uint64_t factor;
};

/* The first one is meant when none is written, where that is allowed. */
static const struct unit sizes[] = {{"B", 1}, {"KB", 1024}, {"MB", 1 << 20}, {"GB", 1 << 30}, {0}};
static const struct unit durations[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
                                        {"h", 3600000}, {"d", 86400000}, {0}};
static const struct unit plain[] = {{"", 1}, {0}};

static const struct unit *units_of(enum option_type type)
{
    return type == OPTION_SIZE ? sizes : type == OPTION_DURATION ? durations : plain;
}

static void print_amount(struct buffer *out, const struct unit *units, uint64_t value)
{
    const struct unit *best = units;
    for (const struct unit *u = units; u->name; u++)
        if (value && value % u->factor == 0)
            best = u;
    buffer_printf(out, "%llu%s", (unsigned long long)(value / best->factor),
                  best == units && units == sizes ? "" : best->name);
}

enum { LONGEST_SHOWN = 60 };

static bool bounds_problem(const struct option *o, struct span word, struct error *problem)
{
    struct buffer least = BUFFER_EMPTY, most = BUFFER_EMPTY, shown = BUFFER_EMPTY;
    print_amount(&least, units_of(o->type), o->least);
    print_amount(&most, units_of(o->type), o->most);
    visible_add(&shown, word, LONGEST_SHOWN);
    error_set(problem, "%s must be between %s and %s; \"%s\" is not", o->name, buffer_text(&least),
              buffer_text(&most), buffer_text(&shown));
    buffer_free(&least);
    buffer_free(&most);
    buffer_free(&shown);
    return false;
}

/* "what" can't be this word. */
static bool word_problem(const char *what, struct span word, const char *how, struct error *problem)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, word, LONGEST_SHOWN);
    error_set(problem, "%s can't be \"%s\"; write it as %s", what, buffer_text(&shown), how);
    buffer_free(&shown);
    return false;
}

static bool form_problem(const struct option *o, struct span word, const char *how,
                         struct error *problem)
{
    return word_problem(o->name, word, how, problem);
}

/* A number and its unit. */
static bool amount_parse(const struct option *o, struct span word, uint64_t *value,
                         struct error *problem)
{
    const struct unit *u = units_of(o->type);
    size_t digits = 0;
    uint64_t number;
    while (digits < word.len && ascii_is_digit(word.at[digits]))
        digits++;
    struct span name = span_skip(word, digits);
    bool is_bare_size = o->type == OPTION_SIZE && !name.len;
    while (u->name && !is_bare_size && !span_equal_nocase(name, span_of(u->name)))
        u++;
    if (!digits || !u->name)
        return form_problem(o, word,
                            o->type == OPTION_SIZE       ? "a size: 10240, 10KB, 25MB, 1GB"
                            : o->type == OPTION_DURATION ? "a time: 500ms, 30s, 5m, 4h, 5d"
                                                         : "a whole number",
                            problem);
    if (!span_to_u64(span_first(word, digits), UINT64_MAX / u->factor, &number) ||
        number * u->factor < o->least || number * u->factor > o->most)
        return bounds_problem(o, word, problem);
    *value = number * u->factor;
    return true;
}

bool endpoint_parse(struct span text, struct endpoint *e)
{
    size_t colon = text.len;
    uint64_t port;
    while (colon && text.at[colon - 1] != ':')
        colon--;
    if (colon < 2 || !span_to_u64(span_skip(text, colon), UINT16_MAX, &port) || !port)
        return false;
    e->host = span_first(text, colon - 1);
    e->port = (uint16_t)port;
    if (e->host.at[0] == '[') {
        if (e->host.len < 4 || e->host.at[e->host.len - 1] != ']')
            return false;
        e->host = span_first(span_skip(e->host, 1), e->host.len - 2);
        return span_find_char(e->host, ':') != SPAN_NOT_FOUND;
    }
    return domain_is_valid(e->host, false, false);
}

static bool v4_parse(struct span text, unsigned char bytes[4])
{
    if (text.len && text.at[text.len - 1] == '.')
        return false;
    for (int i = 0; i < 4; i++) {
        uint64_t value;
        if (!span_to_u64(span_cut(&text, '.'), 255, &value))
            return false;
        bytes[i] = (unsigned char)value;
    }
    return !text.len;
}

static int hex_value(char c)
{
    c = ascii_lower(c);
    return ascii_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The groups of an IPv6 address between its ends or "::". Returns their number, or -1. */
static int groups_parse(struct span text, uint16_t groups[8])
{
    int count = 0;
    if (text.len && text.at[text.len - 1] == ':')
        return -1;
    while (text.len) {
        struct span group = span_cut(&text, ':');
        unsigned value = 0;
        if (!group.len || group.len > 4 || count == 8)
            return -1;
        for (size_t i = 0; i < group.len; i++) {
            if (hex_value(group.at[i]) < 0)
                return -1;
            value = value * 16 + (unsigned)hex_value(group.at[i]);
        }
        groups[count++] = (uint16_t)value;
    }
    return count;
}

static bool v6_parse(struct span text, unsigned char bytes[16])
{
    uint16_t head[8] = {0}, tail[8] = {0}, all[8] = {0};
    size_t gap = span_find(text, SPAN("::"));
    int heads = groups_parse(span_first(text, gap), head);
    int tails = gap == SPAN_NOT_FOUND ? 0 : groups_parse(span_skip(text, gap + 2), tail);
    if (heads < 0 || tails < 0 || (gap == SPAN_NOT_FOUND ? heads != 8 : heads + tails > 7))
        return false;
    memcpy(all, head, sizeof head);
    for (int i = 0; i < tails; i++)
        all[8 - tails + i] = tail[i];
    for (int i = 0; i < 8; i++) {
        bytes[2 * i] = (unsigned char)(all[i] >> 8);
        bytes[2 * i + 1] = (unsigned char)all[i];
    }
    return true;
}

static bool network_parse(struct span text, struct network *n)
{
    struct span prefix = text, address = span_cut(&prefix, '/');
    bool has_prefix = address.len < text.len;
    uint64_t bits;
    unsigned char v4[4];
    *n = (struct network){{0}, 128};
    bool is_v4 = v4_parse(address, v4);
    if (is_v4) {
        n->address[10] = n->address[11] = 0xFF;
        memcpy(n->address + 12, v4, 4);
    } else if (!v6_parse(address, n->address)) {
        return false;
    }
    if (has_prefix && !span_to_u64(prefix, is_v4 ? 32 : 128, &bits))
        return false;
    if (has_prefix)
        n->prefix = (int)bits + (is_v4 ? 96 : 0);
    return true;
}

static struct span lower(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return (struct span){at, s.len};
}

static bool route_parse(const struct option *o, struct span *words, size_t count, struct route *r,
                        struct arena *a, struct error *problem)
{
    static const char how[] = "a domain and a server: route example.org 192.0.2.7:25";
    if (count != 2)
        return error_set(problem, "%s takes two words; %zu %s given. Write it as %s", o->name,
                         count, count == 1 ? "was" : "were", how);
    if (!span_equal(words[0], SPAN("*")) && !domain_is_valid(words[0], true, false))
        return form_problem(o, words[0], how, problem);
    if (!endpoint_parse(words[1], &r->next_hop))
        return word_problem("the server of a route", words[1], how, problem);
    r->domain = lower(a, words[0]);
    r->next_hop.host = arena_copy(a, r->next_hop.host);
    return true;
}

bool value_parse(const struct option *o, struct span *words, size_t count, void *at,
                 struct arena *a, struct error *problem)
{
    if (o->type == OPTION_ROUTE)
        return route_parse(o, words, count, at, a, problem);
    if (count != 1)
        return error_set(problem,
                         "%s takes one value; %zu were given. Put words with blanks in \"quotes\"",
                         o->name, count);
    switch (o->type) {
    case OPTION_HOST:
        if (!domain_is_valid(words[0], false, false))
            return form_problem(o, words[0], "a host name: mail.example.org", problem);
        *(struct span *)at = lower(a, words[0]);
        return true;
    case OPTION_PATH:
        if (!words[0].len)
            return form_problem(o, words[0], "a path", problem);
        *(struct span *)at = arena_copy(a, words[0]);
        return true;
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_DURATION:
        return amount_parse(o, words[0], at, problem);
    case OPTION_ENDPOINT:
        if (!endpoint_parse(words[0], at))
            return form_problem(o, words[0], "an address and port: 127.0.0.1:25 or [::1]:25",
                                problem);
        ((struct endpoint *)at)->host = arena_copy(a, ((struct endpoint *)at)->host);
        return true;
    case OPTION_NETWORK:
        return network_parse(words[0], at) ||
               form_problem(o, words[0], "a network: 192.0.2.0/24, 2001:db8::/32 or an address",
                            problem);
    case OPTION_ROUTE:
        break;
    }
    return false;
}

size_t value_size(enum option_type type)
{
    switch (type) {
    case OPTION_ENDPOINT:
        return sizeof(struct endpoint);
    case OPTION_NETWORK:
        return sizeof(struct network);
    case OPTION_ROUTE:
        return sizeof(struct route);
    case OPTION_HOST:
    case OPTION_PATH:
        return sizeof(struct span);
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_DURATION:
        break;
    }
    return sizeof(uint64_t);
}

static void print_endpoint(struct buffer *out, const struct endpoint *e)
{
    bool is_v6 = span_find_char(e->host, ':') != SPAN_NOT_FOUND;
    buffer_printf(out, is_v6 ? "[%.*s]:%u" : "%.*s:%u", SPAN_F(e->host), e->port);
}

static void print_network(struct buffer *out, const struct network *n)
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    const unsigned char *b = n->address;
    if (n->prefix >= 96 && memcmp(b, mapped, sizeof mapped) == 0) {
        buffer_printf(out, "%u.%u.%u.%u/%d", b[12], b[13], b[14], b[15], n->prefix - 96);
        return;
    }
    for (int i = 0; i < 8; i++)
        buffer_printf(out, "%s%x", i ? ":" : "", b[2 * i] << 8 | b[2 * i + 1]);
    buffer_printf(out, "/%d", n->prefix);
}

/* Bare where it reads as the same word again, else in quotes. */
static void print_word(struct buffer *out, struct span s)
{
    bool is_bare = s.len && s.at[0] != '#' && s.at[0] != '"' &&
                   span_find_char(s, ' ') == SPAN_NOT_FOUND &&
                   span_find_char(s, '\t') == SPAN_NOT_FOUND;
    if (is_bare) {
        buffer_add_span(out, s);
        return;
    }
    buffer_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"' || s.at[i] == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, s.at[i]);
    }
    buffer_add_char(out, '"');
}

void value_print(struct buffer *out, enum option_type type, const void *at)
{
    switch (type) {
    case OPTION_HOST:
    case OPTION_PATH:
        print_word(out, *(const struct span *)at);
        break;
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_DURATION:
        print_amount(out, units_of(type), *(const uint64_t *)at);
        break;
    case OPTION_ENDPOINT:
        print_endpoint(out, at);
        break;
    case OPTION_NETWORK:
        print_network(out, at);
        break;
    case OPTION_ROUTE:
        buffer_printf(out, "%.*s ", SPAN_F(((const struct route *)at)->domain));
        print_endpoint(out, &((const struct route *)at)->next_hop);
        break;
    }
}
