/* Hand something to another program by HTTP: one POST after the other, over a connection that is
 * kept open. Blocking; for a thread of its own. By libcurl. */
#ifndef SYS_HTTP_H
#define SYS_HTTP_H

#include "base/buffer.h"
#include "base/error.h"

struct http; /* used by one thread, but for http_interrupt */

/* NULL: `e`. */
struct http *http_new(const char *url, struct error *e);
void http_free(struct http **h);

struct http_post {
    struct span body;
    const char *type;          /* of the content */
    const char *const *fields; /* further lines of the header, "Name: value"; NULL at the end */
    int64_t most_ms;           /* for all of it */
};

/* The status of the answer, or 0: `e` says why there is none. No redirect is followed. */
int http_post(struct http *h, const struct http_post *p, struct error *e);

/* A post that is under way, or begins later, ends at once. From any thread. */
void http_interrupt(struct http *h);

#endif
