/* Where a delivery goes: to a loop's relay, or into a mailbox here. */
#include "daemon/asking.h"
#include "daemon/house.h"

/* A delivery travels by its own task; whose turn it is stands in task.run. */
static void delivered_here(struct task *t)
{
    struct delivery *d = LIST_ENTRY(t, struct delivery, task);
    struct house *h = d->carrier;
    if (d->is_question)
        asking_delivered(h->asking, d);
    else
        queue_delivered(h->queue, d);
}

void house_delivered(void *arg, struct delivery *d)
{
    struct house *h = arg;
    d->task.run = delivered_here;
    d->carrier = h;
    loop_post(h->loop, &d->task);
}

static void relay_here(struct task *t)
{
    struct delivery *d = LIST_ENTRY(t, struct delivery, task);
    relay_deliver(((struct hall *)d->carrier)->relay, d);
}

void house_to_next_hop(void *arg, struct delivery *d)
{
    struct house *h = arg;
    size_t place = d->is_question ? h->next_question++ % h->hall_count : d->place;
    struct hall *hall = &h->halls[place];
    d->task.run = relay_here;
    d->carrier = hall;
    loop_post(hall->loop, &d->task);
}

/* What a notice was found to be when it came has a folder, or not. */
static struct span folder_of(const struct house *h, struct delivery *d, const struct recipient *r)
{
    const struct options *o = h->options;
    if (!r->judged.is)
        return SPAN_NONE;
    struct span class = span_of(verdict_name(r->judged.class));
    return arena_copy(&d->arena,
                      notice_folder_of(o->notices.folders, o->notices.folder_count, class));
}

/* Into a mailbox, to a user of the system, or to a command. The users file may have changed since
 * this was routed: then the next attempt asks again. */
static void deliver_here(struct house *h, struct delivery *d, bool is_local)
{
    const struct envelope *e = &d->message->envelope;
    const struct recipient *r = &e->recipients[d->recipients[0]];
    struct destination to = directory_find(h->directory, e->reverse_path, r->address);
    const struct mailbox *m = to.kind == DESTINATION_MAILBOX ? to.mailbox : NULL;
    if (is_local && span_starts(r->action, SPAN("|"))) {
        locals_deliver(h->locals, d, h->directory, NULL);
    } else if (m && is_local && m->system) {
        locals_deliver(h->locals, d, h->directory, m);
    } else if (m && !is_local && !m->system) {
        mailboxes_deliver(h->mailboxes, d, h->directory, m, folder_of(h, d, r));
    } else {
        d->outcomes[0] = route_has_changed();
        house_delivered(h, d);
    }
}

static void deliver_by_name(void *arg, struct delivery *d)
{
    struct house *h = arg;
    bool is_local = span_equal(d->name, SPAN("locals"));
    if (is_local || span_equal(d->name, SPAN("mailboxes"))) {
        deliver_here(h, d, is_local);
        return;
    }
    if (!sending_on_takes(h, d, house_to_next_hop))
        house_to_next_hop(h, d);
}

void house_deliver(void *arg, struct delivery *d)
{
    if (!feedback_takes(arg, d, deliver_by_name))
        deliver_by_name(arg, d);
}
