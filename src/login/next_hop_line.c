#include "login/next_hop_line.h"

#include "base/inet.h"
#include "base/visible.h"
#include "config/network.h"
#include "mail/address.h"
#include "sasl/saslprep.h"

static const char how[] = "write it as HOST USER PASSWORD: smarthost.example.net "
                          "relay@example.org secret";

static bool is_host(struct span s)
{
    unsigned char bytes[16];
    return inet_parse(s, bytes) || domain_is_valid(s, false, false);
}

static bool take_host(struct span word, struct next_hop_line *l)
{
    struct endpoint e;
    bool has_brackets = span_starts(word, SPAN("[")) && span_ends_nocase(word, SPAN("]"));
    struct span bare = has_brackets ? span_first(span_skip(word, 1), word.len - 2) : word;
    l->host = bare;
    l->port = 0;
    if (is_host(bare))
        return true;
    if (!endpoint_parse(word, &e))
        return false;
    l->host = e.host;
    l->port = e.port;
    return is_host(e.host);
}

static bool is_secret(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7F)
            return false;
    return s.len && s.len <= SASLPREP_LONGEST && utf8_is_valid(s);
}

int next_hop_line_parse(struct span line, struct next_hop_line *l, struct error *problem)
{
    static const struct span token = SPAN("token-file:");
    struct span rest = span_trim(line);
    *l = (struct next_hop_line){.password = SPAN_NONE, .token_file = SPAN_NONE};
    if (!rest.len || rest.at[0] == '#')
        return 0;
    bool has_host = take_host(span_word(&rest), l);
    l->name = span_word(&rest);
    rest = span_trim(rest);
    bool is_token = span_starts(rest, token);
    l->password = is_token ? SPAN_NONE : rest;
    l->token_file = is_token ? span_skip(rest, token.len) : SPAN_NONE;
    if (!has_host)
        error_set(problem, "a line begins with the server's name, as the route has it; %s", how);
    else if (!rest.len)
        error_set(problem, "behind the server stand the user and the password; %s", how);
    else if (is_token && !span_starts(l->token_file, SPAN("/")))
        error_set(problem, "behind token-file: stands the path of the file with the token: "
                           "token-file:/run/tokens/alice");
    else if (!is_secret(rest) || !is_secret(l->name))
        error_set(problem,
                  "a name or a password can have %d bytes at most, of UTF-8, and no "
                  "control characters",
                  SASLPREP_LONGEST);
    else
        return 1;
    return -1;
}

bool next_hop_line_is_for(const struct next_hop_line *l, struct span host, uint16_t port,
                          struct span name)
{
    return span_equal_nocase(l->host, host) && (!l->port || l->port == port) &&
           span_equal(l->name, name);
}
