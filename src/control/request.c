#include "control/request.h"

#include "base/visible.h"
#include "config/values.h"
#include "mail/address.h"

enum {
    MOST_IDS = 2000,
    LONGEST_SHOWN = 100,
    LONGEST_WHY = 500,
    LONGEST_ACCOUNT = 320,
    MOST_DECLARED = 10000000
};

#define DAY (24 * 60 * 60 * 1000ULL)

/* What a verb is. */
enum { ACTS = 1, OPERATORS = 2, ENDS_MAIL = 4 };

static const struct {
    const char *name;
    unsigned is;
} verbs[] = {
    [VERB_CATCH_UP] = {"catch-up", 0},
    [VERB_STATUS] = {"status", OPERATORS},
    [VERB_LIST] = {"list", 0},
    [VERB_SHOW] = {"show", 0},
    [VERB_HOLD] = {"hold", ACTS | OPERATORS},
    [VERB_RELEASE] = {"release", ACTS | OPERATORS},
    [VERB_RETRY] = {"retry", ACTS | OPERATORS},
    [VERB_REMOVE] = {"remove", ACTS | OPERATORS | ENDS_MAIL},
    [VERB_BOUNCE] = {"bounce", ACTS | OPERATORS | ENDS_MAIL},
    [VERB_REDIRECT] = {"redirect", ACTS | OPERATORS | ENDS_MAIL},
    [VERB_SUSPEND] = {"suspend", OPERATORS},
    [VERB_RESUME] = {"resume", OPERATORS},
    [VERB_SUSPENDED] = {"suspended", OPERATORS},
    [VERB_SUPPRESS] = {"suppress", OPERATORS},
    [VERB_UNSUPPRESS] = {"unsuppress", OPERATORS},
    [VERB_SUPPRESSED] = {"suppressed", OPERATORS},
    [VERB_TRACE] = {"trace", 0},
    [VERB_SENT] = {"sent", 0},
    [VERB_EVIDENCE] = {"evidence", 0},
    [VERB_TOP] = {"top", OPERATORS},
    [VERB_WATCH] = {"watch", 0},
    [VERB_RELOAD] = {"reload", OPERATORS},
    [VERB_CERTIFICATES] = {"certificates", OPERATORS},
    [VERB_RENEW] = {"renew", OPERATORS},
    [VERB_ACCOUNTS] = {"accounts", OPERATORS},
    [VERB_ACCOUNT] = {"account", OPERATORS},
    [VERB_ACCOUNT_HOLD] = {"account-hold", OPERATORS},
    [VERB_ACCOUNT_RELEASE] = {"account-release", OPERATORS},
    [VERB_ACCOUNT_REVOKE] = {"account-revoke", OPERATORS},
    [VERB_ACCOUNT_RESTORE] = {"account-restore", OPERATORS},
    [VERB_ACCOUNT_PROFILE] = {"account-profile", OPERATORS},
    [VERB_ACCOUNT_CHANGED] = {"account-changed", OPERATORS},
};

enum { VERBS = sizeof verbs / sizeof *verbs };

bool verb_is_act(enum verb v)
{
    return verbs[v].is & ACTS;
}

bool verb_is_operators(enum verb v)
{
    return verbs[v].is & OPERATORS;
}

bool verb_ends_mail(enum verb v)
{
    return verbs[v].is & ENDS_MAIL;
}

void request_add(struct buffer *out, const char *key, struct span value)
{
    buffer_printf(out, "%s ", key);
    for (size_t i = 0; i < value.len; i++)
        buffer_add_char(out, value.at[i] == '\n' || value.at[i] == '\r' ? ' ' : value.at[i]);
    buffer_add_char(out, '\n');
}

/* ---- keys */

struct reading {
    struct request *request;
    struct arena *arena;
    struct error *error;
    size_t id_room;
};

/* `value` stands, in quotes, between the two. */
static bool fail(struct reading *r, const char *before, struct span value, const char *after)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, value, LONGEST_SHOWN);
    error_set(r->error, "%s\"%s\"%s", before, buffer_text(&shown), after);
    buffer_free(&shown);
    return false;
}

static bool read_id(struct reading *r, struct span value)
{
    struct filter *f = &r->request->filter;
    message_id id;
    if (!message_id_parse(value, &id))
        return fail(r,
                    "a queue id is wanted: 11 letters and digits, as the log and \"plainpost queue "
                    "ls\" show it; ",
                    value, " is none. (A reason goes behind --why.)");
    if (f->id_count == MOST_IDS)
        return error_set(r->error, "so many ids can't be named at once; at most %d", MOST_IDS);
    if (f->id_count == r->id_room) {
        message_id *before = f->ids;
        r->id_room = r->id_room ? r->id_room * 4 : 4;
        f->ids = arena_new(r->arena, r->id_room * sizeof *f->ids);
        for (size_t i = 0; i < f->id_count; i++)
            f->ids[i] = before[i];
    }
    f->ids[f->id_count++] = id;
    return true;
}

static bool read_duration(struct reading *r, const char *name, struct span value, int64_t *to)
{
    const struct option as = {
        .name = name, .type = OPTION_DURATION, .least = 1, .most = 3650 * DAY};
    return value_parse(&as, value, to, r->arena, r->error);
}

static bool read_older(struct reading *r, struct span value)
{
    return read_duration(r, "--older", value, &r->request->filter.older_ms);
}

static bool read_newer(struct reading *r, struct span value)
{
    return read_duration(r, "--newer", value, &r->request->filter.newer_ms);
}

static bool read_cause(struct reading *r, struct span value)
{
    r->request->filter.cause = value;
    return filter_knows_cause(value) ||
           fail(r, "there is no cause ", value,
                "; \"plainpost queue ls --json\" names those of the queue, such as inbox-full, "
                "could-not-reach or greylisted");
}

static bool read_limit(struct reading *r, struct span value)
{
    return (span_to_u64(value, UINT32_MAX, &r->request->limit) && r->request->limit) ||
           fail(r, "a limit is a number from 1 up; ", value, " is not");
}

static bool read_new(struct reading *r, struct span value)
{
    r->request->new = value;
    return address_check(value, true) == ADDRESS_OK ||
           fail(r, "", value, " is no address to redirect to; write it as alice@example.org");
}

static bool is_about_account(enum verb v)
{
    return v >= VERB_ACCOUNT && v <= VERB_ACCOUNT_CHANGED;
}

static bool read_account(struct reading *r, struct span value)
{
    bool is_fine = value.len <= LONGEST_ACCOUNT;
    for (size_t i = 0; i < value.len; i++)
        is_fine &= (unsigned char)value.at[i] > ' ' && value.at[i] != 0x7f;
    return is_fine ||
           fail(r, "", value, " is no name of an account: a login, or a user of this machine");
}

static bool read_name(struct reading *r, struct span value)
{
    enum verb verb = r->request->verb;
    r->request->name = value;
    if (is_about_account(verb))
        return read_account(r, value);
    if (verb == VERB_SUPPRESS || verb == VERB_UNSUPPRESS)
        return address_check(value, true) == ADDRESS_OK ||
               fail(r, "", value, " is no address; write it as bob@example.org");
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.at[i] <= ' ' || value.at[i] == 0x7f)
            return fail(r, "", value, " is neither a domain nor a destination");
    return value.len < 256 ||
           fail(r, "", value, " is longer than a domain or a destination can be");
}

/* "newsletter 5000", "person" */
static bool read_profile(struct reading *r, struct span value)
{
    struct span rest = value, word = span_word(&rest), number = span_trim(rest);
    bool is_person = span_equal(word, SPAN("person"));
    r->request->profile = span_equal(word, SPAN("service"))      ? PROFILE_SERVICE
                          : span_equal(word, SPAN("newsletter")) ? PROFILE_NEWSLETTER
                                                                 : PROFILE_PERSON;
    bool has_number = span_to_u64(number, MOST_DECLARED, &r->request->declared);
    if (is_person ? !number.len : r->request->profile && has_number && r->request->declared)
        return true;
    return fail(r,
                "a profile is person, newsletter NUMBER or service NUMBER, with the recipients "
                "that a day will have at most; ",
                value, " is none");
}

#define READ_SPAN(function, member)                                                                \
    static bool function(struct reading *r, struct span value)                                     \
    {                                                                                              \
        r->request->member = value;                                                                \
        return true;                                                                               \
    }
#define READ_FLAG(function, member)                                                                \
    static bool function(struct reading *r, struct span value)                                     \
    {                                                                                              \
        r->request->member = true;                                                                 \
        return !value.len || fail(r, "", value, " is not expected there");                         \
    }

READ_SPAN(read_from, filter.from)
READ_SPAN(read_to, filter.to)
READ_SPAN(read_destination, filter.destination)
READ_SPAN(read_what, what)
READ_FLAG(read_held, filter.is_held)
READ_FLAG(read_all, is_all)
READ_FLAG(read_json, is_json)
READ_FLAG(read_in, is_in)
READ_FLAG(read_refused, is_refused)

static bool read_why(struct reading *r, struct span value)
{
    r->request->why = value;
    return value.len <= LONGEST_WHY ||
           error_set(r->error, "a reason can be %d bytes long; this one has %zu", LONGEST_WHY,
                     value.len);
}

static const struct {
    const char *name;
    bool is_flag;
    bool (*read)(struct reading *r, struct span value);
} keys[] = {
    {"id", false, read_id},          {"from", false, read_from},
    {"to", false, read_to},          {"destination", false, read_destination},
    {"older", false, read_older},    {"newer", false, read_newer},
    {"cause", false, read_cause},    {"held", true, read_held},
    {"all", true, read_all},         {"json", true, read_json},
    {"limit", false, read_limit},    {"why", false, read_why},
    {"new", false, read_new},        {"name", false, read_name},
    {"what", false, read_what},      {"in", true, read_in},
    {"refused", true, read_refused}, {"profile", false, read_profile},
};

enum { KEYS = sizeof keys / sizeof *keys };

static bool read_line(struct reading *r, struct span line)
{
    struct span value = line, key = span_cut(&value, ' ');
    value = span_trim(value);
    for (size_t i = 0; i < KEYS; i++) {
        if (!span_equal(key, span_of(keys[i].name)))
            continue;
        if (!value.len && !keys[i].is_flag && keys[i].read != read_why)
            return fail(r, "a value is wanted for ", key, "");
        return keys[i].read(r, value);
    }
    return fail(r, "nothing is known of ", key, " here");
}

/* ---- the whole */

static bool is_part(struct span what)
{
    return span_equal(what, SPAN("forwarding")) || span_equal(what, SPAN("filter")) ||
           span_equal(what, SPAN("password"));
}

static bool check(const struct request *r, struct error *e)
{
    bool is_empty = filter_is_empty(&r->filter);
    if (verb_is_act(r->verb) && is_empty && !r->is_all)
        return error_set(e,
                         "which messages? Name their ids, or say what they have in common (--from, "
                         "--to, --destination, --older, --newer, --cause, --held), or --all");
    if (verb_is_act(r->verb) && !is_empty && r->is_all)
        return error_set(e, "--all means every message; it can't stand beside a choice of some");
    if (r->verb == VERB_SHOW && !r->filter.id_count)
        return error_set(e, "which message? Its queue id is wanted");
    if (r->verb == VERB_BOUNCE && !r->why.len)
        return error_set(e, "the senders will read why: say it with --why \"...\"");
    if (r->verb == VERB_REDIRECT && !r->new.len)
        return error_set(e, "where to? The new address is wanted, as in: plainpost queue redirect "
                            "--to old@example.org new@example.org");
    if ((r->verb == VERB_SUSPEND || r->verb == VERB_RESUME) && !r->name.len)
        return error_set(e, "a domain or a destination is wanted, such as example.org or "
                            "192.0.2.7:25");
    if ((r->verb == VERB_SUPPRESS || r->verb == VERB_UNSUPPRESS) && !r->name.len)
        return error_set(e, "an address is wanted, such as bob@example.org");
    if (r->verb == VERB_SUPPRESS && !r->why.len)
        return error_set(e, "who writes to the address will read why: say it with --why \"...\"");
    if (r->verb == VERB_SENT && !r->what.len && !r->filter.to.len)
        return error_set(e, "a queue id, a Message-ID or a recipient is wanted");
    if (is_about_account(r->verb) && !r->name.len)
        return error_set(e,
                         "which account? Its name is wanted: a login, or a user of this machine");
    if (r->verb == VERB_ACCOUNT_HOLD && !r->why.len)
        return error_set(e,
                         "whoever looks at the account will read why: say it with --why \"...\"");
    if (r->verb == VERB_ACCOUNT_CHANGED && !is_part(r->what))
        return error_set(e, "what was changed? Say it with --what forwarding, --what filter or "
                            "--what password");
    return r->verb != VERB_TRACE || r->what.len ||
           error_set(e, "a queue id, a Message-ID or an address is wanted");
}

bool request_parse(struct request *r, struct span text, struct arena *a, struct error *e)
{
    struct reading reading = {.request = r, .arena = a, .error = e};
    struct span verb = span_trim(span_cut(&text, '\n'));
    size_t v = 0;
    *r = (struct request){0};
    while (v < VERBS && !span_equal(verb, span_of(verbs[v].name)))
        v++;
    if (v == VERBS)
        return error_set(e, "the server does not know that request; is it of another version?");
    r->verb = (enum verb)v;
    if (r->verb == VERB_EVIDENCE) {
        r->lines = text;
        return true;
    }
    while (text.len)
        if (!read_line(&reading, span_cut(&text, '\n')))
            return false;
    return check(r, e);
}
