#include "abuse/contacts.h"

#include "aggregate/places.h"
#include "auth/organization.h"
#include "base/inet.h"
#include "base/visible.h"
#include "bounce/judge_hosts.h"
#include "bounce/providers.h"
#include "mail/address.h"
#include "mail/host_name.h"

enum { LONGEST_SHOWN = 255 };

struct finding {
    struct contacts *found;
    const struct complaint *complaint;
    const struct contact_zones *zones;
    struct lookups *lookups;
    struct arena *arena;
    bool is_open; /* a question waits for its answer */
};

static struct span shown(struct finding *f, struct span s)
{
    struct buffer b = BUFFER_EMPTY;
    visible_add(&b, s, LONGEST_SHOWN);
    return arena_keep(f->arena, &b);
}

static struct span address_text(struct finding *f, const unsigned char address[16])
{
    struct buffer b = BUFFER_EMPTY;
    inet_add(&b, address);
    return arena_keep(f->arena, &b);
}

/* ---- the list */

static void add(struct finding *f, struct span address, struct span why, struct span why_not)
{
    struct contacts *all = f->found;
    if (address_check(address, false) != ADDRESS_OK)
        return;
    for (size_t i = 0; i < all->count; i++)
        if (address_equal(all->at[i].address, address)) {
            if (all->at[i].why_not.len && !why_not.len)
                all->at[i] = (struct contact){address, why, why_not};
            return;
        }
    if (all->count < CONTACTS_MOST)
        all->at[all->count++] = (struct contact){address, why, why_not};
}

static struct span by_convention(struct finding *f, struct span site)
{
    return arena_printf(f->arena, "abuse@%.*s", SPAN_F(site));
}

/* ---- what the DNS has */

static const struct dns_answer *ask(struct finding *f, struct span name, enum dns_type type)
{
    const struct dns_answer *answer = lookups_get(f->lookups, name, type);
    f->is_open |= !answer;
    return answer && answer->result == DNS_FOUND ? answer : NULL;
}

/* The addresses in TXT records: one each, or several with commas. */
static size_t read_addresses(struct finding *f, const struct dns_answer *answer,
                             struct span addresses[CONTACTS_MOST_ADDRESSES])
{
    size_t count = 0;
    for (size_t i = 0; answer && i < answer->count; i++) {
        struct span text;
        if (!dns_read_txt(answer->records[i], &text, f->arena))
            continue;
        while (text.len && count < CONTACTS_MOST_ADDRESSES) {
            struct span one = span_trim(span_cut(&text, ','));
            if (address_check(one, false) == ADDRESS_OK)
                addresses[count++] = one;
        }
    }
    return count;
}

/* Of whoever runs the network. */
static size_t ask_network(struct finding *f, const unsigned char address[16],
                          struct span addresses[CONTACTS_MOST_ADDRESSES])
{
    if (!f->zones || !f->zones->by_address.len || !inet_is_reachable(address))
        return 0;
    struct buffer name = BUFFER_EMPTY;
    inet_add_reversed(&name, address);
    buffer_add_span(&name, f->zones->by_address);
    return read_addresses(f, ask(f, arena_keep(f->arena, &name), DNS_TXT), addresses);
}

/* Of a domain: what is listed, or abuse@ as RFC 2142 wants it. That of postmaster is what the list
 * says of domains that it does not know. */
static struct span ask_domain(struct finding *f, struct span site)
{
    struct span addresses[CONTACTS_MOST_ADDRESSES];
    struct span usual = by_convention(f, site);
    if (!f->zones || !f->zones->by_domain.len)
        return usual;
    struct span name =
        arena_printf(f->arena, "%.*s.%.*s", SPAN_F(site), SPAN_F(f->zones->by_domain));
    size_t count = read_addresses(f, ask(f, name, DNS_TXT), addresses);
    bool is_guess = count && span_equal_nocase(address_local(addresses[0]), SPAN("postmaster"));
    return count && !is_guess ? addresses[0] : usual;
}

/* ---- the network that it came from */

static void add_network(struct finding *f)
{
    const struct origin *o = &f->complaint->origin;
    struct span addresses[CONTACTS_MOST_ADDRESSES];
    if (!o->has_address)
        return;
    size_t count = ask_network(f, o->field.address, addresses);
    struct span client = address_text(f, o->field.address), by = shown(f, o->field.by);
    for (size_t i = 0; i < count; i++)
        add(f, addresses[i],
            arena_printf(f->arena,
                         "runs the network of %.*s, which handed the message to %.*s: %.*s says so",
                         SPAN_F(client), SPAN_F(by), SPAN_F(f->zones->by_address)),
            SPAN_NONE);
    struct span site = organization_of(o->field.name, f->arena);
    if (count || !site.len)
        return;
    bool is_theirs = host_name_is_of_address(o->field.name, o->field.address);
    add(f, ask_domain(f, site),
        arena_printf(f->arena, "%.*s, which handed the message to %.*s, is named %.*s in the DNS",
                     SPAN_F(client), SPAN_F(by), SPAN_F(shown(f, o->field.name))),
        is_theirs ? SPAN_NONE
                  : SPAN("whoever rents a machine may choose its name, so this may be the sender "
                         "himself"));
}

/* ---- who signed it */

static bool links_to(const struct complaint *c, struct span site)
{
    for (size_t i = 0; i < c->link_count; i++)
        if (span_equal(c->links[i].site, site))
            return true;
    return false;
}

static void add_signers(struct finding *f)
{
    const struct complaint *c = f->complaint;
    for (size_t i = 0; c->is_checked && i < c->verdict.dkim_count; i++) {
        const struct dkim_verdict *v = &c->verdict.dkim[i];
        struct span site = organization_of(v->domain, f->arena);
        if (v->result != DKIM_PASS || !site.len)
            continue;
        bool may_be_theirs = links_to(c, site) && !provider_of_address(by_convention(f, site)) &&
                             !host_is_anybodys(v->domain);
        add(f, ask_domain(f, site),
            arena_printf(f->arena, "sent the message: the signature of %.*s holds",
                         SPAN_F(shown(f, v->domain))),
            may_be_theirs ? SPAN("the message leads there, too: the domain may be the swindler's "
                                 "own, and he would read it")
                          : SPAN_NONE);
    }
}

/* ---- where it leads */

static void add_link_network(struct finding *f, const struct complaint_link *l)
{
    struct span addresses[CONTACTS_MOST_ADDRESSES];
    unsigned char address[16];
    bool has_address = inet_parse(l->host, address);
    const struct dns_answer *answer = f->zones && !has_address ? ask(f, l->host, DNS_A) : NULL;
    if (answer && answer->count && answer->records[0].len == 4) {
        memcpy(address, (const unsigned char[12]){[10] = 0xFF, [11] = 0xFF}, 12);
        memcpy(address + 12, answer->records[0].at, 4);
        has_address = true;
    }
    size_t count = has_address ? ask_network(f, address, addresses) : 0;
    for (size_t i = 0; i < count; i++)
        add(f, addresses[i],
            arena_printf(f->arena,
                         "runs the network of %.*s (%.*s), where the message leads: %.*s says so",
                         SPAN_F(shown(f, l->host)), SPAN_F(address_text(f, address)),
                         SPAN_F(f->zones->by_address)),
            SPAN_NONE);
}

static void add_link(struct finding *f, const struct complaint_link *l)
{
    if (l->is_decoration)
        return;
    add_link_network(f, l);
    if (!l->site.len)
        return;
    bool is_anybodys = host_is_anybodys(l->host);
    add(f, ask_domain(f, l->site),
        is_anybodys
            ? arena_printf(
                  f->arena,
                  "has the pages of %.*s, where the message leads: anybody can put up some there",
                  SPAN_F(shown(f, l->host)))
            : arena_printf(f->arena, "the message leads to %.*s", SPAN_F(shown(f, l->host))),
        is_anybodys ? SPAN_NONE
                    : SPAN("nobody but the message names it: the domain may be the swindler's own, "
                           "and he would read it"));
}

static void add_links(struct finding *f)
{
    const struct complaint *c = f->complaint;
    for (size_t i = 0; i < c->link_count && i < CONTACTS_MOST_SITES; i++)
        add_link(f, &c->links[i]);
}

/* ---- who it says that it is from */

static void add_author(struct finding *f)
{
    struct span site = organization_of(f->complaint->from_domain, f->arena);
    if (!site.len || complaint_is_signed_by(f->complaint, site, f->arena))
        return;
    add(f, by_convention(f, site),
        arena_printf(f->arena, "the message says that it is from %.*s",
                     SPAN_F(shown(f, f->complaint->from_domain))),
        SPAN("it only says so, and nothing proves it: they are most likely a victim, too"));
}

/* Whose domain is forged says in the DNS who wants to hear of it. */
static void add_forged(struct finding *f)
{
    const struct dmarc_verdict *v = &f->complaint->verdict.dmarc;
    struct aggregate_place places[AGGREGATE_MOST_PLACES];
    size_t count = 0;
    if (!f->complaint->is_checked || v->result != DMARC_FAIL || !v->record.failure_reports.len)
        return;
    f->is_open |= !aggregate_places(v->place, v->record.failure_reports, f->lookups, places, &count,
                                    f->arena);
    for (size_t i = 0; i < count; i++)
        add(f, places[i].address,
            arena_printf(
                f->arena,
                "%.*s is forged, and its owner wants to hear of that: its DMARC record says so",
                SPAN_F(shown(f, v->author))),
            SPAN_NONE);
}

bool contacts_find(struct contacts *found, const struct complaint *c, enum complaint_kind kind,
                   const struct contact_zones *z, struct lookups *l, struct arena *a)
{
    struct finding f = {.found = found, .complaint = c, .zones = z, .lookups = l, .arena = a};
    found->count = 0;
    switch (kind) {
    case COMPLAINT_FRAUD:
    case COMPLAINT_ABUSE:
        add_network(&f);
        add_signers(&f);
        add_links(&f);
        add_author(&f);
        break;
    case COMPLAINT_AUTH_FAILURE:
        add_forged(&f);
        break;
    }
    return !f.is_open;
}

size_t contacts_chosen(const struct contacts *found)
{
    size_t n = 0;
    for (size_t i = 0; i < found->count; i++)
        n += !found->at[i].why_not.len;
    return n;
}
