/* plainpost sent: did this message leave from here? */
#include "base/visible.h"
#include "cli/commands.h"
#include "cli/sent_access.h"
#include "control/story_search.h"
#include "mail/date.h"
#include "mail/encode.h"
#include "sys/clock.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { SENT_AT_ONCE = 20, MOST_SENT = 10000, LONGEST_SHOWN = 320 };

static const char usage[] =
    "use it as: plainpost sent [--json] [--all] [--from ADDRESS|LOGIN] --to ADDRESS\n"
    "                      plainpost sent [--json] [--all] [--from ADDRESS|LOGIN] [--to ADDRESS] "
    "--id MESSAGE-ID|ID";

struct wish {
    bool is_json, is_all;
    struct span id, to, from;
};

static bool read_words(struct wish *w, int argc, char **argv)
{
    for (int n = 1; n < argc; n++) {
        struct span *value = strcmp(argv[n], "--id") == 0     ? &w->id
                             : strcmp(argv[n], "--to") == 0   ? &w->to
                             : strcmp(argv[n], "--from") == 0 ? &w->from
                                                              : NULL;
        if (value && n + 1 < argc)
            *value = span_of(argv[++n]);
        else if (strcmp(argv[n], "--json") == 0)
            w->is_json = true;
        else if (strcmp(argv[n], "--all") == 0)
            w->is_all = true;
        else
            return false;
    }
    return w->id.len || w->to.len;
}

/* ---- in words */

static struct span text_of(const json_t *line, const char *name)
{
    return span_of(json_string_value(json_object_get(line, name)));
}

static void add_shown(struct buffer *out, struct span text)
{
    visible_add(out, text, LONGEST_SHOWN);
}

static void add_time(struct buffer *out, struct span rfc3339)
{
    int64_t ms;
    int offset;
    if (date_parse(rfc3339, &ms, &offset))
        date_add_words(out, ms, clock_offset_minutes(ms));
}

static void add_subject(struct buffer *out, struct span subject)
{
    struct buffer text = BUFFER_EMPTY;
    encoded_words_decode(&text, subject);
    if (text.len) {
        buffer_add_text(out, ", “");
        add_shown(out, buffer_span(&text));
        buffer_add_text(out, "”");
    }
    buffer_free(&text);
}

/* "  Mon 23 Nov 2026, 12:03:10 (UTC+1): alice, as alice@example.org, to 40 recipients, “Minutes”"
 * and under it what became of it for the one who was asked for. */
static void add_message(struct buffer *out, const json_t *line)
{
    json_int_t recipients = json_integer_value(json_object_get(line, "recipients"));
    struct span from = text_of(line, "from"), account = text_of(line, "account");
    struct span event = text_of(line, "event"), server = text_of(line, "server");
    buffer_add_text(out, "  ");
    add_time(out, text_of(line, "time"));
    buffer_add_text(out, ": ");
    add_shown(out, account);
    if (!span_equal_nocase(from, account)) {
        buffer_add_text(out, ", as ");
        add_shown(out, from.len ? from : SPAN("<>"));
    }
    buffer_printf(out, ", to %lld recipient%s", (long long)recipients, recipients == 1 ? "" : "s");
    add_subject(out, text_of(line, "subject"));
    buffer_add_text(out, "\n    ");
    if (json_is_true(json_object_get(line, "forgotten"))) {
        buffer_add_text(out, "a hash is left of it; what became of it is not known any more\n");
        return;
    }
    if (event.len) {
        add_shown(out, text_of(line, "to"));
        buffer_printf(out, ": %.*s", SPAN_F(event));
        if (server.len) {
            buffer_add_text(out, ", ");
            add_shown(out, server);
        }
        buffer_add_text(out, "; ");
    }
    buffer_printf(out, "plainpost trace %.*s\n", SPAN_F(text_of(line, "id")));
}

static void add_asked(struct buffer *out, const struct wish *w)
{
    if (w->id.len) {
        buffer_add_text(out, " as ");
        add_shown(out, w->id);
    }
    if (w->from.len) {
        buffer_add_text(out, " by ");
        add_shown(out, w->from);
    }
    if (w->to.len) {
        buffer_add_text(out, " to ");
        add_shown(out, w->to);
    }
}

/* Or does whoever asks hear of his own only? */
static bool is_of_all(const json_t *first)
{
    return !json_object_get(first, "of_user");
}

static void add_no(struct buffer *out, const struct wish *w, const json_t *first)
{
    struct span since = text_of(first, "since");
    buffer_add_text(out, is_of_all(first) ? "No: nothing was sent from here"
                                          : "No: you have sent nothing");
    add_asked(out, w);
    if (since.len) {
        buffer_add_text(out, " since ");
        add_time(out, since);
        buffer_add_text(out, ", as far back as the records go");
    } else {
        buffer_add_text(out, "; the records have just begun");
    }
    buffer_add_text(out, ".\n");
    if (json_is_true(json_object_get(first, "passed_through"))) {
        buffer_add_text(
            out,
            "But a message of that Message-ID, from somebody else, came here: plainpost trace '");
        add_shown(out, w->id);
        buffer_add_text(out, "'\n");
    }
}

static void add_yes(struct buffer *out, const struct wish *w, const json_t *first, size_t count)
{
    buffer_add_text(out, is_of_all(first) ? "Yes: it was sent from here" : "Yes: you have sent it");
    add_asked(out, w);
    if (count > 1)
        buffer_printf(out, ", %zu times", count);
    buffer_add_text(out, ".\n");
}

static size_t print_words(struct span lines, const struct wish *w, size_t limit)
{
    struct buffer list = BUFFER_EMPTY, out = BUFFER_EMPTY;
    size_t count = 0;
    struct span head = span_cut(&lines, '\n');
    json_t *first = json_loadb(head.at, head.len, 0, NULL);
    while (lines.len) {
        struct span text = span_cut(&lines, '\n');
        json_t *line = json_loadb(text.at, text.len, 0, NULL);
        if (line)
            add_message(&list, line);
        count += line != NULL;
        json_decref(line);
    }
    if (!count)
        add_no(&out, w, first);
    else
        add_yes(&out, w, first, count);
    printf("%s%s", buffer_text(&out), buffer_text(&list));
    if (count == limit && !w->is_all)
        printf("These are the %zu newest; --all shows every one.\n", limit);
    json_decref(first);
    buffer_free(&list);
    buffer_free(&out);
    return count;
}

/* ---- as JSON */

static size_t print_json(struct span lines)
{
    size_t count = 0;
    struct span first = span_cut(&lines, '\n');
    printf("%.*s,\"sent\":[", (int)first.len - 1, first.at);
    while (lines.len) {
        struct span line = span_cut(&lines, '\n');
        printf("%s%.*s", count++ ? "," : "", SPAN_F(line));
    }
    puts("]}");
    return count;
}

int sent_main(const struct invocation *i)
{
    struct wish w = {0};
    struct error e;
    struct buffer lines = BUFFER_EMPTY;
    if (!read_words(&w, i->argc, i->argv))
        return complain(2, "%s", usage);
    struct sent_question q = {.to = w.to, .by = &w.from, .by_count = w.from.len > 0};
    if (!story_id(w.id, &q.id))
        q.message_id = w.id;
    size_t limit = w.is_all ? MOST_SENT : SENT_AT_ONCE, count = 0;
    struct sent_access *s = sent_access_new(i->options, &e);
    bool ok = s && sent_access_ask(s, &q, limit, &lines, &e);
    if (ok)
        count = w.is_json ? print_json(buffer_span(&lines))
                          : print_words(buffer_span(&lines), &w, limit);
    sent_access_free(&s);
    buffer_free(&lines);
    return !ok ? complain(1, "%s", e.text) : count ? 0 : 1;
}
