#include "sys/resolve_wait.h"

#include "base/memory.h"
#include "sys/clock.h"
#include "sys/resolve.h"

#include <stdlib.h>

struct resolve_wait {
    struct loop *loop;
    struct resolve *resolve;
    struct resolving resolving;
};

struct resolve_wait *resolve_wait_new(struct dns *dns, struct error *e)
{
    struct loop *loop = loop_new(e);
    if (!loop)
        return NULL;
    struct resolve_wait *w = memory_new(sizeof *w);
    w->loop = loop;
    w->resolve = resolve_new(dns, loop);
    return w;
}

void resolve_wait_free(struct resolve_wait **w)
{
    if (!*w)
        return;
    resolve_free(&(*w)->resolve);
    loop_free(&(*w)->loop);
    free(*w);
    *w = NULL;
}

static void done(struct resolving *g)
{
    loop_stop(LIST_ENTRY(g, struct resolve_wait, resolving)->loop);
}

void resolve_wait_answer(struct resolve_wait *w, struct lookups *l, int64_t patience_ms)
{
    if (resolve_known(w->resolve, l))
        return;
    w->resolving.lookups = l;
    w->resolving.done = done;
    resolve_start(w->resolve, &w->resolving, clock_monotonic_ms() + patience_ms);
    loop_run(w->loop);
}
