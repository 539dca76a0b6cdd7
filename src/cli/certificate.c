/* "plainpost certificate": the certificates are the server's; here is who speaks with the person.
 */
#include "cli/commands.h"

#include "base/visible.h"
#include "control/client.h"
#include "control/request.h"
#include "mail/date.h"
#include "sys/clock.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LONGEST_SHOWN = 400, ASK_EVERY_NS = 300 * 1000 * 1000 };

static const char usage[] = "use it as: plainpost certificate ls [--json]\n"
                            "                      plainpost certificate renew [NAME]";

struct wish {
    bool renews, is_json;
    const char *name; /* NULL: all */
};

static bool read_words(struct wish *w, int count, char **words)
{
    if (count < 1)
        return false;
    w->renews = strcmp(words[0], "renew") == 0;
    for (int i = 1; i < count; i++) {
        if (!w->renews && strcmp(words[i], "--json") == 0)
            w->is_json = true;
        else if (w->renews && words[i][0] != '-' && !w->name)
            w->name = words[i];
        else
            return false;
    }
    return w->renews || strcmp(words[0], "ls") == 0;
}

/* ---- what the server says */

/* 1: it has told them all, as an array; 0: it does not run; -1: `e`. */
static int ask_for_all(const struct options *o, json_t **all, struct error *e)
{
    struct buffer answer = BUFFER_EMPTY, text = BUFFER_EMPTY;
    int found = control_ask(o, SPAN("certificates\n"), &answer, e);
    buffer_add_char(&text, '[');
    for (struct span rest = buffer_span(&answer); rest.len;) {
        buffer_add_text(&text, text.len > 1 ? "," : "");
        buffer_add_span(&text, span_cut(&rest, '\n'));
    }
    buffer_add_char(&text, ']');
    *all = json_loads(buffer_text(&text), 0, NULL);
    if (found > 0 && !*all) {
        error_set(e, "the server's answer could not be read; is it of another version?");
        found = -1;
    }
    buffer_free(&answer);
    buffer_free(&text);
    return found;
}

static struct span text_of(const json_t *entry, const char *name)
{
    return span_of(json_string_value(json_object_get(entry, name)));
}

static bool is_true(const json_t *entry, const char *name)
{
    return json_is_true(json_object_get(entry, name));
}

static void add_date(struct buffer *out, const json_t *entry, const char *name)
{
    int64_t when = 0;
    int zone;
    if (date_parse(text_of(entry, name), &when, &zone))
        date_add_words(out, when, clock_offset_minutes(when));
}

static void add_names(struct buffer *out, const json_t *entry)
{
    const json_t *names = json_object_get(entry, "names");
    for (size_t i = 0; i < json_array_size(names); i++) {
        buffer_add_text(out, i ? " " : "");
        visible_add(out, span_of(json_string_value(json_array_get(names, i))), LONGEST_SHOWN);
    }
    if (!json_array_size(names))
        buffer_add_text(out, "(a certificate without names)");
}

/* ---- the list */

static void add_state(struct buffer *out, const json_t *entry)
{
    int64_t ends = 0, now = clock_now_ms();
    int zone;
    if (!is_true(entry, "in_use")) {
        buffer_add_text(out, "  It has not come yet.\n");
        return;
    }
    buffer_add_text(out, "  valid from ");
    add_date(out, entry, "begins");
    buffer_add_text(out, "\n  until      ");
    add_date(out, entry, "ends");
    if (date_parse(text_of(entry, "ends"), &ends, &zone)) {
        buffer_add_text(out, ends > now ? ", for another " : ": it is over since ");
        duration_add_words(out, ends > now ? ends - now : now - ends);
    }
    buffer_add_text(out, "\n  given by   ");
    visible_add(out, text_of(entry, "issuer"), LONGEST_SHOWN);
    buffer_add_text(out, "\n  key        ");
    visible_add(out, text_of(entry, "key"), LONGEST_SHOWN);
    buffer_add_char(out, '\n');
}

static void add_renewal(struct buffer *out, const json_t *entry)
{
    struct span why = text_of(entry, "why");
    if (!is_true(entry, "acme")) {
        buffer_add_text(out, "  renewal    by whoever writes the file; then: plainpost reload\n");
        return;
    }
    buffer_add_text(out, "  renewal    ");
    if (is_true(entry, "under_way"))
        buffer_add_text(out, "just now");
    else if (!text_of(entry, "renews").len)
        buffer_add_text(out, "as soon as its turn comes");
    else
        add_date(out, entry, "renews");
    buffer_add_char(out, '\n');
    if (!why.len)
        return;
    buffer_add_text(out, "  failed     ");
    add_date(out, entry, "tried");
    buffer_add_text(out, ": ");
    visible_add(out, why, LONGEST_SHOWN);
    buffer_add_char(out, '\n');
}

static void print_all(const json_t *all)
{
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *entry = json_array_get(all, i);
        buffer_add_text(&out, i ? "\n" : "");
        add_names(&out, entry);
        buffer_add_char(&out, '\n');
        add_state(&out, entry);
        add_renewal(&out, entry);
        buffer_add_text(&out, "  file       ");
        visible_add(&out, text_of(entry, "file"), LONGEST_SHOWN);
        buffer_add_char(&out, '\n');
    }
    if (!out.len)
        buffer_add_text(&out, "This server has no certificate, so nothing that comes is encrypted; "
                              "see tls-certificate and acme-certificate in plainpost.conf(5).\n");
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
}

static void print_json(const json_t *all)
{
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_dumpf(json_array_get(all, i), stdout, 0);
        putchar('\n');
    }
}

static int list(const struct invocation *i, bool is_json)
{
    json_t *all = NULL;
    struct error e;
    int found = ask_for_all(i->options, &all, &e);
    if (found > 0 && is_json)
        print_json(all);
    else if (found > 0)
        print_all(all);
    json_decref(all);
    return found < 0 ? complain(1, "%s", e.text) : found ? 0 : complain_no_server(i->options);
}

/* ---- renewing */

static bool has_name(const json_t *entry, const char *name)
{
    const json_t *names = json_object_get(entry, "names");
    for (size_t i = 0; i < json_array_size(names); i++)
        if (span_equal_nocase(span_of(json_string_value(json_array_get(names, i))), span_of(name)))
            return true;
    return false;
}

static bool is_meant(const json_t *entry, const struct wish *w)
{
    return is_true(entry, "acme") && (!w->name || has_name(entry, w->name));
}

static bool is_under_way(const json_t *all, const struct wish *w)
{
    for (size_t i = 0; i < json_array_size(all); i++)
        if (is_meant(json_array_get(all, i), w) && is_true(json_array_get(all, i), "under_way"))
            return true;
    return false;
}

static int tell_result(const json_t *all, const struct wish *w)
{
    int status = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *entry = json_array_get(all, i);
        struct buffer line = BUFFER_EMPTY;
        if (!is_meant(entry, w))
            continue;
        add_names(&line, entry);
        if (text_of(entry, "why").len) {
            buffer_add_text(&line, ": ");
            visible_add(&line, text_of(entry, "why"), LONGEST_SHOWN);
            status = complain(1, "%s", buffer_text(&line));
        } else {
            buffer_add_text(&line, ": a new certificate is in use, valid until ");
            add_date(&line, entry, "ends");
            puts(buffer_text(&line));
        }
        buffer_free(&line);
    }
    return status;
}

/* The server does it whether or not somebody waits here for the result. */
static int renew(const struct invocation *i, const struct wish *w)
{
    struct buffer request = BUFFER_EMPTY, answer = BUFFER_EMPTY;
    struct error e;
    json_t *all = NULL;
    buffer_add_text(&request, "renew\n");
    if (w->name)
        request_add(&request, "name", span_of(w->name));
    int found = control_ask(i->options, buffer_span(&request), &answer, &e);
    while (found > 0) {
        static const struct timespec pause = {.tv_nsec = ASK_EVERY_NS};
        json_decref(all);
        found = ask_for_all(i->options, &all, &e);
        if (found <= 0 || !is_under_way(all, w))
            break;
        nanosleep(&pause, NULL);
    }
    int status = found < 0 ? complain(1, "%s", e.text)
                 : found   ? tell_result(all, w)
                           : complain_no_server(i->options);
    json_decref(all);
    buffer_free(&request);
    buffer_free(&answer);
    return status;
}

int certificate_main(const struct invocation *i)
{
    struct wish w = {0};
    if (!read_words(&w, i->argc - 1, i->argv + 1))
        return complain(2, "%s", usage);
    return w.renews ? renew(i, &w) : list(i, w.is_json);
}
