#include "deliver/delivery_outcomes.h"

#include "deliver/relay_results.h"
#include "sys/clock.h"

/* It did not even want to hear of the message, broke off, or asked us to slow down. */
static bool says_too_much(const struct client_result *r, const struct outcome *o)
{
    return o->kind == OUTCOME_DELAYED && (r->stage <= STAGE_TLS || r->reply.code == 0 ||
                                          r->reply.code == 421 || o->cause.variant == VARIANT_RATE);
}

void delivery_set_outcomes(struct delivery *d, const struct client_result *results,
                           struct delivery_facts facts, const struct way *w, const struct target *t)
{
    int64_t now = clock_now_ms();
    struct buffer address = BUFFER_EMPTY;
    if (w)
        net_address_add_endpoint(&address, &w->address);
    struct span host = arena_copy(&d->arena, w                      ? w->host
                                             : t->kind == TARGET_MX ? t->domain
                                                                    : t->server.host);
    struct span at = arena_copy(&d->arena, buffer_span(&address));
    for (size_t i = 0; i < d->count; i++) {
        struct outcome o = outcome_of_reply(&results[i], host, at, now);
        o.words = arena_copy(&d->arena, o.words);
        if (o.kind == OUTCOME_RELAYED && t->kind == TARGET_LMTP)
            o.kind = OUTCOME_DELIVERED; /* the server at the other end is the mailbox */
        o.is_passed_on = facts.reports && o.kind == OUTCOME_RELAYED;
        o.keeps_deadline = facts.keeps_deadline && o.kind == OUTCOME_RELAYED;
        o.tls = facts.tls;
        o.proof = facts.proof;
        o.login = arena_copy(&d->arena, facts.login);
        if (d->sender.at)
            o.return_path = d->sender;
        if (results[i].stage == STAGE_LOGIN && !results[i].reply.code) /* whatever the words */
            o.cause = (struct cause_found){CAUSE_SERVER_PROBLEM, VARIANT_OWN_SETUP};
        d->outcomes[i] = o;
    }
    if (d->peer == PEER_FINE && says_too_much(&results[0], &d->outcomes[0]))
        d->peer = PEER_BUSY;
    buffer_free(&address);
}

void delivery_ends(struct delivery *d, struct reply why, enum client_stage stage,
                   const struct way *w, const struct target *t)
{
    struct client_result *results = arena_new(&d->arena, d->count * sizeof *results);
    for (size_t i = 0; i < d->count; i++)
        results[i] = (struct client_result){why, stage, true};
    delivery_set_outcomes(d, results, (struct delivery_facts){0}, w, t);
}
