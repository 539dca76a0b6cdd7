#include "daemon/house.h"

#include "base/memory.h"
#include "sys/log.h"

#include <stdlib.h>

enum {
    ASK_AT_THE_END_EVERY = 20, /* ms */
    CLOSING_TAKES = 30000      /* ms at most, behind the deadline: mailboxes, journal, ledger */
};

struct end_note {
    struct task task;
    struct hall *hall;
};

static void hall_end_here(struct task *t)
{
    struct end_note *n = LIST_ENTRY(t, struct end_note, task);
    receiver_end(n->hall->receiver);
    free(n);
}

static void end_timer_due(struct timer *t)
{
    struct house *h = LIST_ENTRY(t, struct house, end_timer);
    if (queue_is_idle(h->queue) || loop_now(h->loop) >= h->end_deadline)
        loop_stop(h->loop);
    else
        timer_set(h->loop, &h->end_timer, loop_now(h->loop) + ASK_AT_THE_END_EVERY);
}

void house_end(struct house *h)
{
    if (h->end_deadline)
        return;
    log_message(LOG_LEVEL_INFO, "ending", "no new mail is taken; finishing what is under way");
    h->end_deadline = loop_now(h->loop) + h->options->stop_timeout;
    manager_tell(h->manager,
                 "STOPPING=1\nSTATUS=Finishing what is under way\nEXTEND_TIMEOUT_USEC=%lld",
                 (long long)(h->options->stop_timeout + CLOSING_TAKES) * 1000);
    queue_stop(h->queue);
    drop_stop(h->drop);
    for (size_t i = 0; i < h->hall_count; i++) {
        struct end_note *n = memory_new(sizeof *n);
        *n = (struct end_note){{.run = hall_end_here}, &h->halls[i]};
        loop_post(h->halls[i].loop, &n->task);
    }
    h->end_timer.due = end_timer_due;
    timer_set(h->loop, &h->end_timer, loop_now(h->loop) + ASK_AT_THE_END_EVERY);
}
