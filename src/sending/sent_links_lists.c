/* Lists of harmful hosts in the DNS, as those of addresses are asked (RFC 5782): a name in front of
 * the zone has A records inside of 127.0.0.0/8 when it is listed, and a TXT record that says why.
 */
#include "sending/sent_links.h"

#include "base/inet.h"
#include "mail/address.h"
#include "mail/links.h"

enum { MOST_ASKED = 16 /* hosts, of each list */, LONGEST_SAID = 200 };

struct asking {
    const struct link_list *list;
    struct lookups *lookups;
    struct sent_links_unknown *unknown;
    struct arena *arena;
    bool is_open;
};

static void note_unknown(struct asking *q, struct span why)
{
    *q->unknown = (struct sent_links_unknown){q->list->name, arena_copy(q->arena, why)};
}

static struct span said_of(const struct dns_answer *txt, struct arena *a)
{
    struct span text;
    for (size_t i = 0; i < txt->count; i++)
        if (dns_read_txt(txt->records[i], &text, a) && text.len)
            return span_first(text, LONGEST_SAID);
    return SPAN_NONE;
}

static bool is_harmful(struct asking *q, const struct dns_answer *answer)
{
    bool is_silent = answer->count > 0;
    for (size_t i = 0; i < answer->count; i++)
        switch (link_list_read(q->list, answer->records[i])) {
        case LINK_LIST_HARMFUL:
            return true;
        case LINK_LIST_OTHER:
            is_silent = false;
            break;
        case LINK_LIST_SILENT:
            break;
        }
    if (is_silent)
        note_unknown(q, SPAN("it does not answer who asks like this (through a public resolver, or "
                             "too often), or it is gone"));
    return false;
}

/* Is it listed? `*said`: what the list says of it. Not while more is open. */
static bool is_listed(struct asking *q, struct span name, struct span *said)
{
    struct span whole = arena_printf(q->arena, "%.*s%.*s", SPAN_F(name), SPAN_F(q->list->zone));
    const struct dns_answer *answer = lookups_get(q->lookups, whole, DNS_A), *txt;
    q->is_open |= !answer;
    if (!answer)
        return false;
    if (answer->result == DNS_FAILED)
        note_unknown(q, answer->why);
    if (answer->result != DNS_FOUND || !is_harmful(q, answer))
        return false;
    txt = lookups_get(q->lookups, whole, DNS_TXT);
    q->is_open |= !txt;
    *said = txt && txt->result == DNS_FOUND ? said_of(txt, q->arena) : SPAN_NONE;
    return true;
}

/* "example.org."; an address as lists have it, from its last number to its first. */
static struct span name_in_front(struct span host, struct arena *a)
{
    struct buffer name = BUFFER_EMPTY;
    unsigned char address[16];
    if (inet_parse(host, address))
        inet_add_reversed(&name, address);
    else if (domain_is_valid(host, false, false))
        buffer_printf(&name, "%.*s.", SPAN_F(host));
    return arena_keep(a, &name);
}

static bool host_is_listed(struct asking *q, struct span host, struct span *said)
{
    struct span names[2] = {name_in_front(host, q->arena), SPAN_NONE};
    unsigned char address[16];
    struct span site = link_site(host);
    if (!inet_parse(host, address))
        names[1] = name_in_front(site, q->arena);
    for (size_t i = 0; i < 2; i++)
        if (names[i].len && is_listed(q, names[i], said))
            return true;
    return false;
}

bool sent_links_ask(const struct sending_options *o, struct lookups *lookups,
                    struct sent_links *seen, struct sent_links_unknown *unknown, struct arena *a)
{
    struct link_finding *found = &seen->found;
    bool is_open = false;
    *unknown = (struct sent_links_unknown){SPAN_NONE, SPAN_NONE};
    if (found->fault && found->fault < LINK_IS_LISTED) /* nothing that is worse can be found */
        return true;
    for (size_t i = 0; i < o->link_list_count; i++) {
        struct asking q = {&o->link_lists[i], lookups, unknown, a, false};
        for (size_t k = 0; k < seen->count && k < MOST_ASKED; k++) {
            struct span said = SPAN_NONE;
            if (!host_is_listed(&q, seen->hosts[k], &said) || q.is_open)
                continue;
            *found = (struct link_finding){.fault = LINK_IS_LISTED,
                                           .link = seen->links[k],
                                           .host = seen->hosts[k],
                                           .other = SPAN_NONE,
                                           .list = q.list->name,
                                           .why = said,
                                           .see = q.list->see};
            return true;
        }
        is_open |= q.is_open;
    }
    return !is_open;
}
