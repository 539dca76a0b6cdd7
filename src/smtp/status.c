#include "smtp/status.h"

bool status_is_given(struct status s)
{
    return s.class != 0;
}

bool status_equal(struct status a, struct status b)
{
    return a.class == b.class && a.subject == b.subject && a.detail == b.detail;
}

/* One to three digits at the start of `*rest` (RFC 3463 2). */
static bool take_number(struct span *rest, uint16_t *value)
{
    size_t n = 0;
    uint16_t v = 0;
    while (n < rest->len && n < 3 && ascii_is_digit(rest->at[n]))
        v = (uint16_t)(v * 10 + (rest->at[n++] - '0'));
    *rest = span_skip(*rest, n);
    *value = v;
    return n > 0;
}

static bool take_dot(struct span *rest)
{
    if (!rest->len || rest->at[0] != '.')
        return false;
    *rest = span_skip(*rest, 1);
    return true;
}

bool status_parse(struct span *rest, struct status *s)
{
    struct span at = *rest;
    struct status found = STATUS_NONE;
    if (!at.len || (at.at[0] != '2' && at.at[0] != '4' && at.at[0] != '5'))
        return false;
    found.class = (uint8_t)(at.at[0] - '0');
    at = span_skip(at, 1);
    if (!take_dot(&at) || !take_number(&at, &found.subject) || !take_dot(&at) ||
        !take_number(&at, &found.detail))
        return false;
    if (at.len && at.at[0] != ' ' && at.at[0] != '\t')
        return false;
    while (at.len && (at.at[0] == ' ' || at.at[0] == '\t'))
        at = span_skip(at, 1);
    *rest = at;
    *s = found;
    return true;
}

void status_add(struct buffer *out, struct status s)
{
    buffer_add_number(out, s.class, 1);
    buffer_add_char(out, '.');
    buffer_add_number(out, s.subject, 1);
    buffer_add_char(out, '.');
    buffer_add_number(out, s.detail, 1);
}
