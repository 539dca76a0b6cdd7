#include "address/directory_inside.h"
#include "base/memory.h"
#include "mail/address.h"

#include <stdlib.h>
#include <string.h>

void directory_add_domain(struct directory *d, struct span domain, struct mailbox *first)
{
    static struct mailbox nobody; /* a domain without users has no postmaster */
    struct mailbox *known = map_get_text(&d->domains, domain);
    if (!known || known == &nobody)
        map_set_text(&d->domains, domain, first ? first : &nobody);
}

struct directory *directory_new(const struct options *o)
{
    struct directory *d = memory_new(sizeof *d);
    atomic_store(&d->references, 1);
    d->options = options_ref(o);
    d->hostname = arena_copy(&d->arena, o->hostname);
    for (size_t i = 0; i < o->route_count; i++)
        map_set_text(&d->routes, o->routes[i].match, &o->routes[i].target);
    return d;
}

struct directory *directory_ref(struct directory *d)
{
    atomic_fetch_add(&d->references, 1);
    return d;
}

void directory_unref(struct directory **directory)
{
    struct directory *d = *directory;
    size_t i = 0;
    *directory = NULL;
    if (!d || atomic_fetch_sub(&d->references, 1) > 1)
        return;
    for (struct recipients *r; (r = map_next(&d->recipients, &i));)
        map_free(&r->known);
    map_free(&d->recipients);
    map_free(&d->relays);
    map_free(&d->mailboxes);
    map_free(&d->domains);
    bad_links_free(&d->bad_links);
    map_free(&d->routes);
    map_free(&d->systems);
    map_free(&d->languages);
    map_free(&d->aliases.by_name);
    options_unref(&d->options);
    secret_free(&d->srs_secrets);
    secret_free(&d->tag_secrets);
    struct arena arena = d->arena;
    arena_clear(&arena);
    free(d);
}

/* ---- looking up */

struct span directory_fold(struct span s, char room[LONGEST_ADDRESS])
{
    size_t n = s.len < LONGEST_ADDRESS ? s.len : LONGEST_ADDRESS;
    for (size_t i = 0; i < n; i++)
        room[i] = ascii_lower(s.at[i]);
    return (struct span){room, n};
}

static const struct target *route_of(const struct directory *d, const char *before,
                                     struct span match)
{
    char room[LONGEST_ADDRESS + 8];
    size_t len = strlen(before);
    memcpy(room, before, len);
    memcpy(room + len, match.at, match.len);
    return map_get_text(&d->routes, span_make(room, len + match.len));
}

static const struct target *route_above(const struct directory *d, struct span domain)
{
    const struct target *found = NULL;
    for (size_t dot; !found && (dot = span_find_char(domain, '.')) != SPAN_NOT_FOUND;) {
        domain = span_skip(domain, dot + 1);
        found = route_of(d, "*.", domain);
    }
    return found;
}

static const struct relay *relay_of(const struct directory *d, struct span domain)
{
    char room[LONGEST_ADDRESS + 2] = "*.";
    const struct relay *found = map_get_text(&d->relays, domain);
    for (size_t dot; !found && (dot = span_find_char(domain, '.')) != SPAN_NOT_FOUND;) {
        domain = span_skip(domain, dot + 1);
        memcpy(room + 2, domain.at, domain.len);
        found = map_get_text(&d->relays, span_make(room, domain.len + 2));
    }
    return found;
}

/* By the recipient alone, without "*". */
static const struct target *own_route(const struct directory *d, struct span address)
{
    const struct target *found = route_of(d, "", address);
    if (!found)
        found = route_of(d, "", address_domain(address));
    return found ? found : route_above(d, address_domain(address));
}

static const struct target *any_route(const struct directory *d, struct span sender,
                                      struct span address)
{
    const struct target *found = own_route(d, address);
    if (!found && sender.len)
        found = route_of(d, "from:", sender);
    if (!found && sender.len)
        found = route_of(d, "from:", address_domain(sender));
    return found ? found : route_of(d, "", SPAN("*"));
}

static struct destination to_user(const struct directory *d, const struct mailbox *m)
{
    if (!m || !m->name.len)
        return (struct destination){.kind = DESTINATION_NO_SUCH_USER, .is_ours = true};
    const struct target *route = own_route(d, m->name);
    return (struct destination){.kind = route ? DESTINATION_ROUTE : DESTINATION_MAILBOX,
                                .is_ours = true,
                                .mailbox = m,
                                .target = route};
}

/* "alice+tag@example.org" → "alice@example.org"; as it is when it has no tag. */
static struct span without_tag(struct span name, char room[LONGEST_ADDRESS])
{
    struct span local = address_local(name), domain = address_domain(name);
    size_t plus = span_find_char(local, '+');
    if (plus == SPAN_NOT_FOUND || !plus)
        return name;
    memcpy(room, name.at, plus);
    room[plus] = '@';
    memcpy(room + plus + 1, domain.at, domain.len);
    return span_make(room, plus + 1 + domain.len);
}

static const struct mailbox *user_of(const struct directory *d, struct span name)
{
    char room[LONGEST_ADDRESS];
    const struct mailbox *m = map_get_text(&d->mailboxes, name);
    return m ? m : map_get_text(&d->mailboxes, without_tag(name, room));
}

struct directory_language directory_language(const struct directory *d, struct span address)
{
    char room[LONGEST_ADDRESS];
    if (address.len > LONGEST_ADDRESS)
        return (struct directory_language){SPAN_NONE, SPAN_NONE};
    struct span name = directory_fold(address, room);
    const struct mailbox *m = user_of(d, name);
    const struct span *of_domain = map_get_text(&d->languages, address_domain(name));
    return (struct directory_language){m ? m->language : SPAN_NONE,
                                       of_domain ? *of_domain : SPAN_NONE};
}

/* Those that must always be there: RFC 5321 4.5.1, RFC 2142. */
static bool is_for_operator(struct span name)
{
    struct span local = address_local(name);
    return span_equal(local, SPAN("postmaster")) || span_equal(local, SPAN("abuse"));
}

static bool is_named(const struct recipients *r, struct span name)
{
    return map_get_text(&r->known, name) || map_get_text(&r->known, address_local(name));
}

static bool is_relay_recipient(const struct relay *r, struct span name)
{
    char room[LONGEST_ADDRESS];
    return r && r->recipients &&
           (is_named(r->recipients, name) || is_named(r->recipients, without_tag(name, room)));
}

/* The sender has no say in where it goes: anybody may be the sender. */
static struct destination to_relay_domain(const struct directory *d, const struct relay *r,
                                          struct span name)
{
    struct destination to = {.kind = DESTINATION_ROUTE, .is_ours = true, .relay = r->rule};
    if (r->recipients && !is_relay_recipient(r, name) && !is_for_operator(name)) {
        to.kind = DESTINATION_NO_SUCH_USER;
        return to;
    }
    to.target = any_route(d, SPAN_NONE, name);
    if (!to.target)
        to.kind = DESTINATION_NO_ROUTE;
    return to;
}

/* RFC 5321 4.5.1: postmaster without a domain is ours. */
static struct destination to_postmaster(const struct directory *d)
{
    const struct mailbox *m = map_get_text(&d->domains, d->hostname);
    size_t i = 0;
    return to_user(d, m ? m : map_next(&d->domains, &i));
}

struct destination directory_find(const struct directory *d, struct span sender,
                                  struct span address)
{
    char room[LONGEST_ADDRESS], sender_room[LONGEST_ADDRESS];
    if (address.len > LONGEST_ADDRESS)
        return (struct destination){.kind = DESTINATION_NO_ROUTE};
    struct span name = directory_fold(address, room), domain = address_domain(name);
    bool is_postmaster = span_equal(address_local(name), SPAN("postmaster"));
    if (is_postmaster && !domain.len)
        return to_postmaster(d);
    const struct mailbox *first = map_get_text(&d->domains, domain);
    if (first) {
        const struct mailbox *m = user_of(d, name);
        return to_user(d, m ? m : is_for_operator(name) ? first : NULL);
    }
    const struct relay *relay = relay_of(d, domain);
    if (relay)
        return to_relay_domain(d, relay, name);
    const struct target *route = any_route(d, directory_fold(sender, sender_room), name);
    return (struct destination){.kind = route ? DESTINATION_ROUTE : DESTINATION_NO_ROUTE,
                                .target = route};
}

static const struct alias *own_alias(const struct directory *d, struct span name)
{
    char room[LONGEST_ADDRESS];
    struct span bare = without_tag(name, room);
    bool is_ours = directory_has_domain(d, address_domain(name));
    const struct alias *found = aliases_find(&d->aliases, name);
    if (!found && is_ours)
        found = aliases_find(&d->aliases, bare);
    if (!found && is_ours)
        found = aliases_find(&d->aliases, address_local(name));
    return found || !is_ours ? found : aliases_find(&d->aliases, address_local(bare));
}

static struct span owner_of(const struct directory *d, struct span name, struct arena *a)
{
    struct span owner = arena_printf(a, "owner-%.*s", SPAN_F(name));
    struct directory_alias found;
    if (span_starts(name, SPAN("owner-")) || !directory_alias_of(d, owner, &found, a) ||
        found.alias->name.at[0] == '@')
        return SPAN_NONE;
    return owner;
}

bool directory_alias_of(const struct directory *d, struct span address,
                        struct directory_alias *found, struct arena *a)
{
    char room[LONGEST_ADDRESS];
    struct span name = directory_fold(address, room), domain = address_domain(name);
    const struct alias *alias = own_alias(d, name);
    if (!alias && !user_of(d, name) && !is_relay_recipient(relay_of(d, domain), name) &&
        !(is_for_operator(name) && directory_has_domain(d, domain))) /* "@example.org" */
        alias = aliases_find(&d->aliases, span_skip(name, address_local(name).len));
    if (!alias)
        return false;
    bool is_ours = directory_has_domain(d, domain);
    *found =
        (struct directory_alias){alias, is_ours ? arena_copy(a, domain) : d->hostname, SPAN_NONE};
    if (alias->name.at[0] != '@')
        found->owner = owner_of(d, name, a);
    return true;
}

bool directory_only_catches(const struct directory *d, struct span address)
{
    struct arena a = ARENA_EMPTY;
    struct directory_alias found;
    bool only = address.len <= LONGEST_ADDRESS && directory_alias_of(d, address, &found, &a) &&
                found.alias->name.at[0] == '@';
    arena_clear(&a);
    return only;
}

size_t directory_domains(const struct directory *d, struct span *at, size_t most)
{
    size_t count = 0, i = 0;
    while (count < most && map_next_text(&d->domains, &i, &at[count]))
        count++;
    return count;
}

const struct bad_links *directory_bad_links(const struct directory *d)
{
    return &d->bad_links;
}

bool directory_has_domain(const struct directory *d, struct span domain)
{
    char room[LONGEST_ADDRESS];
    return domain.len <= LONGEST_ADDRESS && map_get_text(&d->domains, directory_fold(domain, room));
}

static bool has_postmaster(const struct directory *d, struct span address, struct arena *a)
{
    struct directory_alias alias;
    struct destination to = directory_find(d, SPAN_NONE, address);
    return (to.is_ours && to.kind != DESTINATION_NO_SUCH_USER) ||
           directory_alias_of(d, address, &alias, a);
}

struct span directory_postmaster(const struct directory *d, struct arena *a)
{
    for (struct span domain = d->hostname; domain.len; span_cut(&domain, '.')) {
        struct span address = arena_printf(a, "postmaster@%.*s", SPAN_F(domain));
        if (has_postmaster(d, address, a))
            return address;
    }
    return SPAN("postmaster");
}
