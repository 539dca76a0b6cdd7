/* "plainpost suppress": the list is the server's; here is who speaks with the person. */
#include "cli/commands.h"

#include "base/visible.h"
#include "control/client.h"
#include "control/request.h"
#include "mail/date.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_ADDRESS_SHOWN = 320, LONGEST_REASON = 500 };

static const char usage[] = "use it as: plainpost suppress ls [--json]\n"
                            "                      plainpost suppress add ADDRESS --why TEXT\n"
                            "                      plainpost suppress remove ADDRESS";

struct wish {
    const char *verb, *address, *why;
    bool is_json;
};

static bool read_words(struct wish *w, int count, char **words)
{
    if (count < 1)
        return false;
    w->verb = words[0];
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--json") == 0)
            w->is_json = true;
        else if (strcmp(words[i], "--why") == 0 && i + 1 < count)
            w->why = words[++i];
        else if (words[i][0] != '-' && !w->address)
            w->address = words[i];
        else
            return false;
    }
    bool is_list = strcmp(w->verb, "ls") == 0, is_add = strcmp(w->verb, "add") == 0;
    if (!is_list && !is_add && strcmp(w->verb, "remove") != 0)
        return false;
    return is_list ? !w->address && !w->why : w->address && !w->is_json && (is_add || !w->why);
}

static void write_request(const struct wish *w, struct buffer *out)
{
    bool is_add = strcmp(w->verb, "add") == 0;
    buffer_add_text(out, w->address ? is_add ? "suppress\n" : "unsuppress\n" : "suppressed\n");
    if (w->address)
        request_add(out, "name", span_of(w->address));
    if (w->why)
        request_add(out, "why", span_of(w->why));
}

/* ---- the list */

static struct span text_of(const json_t *entry, const char *name)
{
    return span_of(json_string_value(json_object_get(entry, name)));
}

static bool print_entry(struct span line)
{
    struct buffer out = BUFFER_EMPTY;
    json_t *entry = json_loadb(line.at, line.len, 0, NULL);
    if (!entry)
        return false;
    struct span since = span_first(text_of(entry, "since"), strlen("2026-11-24"));
    struct span id = text_of(entry, "queue_id");
    visible_add(&out, text_of(entry, "address"), LONGEST_ADDRESS_SHOWN);
    buffer_printf(&out, "  since %.*s", SPAN_F(since));
    if (id.len)
        buffer_printf(&out, ", because %.*s failed", SPAN_F(id));
    buffer_add_text(&out, ": ");
    visible_add(&out, text_of(entry, "why"), LONGEST_REASON);
    puts(buffer_text(&out));
    buffer_free(&out);
    json_decref(entry);
    return true;
}

static int print_list(struct control_client *c, bool is_json)
{
    struct span line;
    struct error e;
    size_t count = 0;
    int got;
    for (; (got = control_next(c, &line, &e)) > 0; count++) {
        if (is_json)
            printf("%.*s\n", SPAN_F(line));
        else if (!print_entry(line))
            return complain(1, "the server's answer could not be read; is it of another version?");
    }
    if (got < 0)
        return complain(1, "%s", e.text);
    if (!count && !is_json)
        puts("No address is suppressed.");
    return 0;
}

static int tell_change(struct control_client *c, const struct wish *w)
{
    struct span line;
    struct error e;
    struct buffer shown = BUFFER_EMPTY;
    if (control_next(c, &line, &e) < 0)
        return complain(1, "%s", e.text);
    visible_add(&shown, span_of(w->address), LONGEST_ADDRESS_SHOWN);
    if (strcmp(w->verb, "add") == 0)
        printf(
            "%s gets no mail from here any more, until \"plainpost suppress remove %s\". What is "
            "in the queue is not touched.\n",
            buffer_text(&shown), buffer_text(&shown));
    else
        printf("%s gets mail again.\n", buffer_text(&shown));
    buffer_free(&shown);
    return 0;
}

int suppress_main(const struct invocation *i)
{
    struct wish w = {0};
    struct buffer text = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct request request;
    struct control_client c;
    struct error e;
    int status;
    if (!read_words(&w, i->argc - 1, i->argv + 1))
        return complain(2, "%s", usage);
    write_request(&w, &text);
    if (!request_parse(&request, buffer_span(&text), &a, &e)) {
        status = complain(2, "%s", e.text);
    } else {
        int found = control_start(&c, i->options, buffer_span(&text), &e);
        status = found < 0   ? complain(1, "%s", e.text)
                 : !found    ? complain_no_server(i->options)
                 : w.address ? tell_change(&c, &w)
                             : print_list(&c, w.is_json);
        if (found > 0)
            control_finish(&c);
    }
    arena_clear(&a);
    buffer_free(&text);
    return status;
}
