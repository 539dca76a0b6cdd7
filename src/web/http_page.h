/* What all that we serve by HTTP has in common, by libmicrohttpd: a thread of its own for each
 * address, few connections, and little patience. */
#ifndef WEB_HTTP_PAGE_H
#define WEB_HTTP_PAGE_H

#include "base/buffer.h"
#include "base/error.h"
#include "config/network.h"

#include <microhttpd.h>

/* `answer` is called in that thread, once the header of a request is there. `what` is for `e`. */
struct http_pages {
    const char *what;
    enum MHD_Result (*answer)(void *arg, struct MHD_Connection *c, const char *path,
                              const char *method);
    void *arg;
};

/* Ended by MHD_stop_daemon; the pages stay the caller's. NULL: `e`. */
struct MHD_Daemon *http_pages_listen(const struct http_pages *p, const struct endpoint *at,
                                     struct error *e);

enum MHD_Result http_reply(struct MHD_Connection *c, unsigned status, const char *type,
                           const struct buffer *text);
enum MHD_Result http_reply_words(struct MHD_Connection *c, unsigned status, const char *words);
/* Only GET and HEAD are for reading; false: it was told so, with `result`. */
bool http_may_read(struct MHD_Connection *c, const char *method, enum MHD_Result *result);

#endif
