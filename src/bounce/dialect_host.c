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

/* Which phrase comes first: those that follow a host, then those before one, in their order. */
static bool is_before(const struct phrase *a, const struct phrase *b)
{
    return !b || a->list < b->list || (a->list == b->list && a->order < b->order);
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
    struct phrase_scan scan = phrase_scan_start(&phrase_set_host, span_make(room, words.len));
    const struct phrase *p, *best = NULL;
    for (size_t at; phrase_next(&scan, &p, &at);) {
        struct span found = !is_before(p, best) ? SPAN_NONE
                            : p->list == HOST_SAID
                                ? host_before(words, at)
                                : dialect_host_at(span_skip(words, at + p->length));
        if (found.len) {
            best = p;
            host = found;
        }
    }
    return host;
}
