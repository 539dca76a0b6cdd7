#include "config/event_sink.h"

#include "base/inet.h"
#include "config/target.h"

static const char *const kinds[EVENT_SINK_KINDS] = {
    [EVENT_SINK_FILE] = "file",
    [EVENT_SINK_COMMAND] = "command",
    [EVENT_SINK_WEBHOOK] = "webhook",
};

const char *event_sink_word(enum event_sink_kind kind)
{
    return kinds[kind];
}

/* What stands between "://" and the path. */
static struct span authority_of(struct span url)
{
    struct span rest = span_skip(url, span_find(url, SPAN("://")) + 3);
    size_t end = 0;
    while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?' && rest.at[end] != '#')
        end++;
    return span_first(rest, end);
}

/* The same without a port. */
static struct span host_of(struct span authority)
{
    if (!span_starts(authority, SPAN("[")))
        return span_cut(&authority, ':');
    authority = span_skip(authority, 1);
    return span_cut(&authority, ']');
}

static bool is_loopback(struct span host)
{
    static const unsigned char six[16] = {[15] = 1};
    unsigned char bytes[16];
    if (!inet_parse(host, bytes))
        return span_equal_nocase(host, SPAN("localhost"));
    return inet_is_v4(bytes) ? bytes[12] == 127 : memcmp(bytes, six, sizeof six) == 0;
}

static bool has_stray(struct span url)
{
    for (size_t i = 0; i < url.len; i++)
        if (url.at[i] <= ' ' || url.at[i] == 0x7F)
            return true;
    return false;
}

static bool check_url(struct span url, struct error *problem)
{
    bool is_https = span_starts_nocase(url, SPAN("https://"));
    bool is_http = span_starts_nocase(url, SPAN("http://"));
    struct span authority = is_https || is_http ? authority_of(url) : SPAN_NONE;
    struct span host = host_of(authority);
    if (span_find_char(authority, '@') != SPAN_NOT_FOUND)
        return error_set(problem, "the address of a webhook must hold no name and password: who "
                                  "posts is known by the signature (events-secret)");
    if (!host.len || has_stray(url))
        return error_set(problem, "events webhook needs an address to post to, for example: events "
                                  "webhook https://app.example.org/mail-events");
    if (is_http && !is_loopback(host))
        return error_set(problem, "a webhook on another machine needs https:// in place of "
                                  "http://, so that nobody between can read who gets mail");
    return true;
}

bool event_sink_parse(const struct span *words, size_t count, struct event_sink *s, struct arena *a,
                      struct error *problem)
{
    static const char how[] = "events file /path/of/file, events command \"COMMAND\", or events "
                              "webhook https://app.example.org/mail-events";
    *s = (struct event_sink){0};
    while (s->kind < EVENT_SINK_KINDS && !span_equal(words[0], span_of(kinds[s->kind])))
        s->kind++;
    if (s->kind == EVENT_SINK_KINDS || count != 2 || !words[1].len)
        return error_set(problem, "events takes two words: who is told, and where. Write it as %s",
                         how);
    s->target = arena_copy(a, words[1]);
    return s->kind != EVENT_SINK_WEBHOOK || check_url(s->target, problem);
}

void event_sink_print(struct buffer *out, const struct event_sink *s)
{
    buffer_printf(out, "%s ", kinds[s->kind]);
    word_print(out, s->target);
}
