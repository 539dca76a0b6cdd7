#include "smtp/parameters.h"

#include "base/visible.h"
#include "mail/date.h"

enum { LONGEST_ENVID = 100, LONGEST_ORCPT = 500 };

static const struct reply unknown =
    REPLY(555, 5, 5, 4,
          "This server does not know that parameter; it may have been offered by "
          "another server, or only to known clients");

static bool refuse(struct reply *problem, struct reply why)
{
    *problem = why;
    return false;
}

static int hex_digit(char c)
{
    return ascii_is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that "+HH" at the start of `s` stands for, or -1. */
static int hex_char(struct span s)
{
    if (s.len < 3 || s.at[0] != '+' || hex_digit(s.at[1]) < 0 || hex_digit(s.at[2]) < 0)
        return -1;
    return hex_digit(s.at[1]) * 16 + hex_digit(s.at[2]);
}

static bool is_xtext(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~' || s.at[i] == '=' ||
            (s.at[i] == '+' && hex_char(span_skip(s, i)) < 0))
            return false;
    return true;
}

/* UTF-8 as it is, of which ASCII is printable and not "=" (RFC 6533 3). */
static bool is_utf8_address(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!(s.at[i] & 0x80) && (s.at[i] <= ' ' || s.at[i] > '~' || s.at[i] == '='))
            return false;
    return utf8_is_valid(s);
}

/* The address of ORCPT: xtext, or of type utf-8 also UTF-8. */
static bool is_orcpt_address(struct span type, struct span address)
{
    return span_equal_nocase(type, SPAN("utf-8")) ? is_utf8_address(address) : is_xtext(address);
}

/* The next "NAME=VALUE" or "NAME". False at the end. */
static bool next(struct span *rest, struct span *name, struct span *value)
{
    struct span word = span_word(rest);
    *value = word;
    *name = span_cut(value, '=');
    return word.len > 0;
}

/* 1 to 20 digits (RFC 1870 4); what is beyond every limit is kept as the largest. */
static bool take_size(struct span value, uint64_t *size, struct reply *problem)
{
    bool ok = value.len > 0 && value.len <= 20;
    for (size_t i = 0; i < value.len && ok; i++)
        ok = ascii_is_digit(value.at[i]);
    if (!ok)
        return refuse(problem, REPLY(501, 5, 5, 4, "SIZE must be a number of bytes"));
    if (!span_to_u64(value, UINT64_MAX / 2, size))
        *size = UINT64_MAX / 2;
    return true;
}

static bool is(struct span name, const char *word)
{
    return span_equal_nocase(name, span_of(word));
}

static bool take_body(struct span value, bool may_be_binary, struct mail_parameters *p,
                      struct reply *problem)
{
    if (is(value, "7BIT"))
        p->body = BODY_7BIT;
    else if (is(value, "8BITMIME"))
        p->body = BODY_8BITMIME;
    else if (may_be_binary && is(value, "BINARYMIME"))
        p->body = BODY_BINARYMIME;
    else
        return refuse(problem,
                      may_be_binary
                          ? REPLY(501, 5, 5, 4, "BODY must be 7BIT, 8BITMIME or BINARYMIME")
                          : REPLY(501, 5, 5, 4, "BODY must be 7BIT or 8BITMIME on this server"));
    return true;
}

static bool take_ret(struct span value, struct mail_parameters *p, struct reply *problem)
{
    if (p->ret != RET_UNSTATED || (!is(value, "FULL") && !is(value, "HDRS")))
        return refuse(problem, REPLY(501, 5, 5, 4, "RET must be given once, as FULL or HDRS"));
    p->ret = is(value, "FULL") ? RET_FULL : RET_HDRS;
    return true;
}

static bool take_envid(struct span value, struct mail_parameters *p, struct reply *problem)
{
    if (p->envid.len || !value.len || value.len > LONGEST_ENVID || !is_xtext(value))
        return refuse(problem, REPLY(501, 5, 5, 4,
                                     "ENVID must be given once, as at most 100 printable "
                                     "characters (xtext of RFC 3461)"));
    p->envid = value;
    return true;
}

/* "<>", or an address in xtext: for whom the client says that it speaks. Who has logged in is known
 * here by that, so it is read and left at that (RFC 4954 5). */
static bool take_auth(struct span value, struct reply *problem)
{
    bool ok = value.len > 0 && value.len <= LONGEST_ORCPT &&
              (span_equal(value, SPAN("<>")) || is_xtext(value));
    return ok || refuse(problem,
                        REPLY(501, 5, 5, 4, "AUTH must be <> or an address in xtext (RFC 3461)"));
}

static bool take_requiretls(struct span value, struct mail_parameters *p, struct reply *problem)
{
    if (value.len)
        return refuse(problem, REPLY(501, 5, 5, 4, "REQUIRETLS takes no value"));
    p->requires_tls = true;
    return true;
}

/* RFC 3339 5.6, as RFC 4865 has it: "2026-11-24T11:44:03Z", "2026-11-24T12:44:03.5+01:00". */
static bool is_date_time(struct span s)
{
    static const char form[] = "0000-00-00T00:00:00", zone[] = "+00:00";
    size_t length = sizeof form - 1;
    if (s.len <= length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (form[i] == '0' ? !ascii_is_digit(s.at[i]) : s.at[i] != form[i])
            return false;
    s = span_skip(s, length);
    if (span_starts(s, SPAN("."))) {
        size_t digits = 1;
        while (digits < s.len && ascii_is_digit(s.at[digits]))
            digits++;
        if (digits == 1)
            return false;
        s = span_skip(s, digits);
    }
    if (span_equal(s, SPAN("Z")))
        return true;
    if (s.len != sizeof zone - 1 || (s.at[0] != '+' && s.at[0] != '-'))
        return false;
    for (size_t i = 1; i < s.len; i++)
        if (zone[i] == '0' ? !ascii_is_digit(s.at[i]) : s.at[i] != zone[i])
            return false;
    return true;
}

/* RFC 4865 4. What is over already waits no longer. */
static bool take_hold(struct span value, bool is_until, const struct parameter_offer *offer,
                      struct mail_parameters *p, struct reply *problem)
{
    uint64_t seconds = 0;
    int64_t until = 0;
    int offset;
    if (p->release_ms)
        return refuse(problem,
                      REPLY(501, 5, 5, 4,
                            "How long a message is to wait can be said once: by HOLDFOR or "
                            "by HOLDUNTIL"));
    if (is_until && (!is_date_time(value) || !date_parse(value, &until, &offset)))
        return refuse(problem, REPLY(501, 5, 5, 4,
                                     "HOLDUNTIL must be a time as RFC 3339 writes it: "
                                     "2026-11-24T11:44:03Z"));
    if (!is_until && (value.len > 9 || !span_to_u64(value, 999999999, &seconds)))
        return refuse(problem, REPLY(501, 5, 5, 4, "HOLDFOR must be a number of seconds"));
    if (!is_until)
        until = offer->now_ms + (int64_t)seconds * 1000;
    if (until - offer->now_ms > offer->max_hold)
        return refuse(problem, REPLY(501, 5, 5, 4,
                                     "A message may not wait for so long here; EHLO says how long: "
                                     "behind FUTURERELEASE, in seconds"));
    p->release_ms = until > offer->now_ms ? until : offer->now_ms;
    return true;
}

bool priority_parse(struct span text, int *priority)
{
    bool is_low = span_starts(text, SPAN("-"));
    struct span digit = span_skip(text, is_low);
    if (digit.len != 1 || !ascii_is_digit(digit.at[0]) || (is_low && digit.at[0] == '0'))
        return false;
    *priority = is_low ? '0' - digit.at[0] : digit.at[0] - '0';
    return true;
}

/* RFC 6710 4.1. */
static bool take_priority(struct span value, const struct parameter_offer *offer,
                          struct mail_parameters *p, struct reply *problem)
{
    if (p->has_priority || !priority_parse(value, &p->priority))
        return refuse(problem, REPLY(501, 5, 5, 4,
                                     "MT-PRIORITY must be given once, as a number from -9 to 9"));
    p->has_priority = true;
    p->is_lowered = p->priority > offer->max_priority;
    if (p->is_lowered)
        p->priority = offer->max_priority;
    return true;
}

/* RFC 2852 4: "120;R", "+3600;NT", "-5;N". */
static bool take_by(struct span value, const struct parameter_offer *offer,
                    struct mail_parameters *p, struct reply *problem)
{
    struct span mode = value, time = span_cut(&mode, ';');
    bool is_late = span_starts(time, SPAN("-"));
    struct span digits = span_skip(time, is_late || span_starts(time, SPAN("+")));
    bool is_traced = mode.len == 2 && ascii_lower(mode.at[1]) == 't';
    bool is_return = is(span_first(mode, 1), "R");
    uint64_t seconds = 0;
    bool ok = p->by == BY_NONE && digits.len && digits.len <= 9 &&
              span_to_u64(digits, 999999999, &seconds) && (mode.len == 1 || is_traced) &&
              (is_return || is(span_first(mode, 1), "N")) && !(is_return && (is_late || !seconds));
    if (!ok)
        return refuse(problem,
                      REPLY(501, 5, 5, 4,
                            "BY must be given once, as seconds, a semicolon, and R (return "
                            "it then; more than 0 seconds) or N (tell me), with a T for a "
                            "trace: BY=3600;R"));
    if (is_return && seconds < offer->min_by)
        return refuse(problem,
                      REPLY(555, 5, 5, 4,
                            "That is too soon to be promised; EHLO says what time a message "
                            "must be given at least: behind DELIVERBY, in seconds"));
    p->by = is_return ? BY_RETURN : BY_NOTIFY;
    p->by_trace = is_traced;
    p->by_ms = offer->now_ms + (is_late ? -(int64_t)seconds : (int64_t)seconds) * 1000;
    return true;
}

static bool mail_parameter(struct span name, struct span value, const struct parameter_offer *offer,
                           struct mail_parameters *p, struct reply *problem)
{
    if (offer->size && is(name, "SIZE"))
        return take_size(value, &p->size, problem);
    if (offer->body && is(name, "BODY"))
        return take_body(value, offer->binary, p, problem);
    if (offer->smtputf8 && is(name, "SMTPUTF8") && !value.len) {
        p->smtputf8 = true;
        return true;
    }
    if (offer->dsn && is(name, "RET"))
        return take_ret(value, p, problem);
    if (offer->dsn && is(name, "ENVID"))
        return take_envid(value, p, problem);
    if (offer->mt_priority && is(name, "MT-PRIORITY"))
        return take_priority(value, offer, p, problem);
    if (offer->auth && is(name, "AUTH"))
        return take_auth(value, problem);
    if (offer->deliverby && is(name, "BY"))
        return take_by(value, offer, p, problem);
    if (offer->max_hold && (is(name, "HOLDFOR") || is(name, "HOLDUNTIL")))
        return take_hold(value, is(name, "HOLDUNTIL"), offer, p, problem);
    if (offer->requiretls && is(name, "REQUIRETLS"))
        return take_requiretls(value, p, problem);
    return refuse(problem, unknown);
}

bool mail_parameters_parse(struct span text, const struct parameter_offer *offer,
                           struct mail_parameters *p, struct reply *problem)
{
    struct span name, value;
    *p = (struct mail_parameters){.envid = SPAN_NONE};
    while (next(&text, &name, &value))
        if (!mail_parameter(name, value, offer, p, problem))
            return false;
    if (p->by && p->release_ms > p->by_ms) /* RFC 4865 5.2.2 */
        return refuse(problem, REPLY(501, 5, 5, 4,
                                     "The message would wait here longer than until it is to have "
                                     "arrived (BY); please give it less to wait, or more time"));
    return true;
}

static bool take_notify(struct span value, struct rcpt_parameters *p, struct reply *problem)
{
    static const struct {
        const char *word;
        enum notify bit;
    } words[] = {{"SUCCESS", NOTIFY_SUCCESS},
                 {"FAILURE", NOTIFY_FAILURE},
                 {"DELAY", NOTIFY_DELAY},
                 {"NEVER", NOTIFY_NEVER}};
    unsigned found = 0;
    bool ok = !p->notify && value.len;
    while (ok && value.len) {
        struct span word = span_cut(&value, ',');
        size_t i = 0;
        while (i < 4 && !is(word, words[i].word))
            i++;
        ok = i < 4;
        if (ok)
            found |= words[i].bit;
    }
    if (!ok || ((found & NOTIFY_NEVER) && found != NOTIFY_NEVER))
        return refuse(problem, REPLY(501, 5, 5, 4,
                                     "NOTIFY must be given once, as NEVER alone or as a list of "
                                     "SUCCESS, FAILURE, DELAY"));
    p->notify = found;
    return true;
}

static bool take_orcpt(struct span value, struct rcpt_parameters *p, struct reply *problem)
{
    struct span rest = value;
    struct span type = span_cut(&rest, ';');
    if (p->orcpt.len || !type.len || !rest.len || value.len > LONGEST_ORCPT || !is_xtext(type) ||
        !is_orcpt_address(type, rest))
        return refuse(problem, REPLY(501, 5, 5, 4,
                                     "ORCPT must be given once, as a type and an address: "
                                     "rfc822;user@example.org"));
    p->orcpt = value;
    return true;
}

bool rcpt_parameters_parse(struct span text, const struct parameter_offer *offer,
                           struct rcpt_parameters *p, struct reply *problem)
{
    struct span name, value;
    *p = (struct rcpt_parameters){.orcpt = SPAN_NONE};
    while (next(&text, &name, &value)) {
        if (offer->dsn && is(name, "NOTIFY")) {
            if (!take_notify(value, p, problem))
                return false;
        } else if (offer->dsn && is(name, "ORCPT")) {
            if (!take_orcpt(value, p, problem))
                return false;
        } else {
            return refuse(problem, unknown);
        }
    }
    return true;
}

void xtext_encode(struct buffer *out, struct span plain)
{
    for (size_t i = 0; i < plain.len; i++) {
        unsigned char c = (unsigned char)plain.at[i];
        if (c <= ' ' || c > '~' || c == '+' || c == '=')
            buffer_printf(out, "+%02X", c);
        else
            buffer_add_char(out, (char)c);
    }
}

bool xtext_decode(struct buffer *out, struct span xtext)
{
    for (size_t i = 0; i < xtext.len; i++) {
        if (xtext.at[i] != '+') {
            buffer_add_char(out, xtext.at[i]);
            continue;
        }
        int byte = hex_char(span_skip(xtext, i));
        if (byte < 0)
            return false;
        buffer_add_char(out, (char)byte);
        i += 2;
    }
    return true;
}
