#include "config/target.h"

#include "base/inet.h"
#include "base/visible.h"
#include "mail/address.h"

#include <string.h>

/* The path of a socket: what unix(7) has room for. */
enum {
    MOST_WORDS = 8,
    MOST_SOURCES = 64,
    LARGEST_WEIGHT = 1000,
    LONGEST_SHOWN = 60,
    LONGEST_PATH = 107,
    LONGEST_LOGIN = 255,
    SUBMISSIONS_PORT = 465
};

/* Behind the name of a destination. */
#define REQUIRES_TLS " requiretls"

static const char how[] =
    "\"mx\", a server (192.0.2.7:25, lmtp:192.0.2.7:24, lmtp:/path/of/socket), "
    "\"discard WHY\" or \"refuse WHY\"";

static const char *const tls_words[] = {
    [TARGET_TLS_OPPORTUNISTIC] = "opportunistic",
    [TARGET_TLS_UNCHECKED] = "unchecked",
    [TARGET_TLS_REQUIRED] = "required",
    [TARGET_TLS_VERIFIED] = "verified",
    [TARGET_TLS_IMPLICIT] = "implicit",
    [TARGET_TLS_IMPLICIT_UNVERIFIED] = "implicit-unverified",
    [TARGET_TLS_OFF] = "off",
};

static bool source_parse(struct span text, struct source *s, struct arena *a)
{
    unsigned char bytes[16];
    struct span weight = text, address = span_cut(&weight, '*');
    uint64_t number = 1;
    if (!inet_parse(address, bytes))
        return false;
    if (address.len < text.len && (!span_to_u64(weight, LARGEST_WEIGHT, &number) || !number))
        return false;
    *s = (struct source){arena_copy(a, address), (unsigned)number};
    return true;
}

static bool sources_parse(struct span list, struct target *t, struct arena *a)
{
    t->sources = arena_new(a, MOST_SOURCES * sizeof *t->sources);
    while (list.len)
        if (t->source_count == MOST_SOURCES ||
            !source_parse(span_cut(&list, ','), &t->sources[t->source_count++], a))
            return false;
    return t->source_count > 0;
}

static bool domain_parse(struct span word, struct target *t, struct arena *a)
{
    struct span name = span_skip(word, 3);
    if (!span_starts(word, SPAN("mx:")) || !domain_is_valid(name, true, true))
        return false;
    t->kind = TARGET_MX;
    t->domain = arena_copy(a, name);
    return true;
}

/* "mx", "mx:example.org", "192.0.2.7:25", "lmtp:…" */
static bool server_parse(struct span word, struct target *t, struct arena *a)
{
    if (span_equal(word, SPAN("mx")) || domain_parse(word, t, a))
        return true;
    bool is_lmtp = span_starts(word, SPAN("lmtp:"));
    struct span at = is_lmtp ? span_skip(word, 5) : word;
    t->kind = is_lmtp ? TARGET_LMTP : TARGET_SMTP;
    if (is_lmtp && at.len && at.at[0] == '/') {
        t->socket = arena_copy(a, at);
        return span_find_char(at, ' ') == SPAN_NOT_FOUND;
    }
    if (!endpoint_parse(at, &t->server))
        return false;
    t->server.host = arena_copy(a, t->server.host);
    return true;
}

static bool takes_why(const struct span *words, size_t count, struct target *t, struct arena *a)
{
    bool is_discard = span_equal(words[0], SPAN("discard"));
    if (!is_discard && !span_equal(words[0], SPAN("refuse")))
        return false;
    t->kind = is_discard ? TARGET_DISCARD : TARGET_REFUSE;
    t->why = arena_copy(a, count > 1 ? words[1] : SPAN_NONE);
    return true;
}

/* A password is shown to the right server alone. */
static enum target_tls usual_tls(const struct target *t)
{
    if (t->login.len)
        return t->server.port == SUBMISSIONS_PORT ? TARGET_TLS_IMPLICIT : TARGET_TLS_VERIFIED;
    return t->kind == TARGET_LMTP ? TARGET_TLS_OFF : TARGET_TLS_OPPORTUNISTIC;
}

static bool tls_parse(struct span word, struct target *t, struct error *problem)
{
    int i = 0;
    while (i <= TARGET_TLS_OFF && !span_equal(word, span_of(tls_words[i])))
        i++;
    t->tls = (enum target_tls)i;
    bool is_implicit = i == TARGET_TLS_IMPLICIT || i == TARGET_TLS_IMPLICIT_UNVERIFIED;
    if (i > TARGET_TLS_OFF)
        return error_set(problem,
                         "behind \"tls\" one of these words must stand: opportunistic, "
                         "unchecked, required, verified, implicit, implicit-unverified or off");
    if (is_implicit && t->kind == TARGET_MX)
        return error_set(
            problem, "the servers that the DNS names begin in plain text, and encrypt when they "
                     "are asked to; write: mx tls verified, or: mx tls required");
    if (t->socket.len && i != TARGET_TLS_OFF)
        return error_set(problem, "a Unix socket has no TLS: what goes through it stays on this "
                                  "machine; take \"tls\" away");
    return true;
}

static bool login_parse(struct span word, struct target *t, struct arena *a, struct error *problem)
{
    bool ok = word.len && word.len <= LONGEST_LOGIN && utf8_is_valid(word) && word.at[0] != '#' &&
              word.at[0] != '"';
    for (size_t i = 0; i < word.len; i++)
        ok = ok && (unsigned char)word.at[i] > ' ' && word.at[i] != 0x7F;
    if (!ok)
        return error_set(problem,
                         "behind \"login\" stands the name by which the server knows us, without "
                         "blanks: smarthost.example.net:587 login relay@example.org");
    if (t->kind != TARGET_SMTP)
        return error_set(problem, "only a server that the route names is logged in to, so that no "
                                  "other one hears the password: smarthost.example.net:587 login "
                                  "relay@example.org");
    t->login = arena_copy(a, word);
    return true;
}

/* "source …", "tls …" and "login …", each at most once. */
static bool settings_parse(const struct span *words, size_t count, struct target *t,
                           struct arena *a, struct error *problem)
{
    bool has_tls = false;
    for (size_t i = 0; i < count; i += 2) {
        bool is_tls = span_equal(words[i], SPAN("tls")) && !has_tls && i + 1 < count;
        if (is_tls && !tls_parse(words[i + 1], t, problem))
            return false;
        has_tls |= is_tls;
        bool is_login = span_equal(words[i], SPAN("login")) && !t->login.len && i + 1 < count;
        if (is_login && !login_parse(words[i + 1], t, a, problem))
            return false;
        bool is_source = span_equal(words[i], SPAN("source")) && !t->source_count && i + 1 < count;
        if (!is_tls && !is_login && (!is_source || !sources_parse(words[i + 1], t, a)))
            return error_set(problem,
                             "behind a server only \"source ADDRESS,ADDRESS*WEIGHT\", \"tls "
                             "WORD\" and \"login USER\" may stand: mx source "
                             "192.0.2.1,192.0.2.2*3 tls required");
    }
    if (!has_tls)
        t->tls = usual_tls(t);
    return true;
}

static bool is_nowhere(struct span word, struct error *problem)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, word, LONGEST_SHOWN);
    error_set(problem, "mail can't go to \"%s\"; write %s", buffer_text(&shown), how);
    buffer_free(&shown);
    return false;
}

bool target_parse(const struct span *words, size_t count, struct target *t, struct arena *a,
                  struct error *problem)
{
    *t = (struct target){.kind = TARGET_MX};
    if (count && takes_why(words, count, t, a))
        return (count == 2 && t->why.len) ||
               error_set(problem,
                         "behind \"%.*s\" the reason is written, in quotes: %.*s \"this "
                         "company has closed\"",
                         SPAN_F(words[0]), SPAN_F(words[0]));
    if (!count || !server_parse(words[0], t, a))
        return is_nowhere(count ? words[0] : SPAN_NONE, problem);
    if (t->socket.len > LONGEST_PATH)
        return error_set(problem,
                         "the path of a socket can have %d characters at most; this one has %zu",
                         LONGEST_PATH, t->socket.len);
    return settings_parse(words + 1, count - 1, t, a, problem);
}

bool target_parse_name(struct span name, struct target *t, struct arena *a)
{
    struct span words[MOST_WORDS];
    struct error problem;
    size_t count = 0;
    bool requires_tls = span_ends_nocase(name, SPAN(REQUIRES_TLS));
    if (requires_tls)
        name = span_first(name, name.len - strlen(REQUIRES_TLS));
    while (name.len && count < MOST_WORDS)
        words[count++] = span_cut(&name, ' ');
    bool ok = !name.len && target_parse(words, count, t, a, &problem);
    t->requires_tls = requires_tls;
    return ok;
}

bool target_is_here(const struct target *t)
{
    unsigned char bytes[16];
    static const unsigned char v6[16] = {[15] = 1};
    if (t->socket.len || span_equal_nocase(t->server.host, SPAN("localhost")))
        return true;
    if (!inet_parse(t->server.host, bytes))
        return false;
    return inet_is_v4(bytes) ? bytes[12] == 127 : !memcmp(bytes, v6, sizeof v6);
}

void word_print(struct buffer *out, struct span s)
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

static void print_sources(struct buffer *out, const struct target *t)
{
    for (size_t i = 0; i < t->source_count; i++) {
        buffer_printf(out, "%s%.*s", i ? "," : " source ", SPAN_F(t->sources[i].address));
        if (t->sources[i].weight > 1)
            buffer_printf(out, "*%u", t->sources[i].weight);
    }
}

void target_print(struct buffer *out, const struct target *t)
{
    switch (t->kind) {
    case TARGET_MX:
        buffer_printf(out, t->domain.len ? "mx:%.*s" : "mx", SPAN_F(t->domain));
        break;
    case TARGET_LMTP:
        buffer_add_text(out, "lmtp:");
        if (t->socket.len) {
            buffer_add_span(out, t->socket);
            break;
        }
        endpoint_print(out, &t->server);
        break;
    case TARGET_SMTP:
        endpoint_print(out, &t->server);
        break;
    case TARGET_DISCARD:
    case TARGET_REFUSE:
        buffer_add_text(out, t->kind == TARGET_DISCARD ? "discard " : "refuse ");
        word_print(out, t->why);
        break;
    }
    print_sources(out, t);
    if (t->kind != TARGET_DISCARD && t->kind != TARGET_REFUSE && t->tls != usual_tls(t))
        buffer_printf(out, " tls %s", tls_words[t->tls]);
    if (t->login.len)
        buffer_printf(out, " login %.*s", SPAN_F(t->login));
    if (t->requires_tls)
        buffer_add_text(out, REQUIRES_TLS);
}
