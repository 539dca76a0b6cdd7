#include "cli/queue_words.h"

#include <string.h>

/* ---- the command line */

static const struct {
    const char *flag, *key;
    bool has_value;
} flags[] = {
    {"--id", "id", true},       {"--from", "from", true},
    {"--to", "to", true},       {"--destination", "destination", true},
    {"--older", "older", true}, {"--newer", "newer", true},
    {"--cause", "cause", true}, {"--held", "held", false},
    {"--all", "all", false},    {"--limit", "limit", true},
    {"--why", "why", true},
};

enum { FLAGS = sizeof flags / sizeof *flags };

/* "--from=X" or "--from X": takes one word or two. 1: taken; 0: it is not there; -1: `e`. */
static int take_flag(struct queue_words *w, int count, char **words, int *at, struct error *e)
{
    const char *word = words[*at];
    for (size_t i = 0; i < FLAGS; i++) {
        size_t len = strlen(flags[i].flag);
        bool has_inside = word[0] && strncmp(word, flags[i].flag, len) == 0 && word[len] == '=';
        if (strcmp(word, flags[i].flag) != 0 && !has_inside)
            continue;
        const char *value = has_inside ? word + len + 1 : "";
        if (flags[i].has_value && !has_inside) {
            if (*at + 1 >= count)
                return error_set(e, "%s wants a value behind it", word) ? 1 : -1;
            value = words[++*at];
        }
        if (flags[i].has_value && !value[0])
            return error_set(e, "%s wants a value behind it; the sender of notices is \"<>\"",
                             flags[i].flag)
                       ? 1
                       : -1;
        request_add(&w->text, flags[i].key, span_of(value));
        return 1;
    }
    return 0;
}

static bool take_word(struct queue_words *w, struct span verb, const char *word, struct error *e)
{
    bool is_name = span_equal(verb, SPAN("suspend")) || span_equal(verb, SPAN("resume"));
    message_id id;
    if (word[0] == '-')
        return error_set(e, "nothing is known of %.60s here", word);
    if (strcmp(word, "all") == 0 && span_equal(verb, SPAN("retry")))
        request_add(&w->text, "all", SPAN_NONE);
    else if (span_equal(verb, SPAN("redirect")) && !message_id_parse(span_of(word), &id))
        request_add(&w->text, "new", span_of(word));
    else
        request_add(&w->text, is_name ? "name" : "id", span_of(word));
    return true;
}

bool queue_words_of(struct queue_words *w, const char *verb, int count, char **words,
                    struct error *e)
{
    struct span as = span_of(verb);
    *w = (struct queue_words){0};
    if (strcmp(verb, "ls") == 0)
        as = SPAN("list");
    buffer_printf(&w->text, "%.*s\n", SPAN_F(as));
    for (int i = 0; i < count; i++) {
        int taken = take_flag(w, count, words, &i, e);
        if (taken < 0)
            return false;
        if (taken)
            continue;
        if (strcmp(words[i], "--yes") == 0)
            w->is_sure = true;
        else if (strcmp(words[i], "--dry-run") == 0)
            w->is_dry = true;
        else if (strcmp(words[i], "--json") == 0)
            w->is_json = true;
        else if (!take_word(w, as, words[i], e))
            return false;
    }
    if (w->is_json)
        request_add(&w->text, "json", SPAN_NONE);
    return request_parse(&w->request, buffer_span(&w->text), &w->arena, e);
}

bool queue_words_parse(struct queue_words *w, int count, char **words, struct error *e)
{
    static const char *const verbs[] = {"ls",       "list",    "show",   "hold",
                                        "release",  "retry",   "remove", "bounce",
                                        "redirect", "suspend", "resume", "suspended"};
    *w = (struct queue_words){0};
    for (size_t i = 0; count > 0 && i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(words[0], verbs[i]) == 0)
            return queue_words_of(w, words[0], count - 1, words + 1, e);
    return error_set(e, "%s",
                     "use it as: plainpost queue ls [CHOICE] [--limit N] [--json]\n"
                     "                      plainpost queue show ID [--json]\n"
                     "                      plainpost queue hold CHOICE [--why WHY]\n"
                     "                      plainpost queue release|retry CHOICE\n"
                     "                      plainpost queue remove CHOICE [--why WHY]\n"
                     "                      plainpost queue bounce CHOICE --why WHY\n"
                     "                      plainpost queue redirect CHOICE NEW@ADDRESS\n"
                     "                      plainpost queue suspend DESTINATION [--why WHY]\n"
                     "                      plainpost queue resume DESTINATION\n"
                     "                      plainpost queue suspended\n"
                     "CHOICE: ids, and --from, --to, --destination, --older, --newer, --cause, "
                     "--held; or --all");
}

void queue_words_free(struct queue_words *w)
{
    buffer_free(&w->text);
    arena_clear(&w->arena);
}

/* ---- what is going to be done, and was */

static void add_count(struct buffer *out, uint64_t n, const char *what)
{
    buffer_printf(out, "%llu %s%s", (unsigned long long)n, what, n == 1 ? "" : "s");
}

/* What chooses among recipients leaves the others of a message alone. */
static void add_what(struct buffer *out, const struct request *r, uint64_t messages,
                     uint64_t recipients)
{
    if (filter_has_recipients(&r->filter)) {
        add_count(out, recipients, "recipient");
        buffer_add_text(out, " of ");
        add_count(out, messages, "message");
        return;
    }
    add_count(out, messages, "message");
    if (recipients != messages) {
        buffer_add_text(out, " (");
        add_count(out, recipients, "recipient");
        buffer_add_char(out, ')');
    }
}

void queue_words_plan(struct buffer *out, const struct request *r, uint64_t messages,
                      uint64_t recipients)
{
    switch (r->verb) {
    case VERB_HOLD:
        buffer_add_text(out, "This puts ");
        add_count(out, messages, "message");
        buffer_add_text(out, " on hold.");
        break;
    case VERB_RELEASE:
        buffer_add_text(out, "This releases ");
        add_count(out, messages, "message");
        buffer_add_text(out, ", to be tried at once.");
        break;
    case VERB_RETRY:
        buffer_add_text(out, "This tries ");
        add_count(out, messages, "message");
        buffer_add_text(out, " at once.");
        break;
    case VERB_REMOVE:
        buffer_add_text(out, "This removes ");
        add_what(out, r, messages, recipients);
        buffer_add_text(out, " for good. Nobody is told.");
        break;
    case VERB_BOUNCE:
        buffer_add_text(out, "This returns ");
        add_what(out, r, messages, recipients);
        buffer_printf(out, " to the sender%s, who read%s: %.*s", messages == 1 ? "" : "s",
                      messages == 1 ? "s" : "", SPAN_F(r->why));
        break;
    case VERB_REDIRECT:
        buffer_add_text(out, "This sends ");
        add_what(out, r, messages, recipients);
        buffer_printf(out, " to %.*s instead.", SPAN_F(r->new));
        break;
    default:
        break;
    }
}

void queue_words_done(struct buffer *out, enum verb v, uint64_t messages)
{
    const char *done = v == VERB_HOLD       ? "on hold now"
                       : v == VERB_RELEASE  ? "released"
                       : v == VERB_RETRY    ? "tried again now"
                       : v == VERB_REMOVE   ? "removed"
                       : v == VERB_BOUNCE   ? "returned"
                       : v == VERB_REDIRECT ? "redirected"
                                            : "done";
    add_count(out, messages, "message");
    buffer_printf(out, " %s %s.", messages == 1 ? "is" : "are", done);
}
