/* Only our own users are told, and only what they have written themselves: what others write to is
 * nobody's business. So it has to be the sender who is told, and an address that the sender named.
 * Each question is a look into the ledger, so few are asked. */
#include "queue/slips.h"

enum { MOST_ASKED = 3 };

static bool may_be_misspelled(const struct envelope *e, const struct report_recipient *it)
{
    const struct recipient *r = &e->recipients[it->recipient];
    enum cause c = it->outcome->cause.cause;
    return !r->parent && !r->is_expanded && it->outcome->kind == OUTCOME_FAILED &&
           (c == CAUSE_ADDRESS_NOT_FOUND || c == CAUSE_DOMAIN_NOT_FOUND);
}

void slips_find(const struct queue *q, const struct message *m, struct span told_to,
                struct report_recipient *told, size_t count, struct arena *a)
{
    const struct envelope *e = &m->envelope;
    const struct queue_outside *o = &q->outside;
    size_t asked = 0;
    if (!e->reverse_path.len || !span_equal(told_to, e->reverse_path) ||
        !o->is_ours(o->arg, told_to))
        return;
    for (size_t i = 0; i < count && asked < MOST_ASKED; i++) {
        if (!may_be_misspelled(e, &told[i]))
            continue;
        struct span wrong = e->recipients[told[i].recipient].address;
        o->written_to(o->arg, told_to, wrong, a, &told[i].meant, &told[i].meant_ms);
        asked++;
    }
}
