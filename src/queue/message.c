#include "queue/queue_inside.h"

#include "base/memory.h"

#include <stdlib.h>

static void expansion_is_told(struct message *m, size_t i)
{
    int64_t time = m->envelope.accepted_ms;
    const struct outcome expanded = {.kind = OUTCOME_EXPANDED, .time_ms = time};
    m->recipients[i] = (struct message_recipient){
        .state = RECIPIENT_UNREPORTED, .due_ms = time, .last = outcome_keep(&expanded)};
    m->unreported++;
}

struct message *message_new(const struct envelope *e)
{
    struct message *m = memory_new(sizeof *m);
    envelope_copy(&m->envelope, e, &m->arena);
    m->recipients = arena_new(&m->arena, e->recipient_count * sizeof *m->recipients);
    for (size_t i = 0; i < e->recipient_count; i++) {
        if (envelope_tells_of_expansion(e, i))
            expansion_is_told(m, i);
        else if (e->recipients[i].is_expanded)
            m->recipients[i] = (struct message_recipient){.state = RECIPIENT_FINAL,
                                                          .final_kind = OUTCOME_EXPANDED};
        m->open += m->recipients[i].state != RECIPIENT_FINAL;
    }
    return m;
}

void message_discard(struct message *m, size_t i, const struct outcome *o)
{
    struct message_recipient *r = &m->recipients[i];
    free(r->last);
    *r = (struct message_recipient){.state = RECIPIENT_FINAL,
                                    .final_kind = OUTCOME_DISCARDED,
                                    .attempts = 1,
                                    .last = outcome_keep(o)};
    m->open--;
}

static void recipient_recover(struct message *m, size_t i, const struct recovered_recipient *from)
{
    struct message_recipient *r = &m->recipients[i];
    if (r->state == RECIPIENT_FINAL)
        return;
    if (!from->is_final && !from->last)
        return;
    m->unreported -= r->state == RECIPIENT_UNREPORTED;
    free(r->last);
    *r = (struct message_recipient){.attempts = from->attempts, .due_ms = from->retry_ms};
    if (from->is_final) {
        r->state = RECIPIENT_FINAL;
        r->final_kind = from->last ? from->last->kind : OUTCOME_DELIVERED;
        m->open--;
        return;
    }
    r->last = outcome_keep(from->last);
    if (outcome_is_final(from->last->kind)) {
        r->state = RECIPIENT_UNREPORTED;
        m->unreported++;
    }
}

struct message *message_recovered(const struct recovered *found)
{
    struct message *m = message_new(found->envelope);
    for (size_t i = 0; i < m->envelope.recipient_count; i++)
        recipient_recover(m, i, &found->recipients[i]);
    m->is_held = found->is_held;
    m->released_ms = found->released_ms;
    return m;
}

bool message_is_untried(const struct message *m, size_t recipient)
{
    const struct message_recipient *r = &m->recipients[recipient];
    bool is_held = r->last && r->last->outcome.cause.variant == VARIANT_ACCOUNT_HELD;
    return recipient_is_undecided(r) && (!r->last || is_held);
}

void message_put_off(struct message *m, size_t recipient, int64_t when_ms,
                     const struct outcome *why)
{
    struct message_recipient *r = &m->recipients[recipient];
    free(r->last);
    r->last = outcome_keep(why);
    r->due_ms = when_ms;
    r->is_put_off = m->is_put_off = true;
}

void message_free(struct message **m)
{
    if (!*m)
        return;
    for (size_t i = 0; i < (*m)->envelope.recipient_count; i++) {
        free((*m)->recipients[i].last);
        free((*m)->recipients[i].ending);
    }
    struct arena arena = (*m)->arena;
    arena_clear(&arena);
    free(*m);
    *m = NULL;
}
