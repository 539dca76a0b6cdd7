#include "cli/explain_wishes.h"

#include "base/inet.h"
#include "config/network.h"
#include "mail/address.h"
#include "sys/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct parsing {
    struct explain_wishes *wishes;
    struct arena *arena;
    struct error *error;
    size_t room; /* of the lists */
    const char *command;
};

static bool take_form(struct parsing *p, enum explain_form form)
{
    bool is_other = p->wishes->form != EXPLAIN_TEXT && p->wishes->form != form;
    p->wishes->form = form;
    return !is_other || error_set(p->error, "--json, --html and --letter are three forms of the "
                                            "same: name one of them");
}

static bool take_json(struct parsing *p, const char *value)
{
    return take_form(p, EXPLAIN_JSON);
}

static bool take_html(struct parsing *p, const char *value)
{
    return take_form(p, EXPLAIN_HTML);
}

static bool take_letter(struct parsing *p, const char *value)
{
    return take_form(p, EXPLAIN_LETTER);
}

static bool take_for(struct parsing *p, const char *value)
{
    bool is_operator = strcmp(value, "operator") == 0;
    p->wishes->render.audience = is_operator ? AUDIENCE_OPERATOR : AUDIENCE_PERSON;
    return is_operator || strcmp(value, "person") == 0 ||
           error_set(p->error, "--for %s: it is for a \"person\" or an \"operator\"", value);
}

static bool take_lang(struct parsing *p, const char *value)
{
    const struct language *l = language_find(span_of(value));
    p->wishes->render.language = l;
    if (span_starts_nocase(span_of(value), span_of(language_tag(l))))
        return true;
    struct buffer known = BUFFER_EMPTY;
    for (size_t i = 0; language_at(i); i++)
        buffer_printf(&known, "%s%s", i ? ", " : "", language_tag(language_at(i)));
    error_set(p->error, "--lang %s: the languages are %s", value, buffer_text(&known));
    buffer_free(&known);
    return false;
}

static bool take_me(struct parsing *p, const char *value)
{
    struct explain_wishes *w = p->wishes;
    if (address_check(span_of(value), true) != ADDRESS_OK)
        return error_set(p->error, "--me %s: this is no mail address", value);
    if (!w->me)
        w->me = arena_new(p->arena, p->room * sizeof *w->me);
    w->me[w->me_count++] = span_of(value);
    return true;
}

static bool take_sent(struct parsing *p, const char *value)
{
    struct explain_wishes *w = p->wishes;
    if (!w->sent)
        w->sent = arena_new(p->arena, p->room * sizeof *w->sent);
    w->sent[w->sent_count++] = value;
    return true;
}

static bool take_dkim_key(struct parsing *p, const char *value)
{
    struct explain_wishes *w = p->wishes;
    struct span rest = span_of(value);
    struct dkim_key_wish key = {.domain = span_cut(&rest, ':'), .selector = span_cut(&rest, '=')};
    if (!domain_is_valid(key.domain, true, false) || !key.selector.len || !rest.len)
        return error_set(p->error,
                         "--dkim-key %s: it is DOMAIN:SELECTOR=FILE, as in "
                         "example.org:s1=/etc/dkim/s1.pub",
                         value);
    key.file = rest.at;
    if (!w->dkim_keys)
        w->dkim_keys = arena_new(p->arena, p->room * sizeof *w->dkim_keys);
    w->dkim_keys[w->dkim_key_count++] = key;
    return true;
}

static bool take_dns(struct parsing *p, const char *value)
{
    struct explain_wishes *w = p->wishes;
    struct endpoint server;
    unsigned char bytes[16];
    w->asks_dns = true;
    w->dns_server = value ? span_of(value) : SPAN("system");
    return !value || (endpoint_parse(w->dns_server, &server) && inet_parse(server.host, bytes)) ||
           error_set(p->error,
                     "--dns=%s: a name server is written as ADDRESS:PORT, as in 192.0.2.53:53; "
                     "--dns alone asks the system's",
                     value);
}

static bool take_colour(struct parsing *p, const char *value)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++)
        if (strcmp(value, names[i]) == 0) {
            p->wishes->colour = (enum explain_colour)i;
            return true;
        }
    return error_set(p->error, "--color %s: it is \"auto\", \"always\" or \"never\"", value);
}

static bool take_width(struct parsing *p, const char *value)
{
    uint64_t width;
    bool ok = span_to_u64(span_of(value), 1000, &width) && width >= 20;
    p->wishes->render.width = ok ? (unsigned)width : 0;
    return ok || error_set(p->error, "--width %s: a number of columns from 20 to 1000", value);
}

static bool take_move(struct parsing *p, const char *value)
{
    return p->wishes->moves = true;
}

static bool take_undo(struct parsing *p, const char *value)
{
    return p->wishes->undoes = true;
}

static bool take_yes(struct parsing *p, const char *value)
{
    return p->wishes->is_sure = true;
}

static const struct flag {
    const char *name;
    bool (*take)(struct parsing *p, const char *value);
    const char *value; /* what stands behind it; NULL: nothing */
    const char *only;  /* the one command that has it; NULL: both */
    bool is_optional;  /* the value may be missing, and never stands behind a blank */
} flags[] = {
    {"--json", take_json, NULL},
    {"--html", take_html, NULL, "explain"},
    {"--letter", take_letter, NULL, "explain"},
    {"--for", take_for, "person|operator"},
    {"--lang", take_lang, "LANGUAGE"},
    {"--me", take_me, "ADDRESS"},
    {"--sent", take_sent, "MAILBOX"},
    {"--dkim-key", take_dkim_key, "DOMAIN:SELECTOR=FILE"},
    {"--dns", take_dns, "ADDRESS:PORT", NULL, true},
    {"--color", take_colour, "auto|always|never"},
    {"--width", take_width, "COLUMNS"},
    {"--move", take_move, NULL, "triage"},
    {"--undo", take_undo, NULL, "triage"},
    {"--yes", take_yes, NULL, "triage"},
};

static bool has_flag(const struct parsing *p, const struct flag *f)
{
    return !f->only || strcmp(f->only, p->command) == 0;
}

static const char *how_value_begins(const struct flag *f)
{
    if (!f->value)
        return "";
    return f->is_optional ? "[=" : " ";
}

static bool unknown_flag(struct parsing *p, const char *flag)
{
    struct buffer all = BUFFER_EMPTY;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (has_flag(p, &flags[i]))
            buffer_printf(&all, " [%s%s%s%s]", flags[i].name, how_value_begins(&flags[i]),
                          flags[i].value ? flags[i].value : "", flags[i].is_optional ? "]" : "");
    error_set(p->error, "there is no option %s; use it as: plainpost %s%s [FILE|DIRECTORY|-]...",
              flag, p->command, buffer_text(&all));
    buffer_free(&all);
    return false;
}

/* "--lang de" or "--lang=de". */
static bool take_flag(struct parsing *p, int argc, char **argv, int *at)
{
    const char *flag = argv[*at], *equals = strchr(flag, '=');
    size_t len = equals ? (size_t)(equals - flag) : strlen(flag);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strlen(flags[i].name) != len || strncmp(flag, flags[i].name, len) != 0 ||
            !has_flag(p, &flags[i]))
            continue;
        if (flags[i].is_optional)
            return flags[i].take(p, equals ? equals + 1 : NULL);
        if (!flags[i].value)
            return equals ? error_set(p->error, "%s takes no value", flags[i].name)
                          : flags[i].take(p, NULL);
        if (!equals && *at + 1 >= argc)
            return error_set(p->error, "%s wants %s behind it", flags[i].name, flags[i].value);
        return flags[i].take(p, equals ? equals + 1 : argv[++*at]);
    }
    return unknown_flag(p, flag);
}

bool explain_wishes_parse(struct explain_wishes *w, int argc, char **argv, struct arena *a,
                          struct error *e)
{
    struct parsing p = {w, a, e, (size_t)argc, argv[0]};
    bool takes_flags = true;
    w->files = arena_new(a, (size_t)argc * sizeof *w->files);
    for (int at = 1; at < argc; at++) {
        bool is_flag = takes_flags && argv[at][0] == '-' && argv[at][1];
        if (is_flag && strcmp(argv[at], "--") == 0)
            takes_flags = false;
        else if (!is_flag)
            w->files[w->file_count++] = argv[at];
        else if (!take_flag(&p, argc, argv, &at))
            return false;
    }
    return !w->asks_dns || w->me_count ||
           error_set(e, "--dns wants to know whose keys to ask for: add --me ADDRESS, with an "
                        "address of whoever got the notices");
}

void explain_wishes_look(struct explain_wishes *w)
{
    struct winsize size;
    bool is_terminal = isatty(STDOUT_FILENO);
    w->render.is_coloured = w->colour == COLOUR_ALWAYS || (w->colour == COLOUR_AUTO && is_terminal);
    if (!w->render.width && is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        w->render.width = size.ws_col;
    w->render.offset_minutes = clock_offset_minutes(clock_now_ms());
}

struct advise_wishes explain_wishes_advise(const struct explain_wishes *w)
{
    return (struct advise_wishes){.language = w->render.language,
                                  .audience = w->render.audience,
                                  .me = w->me_count ? w->me[0] : SPAN_NONE,
                                  .offset_minutes = w->render.offset_minutes};
}
