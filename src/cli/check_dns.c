#include "cli/check_dns.h"

#include "base/list.h"
#include "base/memory.h"
#include "sys/clock.h"
#include "sys/resolve.h"

#include <stdlib.h>

struct check_dns {
    struct loop *loop;
    struct dns *dns;
    struct resolve *resolve;
    struct resolving resolving;
    int64_t end_ms; /* monotonic; 0: nothing was asked yet */
};

struct check_dns *check_dns_new(const struct dns_settings *s, struct error *e)
{
    struct check_dns *d = memory_new(sizeof *d);
    d->loop = loop_new(e);
    d->dns = d->loop ? dns_new(s, d->loop, e) : NULL;
    if (d->dns)
        d->resolve = resolve_new(d->dns, d->loop);
    else
        check_dns_free(&d);
    return d;
}

void check_dns_free(struct check_dns **d)
{
    if (!*d)
        return;
    dns_free(&(*d)->dns);
    resolve_free(&(*d)->resolve);
    loop_free(&(*d)->loop);
    free(*d);
    *d = NULL;
}

static void done(struct resolving *g)
{
    loop_stop(LIST_ENTRY(g, struct check_dns, resolving)->loop);
}

void check_dns_answer(struct check_dns *d, struct lookups *l)
{
    int64_t now = clock_monotonic_ms(), end = now + CHECK_PATIENCE * 1000;
    if (!d->end_ms)
        d->end_ms = now + CHECK_PATIENCE_FOR_ALL * 1000;
    d->resolving.lookups = l;
    d->resolving.done = done;
    resolve_start(d->resolve, &d->resolving, end < d->end_ms ? end : d->end_ms);
    loop_run(d->loop);
}
