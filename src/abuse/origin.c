#include "abuse/origin.h"

#include "auth/organization.h"
#include "base/inet.h"
#include "mail/header.h"
#include "mail/host_name.h"

enum { MOST_FIELDS = 50 };

struct walk {
    const struct origin_ours *ours;
    struct span organization; /* of the topmost server, when it is to be believed; else empty */
    struct arena *arena;
};

static bool is_named(const struct walk *w, struct span host)
{
    for (size_t i = 0; i < w->ours->count; i++)
        if (host_name_is_within(host, w->ours->names[i]))
            return true;
    return host.len && span_equal_nocase(host, w->ours->server);
}

/* "localhost", "ex01", "10.1.2.3": some machine inside. */
static bool is_inner(struct span host)
{
    unsigned char address[16];
    return !host.len || span_find_char(host, '.') == SPAN_NOT_FOUND || inet_parse(host, address);
}

static bool is_ours(const struct walk *w, struct span host)
{
    if (!host.len)
        return false;
    return w->organization.len ? span_equal(organization_of(host, w->arena), w->organization)
                               : is_named(w, host);
}

static bool client_is_ours(const struct walk *w, const struct received *r)
{
    const struct networks *n = w->ours->networks;
    return !r->has_address || !inet_is_reachable(r->address) || is_ours(w, r->name) ||
           (n && networks_contain(n, r->address));
}

/* All Received fields, from the top. */
static size_t read_fields(struct received *fields, struct span message, struct arena *a)
{
    struct header_iterator it = header_start(message);
    struct header_field f;
    size_t count = 0;
    while (count < MOST_FIELDS && header_next(&it, &f) > 0)
        if (span_equal_nocase(f.name, SPAN("Received")))
            received_parse(&fields[count++], f.value, a);
    return count;
}

/* The first that a server of ours wrote; or, with nobody named, the first whose server has a name
 * of its own: those above it are machines inside. */
static size_t find_first(struct walk *w, const struct received *fields, size_t count)
{
    size_t i = 0;
    while (i < count && !is_ours(w, fields[i].by))
        i++;
    if (i < count || w->ours->count)
        return i;
    for (i = 0; i < count && is_inner(fields[i].by); i++)
        ;
    if (i < count)
        w->organization = organization_of(fields[i].by, w->arena);
    return w->organization.len ? i : count;
}

void origin_find(struct origin *o, struct span message, const struct origin_ours *ours,
                 struct arena *a)
{
    struct received *fields = arena_new(a, MOST_FIELDS * sizeof *fields);
    struct walk w = {.ours = ours, .organization = SPAN_NONE, .arena = a};
    size_t count = read_fields(fields, message, a), i = find_first(&w, fields, count);
    *o = (struct origin){.trust = ORIGIN_UNKNOWN};
    if (i == count)
        return;
    while (client_is_ours(&w, &fields[i]) && i + 1 < count &&
           (is_ours(&w, fields[i + 1].by) || is_inner(fields[i + 1].by)))
        i++;
    *o = (struct origin){.trust = w.organization.len ? ORIGIN_ASSUMED : ORIGIN_OURS,
                         .field = fields[i],
                         .has_address = !client_is_ours(&w, &fields[i]),
                         .position = i + 1};
}
