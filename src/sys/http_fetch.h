/* Get one small text by HTTPS, and nothing else: no redirect is followed, and the certificate must
 * be right. Blocking; for a thread that may wait. By libcurl. */
#ifndef SYS_HTTP_FETCH_H
#define SYS_HTTP_FETCH_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdatomic.h>

struct http_fetch {
    const char *host, *path; /* https://HOST/PATH */
    const char *addresses; /* of the host, "192.0.2.7,2001:db8::7": nobody else is asked for them */
    struct span authorities; /* a file with whom to trust; empty: the system's */
    size_t most;             /* octets; a longer answer is none */
    int64_t most_ms;         /* for all of it */
    struct buffer *date;     /* gets what the server's clock says, as it tells it; NULL: no */
    atomic_bool *stops;      /* set from any thread: the fetch ends within a second */
};

enum http_result {
    HTTP_FETCHED,   /* status 200: `body` and `type` have the answer */
    HTTP_UNFETCHED, /* no such answer: `e` */
    HTTP_UNTRUSTED  /* the server has not the right certificate: `e` */
};

/* `type`: the content type, as it was told. */
enum http_result http_fetch(const struct http_fetch *f, struct buffer *body, struct buffer *type,
                            struct error *e);

#endif
