/* "plainpost queue": the server does it; here is who asks the person. */
#include "cli/commands.h"

#include "cli/queue_words.h"
#include "control/client.h"
#include "sys/clock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char unreadable[] = "the server's answer could not be read; is it of another version?";

int complain_no_server(const struct options *o)
{
    return complain(1, "no plainpost runs on %.*s; start it with \"plainpost serve\"",
                    SPAN_F(o->state));
}

/* ---- what is told */

/* While a person waits, he sees that it goes on. */
static void show_progress(struct span line)
{
    uint64_t at = 0, of = 0;
    if (!isatty(STDERR_FILENO))
        return;
    span_word(&line);
    if (span_to_u64(span_word(&line), UINT64_MAX, &at) &&
        span_to_u64(span_word(&line), UINT64_MAX, &of))
        fprintf(stderr, "\r  looked at %llu of %llu messages ...\r", (unsigned long long)at,
                (unsigned long long)of);
}

static void clear_progress(bool was_shown)
{
    if (was_shown && isatty(STDERR_FILENO))
        fputs("\r                                                      \r", stderr);
}

static bool print_line(const struct queue_words *w, struct span line)
{
    struct buffer out = BUFFER_EMPTY;
    int64_t now = clock_now_ms();
    bool ok = true;
    if (w->is_json)
        buffer_printf(&out, "%.*s\n", SPAN_F(line));
    else if (w->request.verb == VERB_SHOW)
        ok = queue_words_show(&out, line, now, clock_offset_minutes(now));
    else if (w->request.verb == VERB_SUSPENDED)
        ok = queue_words_suspended(&out, line, now);
    else
        ok = queue_words_entry(&out, line, now, clock_offset_minutes(now));
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
    return ok;
}

static int tell_nothing(const struct queue_words *w)
{
    if (w->request.verb == VERB_SHOW)
        return complain(1, "there is no such message in the queue; \"plainpost queue ls\" shows "
                           "those that are, \"plainpost trace\" tells of those that were");
    if (w->is_json)
        return 0;
    puts(w->request.verb == VERB_SUSPENDED     ? "Nothing is suspended."
         : filter_is_empty(&w->request.filter) ? "The queue is empty."
                                               : "No message in the queue is like that.");
    return 0;
}

static int print_list(struct control_client *c, const struct queue_words *w)
{
    struct span line;
    struct error e;
    size_t count = 0;
    int got;
    bool has_progress = false;
    while ((got = control_next(c, &line, &e)) > 0) {
        bool is_progress = span_starts(line, SPAN("progress "));
        if (is_progress)
            show_progress(line);
        else
            clear_progress(has_progress);
        has_progress = is_progress;
        if (is_progress)
            continue;
        if (!print_line(w, line))
            return complain(1, "%s", unreadable);
        count++;
    }
    clear_progress(has_progress);
    if (got < 0)
        return complain(1, "%s", e.text);
    return count ? 0 : tell_nothing(w);
}

/* ---- what is done */

struct choice {
    struct buffer samples; /* lines for people */
    uint64_t messages, recipients, shown;
};

static bool read_sizes(struct span line, uint64_t *a, uint64_t *b)
{
    span_word(&line);
    return span_to_u64(span_word(&line), UINT64_MAX, a) &&
           span_to_u64(span_word(&line), UINT64_MAX, b);
}

/* Until the server has chosen, and waits. */
static bool read_choice(struct control_client *c, struct choice *choice, struct error *e)
{
    struct span line;
    bool has_progress = false;
    while (control_next(c, &line, e) > 0) {
        if (span_starts(line, SPAN("progress "))) {
            show_progress(line);
            has_progress = true;
        } else if (span_starts(line, SPAN("sample "))) {
            choice->shown++;
            buffer_add_text(&choice->samples, "  ");
            if (!queue_words_entry(&choice->samples, span_skip(line, 7), clock_now_ms(),
                                   clock_offset_minutes(clock_now_ms())))
                return error_set(e, "%s", unreadable);
        } else if (span_starts(line, SPAN("selected "))) {
            clear_progress(has_progress);
            return read_sizes(line, &choice->messages, &choice->recipients) ||
                   error_set(e, "%s", unreadable);
        } else {
            return error_set(e, "%s", unreadable);
        }
    }
    return false;
}

static void print_plan(FILE *to, const struct queue_words *w, const struct choice *choice)
{
    struct buffer out = BUFFER_EMPTY;
    queue_words_plan(&out, &w->request, choice->messages, choice->recipients);
    fprintf(to, "%s\n%s", buffer_text(&out), buffer_text(&choice->samples));
    if (choice->messages > choice->shown)
        fprintf(to, "  ... and %llu more\n",
                (unsigned long long)(choice->messages - choice->shown));
    buffer_free(&out);
}

/* What can be undone, and names each message, says enough. */
static bool needs_no_question(const struct queue_words *w)
{
    return w->is_sure || (w->request.filter.id_count && !verb_ends_mail(w->request.verb));
}

int ask_to_go_on(void)
{
    char answer[16] = "";
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return complain(1, "nothing was done: there is nobody to ask here; say --yes to do it");
    fputs("Go on? [y/N] ", stderr);
    fflush(stderr);
    if (fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
        return 0;
    return complain(1, "nothing was done");
}

/* 0: it is to be done; else the exit status, and it was said. */
static int ask_person(const struct queue_words *w, const struct choice *choice)
{
    if (needs_no_question(w) && !w->is_dry)
        return 0;
    print_plan(w->is_dry ? stdout : stderr, w, choice);
    if (w->is_dry) {
        puts("Nothing was done: --dry-run.");
        return -1;
    }
    return ask_to_go_on();
}

static int tell_done(struct control_client *c, const struct queue_words *w)
{
    struct buffer out = BUFFER_EMPTY;
    struct span line;
    struct error e;
    uint64_t done = 0, gone = 0;
    int got = control_next(c, &line, &e);
    if (got < 0 || !read_sizes(line, &done, &gone))
        return complain(1, "%s", got < 0 ? e.text : unreadable);
    queue_words_done(&out, w->request.verb, done);
    if (gone)
        buffer_printf(&out, " %llu had been finished meanwhile.", (unsigned long long)gone);
    puts(buffer_text(&out));
    buffer_free(&out);
    return 0;
}

static int nothing_chosen(const struct queue_words *w)
{
    const char *what = w->request.verb == VERB_RELEASE ? "message on hold" : "message";
    return complain(1,
                    "there is no %s in the queue that this means; \"plainpost queue ls\" shows "
                    "those that are there",
                    what);
}

static int act(struct control_client *c, const struct queue_words *w)
{
    struct choice choice = {0};
    struct error e;
    int status = 0;
    if (!read_choice(c, &choice, &e))
        status = complain(1, "%s", e.text);
    else if (!choice.messages && w->request.is_all)
        puts("The queue is empty.");
    else if (!choice.messages)
        status = nothing_chosen(w);
    else if ((status = ask_person(w, &choice)) == 0)
        status = control_say(c, "go", &e) ? tell_done(c, w) : complain(1, "%s", e.text);
    buffer_free(&choice.samples);
    return status < 0 ? 0 : status;
}

static int change_suspension(struct control_client *c, const struct queue_words *w)
{
    struct span line, name = w->request.name;
    struct error e;
    if (control_next(c, &line, &e) < 0)
        return complain(1, "%s", e.text);
    if (w->request.verb == VERB_SUSPEND)
        printf("Nothing goes to %.*s any more, until \"plainpost queue resume %.*s\".\n",
               SPAN_F(name), SPAN_F(name));
    else
        printf("Mail to %.*s goes again.\n", SPAN_F(name));
    return 0;
}

static int converse(struct control_client *c, const struct queue_words *w)
{
    enum verb v = w->request.verb;
    if (verb_is_act(v))
        return act(c, w);
    return v == VERB_SUSPEND || v == VERB_RESUME ? change_suspension(c, w) : print_list(c, w);
}

int queue_main(const struct invocation *i)
{
    struct queue_words w;
    struct control_client c;
    struct error e;
    int status;
    if (!queue_words_parse(&w, i->argc - 1, i->argv + 1, &e)) {
        queue_words_free(&w);
        return complain(2, "%s", e.text);
    }
    int found = control_start(&c, i->options, buffer_span(&w.text), &e);
    if (found < 0)
        status = complain(1, "%s", e.text);
    else if (!found)
        status = complain_no_server(i->options);
    else
        status = converse(&c, &w);
    if (found > 0)
        control_finish(&c);
    queue_words_free(&w);
    return status;
}
