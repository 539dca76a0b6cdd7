#include "address/rerouted.h"

#include "address/directory_inside.h"
#include "mail/address.h"

enum { LONGEST_FORWARDING = 1000 /* targets; what has more is a list */ };

struct looking {
    const struct directory *before, *now;
    struct reroutings *found;
    struct arena *arena;
};

/* Of its address, or else of its name. NULL: none. */
static const struct alias *alias_of(const struct directory *d, struct span account)
{
    const struct alias *own = aliases_find(&d->aliases, account);
    return own || !directory_has_domain(d, address_domain(account))
               ? own
               : aliases_find(&d->aliases, address_local(account));
}

static bool leads_to(const struct alias *a, struct span target)
{
    for (size_t i = 0; a && i < a->count; i++)
        if (span_equal_nocase(a->targets[i], target))
            return true;
    return false;
}

static bool is_itself(const struct directory *d, struct span account, struct span target)
{
    bool is_of_this_name = span_equal_nocase(address_local(target), address_local(account));
    struct span of = address_domain(account), to = address_domain(target);
    return is_of_this_name &&
           (!to.len || (of.len ? span_equal_nocase(to, of) : directory_has_domain(d, to)));
}

static bool is_list(const struct alias *a)
{
    return a && a->count > LONGEST_FORWARDING;
}

static bool is_same(const struct alias *a, const struct alias *b)
{
    bool is = a && b && a->count == b->count;
    for (size_t i = 0; is && i < a->count; i++)
        is = span_equal(a->targets[i], b->targets[i]);
    return is;
}

static void look_at(struct looking *l, struct span account)
{
    const struct alias *was = alias_of(l->before, account), *is = alias_of(l->now, account);
    struct rerouted r = {.account = SPAN_NONE};
    if (is_same(was, is) || is_list(was) || is_list(is))
        return;
    for (size_t i = 0; is && i < is->count; i++) {
        struct span target = is->targets[i];
        if (leads_to(was, target) || is_itself(l->now, account, target))
            continue;
        r.has_others = r.to.len > 0;
        if (r.has_others)
            break;
        r.to = target;
    }
    if (!r.to.len)
        return;
    if (l->found->count == MOST_REROUTED) {
        l->found->are_too_many = true;
        return;
    }
    r.account = arena_copy(l->arena, account);
    l->found->at[l->found->count++] = r;
}

/* In each of our domains where it is a user who has no alias of his own. */
static void look_at_users(struct looking *l, struct span name)
{
    size_t i = 0;
    struct span domain;
    struct buffer address = BUFFER_EMPTY;
    while (!l->found->are_too_many && map_next_text(&l->now->domains, &i, &domain)) {
        buffer_clear(&address);
        buffer_printf(&address, "%.*s@%.*s", SPAN_F(name), SPAN_F(domain));
        if (map_get_text(&l->now->mailboxes, buffer_span(&address)) &&
            !aliases_find(&l->now->aliases, buffer_span(&address)))
            look_at(l, buffer_span(&address));
    }
    buffer_free(&address);
}

void directory_rerouted(const struct directory *before, const struct directory *now,
                        struct reroutings *r, struct arena *a)
{
    struct looking l = {before, now, r, a};
    const struct alias *alias;
    size_t i = 0;
    *r = (struct reroutings){.count = 0};
    while (!r->are_too_many && (alias = map_next(&now->aliases.by_name, &i))) {
        if (alias->name.at[0] == '@' || is_same(aliases_find(&before->aliases, alias->name), alias))
            continue;
        look_at(&l, alias->name);
        if (span_find_char(alias->name, '@') == SPAN_NOT_FOUND)
            look_at_users(&l, alias->name);
    }
    if (r->are_too_many)
        r->count = 0;
}
