/* What goes to another server. Our own mail goes under a signed return path, where the operator
 * wants it so. What goes on for an alias, a list or a .forward goes under a sender by whom SPF
 * holds there (SRS), and with a seal that says what was found out about it here (ARC).
 *
 * The return path is that of the delivery, and of nothing else: whoever is told of a failure by us
 * is told at his own address.
 *
 * An ARC set can't be stored with the message, which may also have recipients here: so it is made
 * for each delivery anew, and sent before the message. What was found out about the message when it
 * came stands in it, in the field that the session has put there; those that strangers had written
 * in our name were taken away then. Without that field there is nothing to be sealed. */
#include "daemon/house.h"

#include "base/memory.h"
#include "sys/clock.h"

#include <stdlib.h>

/* ---- the seal */

struct sealing {
    struct work work;
    struct house *house;
    struct signing *signing; /* a reference */
    struct delivery *delivery;
    void (*go_on)(void *house, struct delivery *d);
};

static bool read_all(const struct sealing *s, struct buffer *text)
{
    const struct envelope *e = &s->delivery->message->envelope;
    char *room = buffer_reserve(text, (size_t)e->size + 1);
    ssize_t n = store_read(s->house->store, e->id, 0, room, (size_t)e->size);
    if (n < 0 || (uint64_t)n < e->size)
        return false;
    text->len = (size_t)n;
    text->at[text->len] = 0;
    return true;
}

static void seal(struct work *w) /* in a worker */
{
    struct sealing *s = LIST_ENTRY(w, struct sealing, work);
    struct arc_sealer sealer;
    struct buffer text = BUFFER_EMPTY;
    enum arc_state found = ARC_NONE;
    struct error e;
    if (signing_sealer(s->signing, &sealer) && read_all(s, &text)) {
        struct span message = buffer_span(&text);
        arc_found(span_first(message, header_length(message)), sealer.server, &found);
        arc_seal(&s->delivery->fields, &sealer, message, found, clock_now_ms() / 1000, &e);
    }
    buffer_free(&text);
}

static void give_back(struct task *t)
{
    struct sealing *s = LIST_ENTRY(t, struct sealing, work.task);
    signing_unref(&s->signing);
    s->go_on(s->house, s->delivery);
    free(s);
}

/* ---- whether, and how */

static bool is_member(const struct delivery *d)
{
    const struct envelope *e = &d->message->envelope;
    for (size_t i = 0; i < d->count; i++)
        if (e->recipients[d->recipients[i]].parent)
            return true;
    return false;
}

/* Only mail of our own: who forges a sender of ours, and writes to an alias that leads elsewhere,
 * gets no tag. Who answers for the recipient is no other server, whatever route leads there. */
static void sign_return_path(const struct house *h, struct delivery *d)
{
    const struct envelope *e = &d->message->envelope;
    struct buffer id = BUFFER_EMPTY;
    struct returns_mail m = {.sender = envelope_reverse_path(e, d->recipients[0]),
                             .recipient = e->recipients[d->recipients[0]].address,
                             .accepted_ms = e->accepted_ms};
    struct span address;
    if (!e->is_own || !h->options->return_paths.sign_count ||
        directory_find(h->directory, SPAN_NONE, m.recipient).is_ours ||
        !directory_find(h->directory, SPAN_NONE, m.sender).is_ours)
        return;
    message_id_add(&id, e->id);
    m.queue_id = buffer_span(&id);
    if (returns_sign(h->directory, h->options, &m, &address, &d->arena))
        d->sender = address;
    buffer_free(&id);
}

/* Senders of ours stay: their SPF records name us. */
static void name_sender(const struct house *h, struct delivery *d)
{
    const struct envelope *e = &d->message->envelope;
    struct span sender = e->reverse_path, address;
    if (sender.len && envelope_is_sent_on(e, d->recipients[0]) &&
        !routing_is_ours(h->directory, sender) &&
        returns_sender(h->directory, sender, &address, &d->arena))
        d->sender = address;
}

/* Who has logged in, and programs of this machine, are not checked: their mail is ours. */
static bool is_to_be_sealed(const struct house *h, const struct delivery *d)
{
    const struct envelope *e = &d->message->envelope;
    return h->options->arc_seal.len && !e->login.len && e->client_address.len;
}

bool sending_on_takes(struct house *h, struct delivery *d,
                      void (*go_on)(void *house, struct delivery *d))
{
    if (d->is_question || span_starts(d->name, SPAN("lmtp:")))
        return false;
    sign_return_path(h, d);
    if (!is_member(d))
        return false;
    name_sender(h, d);
    if (!is_to_be_sealed(h, d))
        return false;
    struct sealing *s = memory_new(sizeof *s);
    *s = (struct sealing){.work = {.task.run = give_back, .loop = h->loop, .call = seal},
                          .house = h,
                          .signing = signing_ref(h->signing),
                          .delivery = d,
                          .go_on = go_on};
    workers_submit(h->handshakers, &s->work);
    return true;
}
