/* An operator sends recipients on to another address. Theirs are closed, and a message of its own
 * is accepted in the same commit: it has the same text and sender, the recipients as expanded ones,
 * so that a failure is told under the address that the sender used, and the new address in their
 * place. So a message's list of recipients never changes once it is accepted. */
#include "queue/queue_inside.h"

#include "mail/address.h"

bool delivery_is_redirected(const struct delivery *d)
{
    return d->outcomes[0].kind == OUTCOME_EXPANDED;
}

/* RFC 3461 5.2.1: who reports later shall name the address that the sender used. */
static struct span original_of(const struct recipient *r, struct arena *a)
{
    struct buffer text = BUFFER_EMPTY;
    if (r->parameters.orcpt.len || !address_is_ascii(r->address))
        return r->parameters.orcpt;
    buffer_add_text(&text, "rfc822;");
    xtext_encode(&text, r->address);
    struct span kept = arena_copy(a, buffer_span(&text));
    buffer_free(&text);
    return kept;
}

static void write_recipients(struct envelope *e, const struct message *m, const struct delivery *d,
                             struct span to, struct arena *a)
{
    e->recipients = arena_new(a, (d->count + 1) * sizeof *e->recipients);
    for (size_t i = 0; i < d->count; i++) {
        size_t at = d->recipients[i], as = envelope_told_as(&m->envelope, at);
        e->recipients[i] = m->envelope.recipients[as];
        e->recipients[i].reverse_path = m->envelope.recipients[at].reverse_path;
        e->recipients[i].parent = 0;
        e->recipients[i].is_expanded = true;
    }
    const struct recipient *first = &e->recipients[0];
    e->recipients[d->count] = (struct recipient){
        .address = to,
        .parent = 1,
        .reverse_path = first->reverse_path,
        .parameters = {.notify = first->parameters.notify, .orcpt = original_of(first, a)}};
    e->recipient_count = d->count + 1;
}

void redirect_write(struct queue *q, const struct message *m, struct delivery *d,
                    struct queue_commit *c)
{
    struct arena a = ARENA_EMPTY;
    struct buffer id = BUFFER_EMPTY;
    struct span to = d->outcomes[0].address;
    struct envelope e = m->envelope;
    e.id = q->outside.new_id(q->outside.arg);
    e.accepted_ms = queue_now(q);
    e.origin = ORIGIN_REDIRECTED;
    e.about = m->envelope.id;
    if (m->released_ms)
        e.parameters.release_ms = 0;
    e.parameters.smtputf8 |= !address_is_ascii(to);
    write_recipients(&e, m, d, to, &a);
    message_id_add(&id, e.id);
    for (size_t i = 0; i < d->count; i++) {
        struct outcome *o = &d->outcomes[i];
        o->stage = SPAN("redirected by the operator");
        o->words = arena_printf(&d->arena, "to %.*s in %s%s%.*s", SPAN_F(to), buffer_text(&id),
                                o->words.len ? ": " : "", SPAN_F(o->words));
        o->address = SPAN_NONE;
    }
    q->outside.expand(q->outside.arg, &e, &a);
    c->commit.message = d->text;
    d->text = BUFFER_EMPTY;
    commit_accept(&c->commit, &e);
    c->made = message_new(&e);
    if (m->is_held) { /* the operator has not let it go */
        commit_hold(&c->commit, e.id, e.accepted_ms, SPAN("it was redirected while on hold"));
        c->made->is_held = true;
    }
    buffer_free(&id);
    arena_clear(&a);
}
