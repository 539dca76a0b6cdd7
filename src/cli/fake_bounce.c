/* plainpost fake-bounce: a notice as a mail system writes it, about a message that never was. */
#include "bounce/fake.h"
#include "cli/commands.h"
#include "mail/date.h"
#include "sys/clock.h"

#include <stdio.h>
#include <string.h>

struct request {
    struct fake_wishes wishes;
    bool has_cause, wants_list;
};

/* ---- the command line */

static bool take_as(struct request *r, const char *value, struct error *e)
{
    struct buffer known = BUFFER_EMPTY;
    if (fake_system_find(span_of(value), &r->wishes.system))
        return true;
    for (unsigned i = 0; i < FAKE_SYSTEM_COUNT; i++)
        buffer_printf(&known, "%s%s", i ? ", " : "", fake_system_name((enum fake_system)i));
    error_set(e, "--as %s: the systems are %s", value, buffer_text(&known));
    buffer_free(&known);
    return false;
}

static bool take_cause(struct request *r, const char *value, struct error *e)
{
    r->wants_list = strcmp(value, "list") == 0;
    r->has_cause = true;
    return r->wants_list || fake_cause_find(span_of(value), &r->wishes.cause) ||
           error_set(e,
                     "--cause %s: there is no such cause; \"plainpost fake-bounce --cause list\" "
                     "names them all",
                     value);
}

static bool take_kind(struct request *r, const char *value, struct error *e)
{
    static const enum notice_kind kinds[] = {NOTICE_FAILURE, NOTICE_DELAY, NOTICE_SUCCESS};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(value, notice_kind_name(kinds[i])) == 0) {
            r->wishes.kind = kinds[i];
            return true;
        }
    return error_set(e, "--kind %s: it is \"failure\", \"delay\" or \"success\"", value);
}

static bool take_to(struct request *r, const char *value, struct error *e)
{
    r->wishes.to = span_of(value);
    return true;
}

static bool take_from(struct request *r, const char *value, struct error *e)
{
    r->wishes.from = span_of(value);
    return true;
}

static bool take_lang(struct request *r, const char *value, struct error *e)
{
    const struct language *l = language_find(span_of(value));
    r->wishes.language = l;
    return span_starts_nocase(span_of(value), span_of(language_tag(l))) ||
           error_set(e, "--lang %s: this language is not known; \"de\" is German", value);
}

static bool take_date(struct request *r, const char *value, struct error *e)
{
    return date_parse(span_of(value), &r->wishes.now_ms, &r->wishes.offset_minutes) ||
           error_set(e,
                     "--date %s: a date is written as 2026-11-24T11:44:03Z, or as in mail: Tue, 24 "
                     "Nov 2026 12:44:03 +0100",
                     value);
}

static const struct flag {
    const char *name;
    bool (*take)(struct request *r, const char *value, struct error *e);
} flags[] = {
    {"--as", take_as},     {"--cause", take_cause}, {"--kind", take_kind}, {"--to", take_to},
    {"--from", take_from}, {"--lang", take_lang},   {"--date", take_date},
};

static const char how[] =
    "use it as: plainpost fake-bounce [--as SYSTEM] --cause CAUSE[/VARIANT]|list "
    "[--kind failure|delay|success] [--to ADDRESS] [--from ADDRESS] [--lang LANGUAGE] "
    "[--date DATE]";

/* "--as postfix" or "--as=postfix". */
static bool take_flag(struct request *r, const struct invocation *i, int *at, struct error *e)
{
    const char *word = i->argv[*at], *equals = strchr(word, '=');
    struct span name = equals ? span_make(word, (size_t)(equals - word)) : span_of(word);
    for (size_t n = 0; n < sizeof flags / sizeof *flags; n++) {
        if (!span_equal(name, span_of(flags[n].name)))
            continue;
        if (!equals && *at + 1 >= i->argc)
            return error_set(e, "%s wants a value behind it; %s", word, how);
        return flags[n].take(r, equals ? equals + 1 : i->argv[++*at], e);
    }
    return error_set(e, "%s", how);
}

static bool parse(const struct invocation *i, struct request *r, struct error *e)
{
    for (int at = 1; at < i->argc; at++)
        if (!take_flag(r, i, &at, e))
            return false;
    return r->has_cause || r->wishes.kind == NOTICE_SUCCESS ||
           error_set(e, "what is the cause? %s", how);
}

/* ---- the answer */

static bool is_told(enum fake_system s, struct cause_found c)
{
    bool has_words = c.variant == VARIANT_NONE ||
                     cause_text(c) != cause_text((struct cause_found){c.cause, VARIANT_NONE});
    return has_words && fake_knows(s, c);
}

static void list_causes(enum fake_system s)
{
    for (unsigned i = 0; i < CAUSE_COUNT * VARIANT_COUNT; i++) {
        struct cause_found c = {(enum cause)(i / VARIANT_COUNT), (enum variant)(i % VARIANT_COUNT)};
        struct buffer name = BUFFER_EMPTY;
        if (!is_told(s, c))
            continue;
        buffer_printf(&name, "%s%s%s", cause_name(c.cause), c.variant ? "/" : "",
                      variant_name(c.variant));
        printf("%-29s %s\n", buffer_text(&name), cause_text(c)->headline);
        buffer_free(&name);
    }
}

static int write_notice(const struct fake_wishes *w)
{
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    int status = 0;
    if (fake_write(&out, w, &e))
        fwrite(out.at, 1, out.len, stdout);
    else
        status = complain(2, "%s", e.text);
    buffer_free(&out);
    return status;
}

int fake_bounce_main(const struct invocation *i)
{
    int64_t now = clock_now_ms();
    struct error e;
    struct request r = {.wishes = {.system = FAKE_PLAINPOST,
                                   .kind = NOTICE_FAILURE,
                                   .to = SPAN("bob@example.net"),
                                   .from = SPAN("alice@example.org"),
                                   .now_ms = now,
                                   .offset_minutes = clock_offset_minutes(now)}};
    int status = 0;
    if (!parse(i, &r, &e))
        return complain(2, "%s", e.text);
    if (r.wants_list)
        list_causes(r.wishes.system);
    else
        status = write_notice(&r.wishes);
    if (fflush(stdout) != 0 && !status)
        status = complain(1, "standard output can't be written");
    return status;
}
