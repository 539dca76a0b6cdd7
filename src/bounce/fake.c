#include "bounce/fake.h"

#include "bounce/fake_inside.h"
#include "mail/address.h"

#include <assert.h>

enum { SECOND_MS = 1000, HOUR_MS = 3600 * SECOND_MS, DAY_MS = 24 * HOUR_MS };
enum { TELLS_FAILURES = 1, TELLS_DELAYS = 2, TELLS_SUCCESS = 4 };

/* Gmail does not speak of success (it does not take NOTIFY), qmail only of failures. */
static const struct system {
    const char *name;
    unsigned tells;
    bool takes_utf8; /* addresses beyond ASCII */
    void (*write)(struct buffer *out, const struct fake *f);
} systems[] = {
    [FAKE_PLAINPOST] = {"plainpost", TELLS_FAILURES | TELLS_DELAYS | TELLS_SUCCESS, true,
                        fake_write_plainpost},
    [FAKE_POSTFIX] = {"postfix", TELLS_FAILURES | TELLS_DELAYS | TELLS_SUCCESS, false,
                      fake_write_postfix},
    [FAKE_GMAIL] = {"gmail", TELLS_FAILURES | TELLS_DELAYS, false, fake_write_gmail},
    [FAKE_EXCHANGE] = {"exchange", TELLS_FAILURES | TELLS_DELAYS | TELLS_SUCCESS, false,
                       fake_write_exchange},
    [FAKE_EXIM] = {"exim", TELLS_FAILURES | TELLS_DELAYS | TELLS_SUCCESS, false, fake_write_exim},
    [FAKE_QMAIL] = {"qmail", TELLS_FAILURES, false, fake_write_qmail},
};

const char *fake_system_name(enum fake_system s)
{
    return (unsigned)s < FAKE_SYSTEM_COUNT ? systems[s].name : NULL;
}

bool fake_system_find(struct span name, enum fake_system *s)
{
    for (unsigned i = 0; i < FAKE_SYSTEM_COUNT; i++)
        if (span_equal(name, span_of(systems[i].name))) {
            *s = (enum fake_system)i;
            return true;
        }
    return false;
}

bool fake_cause_find(struct span name, struct cause_found *cause)
{
    struct span variant = name, of = span_cut(&variant, '/');
    bool has_cause = false, has_variant = false;
    for (unsigned i = 0; i < CAUSE_COUNT && !has_cause; i++) {
        cause->cause = (enum cause)i;
        has_cause = span_equal(of, span_of(cause_name(cause->cause)));
    }
    for (unsigned i = 0; i < VARIANT_COUNT && !has_variant; i++) {
        cause->variant = (enum variant)i;
        has_variant = span_equal(variant, span_of(variant_name(cause->variant)));
    }
    return has_cause && has_variant;
}

bool fake_knows(enum fake_system s, struct cause_found cause)
{
    return fake_reply_find(s, cause) != NULL;
}

bool fake_lists(enum fake_system s, struct cause_found cause)
{
    bool has_words =
        cause.variant == VARIANT_NONE ||
        cause_text(cause) != cause_text((struct cause_found){cause.cause, VARIANT_NONE});
    return has_words && fake_knows(s, cause);
}

void fake_cause_add(struct buffer *out, struct cause_found cause)
{
    buffer_printf(out, "%s%s%s", cause_name(cause.cause), cause.variant ? "/" : "",
                  variant_name(cause.variant));
}

bool fake_domain_is_reserved(struct span domain)
{
    static const struct span reserved[] = {
        SPAN(".example.com"), SPAN(".example.net"), SPAN(".example.org"), SPAN(".example"),
        SPAN(".test"),        SPAN(".invalid"),     SPAN(".localhost")};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (span_ends_nocase(domain, reserved[i]) ||
            span_equal_nocase(domain, span_skip(reserved[i], 1)))
            return true;
    return false;
}

/* ---- may it be written? */

bool fake_address_check(enum fake_system system, struct span address, struct error *e)
{
    const struct system *s = &systems[system];
    switch (address_check(address, s->takes_utf8)) {
    case ADDRESS_OK:
        break;
    case ADDRESS_NEEDS_UTF8:
        return error_set(e, "%.*s: notices of %s are written for addresses of ASCII only",
                         SPAN_F(span_first(address, 256)), s->name);
    case ADDRESS_MALFORMED:
    case ADDRESS_TOO_LONG:
        return error_set(e, "\"%.*s\" is no mail address", SPAN_F(span_first(address, 256)));
    }
    return fake_domain_is_reserved(address_domain(address)) ||
           error_set(e,
                     "%.*s may be somebody's address; a fake notice names only those that can't "
                     "be: at example.com, example.net, example.org, or at a domain that ends in "
                     ".example, .test, .invalid or .localhost",
                     SPAN_F(address));
}

static bool check_kind(const struct system *s, enum notice_kind kind, struct error *e)
{
    unsigned wanted = kind == NOTICE_FAILURE   ? TELLS_FAILURES
                      : kind == NOTICE_DELAY   ? TELLS_DELAYS
                      : kind == NOTICE_SUCCESS ? TELLS_SUCCESS
                                               : 0;
    return (s->tells & wanted) ||
           error_set(e, "%s writes no notices of the kind %s; it has: failure%s%s", s->name,
                     notice_kind_name(kind), s->tells & TELLS_DELAYS ? ", delay" : "",
                     s->tells & TELLS_SUCCESS ? ", success" : "");
}

static bool check(const struct fake_wishes *w, struct error *e)
{
    const struct system *s = &systems[w->system];
    bool is_english = !w->language || w->language == language_at(0);
    bool speaks = is_english || w->system == FAKE_PLAINPOST;
    if (w->twist && w->system != FAKE_PLAINPOST)
        return error_set(e, "only plainpost writes notices of this kind");
    if (!check_kind(s, w->kind, e) || !fake_address_check(w->system, w->to, e) ||
        !fake_address_check(w->system, w->from, e))
        return false;
    if (!speaks)
        return error_set(e, "the notices of %s are written in English only", s->name);
    if (w->kind == NOTICE_DELAY && w->cause.variant == VARIANT_EXPIRED)
        return error_set(e, "what is delayed has not expired");
    return w->kind == NOTICE_SUCCESS || fake_knows(w->system, w->cause) ||
           error_set(e, "a notice of %s never says %s/%s; --as %s --cause list names what it says",
                     s->name, cause_name(w->cause.cause), variant_name(w->cause.variant), s->name);
}

/* ---- what happened */

/* A server that means "not now" says it with another code. */
static int code_for_now(int code)
{
    return code == 552 ? 452 : code == 554 ? 451 : code >= 500 ? 450 : code;
}

static void tell_delay(struct fake *f)
{
    f->code = code_for_now(f->code);
    f->status.class = 4;
}

static void find_times(struct fake *f)
{
    int64_t now = f->wishes->now_ms;
    bool is_delay = f->wishes->kind == NOTICE_DELAY;
    f->has_expired = f->wishes->kind == NOTICE_FAILURE && f->status.class == 4;
    bool is_late = f->wishes->twist == FAKE_RECOVERED;
    f->accepted_ms = now - (f->has_expired ? 5 * DAY_MS
                            : is_late      ? 6 * HOUR_MS
                            : is_delay     ? 4 * HOUR_MS
                                           : 2 * SECOND_MS);
    f->give_up_ms = f->accepted_ms + 5 * DAY_MS;
}

/* Different for notices of one time that tell different things, so that no mail program takes them
 * for the same. */
static message_id make_id(const struct fake_wishes *w)
{
    unsigned what =
        ((unsigned)w->cause.cause * VARIANT_COUNT + (unsigned)w->cause.variant) * 3 + w->kind % 3;
    return (message_id)w->now_ms * 1000 + (what + (unsigned)w->twist * 500) % 1000;
}

static void find_reply(struct fake *f)
{
    const struct fake_wishes *w = f->wishes;
    const struct fake_reply *reply =
        w->kind == NOTICE_SUCCESS ? fake_reply_success() : fake_reply_find(w->system, w->cause);
    f->cause = reply->cause;
    f->stage = reply->stage;
    f->code = reply->code;
    f->status = reply->status;
    if (w->kind == NOTICE_DELAY)
        tell_delay(f);
    find_times(f);
    f->words = fake_filled(f, reply->words);
}

static const char original[] =
    "Return-Path: <{from}>\n"
    "Received: from desk.{from-domain} (desk.{from-domain} [192.0.2.7])\n"
    "\tby {host} with ESMTP id {original-id}\n"
    "\tfor <{to}>; {arrival}\n"
    "From: <{from}>\n"
    "To: <{to}>\n"
    "Subject: Minutes of Monday\n"
    "Date: {arrival}\n"
    "Message-ID: <{message-id}>\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=us-ascii\n"
    "\n"
    "Here are the minutes of Monday.\n";

/* `f` has its wishes and its arena. */
static void find_all(struct fake *f)
{
    const struct fake_wishes *w = f->wishes;
    f->host = arena_printf(f->arena, "mail.%.*s", SPAN_F(address_domain(w->from)));
    f->remote = arena_printf(f->arena, "mx.%.*s", SPAN_F(address_domain(w->to)));
    f->id = make_id(w);
    find_reply(f);
    f->original = fake_filled(f, original);
}

bool fake_show(struct buffer *out, const struct fake_wishes *w, enum fake_form form,
               struct error *e)
{
    struct arena a = ARENA_EMPTY;
    struct fake f = {.wishes = w, .arena = &a};
    assert(w->system == FAKE_PLAINPOST);
    if (!check(w, e))
        return false;
    find_all(&f);
    fake_show_plainpost(out, &f, form);
    arena_clear(&a);
    return true;
}

bool fake_write(struct buffer *out, const struct fake_wishes *w, struct error *e)
{
    struct arena a = ARENA_EMPTY;
    struct fake f = {.wishes = w, .arena = &a};
    if (!check(w, e))
        return false;
    find_all(&f);
    systems[w->system].write(out, &f);
    arena_clear(&a);
    return true;
}
