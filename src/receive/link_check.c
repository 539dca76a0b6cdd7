/* The message is with a worker while it is looked at, so it comes back, or goes with the session.
 * Where lists in the DNS do not answer in time, it is decided by what is known: nobody's mail waits
 * for somebody else's name server. */
#include "receive/link_check.h"

#include "base/memory.h"
#include "receive/links_said.h"

#include <stdlib.h>

enum { PATIENCE = 4000, COMPLAINS_EACH = 60000 }; /* ms */

struct link_check {
    struct session *session; /* NULL: it has gone */
    struct work work;
    bool works; /* the worker has the message, and what is known */
    struct buffer message;
    const struct options *options; /* a reference */
    struct directory *directory;   /* likewise */
    struct sent_links seen;
    struct sent_links_unknown unknown;
    struct lookups lookups;
    struct resolving resolving;
    int64_t until_ms; /* by the loop's clock, for all questions together */
    struct arena arena;
};

/* ---- coming and going */

static void link_check_free(struct link_check *c)
{
    directory_unref(&c->directory);
    options_unref(&c->options);
    lookups_free(&c->lookups);
    buffer_free(&c->message);
    arena_clear(&c->arena);
    free(c);
}

void link_check_forget(struct session *s)
{
    struct link_check *c = s->link_check;
    s->link_check = NULL;
    if (!c)
        return;
    resolve_stop(&c->resolving);
    c->session = NULL;
    if (!c->works)
        link_check_free(c);
}

/* ---- what follows */

/* Not for each message: when the DNS is dead, it is so for all. */
static void complain(const struct link_check *c)
{
    struct receiver *r = c->session->receiver;
    int64_t now = loop_now(r->loop);
    if (!c->unknown.list.len)
        return;
    bool is_time = !r->links_complained_ms || now - r->links_complained_ms >= COMPLAINS_EACH;
    if (is_time)
        r->links_complained_ms = now;
    links_note_unknown(&c->unknown, is_time);
}

static enum judgement decide(struct link_check *c, struct arena *a, struct reply *reply)
{
    struct session *s = c->session;
    const struct transaction *t = server_transaction(s->server);
    complain(c);
    if (!c->seen.found.fault)
        return JUDGE_TAKES;
    links_note(&c->seen.found, login_of(s), t->reverse_path);
    if (c->options->sending.check_links != CHECK_LINKS_REFUSE)
        return JUDGE_TAKES;
    s->judging.about = t->recipients[0].address;
    *reply = links_refusal(&c->seen.found, c->options->hostname, a);
    return JUDGE_REFUSES;
}

/* ---- step by step */

static void answered(struct resolving *g);

/* True: all is known that will be. */
static bool go_on(struct link_check *c)
{
    struct receiver *r = c->session->receiver;
    while (!sent_links_ask(&c->options->sending, &c->lookups, &c->seen, &c->unknown, &c->arena)) {
        if (resolve_known(r->resolve, &c->lookups))
            continue;
        c->resolving.lookups = &c->lookups;
        c->resolving.done = answered;
        resolve_start(r->resolve, &c->resolving, c->until_ms);
        return false;
    }
    return true;
}

static void go_on_later(struct link_check *c)
{
    struct session *s = c->session;
    struct arena a = ARENA_EMPTY;
    struct reply reply = s->judging.reply;
    if (go_on(c)) {
        enum judgement j = decide(c, &a, &reply);
        judging_answered(s, j == JUDGE_TAKES ? s->judging.reply : reply);
    }
    arena_clear(&a);
}

static void answered(struct resolving *g)
{
    go_on_later(LIST_ENTRY(g, struct link_check, resolving));
}

static void look(struct work *w) /* in a worker */
{
    struct link_check *c = LIST_ENTRY(w, struct link_check, work);
    struct arena a = ARENA_EMPTY;
    const struct sent_links_known known = links_known(c->directory, c->options, &a);
    sent_links_see(buffer_span(&c->message), &known, &c->seen, &c->arena);
    arena_clear(&a);
}

static void looked(struct task *t)
{
    struct link_check *c = LIST_ENTRY(t, struct link_check, work.task);
    struct session *s = c->session;
    c->works = false;
    if (!s) {
        link_check_free(c);
        return;
    }
    server_transaction(s->server)->message = c->message;
    c->message = BUFFER_EMPTY;
    c->until_ms = loop_now(s->receiver->loop) + PATIENCE;
    go_on_later(c);
}

/* ---- the judge */

static bool is_checked(const struct session *s)
{
    const struct transaction *t = server_transaction(s->server);
    return s->entrance->options->sending.check_links != CHECK_LINKS_OFF && login_of(s).len &&
           !links_are_reported(t->recipients, t->recipient_count);
}

enum judgement judge_sent_links(struct session *s, struct arena *a, struct reply *reply)
{
    struct receiver *r = s->receiver;
    struct transaction *t = server_transaction(s->server);
    link_check_forget(s); /* what was found of the message before */
    if (!is_checked(s))
        return JUDGE_TAKES;
    struct link_check *c = memory_new(sizeof *c);
    c->session = s;
    c->options = options_ref(s->entrance->options);
    c->directory = directory_ref(r->directory);
    c->message = t->message;
    t->message = BUFFER_EMPTY;
    c->works = true;
    c->work = (struct work){.task.run = looked, .loop = r->loop, .call = look};
    s->link_check = c;
    atomic_fetch_add(&r->house->memory, c->message.len - s->counted);
    s->counted = c->message.len;
    workers_submit(r->house->settings.verifiers, &c->work);
    return JUDGE_ANSWERS_LATER;
}

bool link_check_has_message(const struct session *s)
{
    return s->link_check && s->link_check->works;
}

struct span link_check_words(const struct session *s)
{
    struct link_check *c = s->link_check;
    return c && c->seen.found.fault ? links_words(&c->seen.found, &c->arena) : SPAN_NONE;
}

const struct link_finding *link_check_held(const struct session *s)
{
    const struct link_check *c = s->link_check;
    bool is = c && c->seen.found.fault && c->options->sending.check_links == CHECK_LINKS_HOLD;
    return is ? &c->seen.found : NULL;
}
