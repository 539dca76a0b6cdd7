#include "daemon/routing.h"

#include "address/returns.h"
#include "daemon/tls_reports.h"
#include "mail/address.h"
#include "receive/verdict.h"
#include "sys/clock.h"

enum { MAILBOX_JOBS_A_THREAD = 64 };

static struct queue_route goes_nowhere(enum outcome_kind kind, struct status status,
                                       struct span words)
{
    bool is_failure = kind == OUTCOME_FAILED || kind == OUTCOME_DELAYED;
    return (struct queue_route){
        .is_refused = true,
        .refusal = {.kind = kind,
                    .time_ms = clock_now_ms(),
                    .status = status,
                    .cause = is_failure ? cause_find(0, status, words) : (struct cause_found){0},
                    .words = words}};
}

/* It is our rule, unless the words say something better than "policy". */
static struct queue_route refused_by_route(const struct target *t)
{
    struct span words;
    struct status status = verdict_refusal(t, &words);
    struct queue_route r = goes_nowhere(OUTCOME_FAILED, status, words);
    if (r.refusal.cause.cause == CAUSE_BLOCKED_POLICY)
        r.refusal.cause.variant = VARIANT_OWN_RULE;
    return r;
}

struct span routing_destination(struct routing *r, const struct target *t, struct span address)
{
    struct target to = *t;
    buffer_clear(&r->name);
    if (t->kind == TARGET_MX && !t->domain.len)
        to.domain = directory_fold(address_domain(address), r->domain);
    target_print(&r->name, &to);
    return buffer_span(&r->name);
}

struct span routing_next_hop(struct routing *r, const struct directory *d, struct span address)
{
    struct destination to = directory_find(d, SPAN_NONE, address);
    bool is_server = to.kind == DESTINATION_ROUTE && to.target->kind != TARGET_DISCARD &&
                     to.target->kind != TARGET_REFUSE;
    return is_server ? routing_destination(r, to.target, address) : SPAN_NONE;
}

bool routing_is_outside(const struct directory *d, const struct envelope *e, size_t recipient)
{
    const struct recipient *r = &e->recipients[recipient];
    if (r->parent || r->is_expanded || r->action.len)
        return false;
    struct destination to = directory_find(d, e->reverse_path, r->address);
    return to.kind == DESTINATION_ROUTE && !to.is_ours && to.target->kind != TARGET_DISCARD &&
           to.target->kind != TARGET_REFUSE;
}

bool routing_is_ours(const struct directory *d, struct span address)
{
    struct directory_alias alias;
    struct arena a = ARENA_EMPTY;
    enum destination_kind kind = directory_find(d, SPAN_NONE, address).kind;
    bool is_ours = kind == DESTINATION_MAILBOX || kind == DESTINATION_NO_SUCH_USER ||
                   directory_alias_of(d, address, &alias, &a);
    arena_clear(&a);
    return is_ours;
}

bool routing_answers_for(const struct directory *d, struct span address)
{
    return directory_find(d, SPAN_NONE, address).is_ours || routing_is_ours(d, address);
}

static bool may_read(const struct directory *d, struct span address)
{
    return address_check(address, true) == ADDRESS_OK && routing_answers_for(d, address);
}

struct span routing_owner(const struct directory *d, struct span hostname, struct span account,
                          struct arena *a)
{
    struct span local = arena_printf(a, "%.*s@%.*s", SPAN_F(account), SPAN_F(hostname));
    if (may_read(d, account))
        return arena_copy(a, account);
    return may_read(d, local) ? local : SPAN_NONE;
}

static struct queue_route to_target(struct routing *r, const struct target *t, struct span address)
{
    if (t->kind == TARGET_DISCARD)
        return goes_nowhere(OUTCOME_DISCARDED, STATUS(2, 0, 0), t->why);
    if (t->kind == TARGET_REFUSE)
        return refused_by_route(t);
    return (struct queue_route){.destination = routing_destination(r, t, address),
                                .concurrency = r->options->destination_concurrency,
                                .recipients = r->options->max_recipients_per_delivery};
}

/* RFC 8689 4.2.1: a notice may go on as it can. What never leaves this machine needs nothing. */
static bool requires_tls(const struct envelope *e, size_t recipient, const struct target *t)
{
    return e->parameters.requires_tls && envelope_reverse_path(e, recipient).len &&
           !(t->kind == TARGET_LMTP && target_is_here(t));
}

/* As the sender wants it: whatever the domain demands of the connection, but never less than our
 * operator; or more than both. */
static struct queue_route to_next_hop(struct routing *r, const struct destination *d,
                                      const struct envelope *e, size_t recipient)
{
    struct target to = *d->target;
    bool needs_no_tls = e->needs_no_tls || tls_reports_is_letter(e);
    to.requires_tls = requires_tls(e, recipient, d->target);
    if (needs_no_tls && to.kind == TARGET_MX && to.tls == TARGET_TLS_OPPORTUNISTIC)
        to.tls = TARGET_TLS_UNCHECKED;
    struct queue_route route = to_target(r, &to, e->recipients[recipient].address);
    route.is_outside = !d->is_ours && !e->recipients[recipient].parent;
    return route;
}

/* One delivery has one return path: whose are signed differently can't share it. */
static struct span apart_of(struct routing *r, const struct envelope *e, size_t recipient,
                            bool is_ours)
{
    struct span address = e->recipients[recipient].address;
    if (!e->is_own || !r->options->return_paths.sign_count)
        return SPAN_NONE;
    switch (returns_path_for(r->options, envelope_reverse_path(e, recipient), address)) {
    case RETURN_PATH_PLAIN:
        return SPAN("plain");
    case RETURN_PATH_TAGGED:
        return is_ours ? SPAN("plain") : SPAN_NONE;
    case RETURN_PATH_STEADY:
        break;
    }
    return is_ours ? SPAN("plain") : directory_fold(address_domain(address), r->domain);
}

static struct queue_route to_locals(const struct options *o)
{
    return (struct queue_route){.destination = SPAN("locals"),
                                .is_here = true,
                                .concurrency = o->command_concurrency,
                                .recipients = 1};
}

/* It was on the list when this message came: by an alias, or not in a session. What was here before
 * is not touched. */
static bool is_suppressed(struct routing *r, const struct envelope *e, size_t recipient,
                          struct queue_route *refusal)
{
    struct span address = e->recipients[recipient].address;
    struct suppression found;
    arena_clear(&r->words);
    if (!r->suppressions || !suppressions_find(r->suppressions, address, &r->words, &found) ||
        found.since_ms > e->accepted_ms)
        return false;
    *refusal = goes_nowhere(OUTCOME_FAILED, STATUS(5, 1, 1),
                            arena_printf(&r->words, "the address %.*s",
                                         SPAN_F(verdict_suppression(&found, &r->words))));
    refusal->refusal.cause = (struct cause_found){CAUSE_BLOCKED_POLICY, VARIANT_OWN_RULE};
    return true;
}

struct queue_route route_find(struct routing *r, const struct directory *d,
                              const struct envelope *e, size_t recipient)
{
    const struct options *o = r->options;
    struct span address = e->recipients[recipient].address;
    struct destination to = directory_find(d, e->reverse_path, address);
    struct queue_route refusal;
    if (is_suppressed(r, e, recipient, &refusal))
        return refusal;
    if (span_starts(e->recipients[recipient].action, SPAN("|")))
        return to_locals(o);
    switch (to.kind) {
    case DESTINATION_MAILBOX:
        if (to.mailbox->system)
            return to_locals(o);
        return (struct queue_route){.destination = SPAN("mailboxes"),
                                    .is_here = true,
                                    .concurrency = o->mailbox_concurrency * MAILBOX_JOBS_A_THREAD,
                                    .recipients = 1};
    case DESTINATION_ROUTE: {
        struct queue_route route = to_next_hop(r, &to, e, recipient);
        route.apart = apart_of(r, e, recipient, to.is_ours);
        return route;
    }
    case DESTINATION_NO_SUCH_USER:
        if (envelope_is_in_circle(e, recipient))
            return goes_nowhere(OUTCOME_FAILED, STATUS(5, 4, 6),
                                SPAN("the aliases of this address lead in a circle on this server; "
                                     "its operator must correct them"));
        return goes_nowhere(OUTCOME_FAILED, STATUS(5, 1, 1),
                            SPAN("there is no mailbox with this address here"));
    case DESTINATION_NO_ROUTE:
        break;
    }
    return goes_nowhere(OUTCOME_FAILED, STATUS(5, 4, 4),
                        SPAN("this server has no route to the domain of this address"));
}

struct outcome route_has_changed(void)
{
    return goes_nowhere(OUTCOME_DELAYED, STATUS(4, 3, 5),
                        SPAN("the address has just been changed on this server"))
        .refusal;
}

void routing_free(struct routing *r)
{
    buffer_free(&r->name);
    arena_clear(&r->words);
}
