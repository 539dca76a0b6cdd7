/* What is durable comes to the scheduler. */
#include "base/memory.h"
#include "daemon/house.h"
#include "daemon/telling.h"

#include <stdlib.h>

struct accepted_note {
    struct task task;
    struct house *house;
    struct message *message;
};

static void accepted_here(struct task *t)
{
    struct accepted_note *n = LIST_ENTRY(t, struct accepted_note, task);
    tell_accepted(&n->message->envelope);
    accounts_take(n->house->accounts, n->message);
    free(n);
}

void house_accepted(void *house, struct message *m)
{
    struct house *h = house;
    struct accepted_note *n = memory_new(sizeof *n);
    *n = (struct accepted_note){{.run = accepted_here}, h, m};
    loop_post(h->loop, &n->task);
}
