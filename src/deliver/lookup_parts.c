/* Several things are looked up at a time; when the last is there, it is decided what each way must
 * be. */
#include "deliver/lookup_inside.h"

#include "outcome/counts.h"
#include "sys/tally.h"

void lookup_ask(struct lookup *l, struct dns_question *q, enum dns_type type,
                void (*answered)(struct task *t), const char *name)
{
    q->task.run = answered;
    q->loop = l->settings.loop;
    q->type = type;
    q->owner = l;
    dns_ask(l->settings.dns, q, name);
}

void lookup_note_answer(struct lookup *l, const struct dns_answer *a)
{
    tally_add(COUNT_LOOKUPS + a->result, 1);
    if (a->result == DNS_FOUND && a->ttl < l->ttl)
        l->ttl = a->ttl;
}

void lookup_part_done(struct lookup *l)
{
    if (--l->under_way)
        return;
    if (!l->ways.problem.status.class)
        lookup_demand(l);
    l->settings.done(l->settings.arg, l);
}
