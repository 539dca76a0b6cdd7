#include "base/visible.h"
#include "cli/certificate_note.h"
#include "cli/commands.h"
#include "cli/ledger_access.h"
#include "control/client.h"
#include "control/refusal_text.h"
#include "control/request.h"
#include "control/story_search.h"
#include "control/story_text.h"
#include "store/feedback_book.h"
#include "store/ledger_owed.h"
#include "sys/clock.h"

#include <stdio.h>
#include <string.h>

enum { STORIES_AT_ONCE = 20, MOST_STORIES = 100000, MOST_REFUSALS = 10000 };

static const char how[] =
    "use it as: plainpost trace [--json] [--all] [--refused] ID|MESSAGE-ID|ADDRESS|CLIENT|--in "
    "DIGEST";

struct wish {
    bool as_json, all;
    bool is_in;      /* `what` is a digest, whose messages are wanted */
    bool is_refused; /* only what was refused is wanted */
    const char *what;
};

static bool parse(const struct invocation *i, struct wish *r)
{
    for (int n = 1; n < i->argc; n++) {
        if (strcmp(i->argv[n], "--json") == 0)
            r->as_json = true;
        else if (strcmp(i->argv[n], "--all") == 0)
            r->all = true;
        else if (strcmp(i->argv[n], "--in") == 0)
            r->is_in = true;
        else if (strcmp(i->argv[n], "--refused") == 0)
            r->is_refused = true;
        else if (i->argv[n][0] == '-' || r->what)
            return false;
        else
            r->what = i->argv[n];
    }
    return r->what && !(r->is_in && r->is_refused);
}

static int print_stories(const struct options *o, struct ledger *l, const message_id *ids,
                         size_t count, const struct wish *r, struct error *e)
{
    struct buffer book = BUFFER_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    size_t told = 0;
    int found = 0;
    buffer_printf(&book, "%.*s/feedback.sqlite", SPAN_F(o->state));
    if (r->as_json)
        json_array(&j);
    for (size_t i = 0; i < count && found >= 0; i++) {
        struct arena a = ARENA_EMPTY;
        struct story s;
        found = ledger_story(l, ids[i], &a, &s, e);
        if (found > 0 && !feedback_book_tell(buffer_text(&book), &s, &a, e))
            found = -1;
        if (found > 0 && r->as_json)
            story_print_json(&j, &s);
        else if (found > 0) {
            buffer_add_text(&out, told ? "\n" : "");
            story_print(&out, &s, clock_offset_minutes(s.envelope.accepted_ms));
        }
        told += found > 0;
        arena_clear(&a);
    }
    if (r->as_json) {
        json_end(&j);
        buffer_add_char(&out, '\n');
    }
    if (found >= 0 && (told || r->as_json))
        fputs(buffer_text(&out), stdout);
    buffer_free(&out);
    buffer_free(&book);
    return found < 0 ? -1 : (int)told;
}

static int nothing_found(const struct options *o, const struct wish *r)
{
    struct buffer what = BUFFER_EMPTY;
    visible_add(&what, span_of(r->what), 200);
    if (r->is_in) {
        complain(1, "nothing is known of a digest \"%s\" in %.*s", buffer_text(&what),
                 SPAN_F(o->state));
        buffer_free(&what);
        return 1;
    }
    complain(
        1,
        "nothing is known of \"%s\" in %.*s. It was taken as a queue id (11 letters and "
        "digits), a Message-ID, the address of a sender or recipient, a signed return path, or, of "
        "what was refused, "
        "a client's (192.0.2.7)",
        buffer_text(&what), SPAN_F(o->state));
    buffer_free(&what);
    return 1;
}

/* ---- what was refused */

static void print_refusals(const struct refusal *found, size_t count, const struct wish *r,
                           bool is_behind)
{
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    if (r->as_json)
        json_array(&j);
    for (size_t i = 0; i < count; i++) {
        if (r->as_json) {
            refusal_print_json(&j, &found[i]);
        } else {
            buffer_add_text(&out, i || is_behind ? "\n" : "");
            refusal_print(&out, &found[i], clock_offset_minutes(found[i].first_ms));
        }
    }
    if (r->as_json) {
        json_end(&j);
        buffer_add_char(&out, '\n');
    }
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
}

/* For programs only when they ask for nothing else, so that all they get is of one kind. How many;
 * -1: `e`. */
static int tell_refusals(const struct options *o, const struct wish *r, bool is_behind,
                         struct error *e)
{
    struct arena a = ARENA_EMPTY;
    struct buffer path = BUFFER_EMPTY;
    struct refusal *found;
    size_t count;
    if (r->is_in || (r->as_json && !r->is_refused))
        return 0;
    buffer_printf(&path, "%.*s/refusals.sqlite", SPAN_F(o->state));
    bool ok = refusal_book_find(buffer_text(&path), span_of(r->what),
                                r->all ? MOST_REFUSALS : STORIES_AT_ONCE, &a, &found, &count, e);
    if (ok && (count || r->as_json))
        print_refusals(found, count, r, is_behind);
    buffer_free(&path);
    arena_clear(&a);
    return ok ? (int)count : -1;
}

/* ---- through the server */

static int print_answer(struct control_client *c, const struct wish *r, struct error *e)
{
    struct span line;
    size_t lines = 0;
    int got;
    if (r->as_json)
        putchar('[');
    for (; (got = control_next(c, &line, e)) > 0; lines++)
        if (r->as_json)
            printf("%s%.*s", lines ? "," : "", SPAN_F(line));
        else
            printf("%.*s\n", SPAN_F(line));
    if (r->as_json)
        puts("]");
    return got < 0 ? -1 : lines ? 1 : 0;
}

static int ask_server(const struct invocation *i, const struct wish *r)
{
    struct control_client c;
    struct buffer text = BUFFER_EMPTY;
    struct error e;
    buffer_add_text(&text, "trace\n");
    request_add(&text, "what", span_of(r->what));
    if (r->all)
        request_add(&text, "all", SPAN_NONE);
    if (r->is_in)
        request_add(&text, "in", SPAN_NONE);
    if (r->is_refused)
        request_add(&text, "refused", SPAN_NONE);
    if (r->as_json)
        request_add(&text, "json", SPAN_NONE);
    int told = control_start(&c, i->options, buffer_span(&text), &e);
    buffer_free(&text);
    if (told == 0)
        return complain_no_server(i->options);
    if (told > 0) {
        told = print_answer(&c, r, &e);
        control_finish(&c);
    }
    if (told < 0)
        return complain(1, "%s", e.text);
    return told ? 0 : nothing_found(i->options, r);
}

static void say_there_are_more(int told, int refused, const struct wish *r)
{
    bool are_more = told == STORIES_AT_ONCE || refused == STORIES_AT_ONCE;
    if (are_more && !r->all && !r->is_in && !r->as_json)
        printf("\nThese are the %d newest; --all shows every one.\n", STORIES_AT_ONCE);
}

static int tell_stories(const struct options *o, struct ledger *l, const struct wish *r,
                        struct error *e)
{
    struct arena a = ARENA_EMPTY;
    message_id *ids;
    size_t count, limit = r->all || r->is_in ? MOST_STORIES : STORIES_AT_ONCE;
    int told = -1;
    if (r->is_refused)
        return 0;
    if ((r->is_in ? ledger_told_in : story_search)(l, span_of(r->what), limit, &a, &ids, &count, e))
        told = print_stories(o, l, ids, count, r, e);
    arena_clear(&a);
    return told;
}

int trace_main(const struct invocation *i)
{
    struct wish r = {0};
    struct error e;
    if (!parse(i, &r))
        return complain(2, "%s", how);
    if (ledger_is_for_others(i->options))
        return ask_server(i, &r);
    struct ledger *l = ledger_of_now(i->options, NULL, &e);
    int told = l ? tell_stories(i->options, l, &r, &e) : -1;
    int refused = told < 0 ? -1 : tell_refusals(i->options, &r, told > 0, &e);
    ledger_close(&l);
    if (refused < 0)
        return complain(1, "%s", e.text);
    say_there_are_more(told, refused, &r);
    int status = told + refused ? 0 : nothing_found(i->options, &r);
    if (!r.as_json)
        certificate_notes(i->options);
    return status;
}
