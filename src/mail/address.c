#include "mail/address.h"

#include "base/visible.h"

#include <string.h>

enum { LONGEST_LOCAL = 64, LONGEST_DOMAIN = 255, LONGEST_PATH = 254, LONGEST_LABEL = 63 };

static bool is_atext(char c)
{
    return ascii_is_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c)) || (c & 0x80);
}

/* The length of the local part at the start of `s`: a dot-string or a quoted string; 0 when it is
 * neither. */
static size_t local_length(struct span s)
{
    size_t i = 0;
    if (s.len && s.at[0] == '"') {
        for (i = 1; i < s.len && s.at[i] != '"'; i++) {
            if (s.at[i] == '\\' && ++i == s.len)
                return 0;
            if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7F)
                return 0;
        }
        return i < s.len ? i + 1 : 0;
    }
    while (i < s.len && (is_atext(s.at[i]) || (s.at[i] == '.' && i && s.at[i - 1] != '.')))
        i++;
    return i && s.at[i - 1] != '.' ? i : 0;
}

static bool label_is_valid(struct span label, bool allow_utf8)
{
    if (!label.len || label.len > LONGEST_LABEL || label.at[0] == '-' ||
        label.at[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!ascii_is_alnum(label.at[i]) && label.at[i] != '-' && label.at[i] != '_' &&
            !(allow_utf8 && (label.at[i] & 0x80)))
            return false;
    return true;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]", "[tag:content]": their characters, not their meaning. */
static bool literal_is_valid(struct span s)
{
    if (s.len < 4 || s.at[0] != '[' || s.at[s.len - 1] != ']')
        return false;
    for (size_t i = 1; i + 1 < s.len; i++)
        if (!ascii_is_alnum(s.at[i]) && s.at[i] != '.' && s.at[i] != ':' && s.at[i] != '-')
            return false;
    return true;
}

bool domain_is_valid(struct span domain, bool allow_utf8, bool allow_literal)
{
    struct span rest = domain;
    if (!domain.len || domain.len > LONGEST_DOMAIN || !utf8_is_valid(domain))
        return false;
    if (domain.at[0] == '[')
        return allow_literal && literal_is_valid(domain);
    if (domain.at[domain.len - 1] == '.')
        return false;
    while (rest.len)
        if (!label_is_valid(span_cut(&rest, '.'), allow_utf8))
            return false;
    return true;
}

bool address_is_ascii(struct span address)
{
    size_t i = 0;
    for (uint64_t eight; i + sizeof eight <= address.len; i += sizeof eight) {
        memcpy(&eight, address.at + i, sizeof eight);
        if (eight & 0x8080808080808080)
            return false;
    }
    for (; i < address.len; i++)
        if (address.at[i] & 0x80)
            return false;
    return true;
}

enum address_result address_check(struct span mailbox, bool allow_utf8)
{
    size_t local = local_length(mailbox);
    struct span domain = span_skip(mailbox, local + 1);
    if (!local || local >= mailbox.len || mailbox.at[local] != '@' || !utf8_is_valid(mailbox) ||
        !domain.len)
        return ADDRESS_MALFORMED;
    if (local > LONGEST_LOCAL || domain.len > LONGEST_DOMAIN || mailbox.len > LONGEST_PATH)
        return ADDRESS_TOO_LONG;
    if (!domain_is_valid(domain, true, true))
        return ADDRESS_MALFORMED;
    return allow_utf8 || address_is_ascii(mailbox) ? ADDRESS_OK : ADDRESS_NEEDS_UTF8;
}

/* "@one,@two:" in front of the mailbox: obsolete, taken and dropped (RFC 5321 appendix C). */
static bool skip_source_route(struct span *s)
{
    while (s->len && s->at[0] == '@') {
        size_t i = 1;
        while (i < s->len && s->at[i] != ',' && s->at[i] != ':' && s->at[i] != '>')
            i++;
        if (i == s->len || s->at[i] == '>' ||
            !domain_is_valid(span_first(span_skip(*s, 1), i - 1), true, true))
            return false;
        bool was_last = s->at[i] == ':';
        *s = span_skip(*s, i + 1);
        if (was_last)
            return s->len > 0; /* a route leads to a mailbox, never to nobody */
        if (!s->len || s->at[0] != '@')
            return false;
    }
    return true;
}

/* Where the path ends: the first ">" that is not inside quotes. */
static size_t path_end(struct span s)
{
    bool is_quoted = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '\\' && is_quoted)
            i++;
        else if (s.at[i] == '"')
            is_quoted = !is_quoted;
        else if (s.at[i] == '>' && !is_quoted)
            return i;
    }
    return SPAN_NOT_FOUND;
}

enum address_result address_parse_path(struct span *rest, bool allow_utf8, struct span *address)
{
    if (!rest->len || rest->at[0] != '<')
        return ADDRESS_MALFORMED;
    struct span inner = span_skip(*rest, 1);
    size_t end = path_end(inner);
    if (end == SPAN_NOT_FOUND)
        return ADDRESS_MALFORMED;
    struct span behind = span_skip(inner, end + 1);
    inner = span_first(inner, end);
    enum address_result result = ADDRESS_OK;
    if (!skip_source_route(&inner))
        result = ADDRESS_MALFORMED;
    else if (inner.len && !span_equal_nocase(inner, SPAN("postmaster")))
        result = address_check(inner, allow_utf8);
    if (result == ADDRESS_OK) {
        *address = inner;
        *rest = behind;
    }
    return result;
}

static size_t last_at(struct span address)
{
    for (size_t i = address.len; i; i--)
        if (address.at[i - 1] == '@')
            return i - 1;
    return address.len;
}

struct span address_local(struct span address)
{
    return span_first(address, last_at(address));
}

struct span address_domain(struct span address)
{
    return span_skip(address, last_at(address) + 1);
}

bool address_equal(struct span a, struct span b)
{
    return span_equal_nocase(a, b);
}
