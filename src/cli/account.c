/* "plainpost account": the server knows and decides; here is who speaks with the person. */
#include "cli/commands.h"

#include "cli/account_logins.h"
#include "cli/account_text.h"
#include "control/client.h"
#include "sys/clock.h"

#include <stdio.h>
#include <string.h>

static const char unreadable[] = "the server's answer could not be read; is it of another version?";

static const struct way {
    const char *word, *verb, *rest; /* rest: of what is to be written */
} verbs[] = {
    {"ls", "accounts", "[--json]"},
    {"show", "account", "NAME [--json]"},
    {"hold", "account-hold", "NAME --why TEXT [--yes]"},
    {"release", "account-release", "NAME [--why TEXT] [--yes]"},
    {"revoke", "account-revoke", "NAME [--why TEXT] [--yes]"},
    {"restore", "account-restore", "NAME [--yes]"},
    {"profile", "account-profile", "NAME person|newsletter NUMBER|service NUMBER [--yes]"},
    {"changed", "account-changed", "NAME --what forwarding|filter|password [--why TEXT]"},
};

struct wish {
    const char *verb, *name, *why, *what;
    struct buffer profile, text; /* text: the request */
    struct arena arena;
    struct request request;
    bool is_json, is_sure;
};

static bool is_verb(const struct way *v, int count, char **words)
{
    return count > 0 && strcmp(words[0], v->word) == 0;
}

/* How the verb that was named is used; or, if it is none of them, all. */
static int say_usage(int count, char **words)
{
    struct buffer all = BUFFER_EMPTY;
    bool is_known = false;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        is_known |= is_verb(&verbs[i], count, words);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!is_known || is_verb(&verbs[i], count, words))
            buffer_printf(&all, "%splainpost account %s %s",
                          all.len ? "\n                      " : "use it as: ", verbs[i].word,
                          verbs[i].rest);
    complain(2, "%s", buffer_text(&all));
    buffer_free(&all);
    return 2;
}

static bool read_words(struct wish *w, int count, char **words)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (is_verb(&verbs[i], count, words))
            w->verb = verbs[i].verb;
    if (!w->verb)
        return false;
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--json") == 0)
            w->is_json = true;
        else if (strcmp(words[i], "--yes") == 0)
            w->is_sure = true;
        else if (strcmp(words[i], "--why") == 0 && i + 1 < count)
            w->why = words[++i];
        else if (strcmp(words[i], "--what") == 0 && i + 1 < count)
            w->what = words[++i];
        else if (words[i][0] == '-' && words[i][1])
            return false;
        else if (!w->name)
            w->name = words[i];
        else
            buffer_printf(&w->profile, "%s%s", w->profile.len ? " " : "", words[i]);
    }
    bool is_list = strcmp(w->verb, "accounts") == 0, is_show = strcmp(w->verb, "account") == 0;
    bool is_profile = strcmp(w->verb, "account-profile") == 0;
    bool is_changed = strcmp(w->verb, "account-changed") == 0;
    return is_list == !w->name && is_profile == (w->profile.len > 0) && (!w->what || is_changed) &&
           (!w->is_json || is_list || is_show) && (!w->why || (!is_list && !is_show));
}

static void write_request(struct wish *w)
{
    buffer_printf(&w->text, "%s\n", w->verb);
    if (w->name)
        request_add(&w->text, "name", span_of(w->name));
    if (w->why)
        request_add(&w->text, "why", span_of(w->why));
    if (w->what)
        request_add(&w->text, "what", span_of(w->what));
    if (w->profile.len)
        request_add(&w->text, "profile", buffer_span(&w->profile));
}

/* ---- what is known */

static int print_all(struct control_client *c, const struct wish *w)
{
    struct span line;
    struct error e;
    size_t count = 0;
    int got;
    bool is_list = w->request.verb == VERB_ACCOUNTS;
    for (; (got = control_next(c, &line, &e)) > 0; count++) {
        struct buffer out = BUFFER_EMPTY;
        json_t *account = w->is_json ? NULL : json_loadb(line.at, line.len, 0, NULL);
        if (!w->is_json && !account)
            return complain(1, "%s", unreadable);
        if (w->is_json)
            buffer_printf(&out, "%.*s\n", SPAN_F(line));
        else
            (is_list ? account_text_entry
                     : account_text_show)(&out, account, clock_offset_minutes(clock_now_ms()));
        fputs(buffer_text(&out), stdout);
        buffer_free(&out);
        json_decref(account);
    }
    if (got < 0)
        return complain(1, "%s", e.text);
    if (!count && !w->is_json)
        puts("No account has sent anything to other servers yet.");
    return 0;
}

/* 0: `account`; else the exit status, and it was said. */
static int look_up(const struct invocation *i, const struct wish *w, json_t **account)
{
    struct buffer text = BUFFER_EMPTY;
    struct control_client c;
    struct span line;
    struct error e;
    int status = 0;
    buffer_add_text(&text, "account\n");
    request_add(&text, "name", w->request.name);
    int found = control_start(&c, i->options, buffer_span(&text), &e);
    int got = found > 0 ? control_next(&c, &line, &e) : found;
    if (found == 0)
        status = complain_no_server(i->options);
    else if (got < 0)
        status = complain(1, "%s", e.text);
    else if (!got || !(*account = json_loadb(line.at, line.len, 0, NULL)))
        status = complain(1, "%s", unreadable);
    if (found > 0)
        control_finish(&c);
    buffer_free(&text);
    return status;
}

/* ---- what is done */

/* What was never heard of can be held, and can declare what it sends. */
static bool needs_no_question(const struct wish *w)
{
    enum verb v = w->request.verb;
    return w->is_sure || v == VERB_ACCOUNTS || v == VERB_ACCOUNT || v == VERB_ACCOUNT_HOLD ||
           v == VERB_ACCOUNT_PROFILE || v == VERB_ACCOUNT_CHANGED;
}

static int ask_person(const struct invocation *i, const struct wish *w)
{
    struct buffer out = BUFFER_EMPTY;
    json_t *account = NULL;
    if (needs_no_question(w))
        return 0;
    int status = look_up(i, w, &account);
    if (status)
        return status;
    account_text_plan(&out, &w->request, account, clock_offset_minutes(clock_now_ms()));
    fputs(buffer_text(&out), stderr);
    buffer_free(&out);
    json_decref(account);
    return ask_to_go_on();
}

static int tell_done(struct control_client *c, const struct wish *w, const struct options *o)
{
    struct buffer out = BUFFER_EMPTY;
    struct span line;
    struct error e;
    if (control_next(c, &line, &e) < 0)
        return complain(1, "%s", e.text);
    account_text_done(&out, &w->request);
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
    return w->request.verb == VERB_ACCOUNT_REVOKE ? account_drop_app_passwords(o, w->request.name)
                                                  : 0;
}

static int run(const struct invocation *i, const struct wish *w)
{
    struct control_client c;
    struct error e;
    bool is_question = w->request.verb == VERB_ACCOUNTS || w->request.verb == VERB_ACCOUNT;
    int status = ask_person(i, w);
    if (status)
        return status;
    int found = control_start(&c, i->options, buffer_span(&w->text), &e);
    if (found < 0)
        return complain(1, "%s", e.text);
    if (!found)
        return complain_no_server(i->options);
    status = is_question ? print_all(&c, w) : tell_done(&c, w, i->options);
    control_finish(&c);
    return status;
}

int account_main(const struct invocation *i)
{
    struct wish w = {0};
    struct error e;
    int status;
    if (!read_words(&w, i->argc - 1, i->argv + 1)) {
        status = say_usage(i->argc - 1, i->argv + 1);
    } else {
        write_request(&w);
        status = request_parse(&w.request, buffer_span(&w.text), &w.arena, &e)
                     ? run(i, &w)
                     : complain(2, "%s", e.text);
    }
    arena_clear(&w.arena);
    buffer_free(&w.profile);
    buffer_free(&w.text);
    return status;
}
