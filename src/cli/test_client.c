/* What would be done with a client, and why: by the parts of the server that decide. */
#include "base/inet.h"
#include "base/json.h"
#include "cli/client_trial.h"
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char how[] =
    "use it as: plainpost test-client [--json] [--helo NAME] [--from SENDER] IP";

struct trial {
    struct client_trial_settings settings;
    const char *address; /* as given */
    bool as_json;
    struct client_trial found;
};

static bool parse(const struct invocation *i, struct trial *t)
{
    for (int n = 1; n < i->argc; n++) {
        const char *word = i->argv[n];
        if (strcmp(word, "--json") == 0)
            t->as_json = true;
        else if (strcmp(word, "--helo") == 0 && n + 1 < i->argc)
            t->settings.hello = span_of(i->argv[++n]);
        else if (strcmp(word, "--from") == 0 && n + 1 < i->argc)
            t->settings.sender = span_of(i->argv[++n]);
        else if (word[0] == '-' || t->address)
            return false;
        else
            t->address = word;
    }
    return t->address != NULL;
}

/* ---- telling */

static void add_verdict(struct buffer *out, const struct trial *t)
{
    const struct options *o = t->settings.options;
    buffer_printf(out, "%s ", t->address);
    if (t->found.is_trusted)
        buffer_add_text(out, "is let in: it is of a trusted network, whatever its points.\n");
    else if (t->found.is_let_in)
        buffer_add_text(out, "is let in, whatever its points (let-in).\n");
    else if (!entry_is_used(o))
        buffer_add_text(out, "is let in: points matter only with greylist-points or "
                             "refuse-points.\n");
    else if (t->found.verdict == ENTRY_REFUSED)
        buffer_printf(out, "is refused (from %llu points on).\n",
                      (unsigned long long)o->entry.refuse_points);
    else if (t->found.verdict == ENTRY_DOUBTFUL)
        buffer_printf(out, "is asked to come again (from %llu points on); then it is let in.\n",
                      (unsigned long long)o->entry.greylist_points);
    else if (t->found.is_known)
        buffer_add_text(out, "is let in: its network has come again before.\n");
    else
        buffer_add_text(out, "is let in.\n");
}

static void add_finding(struct buffer *out, const struct trial *t, const struct entry_finding *f)
{
    struct buffer remedy = BUFFER_EMPTY;
    buffer_printf(out, "  %4d  ", f->points);
    entry_finding_words(out, &t->found.client, f);
    entry_finding_remedy(&remedy, &t->found.client, f);
    if (remedy.len)
        buffer_printf(out, "\n        What helps: %s", buffer_text(&remedy));
    buffer_add_char(out, '\n');
    buffer_free(&remedy);
}

static void print_text(struct buffer *out, const struct trial *t)
{
    const struct entry_score *s = &t->found.score;
    add_verdict(out, t);
    buffer_printf(out, "It has %d points%s\n", s->points, s->count ? ":" : ".");
    for (size_t i = 0; i < s->count; i++)
        add_finding(out, t, &s->findings[i]);
    for (size_t i = 0; i < s->unknown_count; i++)
        buffer_printf(out, "     ?  %s%.*s gives no answer: %.*s\n",
                      s->unknowns[i].is_of_list ? "the list " : "", SPAN_F(s->unknowns[i].name),
                      SPAN_F(s->unknowns[i].why));
    if (t->found.verdict == ENTRY_WELCOME)
        return;
    buffer_add_text(out, "At RCPT it hears:\n");
    struct buffer lines = BUFFER_EMPTY;
    reply_add(&lines, t->found.reply);
    for (struct span rest = buffer_span(&lines); rest.len;) {
        struct span line = span_trim(span_cut(&rest, '\n'));
        buffer_printf(out, "  %.*s\n", SPAN_F(line));
    }
    buffer_free(&lines);
}

static void json_finding(struct json *j, const struct trial *t, const struct entry_finding *f)
{
    struct buffer words = BUFFER_EMPTY, remedy = BUFFER_EMPTY;
    entry_finding_words(&words, &t->found.client, f);
    entry_finding_remedy(&remedy, &t->found.client, f);
    json_object(j);
    json_text(j, "what", span_of(entry_fact_word(f->fact)));
    if (f->list)
        json_text(j, "list", f->list->name);
    json_number(j, "points", f->points);
    json_text(j, "words", buffer_span(&words));
    json_known_text(j, "remedy", buffer_span(&remedy));
    json_end(j);
    buffer_free(&words);
    buffer_free(&remedy);
}

static void print_json(struct buffer *out, const struct trial *t)
{
    static const char *const verdicts[] = {
        [ENTRY_WELCOME] = "let-in", [ENTRY_DOUBTFUL] = "greylisted", [ENTRY_REFUSED] = "refused"};
    struct json j = json_start(out);
    json_object(&j);
    json_text(&j, "client", span_of(t->address));
    json_text(&j, "verdict", span_of(verdicts[t->found.verdict]));
    json_bool(&j, "trusted", t->found.is_trusted);
    json_bool(&j, "let_in", t->found.is_let_in);
    json_bool(&j, "known", t->found.is_known);
    json_number(&j, "points", t->found.score.points);
    json_member_array(&j, "findings");
    for (size_t i = 0; i < t->found.score.count; i++)
        json_finding(&j, t, &t->found.score.findings[i]);
    json_end(&j);
    json_member_array(&j, "unanswered");
    for (size_t i = 0; i < t->found.score.unknown_count; i++) {
        json_object(&j);
        json_text(&j, "name", t->found.score.unknowns[i].name);
        json_text(&j, "why", t->found.score.unknowns[i].why);
        json_end(&j);
    }
    json_end(&j);
    if (t->found.verdict != ENTRY_WELCOME) {
        json_number(&j, "code", t->found.reply.code);
        json_text(&j, "reply", t->found.reply.text);
    }
    json_end(&j);
    buffer_add_char(out, '\n');
}

int test_client_main(const struct invocation *i)
{
    static const int statuses[] = {
        [ENTRY_WELCOME] = 0, [ENTRY_DOUBTFUL] = EX_TEMPFAIL, [ENTRY_REFUSED] = 1};
    struct trial t = {.settings.options = i->options};
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    if (!parse(i, &t))
        return complain(2, "%s", how);
    if (!inet_parse(span_of(t.address), t.settings.address))
        return complain(2, "\"%s\" is no address of a client: 192.0.2.1 or 2001:db8::1", t.address);
    if (!client_trial_make(&t.found, &t.settings, &e))
        return complain(EX_CONFIG, "%s", e.text);
    (t.as_json ? print_json : print_text)(&out, &t);
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
    client_trial_free(&t.found);
    return statuses[t.found.verdict];
}
