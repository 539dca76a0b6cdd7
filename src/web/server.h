/* What may be seen by HTTP: /metrics and /healthz. A thread of its own serves it; it reads, and
 * changes nothing. */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include "config/options.h"
#include "sys/loop.h"
#include "web/metrics.h"

struct web;

struct web_settings {
    struct loop *loop; /* the scheduler's, */
    /* where this is called for each page. */
    void (*gather)(void *arg, struct house_figures *f);
    void *arg;
};

/* Listens on the options' "metrics"; without any it is there all the same, and does nothing. NULL:
 * `e`. */
struct web *web_new(const struct web_settings *s, const struct options *o, struct error *e);
void web_free(struct web **w); /* in the scheduler's thread; pages under way are broken off */

#endif
