/* The client's name in the reverse DNS, and the one that it says. */
#include "base/inet.h"
#include "entry/inside.h"
#include "mail/address.h"
#include "mail/host_name.h"

#include <string.h>

enum { MOST_NAMES = 4 /* of an address that are asked for their addresses */ };

static bool leads_to(const struct dns_answer *answer, const unsigned char address[16])
{
    bool is_v4 = inet_is_v4(address);
    for (size_t i = 0; i < answer->count; i++) {
        struct span r = answer->records[i];
        if (r.len == (is_v4 ? 4 : 16) && memcmp(r.at, address + (is_v4 ? 12 : 0), r.len) == 0)
            return true;
    }
    return false;
}

/* ---- the reverse DNS */

static void look_at_good_name(struct scoring *s, struct span name)
{
    const unsigned char *address = s->client->address;
    if (host_name_is_of_address(name, address) || host_name_is_of_pool(name))
        scoring_add(s, ENTRY_GENERIC, (int)s->options->entry.points_generic_name, name);
}

/* The first that leads back is its name. One that could not be asked for may have been it. */
static void look_at_reverse_names(struct scoring *s, const struct dns_answer *ptr)
{
    const unsigned char *address = s->client->address;
    enum dns_type type = inet_is_v4(address) ? DNS_A : DNS_AAAA;
    struct span first = SPAN_NONE;
    bool is_sure = true;
    for (size_t i = 0; i < ptr->count && i < MOST_NAMES; i++) {
        struct span rest = ptr->records[i], name;
        if (!dns_read_name(&rest, &name, s->arena))
            continue;
        const struct dns_answer *its = scoring_ask(s, name, type, NULL);
        if (!its) {
            is_sure = false;
        } else if (leads_to(its, address)) {
            look_at_good_name(s, name);
            return;
        }
        if (!first.len)
            first = name;
    }
    if (is_sure && first.len)
        scoring_add(s, ENTRY_UNCONFIRMED, (int)s->options->entry.points_reverse_name_unconfirmed,
                    first);
    else if (is_sure)
        scoring_add(s, ENTRY_NO_NAME, (int)s->options->entry.points_no_reverse_name, SPAN_NONE);
}

static void look_at_reverse_dns(struct scoring *s)
{
    const struct options *o = s->options;
    const unsigned char *address = s->client->address;
    struct buffer name = BUFFER_EMPTY;
    if (!o->entry.points_no_reverse_name && !o->entry.points_reverse_name_unconfirmed &&
        !o->entry.points_generic_name)
        return;
    inet_add_reversed(&name, address);
    buffer_add_text(&name, inet_is_v4(address) ? "in-addr.arpa" : "ip6.arpa");
    const struct dns_answer *ptr = scoring_ask(s, buffer_span(&name), DNS_PTR, NULL);
    if (ptr && ptr->result == DNS_FOUND)
        look_at_reverse_names(s, ptr);
    else if (ptr)
        scoring_add(s, ENTRY_NO_NAME, (int)o->entry.points_no_reverse_name, SPAN_NONE);
    buffer_free(&name);
}

/* ---- EHLO */

/* "[192.0.2.7]", "[IPv6:2001:db8::7]" */
static bool literal_parse(struct span hello, unsigned char address[16])
{
    if (hello.len < 3 || hello.at[0] != '[' || hello.at[hello.len - 1] != ']')
        return false;
    struct span inner = span_first(span_skip(hello, 1), hello.len - 2);
    return span_starts_nocase(inner, SPAN("IPv6:")) ? inet_parse_v6(span_skip(inner, 5), address)
                                                    : inet_parse_v4(inner, address);
}

static bool is_whole_name(struct span hello)
{
    unsigned char bytes[16];
    size_t dot = span_find_char(hello, '.');
    return domain_is_valid(hello, false, false) && dot != SPAN_NOT_FOUND && dot + 1 < hello.len &&
           !inet_parse(hello, bytes);
}

/* Has it an address, or takes it mail? All are asked at once; one that is there is enough. */
static void look_up_hello(struct scoring *s, struct span hello)
{
    static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_MX};
    bool is_there = false, is_sure = true, was_open = s->is_open;
    size_t unknowns = s->score->unknown_count;
    for (size_t i = 0; i < sizeof types / sizeof *types && !is_there; i++) {
        const struct dns_answer *answer = scoring_ask(s, hello, types[i], NULL);
        is_there = answer && answer->result == DNS_FOUND;
        is_sure &= answer != NULL;
    }
    if (is_there) {
        s->is_open = was_open;
        s->score->unknown_count = unknowns;
    } else if (is_sure)
        scoring_add(s, ENTRY_HELLO_UNKNOWN, (int)s->options->entry.points_hello_unknown, hello);
}

static void look_at_hello(struct scoring *s)
{
    const struct options *o = s->options;
    struct span hello = s->client->hello;
    unsigned char literal[16];
    if (literal_parse(hello, literal)) {
        if (memcmp(literal, s->client->address, sizeof literal) != 0)
            scoring_add(s, ENTRY_HELLO_OTHER_ADDRESS, (int)o->entry.points_hello_other_address,
                        hello);
    } else if (span_equal_nocase(hello, s->client->our_name)) {
        scoring_add(s, ENTRY_HELLO_OURS, (int)o->entry.points_hello_ours, hello);
    } else if (!is_whole_name(hello)) {
        scoring_add(s, ENTRY_HELLO_MALFORMED, (int)o->entry.points_hello_malformed, hello);
    } else if (o->entry.points_hello_unknown) {
        look_up_hello(s, hello);
    }
}

void scoring_look_at_names(struct scoring *s)
{
    look_at_reverse_dns(s);
    look_at_hello(s);
}
