/* What would be done with a client, and why: by the parts of the server that decide. */
#include "base/inet.h"
#include "base/json.h"
#include "cli/check_dns.h"
#include "cli/commands.h"
#include "control/client.h"
#include "entry/words.h"
#include "mail/address.h"
#include "store/greylist_file.h"
#include "sys/clock.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const char how[] =
    "use it as: plainpost test-client [--json] [--helo NAME] [--from SENDER] IP";

struct trial {
    const struct options *options;
    struct entry_client client;
    const char *address, *hello, *sender; /* as given; the latter two may be NULL */
    bool as_json;
    bool is_trusted, is_let_in; /* then nobody asks */
    bool is_known;              /* its network has come again before */
    struct entry_score score;
    enum entry_verdict verdict;
    struct reply reply; /* unless it is welcome */
    struct arena arena;
};

static bool parse(const struct invocation *i, struct trial *t)
{
    for (int n = 1; n < i->argc; n++) {
        const char *word = i->argv[n];
        if (strcmp(word, "--json") == 0)
            t->as_json = true;
        else if (strcmp(word, "--helo") == 0 && n + 1 < i->argc)
            t->hello = i->argv[++n];
        else if (strcmp(word, "--from") == 0 && n + 1 < i->argc)
            t->sender = i->argv[++n];
        else if (word[0] == '-' || t->address)
            return false;
        else
            t->address = word;
    }
    return t->address != NULL;
}

/* ---- finding out */

static bool is_in(const struct network *networks, size_t count, const unsigned char address[16])
{
    for (size_t i = 0; i < count; i++)
        if (network_contains(&networks[i], address))
            return true;
    return false;
}

/* Who says his own address is no worse for it: as if nothing was said. */
static void take_client(struct trial *t)
{
    struct entry_client *c = &t->client;
    const struct options *o = t->options;
    const char *prefix = inet_is_v4(c->address) ? "" : "IPv6:";
    c->hello = t->hello ? span_of(t->hello) : arena_printf(&t->arena, "[%s%s]", prefix, t->address);
    c->sender_domain = address_domain(span_of(t->sender));
    c->our_name = o->hostname;
    t->is_trusted = is_in(o->trusted, o->trusted_count, c->address);
    t->is_let_in = is_in(o->entry.let_in, o->entry.let_in_count, c->address);
}

static bool ask(struct trial *t, struct error *e)
{
    const struct options *o = t->options;
    const struct dns_settings dns = {o->dns, o->dns_count, o->dns_anchor};
    struct lookups l = {0};
    struct check_dns *d = check_dns_new(&dns, e);
    if (!d)
        return false;
    while (!entry_score(o, &t->client, &l, &t->score, &t->arena))
        check_dns_answer(d, &l);
    check_dns_free(&d);
    lookups_free(&l);
    return true;
}

/* The server's list, where there is one, and it is ours to read. */
static void look_at_greylist(struct trial *t)
{
    const struct options *o = t->options;
    const struct greylist_settings s = {o->entry.greylist_wait,
                                        o->entry.greylist_retry,
                                        o->entry.greylist_keep,
                                        SIZE_MAX,
                                        SIZE_MAX,
                                        SIZE_MAX};
    struct error e;
    int64_t wait_ms;
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/greylist.sqlite", SPAN_F(o->state));
    control_catch_up(o, &e); /* without a server, what is there is all */
    if (access(buffer_text(&path), R_OK | W_OK) == 0) {
        struct greylist_file *f = greylist_file_open(buffer_text(&path), &s, &e);
        t->is_known = f && greylist_file_look(f, t->client.address, SPAN_NONE, SPAN_NONE,
                                              clock_now_ms(), &wait_ms) == GREYLIST_KNOWN;
        greylist_file_close(&f);
    }
    buffer_free(&path);
}

static void decide(struct trial *t)
{
    const struct options *o = t->options;
    struct span to = arena_printf(&t->arena, "someone@%.*s", SPAN_F(o->hostname));
    t->verdict = t->is_trusted || t->is_let_in ? ENTRY_WELCOME : entry_decide(o, t->score.points);
    if (t->verdict == ENTRY_DOUBTFUL) {
        look_at_greylist(t);
        t->reply = entry_wait(&t->client, &t->score, to, o->entry.greylist_wait, &t->arena);
    } else if (t->verdict == ENTRY_REFUSED) {
        t->reply = entry_refusal(&t->client, &t->score, to, o->hostname, &t->arena);
    }
    if (t->is_known)
        t->verdict = ENTRY_WELCOME;
}

/* ---- telling */

static void add_verdict(struct buffer *out, const struct trial *t)
{
    const struct options *o = t->options;
    buffer_printf(out, "%s ", t->address);
    if (t->is_trusted)
        buffer_add_text(out, "is let in: it is of a trusted network, whatever its points.\n");
    else if (t->is_let_in)
        buffer_add_text(out, "is let in, whatever its points (let-in).\n");
    else if (!entry_is_used(o))
        buffer_add_text(out, "is let in: points matter only with greylist-points or "
                             "refuse-points.\n");
    else if (t->verdict == ENTRY_REFUSED)
        buffer_printf(out, "is refused (from %llu points on).\n",
                      (unsigned long long)o->entry.refuse_points);
    else if (t->verdict == ENTRY_DOUBTFUL)
        buffer_printf(out, "is asked to come again (from %llu points on); then it is let in.\n",
                      (unsigned long long)o->entry.greylist_points);
    else if (t->is_known)
        buffer_add_text(out, "is let in: its network has come again before.\n");
    else
        buffer_add_text(out, "is let in.\n");
}

static void add_finding(struct buffer *out, const struct trial *t, const struct entry_finding *f)
{
    struct buffer remedy = BUFFER_EMPTY;
    buffer_printf(out, "  %4d  ", f->points);
    entry_finding_words(out, &t->client, f);
    entry_finding_remedy(&remedy, &t->client, f);
    if (remedy.len)
        buffer_printf(out, "\n        What helps: %s", buffer_text(&remedy));
    buffer_add_char(out, '\n');
    buffer_free(&remedy);
}

static void print_text(struct buffer *out, const struct trial *t)
{
    const struct entry_score *s = &t->score;
    add_verdict(out, t);
    buffer_printf(out, "It has %d points%s\n", s->points, s->count ? ":" : ".");
    for (size_t i = 0; i < s->count; i++)
        add_finding(out, t, &s->findings[i]);
    for (size_t i = 0; i < s->unknown_count; i++)
        buffer_printf(out, "     ?  %s%.*s gives no answer: %.*s\n",
                      s->unknowns[i].is_of_list ? "the list " : "", SPAN_F(s->unknowns[i].name),
                      SPAN_F(s->unknowns[i].why));
    if (t->verdict == ENTRY_WELCOME)
        return;
    buffer_add_text(out, "At RCPT it hears:\n");
    struct buffer lines = BUFFER_EMPTY;
    reply_add(&lines, t->reply);
    for (struct span rest = buffer_span(&lines); rest.len;) {
        struct span line = span_trim(span_cut(&rest, '\n'));
        buffer_printf(out, "  %.*s\n", SPAN_F(line));
    }
    buffer_free(&lines);
}

static void json_finding(struct json *j, const struct trial *t, const struct entry_finding *f)
{
    struct buffer words = BUFFER_EMPTY, remedy = BUFFER_EMPTY;
    entry_finding_words(&words, &t->client, f);
    entry_finding_remedy(&remedy, &t->client, f);
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
    json_text(&j, "verdict", span_of(verdicts[t->verdict]));
    json_bool(&j, "trusted", t->is_trusted);
    json_bool(&j, "let_in", t->is_let_in);
    json_bool(&j, "known", t->is_known);
    json_number(&j, "points", t->score.points);
    json_member_array(&j, "findings");
    for (size_t i = 0; i < t->score.count; i++)
        json_finding(&j, t, &t->score.findings[i]);
    json_end(&j);
    json_member_array(&j, "unanswered");
    for (size_t i = 0; i < t->score.unknown_count; i++) {
        json_object(&j);
        json_text(&j, "name", t->score.unknowns[i].name);
        json_text(&j, "why", t->score.unknowns[i].why);
        json_end(&j);
    }
    json_end(&j);
    if (t->verdict != ENTRY_WELCOME) {
        json_number(&j, "code", t->reply.code);
        json_text(&j, "reply", t->reply.text);
    }
    json_end(&j);
    buffer_add_char(out, '\n');
}

int test_client_main(const struct invocation *i)
{
    static const int statuses[] = {
        [ENTRY_WELCOME] = 0, [ENTRY_DOUBTFUL] = EX_TEMPFAIL, [ENTRY_REFUSED] = 1};
    struct trial t = {.options = i->options};
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    if (!parse(i, &t))
        return complain(2, "%s", how);
    if (!inet_parse(span_of(t.address), t.client.address))
        return complain(2, "\"%s\" is no address of a client: 192.0.2.1 or 2001:db8::1", t.address);
    take_client(&t);
    if (!ask(&t, &e)) {
        arena_clear(&t.arena);
        return complain(EX_CONFIG, "%s", e.text);
    }
    decide(&t);
    (t.as_json ? print_json : print_text)(&out, &t);
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
    arena_clear(&t.arena);
    return statuses[t.verdict];
}
