#include "control/client.h"

#include "control/server.h"
#include "sys/net.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { READ_AT_ONCE = 64 * 1024 };

static bool send_all(int fd, struct span text)
{
    while (text.len) {
        ssize_t n = send(fd, text.at, text.len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text = span_skip(text, (size_t)n);
    }
    return true;
}

/* 1, 0 at the end, -1 and errno. */
static int read_some(struct control_client *c)
{
    buffer_drop(&c->input, c->at);
    c->at = 0;
    char *room = buffer_reserve(&c->input, READ_AT_ONCE);
    ssize_t n;
    do
        n = recv(c->fd, room, READ_AT_ONCE, 0);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return (int)n;
    c->input.len += (size_t)n;
    c->input.at[c->input.len] = '\0';
    return 1;
}

static int next_line(struct control_client *c, struct span *line, struct error *e)
{
    size_t seen = 0, found;
    while ((found = span_find_char(span_skip(buffer_span(&c->input), c->at + seen), '\n')) ==
           SPAN_NOT_FOUND) {
        seen = c->input.len - c->at;
        int got = read_some(c);
        if (got < 0) {
            error_system(e, errno, "the server did not answer");
            return -1;
        }
        if (got == 0) {
            error_set(e, "the server ended before it had answered");
            return -1;
        }
    }
    *line = span_first(span_skip(buffer_span(&c->input), c->at), seen + found);
    c->at += line->len + 1;
    if (!span_starts(*line, SPAN("error ")))
        return 1;
    error_set(e, "%.*s", SPAN_F(span_skip(*line, 6)));
    return -1;
}

int control_next(struct control_client *c, struct span *line, struct error *e)
{
    int got = next_line(c, line, e);
    return got > 0 && span_equal(*line, SPAN("end")) ? 0 : got;
}

bool control_say(struct control_client *c, const char *line, struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_printf(&text, "%s\n", line);
    bool ok = send_all(c->fd, buffer_span(&text)) ||
              error_system(e, errno, "the server does not listen any more");
    buffer_free(&text);
    return ok;
}

void control_finish(struct control_client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    buffer_free(&c->input);
    c->fd = -1;
}

static int open_client(struct control_client *c, const struct options *o, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    int result = 1;
    control_socket_path(&path, o);
    *c = (struct control_client){.fd = net_connect_unix(buffer_text(&path))};
    if (c->fd < 0) {
        result = errno == ENOENT || errno == ECONNREFUSED ? 0 : -1;
        if (errno == EACCES)
            error_set(e,
                      "you may not ask the server at %s; the option \"control\" names a socket "
                      "that every user can reach",
                      buffer_text(&path));
        else
            error_system(e, errno, "cannot talk to the server at %s", buffer_text(&path));
    }
    buffer_free(&path);
    return result;
}

int control_start(struct control_client *c, const struct options *o, struct span request,
                  struct error *e)
{
    struct span line;
    struct buffer text = BUFFER_EMPTY;
    int result = open_client(c, o, e);
    if (result <= 0)
        return result;
    buffer_add_span(&text, span_trim(request));
    buffer_add_text(&text, "\n\n");
    /* A server that has no place for us says so at once, and hears nothing: what counts is what it
     * says. */
    send_all(c->fd, buffer_span(&text));
    result = next_line(c, &line, e);
    if (result > 0 && !span_equal(line, SPAN("ok"))) {
        error_set(e, "the server's answer could not be read; is it of another version?");
        result = -1;
    }
    if (result < 0)
        control_finish(c);
    buffer_free(&text);
    return result;
}

int control_ask(const struct options *o, struct span request, struct buffer *answer,
                struct error *e)
{
    struct control_client c;
    struct span line;
    int result = control_start(&c, o, request, e), got;
    if (result <= 0)
        return result;
    buffer_clear(answer);
    while ((got = control_next(&c, &line, e)) > 0) {
        buffer_add_span(answer, line);
        buffer_add_char(answer, '\n');
    }
    control_finish(&c);
    return got < 0 ? -1 : 1;
}

int control_catch_up(const struct options *o, struct error *e)
{
    struct buffer answer = BUFFER_EMPTY;
    int result = control_ask(o, SPAN("catch-up"), &answer, e);
    buffer_free(&answer);
    return result;
}
