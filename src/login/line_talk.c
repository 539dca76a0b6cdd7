#include "login/line_talk.h"

#include "sys/clock.h"
#include "sys/net.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { LONGEST_LINE = 64 * 1024, PIECE = 4096 };

bool line_talk_connect(struct line_talk *t, struct span socket, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_add_span(&path, socket);
    *t = (struct line_talk){.until = clock_monotonic_ms() + LINE_TALK_PATIENCE};
    t->fd = net_connect_unix(buffer_text(&path));
    if (t->fd < 0)
        error_system(e, errno, "cannot connect to %s", buffer_text(&path));
    buffer_free(&path);
    return t->fd >= 0;
}

static bool wait_for(const struct line_talk *t, short what, struct error *e)
{
    struct pollfd p = {.fd = t->fd, .events = what};
    for (;;) {
        int64_t left = t->until - clock_monotonic_ms();
        int ready = left <= 0 ? 0 : poll(&p, 1, (int)left);
        if (ready > 0)
            return true;
        if (ready == 0)
            return error_set(e, "it has not answered within %d seconds", LINE_TALK_PATIENCE / 1000);
        if (errno != EINTR)
            return error_system(e, errno, "cannot wait for its answer");
    }
}

bool line_talk_send(struct line_talk *t, struct span text, struct error *e)
{
    while (text.len) {
        if (!wait_for(t, POLLOUT, e))
            return false;
        ssize_t n = send(t->fd, text.at, text.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return error_system(e, errno, "cannot write to it");
        if (n > 0)
            text = span_skip(text, (size_t)n);
    }
    return true;
}

bool line_talk_next(struct line_talk *t, struct span *line, struct error *e)
{
    size_t lf;
    buffer_drop(&t->read, t->given);
    t->given = 0;
    while ((lf = span_find_char(buffer_span(&t->read), '\n')) == SPAN_NOT_FOUND) {
        if (t->read.len > LONGEST_LINE)
            return error_set(e, "its answer has no end");
        if (!wait_for(t, POLLIN, e))
            return false;
        ssize_t n = read(t->fd, buffer_reserve(&t->read, PIECE), PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_system(e, errno, "cannot read its answer");
        if (n == 0)
            return error_set(e, "it has ended without an answer");
        t->read.len += (size_t)n;
        t->read.at[t->read.len] = 0;
    }
    *line = span_first(buffer_span(&t->read), lf);
    t->given = lf + 1;
    return true;
}

void line_talk_end(struct line_talk *t)
{
    if (t->fd >= 0)
        close(t->fd);
    buffer_wipe(&t->read);
    t->fd = -1;
}
