#include "config/values.h"

#include "base/inet.h"
#include "base/visible.h"
#include "config/match.h"
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

enum { LONGEST_SHOWN = 60, LONGEST_SOCKET = 107 /* unix(7) */ };

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

bool value_problem(const struct option *o, struct span word, const char *how, struct error *problem)
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
        return value_problem(o, word,
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

struct span value_lower(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return (struct span){at, s.len};
}

/* By its word; the others are told when it is none of them. */
static bool choice_parse(const struct option *o, struct span word, uint64_t *value,
                         struct error *problem)
{
    struct buffer how = BUFFER_EMPTY;
    for (size_t i = 0; o->choices[i]; i++) {
        if (span_equal(word, span_of(o->choices[i]))) {
            *value = i;
            buffer_free(&how);
            return true;
        }
        buffer_printf(&how, "%s%s", !i ? "" : o->choices[i + 1] ? ", " : " or ", o->choices[i]);
    }
    value_problem(o, word, buffer_text(&how), problem);
    buffer_free(&how);
    return false;
}

static bool resolver_is_valid(struct span s)
{
    struct endpoint e;
    unsigned char bytes[16];
    return span_equal(s, SPAN("system")) || span_equal(s, SPAN("recursive")) ||
           (endpoint_parse(s, &e) && inet_parse(e.host, bytes));
}

/* At least the owner must be able to use it. */
static bool mode_parse(struct span word, uint64_t *mode)
{
    *mode = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] < '0' || word.at[i] > '7')
            return false;
        *mode = *mode * 8 + (uint64_t)(word.at[i] - '0');
    }
    return word.len >= 3 && word.len <= 4 && *mode <= 0777 && (*mode & 0600) == 0600;
}

enum { LONGEST_PERIOD = 24 * 3600 * 1000, HIGHEST_RATE = 1000000 };

/* "60/1m" */
static bool rate_parse(const struct option *o, struct span word, struct rate *r,
                       struct error *problem)
{
    const struct option number = {o->name, OPTION_NUMBER, .least = 1, .most = HIGHEST_RATE};
    const struct option period = {o->name, OPTION_DURATION, .least = 1000, .most = LONGEST_PERIOD};
    struct span rest = word, count = span_cut(&rest, '/');
    uint64_t ms;
    *r = (struct rate){0};
    if (span_equal(word, SPAN("none")))
        return true;
    if (!rest.len || !count.len)
        return value_problem(o, word, "a number in a time: 60/1m, 1000/1h; or none", problem);
    if (!amount_parse(&number, count, &r->count, problem) ||
        !amount_parse(&period, rest, &ms, problem))
        return false;
    r->period_ms = (int64_t)ms;
    return true;
}

static void rate_print(struct buffer *out, const struct rate *r)
{
    if (!r->count) {
        buffer_add_text(out, "none");
        return;
    }
    buffer_printf(out, "%llu/", (unsigned long long)r->count);
    print_amount(out, durations, (uint64_t)r->period_ms);
}

enum { MOST_NETWORKS = 256 };

static bool networks_parse(struct span list, struct networks *n, struct arena *a)
{
    size_t most = 1;
    for (size_t i = 0; i < list.len; i++)
        most += list.at[i] == ',';
    if (!list.len || most > MOST_NETWORKS)
        return false;
    *n = (struct networks){.at = arena_new(a, most * sizeof *n->at), .is_set = true};
    if (span_equal(list, SPAN("none")))
        return true;
    if (span_equal(list, SPAN("all")))
        return network_parse(SPAN("::/0"), &n->at[n->count++]);
    while (n->count < most)
        if (!network_parse(span_cut(&list, ','), &n->at[n->count++]))
            return false;
    return true;
}

static void networks_print(struct buffer *out, const struct networks *n)
{
    if (!n->count)
        buffer_add_text(out, "none");
    for (size_t i = 0; i < n->count; i++) {
        if (i)
            buffer_add_char(out, ',');
        network_print(out, &n->at[i]);
    }
}

/* "plain", "json", "syslog", "journald", and a socket's path behind the last two. */
static bool log_is_valid(struct span s)
{
    struct span path = s, form = span_cut(&path, ':');
    bool has_socket = span_equal(form, SPAN("syslog")) || span_equal(form, SPAN("journald"));
    if (form.len < s.len)
        return has_socket && path.len && path.at[0] == '/' && path.len <= LONGEST_SOCKET;
    return has_socket || span_equal(form, SPAN("plain")) || span_equal(form, SPAN("json"));
}

static bool match_parse(const struct option *o, struct span word, struct span *match,
                        struct arena *a, struct error *problem)
{
    if (!match_is_valid(word))
        return value_problem(
            o, word,
            "a domain (example.net), all below one (*.example.net), an address, or "
            "*; or of senders: from:example.org",
            problem);
    *match = value_lower(a, word);
    return true;
}

/* Where clients are. */
static bool place_parse(const struct option *o, struct span word, void *at, struct arena *a,
                        struct error *problem)
{
    if (o->type == OPTION_NETWORKS)
        return networks_parse(word, at, a) ||
               value_problem(o, word,
                             "networks with commas between: 192.0.2.0/24,2001:db8::1; or none, or "
                             "all",
                             problem);
    if (o->type == OPTION_NETWORK)
        return network_parse(word, at) ||
               value_problem(o, word, "a network: 192.0.2.0/24, 2001:db8::/32 or an address",
                             problem);
    return forwarder_parse(word, at, a) ||
           value_problem(o, word,
                         "a domain, or a network: lists.example.org, 192.0.2.0/24, 2001:db8::1",
                         problem);
}

bool value_parse(const struct option *o, struct span word, void *at, struct arena *a,
                 struct error *problem)
{
    switch (o->type) {
    case OPTION_HOST:
        if (!domain_is_valid(word, false, false))
            return value_problem(o, word, "a host name: mail.example.org", problem);
        *(struct span *)at = value_lower(a, word);
        return true;
    case OPTION_MATCH:
        return match_parse(o, word, at, a, problem);
    case OPTION_PATH:
    case OPTION_WORD:
        if (!word.len)
            return value_problem(o, word, o->type == OPTION_PATH ? "a path" : "a name", problem);
        *(struct span *)at = arena_copy(a, word);
        return true;
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_DURATION:
        return amount_parse(o, word, at, problem);
    case OPTION_RATE:
        return rate_parse(o, word, at, problem);
    case OPTION_MODE:
        return mode_parse(word, at) ||
               value_problem(o, word, "three or four octal digits: 0660", problem);
    case OPTION_NETWORKS:
    case OPTION_NETWORK:
    case OPTION_FORWARDER:
        return place_parse(o, word, at, a, problem);
    case OPTION_RESOLVER:
        if (!resolver_is_valid(word))
            return value_problem(
                o, word, "system, recursive, or an address and port: 192.0.2.53:53", problem);
        *(struct span *)at = arena_copy(a, word);
        return true;
    case OPTION_FINGERPRINT:
        return fingerprint_parse(word, at, a) ||
               value_problem(o, word,
                             "its SHA-256 fingerprint, 64 hexadecimal digits, as this prints it: "
                             "openssl x509 -noout -fingerprint -sha256 -in FILE",
                             problem);
    case OPTION_CHOICE:
        return choice_parse(o, word, at, problem);
    case OPTION_TEXT:
        *(struct span *)at = arena_copy(a, word);
        return true;
    case OPTION_LOG:
        if (!log_is_valid(word))
            return value_problem(
                o, word, "plain, json, syslog or journald; or syslog:/path/of/socket", problem);
        *(struct span *)at = arena_copy(a, word);
        return true;
    case OPTION_ENDPOINT:
        if (!endpoint_parse(word, at))
            return value_problem(o, word, "an address and port: 127.0.0.1:9125 or [::1]:9125",
                                 problem);
        ((struct endpoint *)at)->host = arena_copy(a, ((struct endpoint *)at)->host);
        return true;
    default: /* those of a whole line: line_values.c */
        break;
    }
    return false;
}

size_t value_size(enum option_type type)
{
    switch (type) {
    case OPTION_ENDPOINT:
        return sizeof(struct endpoint);
    case OPTION_NETWORKS:
        return sizeof(struct networks);
    case OPTION_RATE:
        return sizeof(struct rate);
    case OPTION_NETWORK:
        return sizeof(struct network);
    case OPTION_FORWARDER:
        return sizeof(struct forwarder);
    case OPTION_HOST:
    case OPTION_FINGERPRINT:
    case OPTION_MATCH:
    case OPTION_PATH:
    case OPTION_RESOLVER:
    case OPTION_WORD:
    case OPTION_LOG:
    case OPTION_TEXT:
        return sizeof(struct span);
    case OPTION_MODE:
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_DURATION:
    case OPTION_CHOICE:
    default: /* those of a whole line: line_values.c */
        break;
    }
    return sizeof(uint64_t);
}

void value_print(struct buffer *out, const struct option *o, const void *at)
{
    switch (o->type) {
    case OPTION_HOST:
    case OPTION_FINGERPRINT:
    case OPTION_MATCH:
    case OPTION_PATH:
    case OPTION_RESOLVER:
    case OPTION_WORD:
    case OPTION_LOG:
    case OPTION_TEXT:
        word_print(out, *(const struct span *)at);
        break;
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_DURATION:
        print_amount(out, units_of(o->type), *(const uint64_t *)at);
        break;
    case OPTION_CHOICE:
        buffer_add_text(out, o->choices[*(const uint64_t *)at]);
        break;
    case OPTION_MODE:
        buffer_printf(out, "0%03llo", (unsigned long long)*(const uint64_t *)at);
        break;
    case OPTION_ENDPOINT:
        endpoint_print(out, at);
        break;
    case OPTION_NETWORKS:
        networks_print(out, at);
        break;
    case OPTION_RATE:
        rate_print(out, at);
        break;
    case OPTION_NETWORK:
        network_print(out, at);
        break;
    case OPTION_FORWARDER:
        forwarder_print(out, at);
        break;
    default: /* those of a whole line: line_values.c */
        break;
    }
}
