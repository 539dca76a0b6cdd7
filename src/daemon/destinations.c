#include "daemon/house.h"

#include "base/memory.h"
#include "config/guard_setting.h"

#include <stdlib.h>

/* Of one who asks: the options and tables as they are now, and room for names. */
struct view {
    struct routing routing; /* with a reference to its options */
    struct directory *directory;
};

static void *begin(void *house)
{
    struct house *h = house;
    struct view *v = memory_new(sizeof *v);
    v->routing.options = options_ref(h->options);
    v->routing.suppressions = h->suppressions;
    v->directory = directory_ref(h->directory);
    return v;
}

static struct span destination(void *routes, const struct envelope *e, size_t recipient)
{
    struct view *v = routes;
    struct queue_route r = route_find(&v->routing, v->directory, e, recipient);
    return r.is_refused ? SPAN_NONE : r.destination;
}

static void end(void *routes)
{
    struct view *v = routes;
    routing_free(&v->routing);
    options_unref(&v->routing.options);
    directory_unref(&v->directory);
    free(v);
}

void house_know(void *house, struct control_known *k)
{
    struct house *h = house;
    const struct options *o = h->options;
    *k = (struct control_known){directory_ref(h->directory), signing_ref(h->signing),
                                guard_settings_limits(o->guard_limits, o->guard_limit_count)};
}

struct control_routes house_destinations(struct house *h)
{
    return (struct control_routes){begin, destination, end, h};
}
