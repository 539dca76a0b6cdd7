/* The store is the last judge of a message: what it has on disk is accepted. A session that goes
 * meanwhile leaves its message behind: it may be durable already. */
#include "account/accounts.h"
#include "base/memory.h"
#include "outcome/counts.h"
#include "receive/checking.h"
#include "receive/flooding.h"
#include "receive/incoming.h"
#include "receive/link_check.h"
#include "receive/verdict.h"
#include "sys/clock.h"
#include "sys/tally.h"

#include <stdlib.h>

struct commit_under_way {
    struct commit commit;
    struct task task;
    struct receiver *receiver;
    struct session *session; /* NULL: it has gone */
    struct message *message;
    message_id id;
    struct user_notice *notice; /* for when it is durable; NULL: none */
    bool is_discarded;
    int64_t since_us; /* monotonic */
};

/* In the store's thread. */
static void commit_done(struct commit *c)
{
    struct commit_under_way *under_way = c->owner;
    const struct receive_settings *s = &under_way->receiver->house->settings;
    if (c->result == COMMIT_DURABLE && !under_way->is_discarded) {
        s->accepted(s->arg, under_way->message);
        under_way->message = NULL;
    }
    loop_post(under_way->receiver->loop, &under_way->task);
}

static void free_commit(struct commit_under_way *c)
{
    user_notice_free(&c->notice);
    message_free(&c->message);
    commit_free(&c->commit);
    free(c);
}

static struct reply commit_reply(const struct commit_under_way *c, struct arena *a)
{
    struct buffer id = BUFFER_EMPTY;
    struct reply reply = REPLY(451, 4, 3, 0,
                               "This server cannot store mail safely right now; its operator has "
                               "been told. Nothing was taken, please try again later");
    message_id_add(&id, c->id);
    if (c->commit.result == COMMIT_DURABLE)
        reply = (struct reply){250, STATUS(2, 0, 0),
                               arena_printf(a, "Accepted and stored as %s", buffer_text(&id))};
    else if (c->commit.result == COMMIT_FULL)
        reply = REPLY(452, 4, 3, 1,
                      "This server has no room for more mail right now. Nothing was taken, please "
                      "try again later");
    buffer_free(&id);
    return reply;
}

static void count_accepted(const struct commit_under_way *c)
{
    uint64_t took = (uint64_t)(clock_monotonic_us() - c->since_us);
    tally_add(COUNT_MESSAGES, 1);
    tally_add(COUNT_MESSAGE_BYTES, c->commit.message.len);
    tally_add(COUNT_ACCEPT_TIMES + (unsigned)histogram_range(&accept_times, took), 1);
    tally_add(COUNT_ACCEPT_TIMES_SUM, took);
}

static void tell_user(struct commit_under_way *c)
{
    const struct receive_settings *s = &c->receiver->house->settings;
    if (c->notice)
        s->tell_user(s->arg, c->notice);
    c->notice = NULL;
}

static void commit_answered(struct task *t)
{
    struct commit_under_way *c = LIST_ENTRY(t, struct commit_under_way, task);
    struct session *s = c->session;
    if (c->commit.result == COMMIT_DURABLE) {
        count_accepted(c);
        tell_user(c);
    }
    if (s) {
        struct arena a = ARENA_EMPTY;
        s->commit = NULL;
        s->last_mail = loop_now(c->receiver->loop);
        judging_answered(s, commit_reply(c, &a));
        arena_clear(&a);
    }
    free_commit(c);
}

/* Is it accepted on hold? */
static bool hold(const struct session *s, const struct envelope *e, struct commit *c)
{
    if (!filters_hold(s) && link_check_held(s))
        commit_hold(c, e->id, e->accepted_ms, link_check_words(s));
    return filters_hold(s) || link_check_held(s) != NULL;
}

/* What its sender is to know of it. */
static struct user_notice *notice_of(const struct session *s, const struct commit_under_way *c)
{
    struct span login = login_of(s);
    if (!login.len || c->is_discarded)
        return NULL;
    return user_notice_new(s->entrance->options, login, &c->message->envelope,
                           buffer_span(&c->commit.message), link_check_held(s));
}

enum judgement judge_keeping(struct session *s, struct arena *a, struct reply *reply)
{
    struct receive_house *h = s->receiver->house;
    struct commit_under_way *c = memory_new(sizeof *c);
    struct buffer client = BUFFER_EMPTY, through = BUFFER_EMPTY, tls = BUFFER_EMPTY;
    char certificate[TLS_FINGERPRINT + 1] = "";
    int64_t now_us = clock_now_us();
    arrival_add_client(&client, s);
    if (s->front)
        net_address_add(&through, &s->front->address);
    if (s->tls)
        tls_fingerprint(s->tls, certificate);
    c->id = filters_id(s);
    if (!c->id)
        c->id = store_new_id(h->settings.store, now_us);
    const struct incoming_origin from = {
        .hostname = s->entrance->server.hostname,
        .client_name = server_client_name(s->server),
        .client_address = buffer_span(&client),
        .client_host = s->front ? buffer_span(&s->front->name) : SPAN_NONE,
        .login = login_of(s),
        .authentication = link_check_words(s).len ? link_check_words(s) : checking_words(s),
        .vouched = checking_vouches(s),
        .judged = s->judging.judged,
        .judged_by = s->judging.judged_by,
        .through = buffer_span(&through),
        .is_own = s->is_trusted,
        .is_extended = server_is_extended(s->server),
        .tls = securing_words(s, &tls),
        .certificate = span_of(certificate),
        .signed_by = s->judging.signed_by,
        .id = c->id,
        .now_ms = now_us / 1000,
        .offset_minutes = clock_offset_minutes(now_us / 1000),
    };
    c->message =
        incoming_prepare(server_transaction(s->server), &from, s->receiver->directory, &c->commit);
    if (s->entrance->options->guard_accounts && envelope_account(&c->message->envelope).len)
        accounts_look(c->message, buffer_span(&c->commit.message), h->settings.guard_key);
    c->is_discarded = filters_finish(s, &c->message->envelope, &c->commit);
    c->message->is_held = !c->is_discarded && hold(s, &c->message->envelope, &c->commit);
    c->notice = notice_of(s, c);
    bool is_refused = !c->is_discarded && !c->message->is_held &&
                      flooding_refuses(s, c->message, &c->commit, reply, a);
    if (!is_refused && !commit_fits(&c->commit, s->entrance->options->segment_size)) {
        *reply = verdict_too_many_members(&c->message->envelope, s->entrance->options, a);
        is_refused = true;
    }
    if (!is_refused)
        incoming_log(&c->message->envelope, &from);
    buffer_free(&client);
    buffer_free(&through);
    buffer_free(&tls);
    if (is_refused) {
        free_commit(c);
        return JUDGE_REFUSES;
    }
    c->receiver = s->receiver;
    c->session = s;
    c->task.run = commit_answered;
    c->commit.done = commit_done;
    c->commit.owner = c;
    c->commit.is_urgent = true;
    c->since_us = clock_monotonic_us();
    s->commit = c;
    store_commit(h->settings.store, &c->commit);
    return JUDGE_ANSWERS_LATER;
}

void keeping_forget(struct session *s)
{
    if (s->commit)
        s->commit->session = NULL;
    s->commit = NULL;
}

uint64_t keeping_bytes(const struct session *s)
{
    return s->commit->commit.message.len;
}
