#include "daemon/own_letter.h"

#include "base/memory.h"
#include "mail/address.h"
#include "receive/incoming.h"
#include "sys/clock.h"

#include <stdlib.h>

struct sending {
    struct commit commit;
    struct task task;
    struct message *message;
    struct loop *loop;
    void (*accepted)(void *arg, struct message *m);
    void *house;
    void (*done)(void *arg, bool is_durable);
    void *arg;
};

bool own_letter_is_by(const struct envelope *e, struct span writer)
{
    return !e->client_address.len && span_equal(e->client_name, writer);
}

struct span own_letter_name(const struct own_letter_house *h, message_id id, struct arena *a)
{
    struct buffer name = BUFFER_EMPTY;
    message_id_add(&name, id);
    buffer_printf(&name, "@%.*s", SPAN_F(h->options->hostname));
    return arena_keep(a, &name);
}

static void end(struct task *t)
{
    struct sending *s = LIST_ENTRY(t, struct sending, task);
    bool is_durable = s->commit.result == COMMIT_DURABLE;
    if (!is_durable)
        message_free(&s->message);
    commit_free(&s->commit);
    s->done(s->arg, is_durable);
    free(s);
}

static void committed(struct commit *c) /* in the store's thread */
{
    struct sending *s = c->owner;
    if (c->result == COMMIT_DURABLE)
        s->accepted(s->house, s->message);
    loop_post(s->loop, &s->task);
}

void own_letter_send(const struct own_letter_house *h, const struct own_letter *l)
{
    struct sending *s = memory_new(sizeof *s);
    struct server_recipient recipient = {.address = l->to};
    struct transaction t = {
        .reverse_path = l->from, .recipients = &recipient, .recipient_count = 1};
    const struct incoming_origin from = {.is_own = true,
                                         .is_past_forwards = l->is_past_forwards,
                                         .hostname = h->options->hostname,
                                         .client_name = l->writer,
                                         .id = l->id,
                                         .now_ms = l->now_ms,
                                         .offset_minutes = clock_offset_minutes(l->now_ms)};
    signing_add(h->signing, &t.message, address_domain(l->from), l->text, l->now_ms);
    buffer_add_span(&t.message, l->text);
    *s = (struct sending){.loop = h->loop,
                          .accepted = h->accepted,
                          .house = h->arg,
                          .done = l->done,
                          .arg = l->arg,
                          .task = {.run = end},
                          .commit = {.owner = s, .done = committed}};
    s->message = incoming_prepare(&t, &from, h->directory, &s->commit);
    store_commit(h->store, &s->commit);
}
