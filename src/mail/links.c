#include "mail/links.h"

#include "base/eight.h"
#include "base/visible.h"
#include "mail/host_name.h"

/* Letters of Latin, Greek and Cyrillic (two bytes of UTF-8) may be in a name; what takes more, or
 * begins with C2, is a sign, or of a language that puts no blank before it goes on:
 * "https://a.test/をご覧ください". */
static bool is_link_char(char c)
{
    unsigned char u = (unsigned char)c;
    return u > ' ' && u < 0xE0 && u != 0xC2 && c != '<' && c != '>' && c != '"' && c != '\x7F';
}

static bool begins_link(struct span s)
{
    return span_starts_nocase(s, SPAN("https://")) || span_starts_nocase(s, SPAN("http://")) ||
           span_starts_nocase(s, SPAN("www."));
}

bool links_next(struct span *rest, struct span *link)
{
    size_t i = eight_find_any(*rest, "hwHW");
    for (; i + 4 < rest->len; i++, i += eight_find_any(span_skip(*rest, i), "hwHW")) {
        struct span at = span_skip(*rest, i);
        if ((i && ascii_is_alnum(rest->at[i - 1])) || !begins_link(at))
            continue;
        size_t n = 0;
        while (n < at.len && is_link_char(at.at[n]))
            n++;
        *rest = span_skip(at, n);
        while (n && (at.at[n - 1] == '.' || at.at[n - 1] == ',' || at.at[n - 1] == ')' ||
                     at.at[n - 1] == ']' || at.at[n - 1] == ';' || at.at[n - 1] == '\''))
            n--;
        *link = span_first(at, n);
        return true;
    }
    *rest = SPAN_NONE;
    return false;
}

static bool is_host_char(char c)
{
    return ascii_is_alnum(c) || c == '.' || c == '-' || (c & 0x80);
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

struct span link_place(struct span link)
{
    size_t scheme = 0, slashes = 0;
    while (scheme < link.len && ascii_is_alnum(link.at[scheme]))
        scheme++;
    bool has_scheme = scheme && scheme < link.len && link.at[scheme] == ':';
    struct span rest = has_scheme ? span_skip(link, scheme + 1) : link;
    while (slashes < rest.len && is_slash(rest.at[slashes]))
        slashes++;
    return has_scheme || slashes > 1 ? span_skip(rest, slashes) : link;
}

struct span link_host(struct span link)
{
    struct span rest = link_place(link);
    size_t end = 0;
    while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?' && rest.at[end] != '#' &&
           rest.at[end] != '\\')
        end++;
    rest = span_first(rest, end);
    for (size_t at; (at = span_find_char(rest, '@')) != SPAN_NOT_FOUND;)
        rest = span_skip(rest, at + 1);
    size_t n = 0;
    while (n < rest.len && is_host_char(rest.at[n]))
        n++;
    rest = span_first(rest, n);
    return span_find_char(rest, '.') == SPAN_NOT_FOUND ? SPAN_NONE : rest;
}

/* Gateways rewrite links so that they lead through them: the true one is inside. */
static bool is_wrapped(struct span host)
{
    static const char *const gateways[] = {"safelinks.protection.outlook.com",
                                           "urldefense.com",
                                           "urldefense.proofpoint.com",
                                           "linkprotect.cudasvc.com",
                                           "secure-web.cisco.com",
                                           "clicktime.symantec.com",
                                           "www.google.com",
                                           "l.facebook.com",
                                           "protection.sophos.com"};
    for (size_t i = 0; i < sizeof gateways / sizeof *gateways; i++)
        if (host_name_is_within(host, span_of(gateways[i])))
            return true;
    return false;
}

static struct span behind_scheme(struct span rest)
{
    static const struct span ends[] = {SPAN("://"), SPAN("%3a%2f%2f"), SPAN("-3a__")};
    rest = span_skip(rest, span_starts_nocase(rest, SPAN("https")) ? 5 : 4);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (span_starts_nocase(rest, ends[i]))
            return span_skip(rest, ends[i].len);
    return SPAN_NONE;
}

struct span link_leads_to(struct span link)
{
    struct span host = link_host(link);
    if (!is_wrapped(host))
        return host;
    for (size_t i = 8; i + 8 < link.len; i++) {
        struct span rest = span_skip(link, i);
        if (!span_starts_nocase(rest, SPAN("http")) || !behind_scheme(rest).len)
            continue;
        struct span inner = behind_scheme(rest);
        size_t n = 0;
        while (n < inner.len && (ascii_is_alnum(inner.at[n]) || strchr(".-", inner.at[n])))
            n++;
        return link_host(span_first(inner, n));
    }
    return host;
}

void link_add_defanged(struct buffer *out, struct span link, size_t max)
{
    struct span host = link_host(link);
    size_t from = host.len ? (size_t)(host.at - link.at) : 0, to = from + host.len;
    struct buffer text = BUFFER_EMPTY;
    bool is_cut = link.len > max;
    link = span_first(link, max);
    bool has_http = span_starts_nocase(link, SPAN("http"));
    buffer_add_text(&text, has_http ? "hxxp" : "");
    for (size_t i = has_http ? 4 : 0; i < link.len; i++)
        if (link.at[i] == '.' && i >= from && i < to)
            buffer_add_text(&text, "[.]");
        else
            buffer_add_char(&text, link.at[i]);
    visible_add(out, buffer_span(&text), text.len);
    if (is_cut)
        buffer_add_text(out, "…");
    buffer_free(&text);
}

bool link_looks_like_one(struct span text)
{
    text = span_trim(text);
    if (span_find_char(text, ' ') != SPAN_NOT_FOUND || span_find_char(text, '@') != SPAN_NOT_FOUND)
        return false;
    if (begins_link(text))
        return true;
    struct span host = link_host(text), tail = host;
    for (size_t dot; (dot = span_find_char(tail, '.')) != SPAN_NOT_FOUND;)
        tail = span_skip(tail, dot + 1);
    bool is_top = tail.len >= 2 && tail.len < host.len;
    for (size_t i = 0; i < tail.len; i++)
        is_top &= ascii_is_alpha(tail.at[i]);
    return is_top && host.len + 1 >= text.len;
}

/* Where the last `count` labels begin. */
static struct span last_labels(struct span host, unsigned count)
{
    for (size_t i = host.len; i; i--)
        if (host.at[i - 1] == '.' && !--count)
            return span_skip(host, i);
    return host;
}

/* Under these, in most countries that have them, names are registered. */
static bool is_second_level(struct span label)
{
    static const char *const labels[] = {"co",   "com",    "org", "net", "ac",  "gov", "gob", "edu",
                                         "mil",  "ne",     "or",  "go",  "gr",  "ltd", "plc", "nom",
                                         "govt", "school", "id",  "web", "asn", "info"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (span_equal_nocase(label, span_of(labels[i])))
            return true;
    return false;
}

struct span link_site(struct span host)
{
    struct span two = last_labels(host, 2), top = last_labels(host, 1);
    size_t second = two.len > top.len ? two.len - top.len - 1 : 0;
    bool is_under = top.len == 2 && is_second_level(span_first(two, second));
    return is_under ? last_labels(host, 3) : two;
}

bool links_same_site(struct span host, struct span other)
{
    return host.len && other.len && span_equal_nocase(link_site(host), link_site(other));
}
