/* The settings are a table of the same form as that of the options, and are read and printed by the
 * same code. */
#include "config/listen.h"

#include "base/inet.h"
#include "base/visible.h"
#include "config/values.h"

#include <string.h>

enum { LONGEST_PATH = 107 }; /* what unix(7) has room for */
enum { MODE_OWNER = 0600, MODE_GROUP = 0660 };

#define AT(member) offsetof(struct listen, member)

static const char *const tls[] = {"starttls", "required", "implicit", "off", NULL};

static const struct option settings[] = {
    {"hostname", OPTION_HOST, AT(hostname)},
    {"trusted", OPTION_NETWORKS, AT(trusted)},
    {"proxy", OPTION_NETWORKS, AT(proxy)},
    {"xclient", OPTION_NETWORKS, AT(xclient)},
    {"max-sessions", OPTION_NUMBER, AT(max_sessions), .least = 1, .most = 1000000},
    {"max-message-size", OPTION_SIZE, AT(max_message_size), .least = 64 * 1024, .most = 1 << 30},
    {"tls", OPTION_CHOICE, AT(tls), .choices = tls},
    {"filters", OPTION_WORD, AT(filters)},
    {"mode", OPTION_MODE, AT(mode)},
    {"group", OPTION_WORD, AT(group)},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static bool word_problem(const char *before, struct span word, const char *behind,
                         struct error *problem)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, word, 60);
    error_set(problem, "%s\"%s\"%s", before, buffer_text(&shown), behind);
    buffer_free(&shown);
    return false;
}

static bool place_parse(struct span word, struct listen *l, struct arena *a, struct error *problem)
{
    if (word.len && word.at[0] == '/') {
        l->socket = arena_copy(a, word);
        return word.len <= LONGEST_PATH ||
               error_set(problem,
                         "the path of a socket can have %d characters at most; this one has %zu",
                         LONGEST_PATH, word.len);
    }
    if (!endpoint_parse(word, &l->at))
        return word_problem("listen can't be ", word,
                            "; write it as an address and port: 127.0.0.1:25 or [::1]:25, or the "
                            "path of a Unix socket: /run/plainpost/smtp",
                            problem);
    l->at.host = arena_copy(a, l->at.host);
    return true;
}

static const struct option *find_setting(struct span name)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (span_equal(name, span_of(settings[i].name)))
            return &settings[i];
    return NULL;
}

static bool setting_parse(struct span *words, size_t count, struct listen *l, unsigned *seen,
                          struct arena *a, struct error *problem)
{
    const struct option *s = find_setting(words[0]);
    if (span_equal(words[0], SPAN("submission")))
        return error_set(problem, "submission stands twice in this line; keep one of the two");
    if (!s)
        return word_problem(
            "listen has no setting ", words[0],
            "; there are submission, hostname, trusted, proxy, xclient, "
            "max-sessions, max-message-size, tls and filters, and for a Unix socket mode "
            "and group",
            problem);
    unsigned bit = 1u << (s - settings);
    if (*seen & bit)
        return word_problem("", words[0], " stands twice in this line; keep one of the two",
                            problem);
    *seen |= bit;
    bool is_of_sockets = s->offset == AT(mode) || s->offset == AT(group);
    if (is_of_sockets && !l->socket.len)
        return word_problem("only a Unix socket has a ", words[0],
                            ": listen /run/plainpost/smtp mode 0660 group mail", problem);
    if (count < 2)
        return word_problem("behind ", words[0],
                            " its value must stand: listen 192.0.2.1:25 hostname mx.example.org "
                            "proxy 192.0.2.0/28 max-sessions 500",
                            problem);
    return value_parse(s, words[1], (char *)l + s->offset, a, problem);
}

/* The only setting without a value. */
static bool takes_submission(const struct span *word, struct listen *l)
{
    bool is_it = span_equal(*word, SPAN("submission")) && !l->is_submission;
    l->is_submission |= is_it;
    return is_it;
}

bool listen_parse(struct span *words, size_t count, struct listen *l, struct arena *a,
                  struct error *problem)
{
    unsigned seen = 0;
    *l = (struct listen){.at = {SPAN_NONE, 0},
                         .socket = SPAN_NONE,
                         .hostname = SPAN_NONE,
                         .group = SPAN_NONE,
                         .filters = SPAN_NONE};
    if (!place_parse(words[0], l, a, problem))
        return false;
    for (size_t i = 1; i < count; i += 2)
        if (takes_submission(&words[i], l))
            i--;
        else if (!setting_parse(words + i, count - i, l, &seen, a, problem))
            return false;
    if (l->socket.len && !l->mode)
        l->mode = l->group.len ? MODE_GROUP : MODE_OWNER;
    return true;
}

bool listen_is_same_place(const struct listen *a, const struct listen *b)
{
    unsigned char x[16], y[16];
    if (!span_equal(a->socket, b->socket) || a->at.port != b->at.port)
        return false;
    if (inet_parse(a->at.host, x) && inet_parse(b->at.host, y))
        return memcmp(x, y, sizeof x) == 0;
    return span_equal_nocase(a->at.host, b->at.host);
}

void listen_print_place(struct buffer *out, const struct listen *l)
{
    if (l->socket.len)
        word_print(out, l->socket);
    else
        endpoint_print(out, &l->at);
}

static bool is_set(const struct option *s, const void *at)
{
    switch (s->type) {
    case OPTION_NETWORKS:
        return ((const struct networks *)at)->is_set;
    case OPTION_HOST:
    case OPTION_WORD:
        return ((const struct span *)at)->len > 0;
    case OPTION_NUMBER:
    case OPTION_SIZE:
    case OPTION_MODE:
    case OPTION_CHOICE:
        return *(const uint64_t *)at != 0;
    default: /* no setting of a listener is of these */
        return false;
    }
}

void listen_print(struct buffer *out, const struct listen *l)
{
    listen_print_place(out, l);
    if (l->is_submission)
        buffer_add_text(out, " submission");
    for (size_t i = 0; i < SETTINGS; i++) {
        const void *at = (const char *)l + settings[i].offset;
        if (!is_set(&settings[i], at))
            continue;
        buffer_printf(out, " %s ", settings[i].name);
        value_print(out, &settings[i], at);
    }
}
