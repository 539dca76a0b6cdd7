#include "config/mail_filter.h"

#include "base/inet.h"
#include "base/visible.h"
#include "config/target.h"
#include "config/values.h"

#include <string.h>

enum { LONGEST_SHOWN = 60, LONGEST_PATH = 107 /* unix(7) */, LONGEST_NAME = 64 };
enum { SECOND = 1000, MINUTE = 60 * SECOND };
enum { USUAL_TIMEOUT = 2 * MINUTE };

#define AT(member) offsetof(struct mail_filter, member)

static const char how[] =
    "filter inet:127.0.0.1:11332 or filter unix:/run/opendkim/opendkim.sock, and behind it name, "
    "on-failure and timeout if you like";

static const char *const on_failure[] = {"tempfail", "skip", NULL};

static const struct option settings[] = {
    {"name", OPTION_WORD, AT(name)},
    {"on-failure", OPTION_CHOICE, AT(on_failure), .choices = on_failure},
    {"timeout", OPTION_DURATION, AT(timeout), .least = SECOND, .most = 10 * MINUTE},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static bool word_problem(struct span word, const char *is, struct error *problem)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, word, LONGEST_SHOWN);
    error_set(problem, "\"%s\" %s. Write it as %s", buffer_text(&shown), is, how);
    buffer_free(&shown);
    return false;
}

static bool place_parse(struct span word, struct mail_filter *f, struct arena *a,
                        struct error *problem)
{
    unsigned char bytes[16];
    if (span_starts(word, SPAN("unix:/"))) {
        f->socket = arena_copy(a, span_skip(word, 5));
        return f->socket.len <= LONGEST_PATH ||
               word_problem(word, "is too long for the path of a socket", problem);
    }
    if (!span_starts(word, SPAN("inet:")) || !endpoint_parse(span_skip(word, 5), &f->server) ||
        !inet_parse(f->server.host, bytes))
        return word_problem(word, "is no place of a filter", problem);
    f->server.host = arena_copy(a, f->server.host);
    return true;
}

/* It stands in lists with commas, and in the log. */
static bool name_is_valid(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alnum(name.at[i]) && !strchr("._-", name.at[i]))
            return false;
    return name.len && name.len <= LONGEST_NAME && !span_equal(name, SPAN("no"));
}

static bool setting_parse(struct span *words, size_t count, struct mail_filter *f, unsigned *seen,
                          struct arena *a, struct error *problem)
{
    const struct option *s = settings;
    while (s < settings + SETTINGS && !span_equal(words[0], span_of(s->name)))
        s++;
    if (s == settings + SETTINGS)
        return word_problem(words[0], "is no setting of a filter", problem);
    if (*seen & 1u << (s - settings))
        return word_problem(words[0], "stands twice in this line; keep one of the two", problem);
    *seen |= 1u << (s - settings);
    if (count < 2)
        return word_problem(words[0], "has no value behind it", problem);
    if (s->offset == AT(name) && !name_is_valid(words[1]))
        return word_problem(words[1],
                            "can't be the name of a filter: letters, digits, \".\", \"_\" and "
                            "\"-\" can, and \"no\" means none",
                            problem);
    return value_parse(s, words[1], (char *)f + s->offset, a, problem);
}

bool mail_filter_parse(struct span *words, size_t count, struct mail_filter *f, struct arena *a,
                       struct error *problem)
{
    unsigned seen = 0;
    *f = (struct mail_filter){
        .server = {SPAN_NONE, 0}, .socket = SPAN_NONE, .name = SPAN_NONE, .timeout = USUAL_TIMEOUT};
    if (!place_parse(words[0], f, a, problem))
        return false;
    for (size_t i = 1; i < count; i += 2)
        if (!setting_parse(words + i, count - i, f, &seen, a, problem))
            return false;
    if (!f->name.len)
        f->name = arena_copy(a, span_skip(words[0], 5));
    return true;
}

static void print_place(struct buffer *out, const struct mail_filter *f)
{
    if (f->socket.len)
        buffer_add_span(out, f->socket);
    else
        endpoint_print(out, &f->server);
}

void mail_filter_print(struct buffer *out, const struct mail_filter *f)
{
    struct buffer place = BUFFER_EMPTY, word = BUFFER_EMPTY;
    print_place(&place, f);
    buffer_printf(&word, "%s%s", f->socket.len ? "unix:" : "inet:", buffer_text(&place));
    word_print(out, buffer_span(&word));
    if (!span_equal(f->name, buffer_span(&place)))
        buffer_printf(out, " name %.*s", SPAN_F(f->name));
    if (f->on_failure) {
        buffer_add_text(out, " on-failure ");
        value_print(out, &settings[1], &f->on_failure);
    }
    if (f->timeout != USUAL_TIMEOUT) {
        buffer_add_text(out, " timeout ");
        value_print(out, &settings[2], &f->timeout);
    }
    buffer_free(&place);
    buffer_free(&word);
}

bool mail_filter_is_among(const struct mail_filter *f, struct span names)
{
    bool is_named = !names.len;
    while (names.len && !is_named)
        is_named = span_equal(span_cut(&names, ','), f->name);
    return is_named;
}
