#include "web/http_page.h"

#include "sys/net.h"

#include <string.h>
#include <unistd.h>

enum { CONNECTION_PATIENCE_S = 10, MOST_CONNECTIONS = 32 };

enum MHD_Result http_reply(struct MHD_Connection *c, unsigned status, const char *type,
                           const struct buffer *text)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(text->len, text->at, MHD_RESPMEM_MUST_COPY);
    if (!r)
        return MHD_NO;
    MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(c, status, r);
    MHD_destroy_response(r);
    return result;
}

enum MHD_Result http_reply_words(struct MHD_Connection *c, unsigned status, const char *words)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_text(&text, words);
    enum MHD_Result result = http_reply(c, status, "text/plain; charset=utf-8", &text);
    buffer_free(&text);
    return result;
}

bool http_may_read(struct MHD_Connection *c, const char *method, enum MHD_Result *result)
{
    bool may = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    if (!may)
        *result =
            http_reply_words(c, MHD_HTTP_METHOD_NOT_ALLOWED, "This can only be read (GET).\n");
    return may;
}

static enum MHD_Result request(void *arg, struct MHD_Connection *c, const char *path,
                               const char *method, const char *version, const char *upload,
                               size_t *upload_size, void **state)
{
    const struct http_pages *p = arg;
    if (!*state || *upload_size) { /* first the header alone, then what nobody wants to know */
        *state = arg;
        *upload_size = 0;
        return MHD_YES;
    }
    return p->answer(p->arg, c, path, method);
}

struct MHD_Daemon *http_pages_listen(const struct http_pages *p, const struct endpoint *at,
                                     struct error *e)
{
    struct net_address address;
    if (!net_address_resolve(&address, at->host, at->port, e))
        return NULL;
    int fd = net_listen(&address, false, e);
    if (fd < 0)
        return NULL;
    struct MHD_Daemon *d = MHD_start_daemon(
        MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, request, (void *)(uintptr_t)p,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)MOST_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_PATIENCE_S, MHD_OPTION_END);
    if (!d) {
        error_set(e, "cannot serve %s on %.*s port %u: libmicrohttpd can't start", p->what,
                  SPAN_F(at->host), at->port);
        close(fd);
    }
    return d;
}
