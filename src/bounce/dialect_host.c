/* Which host spoke: named before its words ("host mx.example.org[192.0.2.1] said: …"), or at their
 * start ("192.0.2.1 does not like recipient."). */
#include "bounce/dialect_inside.h"
#include "bounce/free_text.h"

#include <string.h>

static bool is_of_host(char c)
{
    return ascii_is_alnum(c) || c == '.' || c == '-' || c == '_' || c == ':';
}

/* A name with a dot in it, or an address; "" when it is none. */
static struct span checked(struct span host)
{
    size_t dots = 0, letters = 0;
    while (host.len && strchr(".:-_", host.at[host.len - 1]))
        host.len--;
    for (size_t i = 0; i < host.len; i++) {
        dots += host.at[i] == '.';
        letters += ascii_is_alpha(host.at[i]);
        if (host.at[i] == ':' && i + 1 < host.len && ascii_is_digit(host.at[i + 1]) && dots) {
            host.len = i; /* a port */
            break;
        }
    }
    bool is_name = letters && dots && ascii_is_alpha(host.at[host.len - 1]);
    bool is_ipv4 = !letters && dots == 3;
    bool is_long = host.len > 255 || span_find(host, SPAN("..")) != SPAN_NOT_FOUND;
    return (is_name || is_ipv4) && !is_long ? host : SPAN_NONE;
}

struct span dialect_host_at(struct span text)
{
    size_t from = 0;
    while (from < text.len && from < 24 && strchr(" \t[(<'\":\n\r", text.at[from]))
        from++;
    size_t to = from;
    while (to < text.len && is_of_host(text.at[to]))
        to++;
    if (to < text.len && text.at[to] == '@')
        return SPAN_NONE;
    return checked(span_first(span_skip(text, from), to - from));
}

/* What stands before a host that spoke. */
static const char *const before[] = {"host ",
                                     "connect to ",
                                     "lost connection with ",
                                     "conversation with ",
                                     "remote server: ",
                                     "rejected by: ",
                                     "remote system: dns;",
                                     "remote system: ",
                                     "remote host: ",
                                     "host: ",
                                     "server: ",
                                     "remote-mta: ",
                                     "remote mta: ",
                                     "remote mta ",
                                     "server <",
                                     "smtp server <",
                                     "mail server ",
                                     "by host ",
                                     "from host ",
                                     "connected to ",
                                     "recipient domain by ",
                                     " by ",
                                     "response from ",
                                     "server ",
                                     "relay=",
                                     NULL};
/* … and behind one. */
static const char *const behind[] = {" does not like recipient",
                                     " failed after i sent",
                                     " does not accept",
                                     " said:",
                                     " rejected your message",
                                     " gave this error",
                                     " remote server returned",
                                     " #5",
                                     " #4",
                                     " #<",
                                     " responded:",
                                     " refused to talk to me",
                                     " did not like our",
                                     NULL};

/* The host that ends at `end`. */
static struct span host_before(struct span text, size_t end)
{
    while (end && strchr(" :]>)", text.at[end - 1]))
        end--;
    size_t from = end;
    while (from && is_of_host(text.at[from - 1]))
        from--;
    struct span host = checked(span_first(span_skip(text, from), end - from));
    size_t name_end = from;
    if (host.len && from && text.at[from - 1] == '[') { /* "mx.example.org[192.0.2.1]" */
        name_end = from - 1;
        struct span name = host_before(text, name_end);
        return name.len ? name : host;
    }
    return from && text.at[from - 1] == '@' ? SPAN_NONE : host;
}

/* "mx.example.org [192.0.2.1]: 550 …": at the very start of words. */
static struct span host_first(struct span words)
{
    struct span host = dialect_host_at(words);
    if (!host.len)
        return SPAN_NONE;
    struct span rest = span_skip(words, (size_t)(host.at + host.len - words.at));
    size_t n = 0;
    while (n < rest.len && strchr("[]. ()0123456789:,", rest.at[n]))
        n++;
    bool is_followed =
        n && (memchr(rest.at, ':', n) || memchr(rest.at, '[', n) || rest.at[0] == ']');
    return is_followed ? host : SPAN_NONE;
}

enum { LONGEST_WORDS = 1000 };

/* Where the phrase stands at or behind `from`. */
static size_t find(struct span small, const char *phrase, size_t from)
{
    size_t at = span_find(span_skip(small, from), span_of(phrase));
    return at == SPAN_NOT_FOUND ? at : from + at;
}

enum { MOST_PLACES = 5 }; /* of one phrase */

static struct span find_before(struct span small, struct span words)
{
    struct span host = SPAN_NONE;
    for (size_t i = 0; behind[i]; i++) {
        size_t at = host.len ? SPAN_NOT_FOUND : find(small, behind[i], 0);
        for (int n = 0; n < MOST_PLACES && !host.len && at != SPAN_NOT_FOUND; n++) {
            host = host_before(words, at);
            at = find(small, behind[i], at + 1);
        }
    }
    return host;
}

static struct span find_behind(struct span small, struct span words)
{
    struct span host = SPAN_NONE;
    for (size_t i = 0; before[i]; i++) {
        size_t at = host.len ? SPAN_NOT_FOUND : find(small, before[i], 0);
        for (int n = 0; n < MOST_PLACES && !host.len && at != SPAN_NOT_FOUND; n++) {
            host = dialect_host_at(span_skip(words, at + strlen(before[i])));
            at = find(small, before[i], at + 1);
        }
    }
    return host;
}

struct span dialect_host(struct span words)
{
    char room[LONGEST_WORDS];
    words = span_first(words, LONGEST_WORDS);
    struct span host = host_first(words);
    if (host.len || !words.len)
        return host;
    for (size_t i = 0; i < words.len; i++)
        room[i] = ascii_lower(words.at[i]);
    struct span small = span_make(room, words.len);
    host = find_before(small, words);
    return host.len ? host : find_behind(small, words);
}
