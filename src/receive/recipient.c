/* The answer to RCPT. Mostly the directory has it; at a relay domain it may be the next hop's to
 * give, and then the session waits: what the client sends meanwhile is kept. */
#include "base/memory.h"
#include "receive/flooding.h"
#include "receive/verdict.h"
#include "sys/clock.h"

#include <stdlib.h>

struct inquiry_under_way {
    struct inquiry inquiry;
    struct receiver *receiver;
    struct session *session; /* NULL: it has gone, or ends */
};

static void inquiry_answered(struct task *t)
{
    struct inquiry_under_way *i = LIST_ENTRY(t, struct inquiry_under_way, inquiry.task);
    struct session *s = i->session;
    if (s) {
        struct arena a = ARENA_EMPTY;
        s->inquiry = NULL;
        judging_answered(s, verdict_answered(i->receiver->directory, s->is_trusted,
                                             i->inquiry.address, &i->inquiry.answer, &a));
        arena_clear(&a);
    }
    arena_clear(&i->inquiry.arena);
    free(i);
}

static void inquiry_start(struct session *s, struct span address)
{
    const struct receive_settings *settings = &s->receiver->house->settings;
    struct inquiry_under_way *i = memory_new(sizeof *i);
    i->receiver = s->receiver;
    i->session = s;
    i->inquiry.task.run = inquiry_answered;
    i->inquiry.loop = s->receiver->loop;
    i->inquiry.address = arena_copy(&i->inquiry.arena, address);
    s->inquiry = i;
    settings->ask(settings->arg, &i->inquiry);
}

/* `taken` unless the mailbox is known to have no room. */
static struct reply answer_room(const struct session *s, struct span address, struct reply taken,
                                struct arena *a)
{
    const struct receiver *r = s->receiver;
    const struct transaction *t = server_transaction(s->server);
    struct verdict_room of = verdict_room_of(r->directory, t->reverse_path, address, a);
    if (!of.mailbox.len)
        return taken;
    uint64_t room = rooms_find(&r->rooms, of.mailbox, clock_monotonic_ms());
    struct reply reply =
        verdict_room(s->entrance->options, &of, room, address, t->parameters.size, a);
    return reply_is_positive(reply) ? taken : reply;
}

/* What would be taken, or depends on the next hop. */
static struct reply answer_suppressed(const struct session *s, struct span address,
                                      struct reply otherwise, struct arena *a)
{
    struct suppression found;
    struct suppressions *list = s->receiver->house->settings.suppressions;
    bool is_open = !otherwise.code || reply_is_positive(otherwise);
    return is_open && suppressions_find(list, address, a, &found)
               ? verdict_suppressed(&found, address, a)
               : otherwise;
}

/* Of mail in the name of somebody who never was here: what comes back goes to the null sender. */
static bool is_notice_for_nobody(const struct session *s, struct reply reply)
{
    return reply.code == 550 && reply.status.subject == 1 && reply.status.detail == 1 &&
           !server_transaction(s->server)->reverse_path.len && !s->is_trusted;
}

enum judgement judge_recipient(struct session *s, struct arena *a, struct reply *reply)
{
    struct receiver *r = s->receiver;
    struct span address = server_asked_recipient(s->server)->address;
    struct span meant = verdict_meant(r->directory, address, a);
    if (arrival_may(s, CLIENT_RECIPIENT, a, reply))
        *reply = verdict_recipient(r->directory, s->entrance->options, s->is_trusted,
                                   server_transaction(s->server)->reverse_path, address, a);
    if (is_notice_for_nobody(s, *reply))
        flooding_note(s, meant, FORGED_NOBODY);
    *reply = answer_suppressed(s, meant, *reply, a);
    if (reply_is_positive(*reply))
        *reply = answer_room(s, meant, *reply, a);
    if (reply->code)
        return reply_is_positive(*reply) ? JUDGE_TAKES : JUDGE_REFUSES;
    inquiry_start(s, meant);
    return JUDGE_ANSWERS_LATER;
}

void recipient_forget(struct session *s)
{
    if (s->inquiry)
        s->inquiry->session = NULL;
    s->inquiry = NULL;
}
