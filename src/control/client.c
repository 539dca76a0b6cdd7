#include "control/client.h"

#include "control/protocol.h"
#include "sys/net.h"

#include <errno.h>
#include <unistd.h>

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

static bool read_all(int fd, struct buffer *answer)
{
    for (;;) {
        char *room = buffer_reserve(answer, 4096);
        ssize_t n = recv(fd, room, 4096, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        answer->len += (size_t)n;
        answer->at[answer->len] = 0;
    }
}

int control_ask(struct span state_directory, struct span request, struct buffer *answer,
                struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_printf(&text, "%.*s/%s", SPAN_F(state_directory), CONTROL_SOCKET);
    int fd = net_connect_unix(buffer_text(&text)), result = -1;
    if (fd < 0) {
        if (errno == ENOENT || errno == ECONNREFUSED)
            result = 0;
        else
            error_system(e, errno, "cannot talk to the daemon at %s", buffer_text(&text));
        buffer_free(&text);
        return result;
    }
    buffer_clear(&text);
    buffer_add_span(&text, request);
    buffer_add_char(&text, '\n');
    buffer_clear(answer);
    if (!send_all(fd, buffer_span(&text)) || !read_all(fd, answer))
        error_system(e, errno, "the daemon did not answer");
    else if (span_starts(buffer_span(answer), SPAN("ok\n"))) {
        buffer_drop(answer, 3);
        result = 1;
    } else if (span_starts(buffer_span(answer), SPAN("error ")))
        error_set(e, "%.*s", SPAN_F(span_trim(span_skip(buffer_span(answer), 6))));
    else
        error_set(e, "the daemon ended before it had answered");
    close(fd);
    buffer_free(&text);
    return result;
}

int control_catch_up(struct span state_directory, struct error *e)
{
    struct buffer answer = BUFFER_EMPTY;
    int result = control_ask(state_directory, SPAN("catch-up"), &answer, e);
    buffer_free(&answer);
    return result;
}
