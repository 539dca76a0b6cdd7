#include "address/leads.h"

#include "address/directory_inside.h"
#include "address/expand.h"
#include "mail/address.h"

struct own {
    struct recipient *at;
    size_t count, room;
};

static void add(struct own *o, struct span address, struct arena *a)
{
    if (o->count == o->room) {
        struct recipient *more = arena_new(a, (o->room + 8) * 2 * sizeof *more);
        for (size_t i = 0; i < o->count; i++)
            more[i] = o->at[i];
        o->at = more;
        o->room = (o->room + 8) * 2;
    }
    o->at[o->count++] = (struct recipient){.address = address};
}

/* Of a user of this machine: where there is a mailbox of the name, or else at our own name. */
static void add_all_of_name(struct own *o, const struct directory *d, struct span name,
                            struct arena *a)
{
    char room[LONGEST_ADDRESS];
    struct span domain;
    size_t i = 0;
    while (map_next_text(&d->domains, &i, &domain)) {
        struct span address = arena_printf(a, "%.*s@%.*s", SPAN_F(name), SPAN_F(domain));
        if (map_get_text(&d->mailboxes, directory_fold(address, room)))
            add(o, address, a);
    }
    if (!o->count && directory_has_domain(d, d->hostname))
        add(o, arena_printf(a, "%.*s@%.*s", SPAN_F(name), SPAN_F(d->hostname)), a);
}

/* One of the account's own addresses, or another name of their mailboxes ("alice+tag"). */
static bool is_own(const struct directory *d, const struct own *o, struct span address)
{
    const struct mailbox *box = directory_find(d, SPAN_NONE, address).mailbox;
    for (size_t i = 0; i < o->count; i++) {
        struct span own = o->at[i].address;
        if (address_equal(own, address) ||
            (box && directory_find(d, SPAN_NONE, own).mailbox == box))
            return true;
    }
    return false;
}

struct leads directory_leads(const struct directory *d, struct span account, struct arena *a)
{
    struct own o = {0};
    bool is_name = span_find_char(account, '@') == SPAN_NOT_FOUND;
    if (is_name)
        add_all_of_name(&o, d, account, a);
    else
        add(&o, arena_copy(a, account), a);
    struct envelope e = {.reverse_path = account, .recipients = o.at, .recipient_count = o.count};
    if (!o.count || !expand_recipients(d, &e, a))
        return (struct leads){0};
    struct span *to = arena_new(a, e.recipient_count * sizeof *to);
    struct leads l = {.to = to};
    for (size_t i = o.count; i < e.recipient_count; i++) {
        const struct recipient *r = &e.recipients[i];
        if (r->action.len)
            to[l.count++] = r->action;
        else if (!r->is_expanded && !is_own(d, &o, r->address))
            to[l.count++] = r->address;
    }
    return l;
}
