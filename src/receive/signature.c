/* What users send is signed by DKIM when nothing changes it any more but our own trace field, which
 * no signature covers. A worker does it: with an RSA key it takes a millisecond. Until the store
 * has the message nobody was told that it is accepted, so a session that goes meanwhile takes it
 * along.
 */
#include "receive/signature.h"

#include "base/memory.h"
#include "outcome/counts.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/tally.h"

#include <stdlib.h>

struct signature_under_way {
    struct work work;
    struct session *session; /* NULL: it has gone */
    struct signers signers;
    struct buffer message, names;
    int64_t now_ms;
    bool was_binary, is_done;
    struct error why;
};

static void sign(struct work *w) /* in a worker */
{
    struct signature_under_way *u = LIST_ENTRY(w, struct signature_under_way, work);
    u->is_done = signers_sign(&u->signers, &u->message, u->now_ms, &u->names, &u->why);
}

static void log_unsigned(const struct session *s, const struct error *why)
{
    struct buffer client = BUFFER_EMPTY;
    arrival_add_client(&client, s);
    struct buffer *line = log_begin(LOG_LEVEL_WARNING, "not-signed");
    log_line_text(line, "client", buffer_span(&client));
    log_line_text(line, "from", server_transaction(s->server)->reverse_path);
    log_line_text(line, "why", span_of(why->text));
    log_end();
    buffer_free(&client);
}

void signature_count(bool is_done, struct span names)
{
    tally_add(!is_done ? COUNT_NOT_SIGNED : names.len ? COUNT_SIGNED : COUNT_SIGNED_ALREADY, 1);
}

static void take_back(struct session *s, struct signature_under_way *u)
{
    struct transaction *t = server_transaction(s->server);
    t->message = u->message;
    u->message = BUFFER_EMPTY;
    if (u->was_binary && !u->signers.is_binary) { /* it has become text */
        t->is_binary = false;
        t->is_8bit = u->signers.has_8bit;
        t->parameters.body = BODY_8BITMIME;
    }
    signature_count(u->is_done, buffer_span(&u->names));
    if (u->is_done)
        s->judging.signed_by = arena_copy(&s->judging.arena, buffer_span(&u->names));
    else
        log_unsigned(s, &u->why);
}

static void answered(struct task *task)
{
    struct signature_under_way *u = LIST_ENTRY(task, struct signature_under_way, work.task);
    struct session *s = u->session;
    if (s) {
        s->signature = NULL;
        take_back(s, u);
        judging_answered(s, s->judging.reply);
    }
    signers_free(&u->signers);
    buffer_free(&u->message);
    buffer_free(&u->names);
    free(u);
}

enum judgement judge_signature(struct session *s, struct arena *a, struct reply *reply)
{
    struct receiver *r = s->receiver;
    struct transaction *t = server_transaction(s->server);
    struct signers who = {.is_binary = t->parameters.body == BODY_BINARYMIME};
    if (!s->is_trusted || !signers_choose(&who, s->entrance->signing, buffer_span(&t->message)))
        return JUDGE_TAKES;
    struct signature_under_way *u = memory_new(sizeof *u);
    *u = (struct signature_under_way){
        .work = {.task.run = answered, .loop = r->loop, .call = sign},
        .session = s,
        .signers = who,
        .was_binary = who.is_binary,
        .message = t->message,
        .now_ms = clock_now_ms(),
    };
    t->message = BUFFER_EMPTY;
    s->signature = u;
    atomic_fetch_add(&r->house->memory, u->message.len - s->counted);
    s->counted = u->message.len;
    workers_submit(r->house->settings.handshakers, &u->work);
    return JUDGE_ANSWERS_LATER;
}

void signature_forget(struct session *s)
{
    if (s->signature)
        s->signature->session = NULL;
    s->signature = NULL;
}
