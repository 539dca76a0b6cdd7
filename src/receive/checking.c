/* Who is behind the message of a stranger? With the first recipient whose domain wants to know, the
 * DNS is asked for SPF, and the session goes on. At the end of the message it waits: for SPF, the
 * keys of all signatures and the policy of the author, which are asked for at once; then for a
 * worker, if there are signatures. When the time is over, what is not known is a temporary error.
 *
 * A session that goes takes its questions back. While a worker has the message, it stays until he
 * is done. */
#include "receive/checking.h"

#include "aggregate/row.h"
#include "base/memory.h"
#include "mail/address.h"
#include "mail/header.h"
#include "outcome/counts.h"
#include "receive/authentic.h"
#include "receive/second_chance.h"
#include "store/day_counts.h"
#include "sys/clock.h"
#include "sys/resolve.h"
#include "sys/tally.h"
#include "sys/worker.h"

#include <assert.h>
#include <stdlib.h>

enum { DAY_S = 86400 };
enum step { ASKS, VERIFIES, JUDGES, IS_DONE };

struct checking {
    struct session *session; /* NULL: it has gone */
    struct resolving resolving;
    struct lookups lookups;
    struct spf_request spf;
    enum step step;
    bool waits, works;     /* the session, for us; a worker */
    bool wants_refusals;   /* the recipients' domains do */
    int64_t until_ms;      /* by the loop's clock: then it is decided by what is known */
    struct buffer message; /* while a worker has it */
    struct message_verdict verdict;
    struct work work;
    struct buffer words; /* when it is done */
    enum vouched vouched;
    struct arena arena;   /* what is asked about, */
    struct arena results; /* and what was found by the answers so far */
};

/* ---- whose mail is checked */

/* Who comes by a Unix socket, and tells of nobody else, is a program of this machine. */
static bool is_stranger(const struct session *s)
{
    bool is_local = s->entrance->at->socket.len && !s->front;
    return !s->is_trusted && !login_of(s).len && !is_local && !(s->front && s->front->hides_client);
}

static enum domain_policy_word policy_for(const struct session *s, struct span recipient)
{
    const struct options *o = s->entrance->options;
    struct span domain = address_domain(recipient);
    return domain_policy_of(o->authenticate, o->authenticate_count,
                                   domain.len ? domain : o->hostname);
}

/* ---- coming and going */

static void checking_free(struct checking *c)
{
    lookups_free(&c->lookups);
    buffer_free(&c->message);
    buffer_free(&c->words);
    arena_clear(&c->arena);
    arena_clear(&c->results);
    free(c);
}

void checking_forget(struct session *s)
{
    struct checking *c = s->checking;
    s->checking = NULL;
    if (!c)
        return;
    resolve_stop(&c->resolving);
    c->session = NULL;
    if (!c->works)
        checking_free(c);
}

static struct checking *checking_new(struct session *s)
{
    const struct options *o = s->entrance->options;
    struct checking *c = memory_new(sizeof *c);
    c->session = s;
    c->lookups = (struct lookups){0};
    c->until_ms = loop_now(s->receiver->loop) + o->authenticate_timeout;
    c->spf = (struct spf_request){
        .sender = arena_copy(&c->arena, server_transaction(s->server)->reverse_path),
        .helo = arena_copy(&c->arena, server_client_name(s->server)),
        .receiver = arena_copy(&c->arena, s->entrance->server.hostname),
        .now = (uint64_t)(clock_now_ms() / 1000)};
    net_address_bytes(&s->peer, c->spf.client);
    return c;
}

/* ---- asking the DNS */

static void answered(struct resolving *g);

static void ask_dns(struct checking *c)
{
    c->resolving.lookups = &c->lookups;
    c->resolving.done = answered;
    resolve_start(c->session->receiver->resolve, &c->resolving, c->until_ms);
}

/* Is all known that is open? */
static bool is_known(struct checking *c)
{
    arena_clear(&c->results);
    return resolve_known(c->session->receiver->resolve, &c->lookups);
}

/* While the message comes. */
static void ask_for_spf(struct checking *c)
{
    struct spf_verdict v;
    arena_clear(&c->results);
    while (!spf_check(&c->spf, &c->lookups, &v, &c->results))
        if (!is_known(c)) {
            ask_dns(c);
            return;
        }
}

/* ---- what is found */

static void count(const struct checking *c)
{
    const struct message_verdict *v = &c->verdict;
    for (const struct lookups_question *q = c->lookups.first; q; q = q->next)
        if (q->is_answered)
            tally_add(COUNT_LOOKUPS + (unsigned)q->answer.result, 1);
    tally_add(COUNT_SPF + (unsigned)v->spf.result, 1);
    for (size_t i = 0; i < v->dkim_count; i++)
        tally_add(COUNT_DKIM + (unsigned)v->dkim[i].result, 1);
    if (!v->dkim_count)
        tally_add(COUNT_DKIM_NONE, 1);
    tally_add(COUNT_ARC + (unsigned)v->arc.state, 1);
    tally_add(COUNT_DMARC + (unsigned)v->dmarc.result, 1);
}

/* For what the author's domain is told of this day. */
static void count_for_report(const struct checking *c, bool is_refused, bool is_passed_on)
{
    const struct session *s = c->session;
    struct aggregate_seen seen = {.verdict = &c->verdict,
                                  .done = is_refused ? DMARC_REJECT : DMARC_DO_NOTHING,
                                  .is_passed_on = is_passed_on};
    struct buffer policy = BUFFER_EMPTY, row = BUFFER_EMPTY;
    struct span domain;
    if (!s->entrance->options->dmarc_reports.len)
        return;
    memcpy(seen.client, c->spf.client, sizeof seen.client);
    if (aggregate_row(&seen, &domain, &policy, &row)) {
        const struct day_count one = {buffer_span(&policy), buffer_span(&row), 1};
        const struct counted_day today = {(int64_t)(c->spf.now / DAY_S), domain};
        day_counts_add(s->receiver->house->settings.judged, &today, &one);
    }
    buffer_free(&policy);
    buffer_free(&row);
}

static struct span authserv_id(const struct session *s)
{
    const struct options *o = s->entrance->options;
    return o->authserv_id.len ? o->authserv_id : o->hostname;
}

/* Our field comes before the message, and what others have written in our name goes. `v`: NULL,
 * nothing was checked; it borrows from the message, and is nothing any more afterwards. */
static void write_results(const struct session *s, const struct message_verdict *v, struct arena *a)
{
    struct buffer *message = &server_transaction(s->server)->message;
    struct span all = buffer_span(message), server = authserv_id(s);
    struct span header = span_first(all, header_length(all));
    bool has_others = header_count(header, "Authentication-Results") > 0;
    struct buffer field = BUFFER_EMPTY, rest = BUFFER_EMPTY;
    if (v) {
        const struct authres results = message_results(v, server, a);
        authres_write(&field, &results);
    }
    if (has_others) {
        authres_remove(&rest, header, server);
        buffer_add_span(&rest, span_skip(all, header.len));
        buffer_free(message);
        *message = rest;
    }
    if (v)
        buffer_put_first(message, buffer_span(&field));
    buffer_free(&field);
}

/* By network, because large senders try again from another address. */
static bool has_tried_before(const struct checking *c)
{
    const struct session *s = c->session;
    struct buffer who = BUFFER_EMPTY;
    bool is_v4 = net_address_is_v6(&s->peer) == false;
    buffer_add(&who, (const char *)c->spf.client, is_v4 ? 15 : 8);
    buffer_add_span(&who, c->spf.sender);
    buffer_add_char(&who, 0);
    buffer_add_span(&who, c->verdict.dmarc.author);
    bool has = second_chance_is(s->receiver->house->second_chances, buffer_span(&who),
                                loop_now(s->receiver->loop));
    buffer_free(&who);
    return has;
}

static enum judgement refuse(struct checking *c, enum authentic_ruling ruling, struct arena *a,
                             struct reply *reply)
{
    struct session *s = c->session;
    tally_add(ruling == AUTHENTIC_REFUSED ? COUNT_UNAUTHENTIC : COUNT_UNAUTHENTIC_FOR_NOW, 1);
    s->judging.about = server_transaction(s->server)->recipients[0].address;
    s->judging.words = buffer_span(&c->words);
    *reply = authentic_reply(ruling, &c->verdict, c->spf.client, a);
    return JUDGE_REFUSES;
}

static enum judgement decide(struct checking *c, struct arena *a, struct reply *reply)
{
    struct session *s = c->session;
    const struct options *o = s->entrance->options;
    const struct message_verdict *v = &c->verdict;
    bool is_passed_on = authentic_is_passed_on(v, c->spf.client, o->forwarders, o->forwarder_count);
    enum authentic_ruling ruling = authentic_rule(v);
    c->step = IS_DONE;
    c->vouched = authentic_vouches(v, is_passed_on);
    authentic_add_words(&c->words, v);
    count(c);
    bool is_refused = c->wants_refusals && !is_passed_on && ruling != AUTHENTIC_TAKEN &&
                      !(ruling == AUTHENTIC_NOT_YET && has_tried_before(c));
    count_for_report(c, is_refused, is_passed_on);
    if (is_refused)
        return refuse(c, ruling, a, reply);
    write_results(s, v, &c->results);
    return JUDGE_TAKES;
}

/* ---- step by step */

static void verify(struct work *w) /* in a worker */
{
    struct checking *c = LIST_ENTRY(w, struct checking, work);
    const struct message_request r = {&c->spf, buffer_span(&c->message), c->spf.now};
    bool is_known = message_verify(&r, &c->lookups, &c->verdict, &c->results);
    assert(is_known);
}

static void verified(struct task *t);

/* He has the message meanwhile: it must stay, also if the session goes. */
static void give_to_worker(struct checking *c)
{
    struct session *s = c->session;
    struct transaction *t = server_transaction(s->server);
    c->message = t->message;
    t->message = BUFFER_EMPTY;
    c->works = true;
    c->work = (struct work){.task.run = verified, .loop = s->receiver->loop, .call = verify};
    workers_submit(s->receiver->house->settings.verifiers, &c->work);
}

/* As far as it goes with what is known. True: it is known who is behind it. */
static bool go_on(struct checking *c)
{
    size_t signatures;
    const struct message_request r = {
        &c->spf, buffer_span(&server_transaction(c->session->server)->message), c->spf.now};
    if (c->step == ASKS) {
        arena_clear(&c->results);
        while (!message_ask(&r, &c->lookups, &signatures, &c->results))
            if (!is_known(c)) {
                ask_dns(c);
                return false;
            }
        c->step = VERIFIES;
        if (signatures) {
            give_to_worker(c);
            return false;
        }
        message_verify(&r, &c->lookups, &c->verdict, &c->results);
        c->step = JUDGES;
    }
    while (!message_judge(&r, &c->lookups, &c->verdict, &c->results))
        if (!resolve_known(c->session->receiver->resolve, &c->lookups)) {
            ask_dns(c);
            return false;
        }
    return true;
}

static void go_on_later(struct checking *c)
{
    struct session *s = c->session;
    struct arena a = ARENA_EMPTY;
    struct reply reply = s->judging.reply;
    if (go_on(c)) {
        c->waits = false;
        enum judgement j = decide(c, &a, &reply);
        judging_answered(s, j == JUDGE_TAKES ? s->judging.reply : reply);
    }
    arena_clear(&a);
}

static void answered(struct resolving *g)
{
    struct checking *c = LIST_ENTRY(g, struct checking, resolving);
    if (c->waits)
        go_on_later(c);
    else
        ask_for_spf(c);
}

static void verified(struct task *t)
{
    struct checking *c = LIST_ENTRY(t, struct checking, work.task);
    struct session *s = c->session;
    c->works = false;
    if (!s) {
        checking_free(c);
        return;
    }
    server_transaction(s->server)->message = c->message;
    c->message = BUFFER_EMPTY;
    c->step = JUDGES;
    go_on_later(c);
}

/* ---- judges */

enum judgement judge_authentic_sender(struct session *s, struct arena *a, struct reply *reply)
{
    checking_forget(s); /* what there was of the transaction before */
    return JUDGE_TAKES;
}

/* A message has one answer. Where the domains of its recipients want different ones, it has to come
 * once for each. */
static bool fits_with_others(const struct session *s, enum domain_policy_word policy)
{
    const struct transaction *t = server_transaction(s->server);
    return !t->recipient_count ||
           (policy == POLICY_REFUSE) ==
               (policy_for(s, t->recipients[0].address) == POLICY_REFUSE);
}

enum judgement judge_authentic_recipient(struct session *s, struct arena *a, struct reply *reply)
{
    static const struct reply apart =
        REPLY(452, 4, 5, 3,
              "Mail for this domain is checked in another way than for the recipients before it; "
              "please send it to them apart");
    if (!is_stranger(s))
        return JUDGE_TAKES;
    enum domain_policy_word policy = policy_for(s, server_asked_recipient(s->server)->address);
    if (!fits_with_others(s, policy)) {
        *reply = apart;
        return JUDGE_REFUSES;
    }
    if (policy == POLICY_OFF)
        return JUDGE_TAKES;
    if (!s->checking) {
        s->checking = checking_new(s);
        ask_for_spf(s->checking);
    }
    s->checking->wants_refusals = policy == POLICY_REFUSE;
    return JUDGE_TAKES;
}

enum judgement judge_authentic_message(struct session *s, struct arena *a, struct reply *reply)
{
    struct checking *c = s->checking;
    if (!c && !s->is_trusted) /* who is trusted may have checked it in our name */
        write_results(s, NULL, a);
    if (!c)
        return JUDGE_TAKES;
    c->until_ms = loop_now(s->receiver->loop) + s->entrance->options->authenticate_timeout;
    if (!resolve_is_under_way(&c->resolving) && go_on(c))
        return decide(c, a, reply);
    c->waits = true;
    return JUDGE_ANSWERS_LATER;
}

bool checking_has_message(const struct session *s)
{
    return s->checking && s->checking->works;
}

struct span checking_words(const struct session *s)
{
    return s->checking ? buffer_span(&s->checking->words) : SPAN_NONE;
}

enum vouched checking_vouches(const struct session *s)
{
    return s->checking ? s->checking->vouched : VOUCHED_UNKNOWN;
}
