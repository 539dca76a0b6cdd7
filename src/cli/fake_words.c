#include "cli/fake_words.h"

#include "bounce/fake_letter.h"
#include "mail/date.h"
#include "sys/clock.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *how;
} commands[] = {
    [FAKE_BOUNCE] =
        {"fake-bounce",
         "use it as: plainpost fake-bounce [--as SYSTEM] --cause CAUSE[/VARIANT]|list "
         "[--kind failure|delay|success|recovered|double-bounce] [--to ADDRESS] [--from ADDRESS] "
         "[--lang LANGUAGE] [--date DATE]"},
    [BOUNCE_TEXT_PREVIEW] = {"bounce-text preview",
                             "use it as: plainpost bounce-text preview --cause "
                             "CAUSE[/VARIANT]|list [--kind "
                             "failure|delay|success|recovered|double-bounce], or --letter "
                             "LETTER|list, and [--to ADDRESS] [--from ADDRESS] [--lang LANGUAGE] "
                             "[--texts FILE] [--date DATE] "
                             "[--text|--html]"},
    [BOUNCE_TEXT_GALLERY] = {"bounce-text gallery",
                             "use it as: plainpost bounce-text gallery [--lang LANGUAGE] "
                             "[--texts FILE] [--date DATE]"},
    [BOUNCE_TEXT_EXPORT] = {"bounce-text export",
                            "use it as: plainpost bounce-text export [--lang LANGUAGE] "
                            "[--texts FILE]"},
};

const char *fake_words_how(enum fake_command c)
{
    return commands[c].how;
}

/* ---- the options */

static bool take_as(struct fake_words *w, const char *value, struct error *e)
{
    struct buffer known = BUFFER_EMPTY;
    if (fake_system_find(span_of(value), &w->wishes.system))
        return true;
    for (unsigned i = 0; i < FAKE_SYSTEM_COUNT; i++)
        buffer_printf(&known, "%s%s", i ? ", " : "", fake_system_name((enum fake_system)i));
    error_set(e, "--as %s: the systems are %s", value, buffer_text(&known));
    buffer_free(&known);
    return false;
}

static bool take_cause(struct fake_words *w, const char *value, struct error *e)
{
    w->wants_list = strcmp(value, "list") == 0;
    w->has_cause = true;
    return w->wants_list || fake_cause_find(span_of(value), &w->wishes.cause) ||
           error_set(e,
                     "--cause %s: there is no such cause; \"plainpost %s --cause list\" "
                     "names them all",
                     value, commands[w->command].name);
}

static bool take_kind(struct fake_words *w, const char *value, struct error *e)
{
    static const struct {
        const char *name;
        enum notice_kind kind;
        enum fake_twist twist;
    } kinds[] = {
        {"failure", NOTICE_FAILURE, FAKE_PLAIN},
        {"delay", NOTICE_DELAY, FAKE_PLAIN},
        {"success", NOTICE_SUCCESS, FAKE_PLAIN},
        {"recovered", NOTICE_SUCCESS, FAKE_RECOVERED},
        {"double-bounce", NOTICE_FAILURE, FAKE_DOUBLE_BOUNCE},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(value, kinds[i].name) == 0) {
            w->wishes.kind = kinds[i].kind;
            w->wishes.twist = kinds[i].twist;
            return true;
        }
    return error_set(e,
                     "--kind %s: it is \"failure\", \"delay\", \"success\", \"recovered\" or "
                     "\"double-bounce\"",
                     value);
}

static bool take_to(struct fake_words *w, const char *value, struct error *e)
{
    w->wishes.to = span_of(value);
    return true;
}

static bool take_from(struct fake_words *w, const char *value, struct error *e)
{
    w->wishes.from = span_of(value);
    return true;
}

static bool take_lang(struct fake_words *w, const char *value, struct error *e)
{
    const struct language *l = language_find(span_of(value));
    w->wishes.language = l;
    return span_starts_nocase(span_of(value), span_of(language_tag(l))) ||
           error_set(e, "--lang %s: this language is not known; \"de\" is German", value);
}

static bool take_date(struct fake_words *w, const char *value, struct error *e)
{
    return date_parse(span_of(value), &w->wishes.now_ms, &w->wishes.offset_minutes) ||
           error_set(e,
                     "--date %s: a date is written as 2026-11-24T11:44:03Z, or as in mail: Tue, 24 "
                     "Nov 2026 12:44:03 +0100",
                     value);
}

static bool take_texts(struct fake_words *w, const char *value, struct error *e)
{
    w->texts = value;
    return true;
}

static bool take_letter(struct fake_words *w, const char *value, struct error *e)
{
    w->letter = value;
    w->wants_list = strcmp(value, "list") == 0;
    return true;
}

static bool take_text(struct fake_words *w, const char *value, struct error *e)
{
    w->form = FAKE_TEXT;
    return true;
}

static bool take_html(struct fake_words *w, const char *value, struct error *e)
{
    w->form = FAKE_CARD;
    return true;
}

#define ONLY(command) (1U << (command))
enum {
    OF_ONE = ONLY(FAKE_BOUNCE) | ONLY(BOUNCE_TEXT_PREVIEW),
    OF_NOTICES = OF_ONE | ONLY(BOUNCE_TEXT_GALLERY),
    OF_TEXTS = ONLY(BOUNCE_TEXT_PREVIEW) | ONLY(BOUNCE_TEXT_GALLERY) | ONLY(BOUNCE_TEXT_EXPORT)
};

static const struct flag {
    const char *name;
    bool (*take)(struct fake_words *w, const char *value, struct error *e);
    unsigned commands; /* a bit for each that has it */
    bool is_alone;     /* takes no value */
} flags[] = {
    {"--as", take_as, ONLY(FAKE_BOUNCE), false},
    {"--cause", take_cause, OF_ONE, false},
    {"--kind", take_kind, OF_ONE, false},
    {"--to", take_to, OF_ONE, false},
    {"--from", take_from, OF_ONE, false},
    {"--lang", take_lang, OF_NOTICES | OF_TEXTS, false},
    {"--date", take_date, OF_NOTICES, false},
    {"--texts", take_texts, OF_TEXTS, false},
    {"--letter", take_letter, ONLY(BOUNCE_TEXT_PREVIEW), false},
    {"--text", take_text, ONLY(BOUNCE_TEXT_PREVIEW), true},
    {"--html", take_html, ONLY(BOUNCE_TEXT_PREVIEW), true},
};

static const struct flag *find_flag(enum fake_command c, struct span name)
{
    for (size_t n = 0; n < sizeof flags / sizeof *flags; n++)
        if ((flags[n].commands & ONLY(c)) && span_equal(name, span_of(flags[n].name)))
            return &flags[n];
    return NULL;
}

/* "--as postfix" or "--as=postfix". */
static bool take_flag(struct fake_words *w, const struct invocation *i, int *at, struct error *e)
{
    const char *word = i->argv[*at], *equals = strchr(word, '=');
    struct span name = equals ? span_make(word, (size_t)(equals - word)) : span_of(word);
    const struct flag *f = find_flag(w->command, name);
    if (!f)
        return error_set(e, "%s", fake_words_how(w->command));
    if (f->is_alone)
        return equals ? error_set(e, "%s takes no value", f->name) : f->take(w, NULL, e);
    if (!equals && *at + 1 >= i->argc)
        return error_set(e, "%s wants a value behind it; %s", word, fake_words_how(w->command));
    return f->take(w, equals ? equals + 1 : i->argv[++*at], e);
}

bool fake_words_parse(struct fake_words *w, enum fake_command c, const struct invocation *i, int at,
                      struct error *e)
{
    int64_t now = clock_now_ms();
    *w = (struct fake_words){.command = c,
                             .wishes = {.system = FAKE_PLAINPOST,
                                        .kind = NOTICE_FAILURE,
                                        .to = SPAN("bob@example.net"),
                                        .from = SPAN("alice@example.org"),
                                        .now_ms = now,
                                        .offset_minutes = clock_offset_minutes(now)},
                             .form = FAKE_TEXT};
    for (; at < i->argc; at++)
        if (!take_flag(w, i, &at, e))
            return false;
    bool is_of_one = OF_ONE & ONLY(c);
    if (w->letter && (w->has_cause || w->wishes.kind != NOTICE_FAILURE))
        return error_set(e, "--letter is in place of --cause and --kind");
    return !is_of_one || w->has_cause || w->letter || w->wishes.kind == NOTICE_SUCCESS ||
           error_set(e, "what is the cause? %s", fake_words_how(c));
}

/* ---- the answer */

void fake_words_list(enum fake_system s)
{
    for (unsigned i = 0; i < CAUSE_COUNT * VARIANT_COUNT; i++) {
        struct cause_found c = {(enum cause)(i / VARIANT_COUNT), (enum variant)(i % VARIANT_COUNT)};
        struct buffer name = BUFFER_EMPTY;
        if (!fake_lists(s, c))
            continue;
        fake_cause_add(&name, c);
        printf("%-29s %s\n", buffer_text(&name), cause_text(c)->headline);
        buffer_free(&name);
    }
}

void fake_words_list_letters(void)
{
    const char *name, *what;
    for (size_t i = 0; (name = fake_letter_name(i, &what)); i++)
        printf("%-19s %s\n", name, what);
}

int fake_words_end(int status)
{
    bool is_lost = fflush(stdout) != 0 || ferror(stdout);
    if (is_lost && !status)
        return complain(1, "standard output can't be written");
    return status;
}
