#include "cli/commands.h"

#include "base/visible.h"
#include "control/client.h"
#include "mail/date.h"
#include "sys/clock.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char how[] = "use it as: plainpost queue list [--json]\n"
                          "                      plainpost queue hold ID [WHY...]\n"
                          "                      plainpost queue release ID\n"
                          "                      plainpost queue retry ID|all";

static void ask_words(struct buffer *request, const struct invocation *i)
{
    for (int n = 1; n < i->argc; n++)
        buffer_printf(request, "%s%s", n > 1 ? " " : "", i->argv[n]);
}

static struct span text_of(json_t *entry, const char *name)
{
    return span_of(json_string_value(json_object_get(entry, name)));
}

static long long number_of(json_t *entry, const char *name)
{
    return json_integer_value(json_object_get(entry, name));
}

/* "3f8k2m0c9qa  12 minutes  alice@… → bob@… and 2 more: waits, next attempt in 4 minutes; last
 * answer: …" */
static void print_entry(json_t *entry)
{
    struct buffer line = BUFFER_EMPTY;
    int64_t now = clock_now_ms();
    long long open = number_of(entry, "open"), next = number_of(entry, "next_ms");
    struct span from = text_of(entry, "from"), words = text_of(entry, "last_words");
    buffer_printf(&line, "%.*s  ", SPAN_F(text_of(entry, "id")));
    duration_add_words(&line, now - number_of(entry, "accepted_ms"));
    buffer_add_text(&line, "  ");
    visible_add(&line, from.len ? from : SPAN("<>"), 254);
    buffer_add_text(&line, " to ");
    visible_add(&line, text_of(entry, "to"), 254);
    if (open > 1)
        buffer_printf(&line, " and %lld more", open - 1);
    if (json_is_true(json_object_get(entry, "held"))) {
        buffer_add_text(&line, ": on hold");
        if (text_of(entry, "held_why").len)
            buffer_add_text(&line, ", ");
        visible_add(&line, text_of(entry, "held_why"), 200);
    } else if (next <= now) {
        buffer_add_text(&line, ": being delivered, or about to be");
    } else {
        buffer_add_text(&line, ": next attempt in ");
        duration_add_words(&line, next - now);
    }
    if (words.len) {
        buffer_add_text(&line, "\n             last answer: ");
        visible_add(&line, words, 300);
    }
    puts(buffer_text(&line));
    buffer_free(&line);
}

static int print_list(struct span answer, bool as_json)
{
    size_t count = 0;
    while (answer.len) {
        struct span line = span_cut(&answer, '\n');
        if (as_json) {
            printf("%.*s\n", SPAN_F(line));
            continue;
        }
        json_t *entry = json_loadb(line.at, line.len, 0, NULL);
        if (!entry)
            return complain(1, "the daemon's answer could not be read; is it of another version?");
        print_entry(entry);
        json_decref(entry);
        count++;
    }
    if (!as_json && !count)
        puts("The queue is empty.");
    return 0;
}

static bool is_known(const struct invocation *i, bool *as_json)
{
    const char *verb = i->argc > 1 ? i->argv[1] : "";
    *as_json = i->argc == 3 && strcmp(i->argv[2], "--json") == 0;
    if (strcmp(verb, "list") == 0)
        return i->argc == 2 || *as_json;
    if (strcmp(verb, "hold") == 0)
        return i->argc >= 3;
    return i->argc == 3 && (strcmp(verb, "release") == 0 || strcmp(verb, "retry") == 0);
}

int queue_main(const struct invocation *i)
{
    struct buffer request = BUFFER_EMPTY, answer = BUFFER_EMPTY;
    struct error e;
    bool as_json = false;
    if (!is_known(i, &as_json))
        return complain(2, "%s", how);
    bool is_list = strcmp(i->argv[1], "list") == 0;
    if (is_list)
        buffer_add_text(&request, "queue");
    else
        ask_words(&request, i);
    int found = control_ask(i->options->state, buffer_span(&request), &answer, &e), status = 0;
    if (found < 0)
        status = complain(1, "%s", e.text);
    else if (!found)
        status = complain(1, "no plainpost runs on %.*s; start it with \"plainpost serve\"",
                          SPAN_F(i->options->state));
    else if (is_list)
        status = print_list(buffer_span(&answer), as_json);
    else if (answer.len)
        printf("%.*s messages are tried again now.\n", SPAN_F(span_trim(buffer_span(&answer))));
    buffer_free(&request);
    buffer_free(&answer);
    return status;
}
