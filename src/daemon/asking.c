#include "daemon/asking.h"

#include "base/memory.h"
#include "daemon/routing.h"

#include <stdlib.h>

/* Of one who asks: the tables as they are now, and room for names. */
struct view {
    struct routing routing;
    struct directory *directory;
};

/* There is one house a process. */
static struct {
    struct directory **directory;
    const struct options *options;
} the_house;

static void *begin(void *arg)
{
    struct view *v = memory_new(sizeof *v);
    v->routing.options = the_house.options;
    v->directory = directory_ref(*the_house.directory);
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
    directory_unref(&v->directory);
    free(v);
}

struct control_routes asking_routes(struct directory **directory, const struct options *o)
{
    the_house.directory = directory;
    the_house.options = o;
    return (struct control_routes){begin, destination, end, NULL};
}
