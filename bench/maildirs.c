#include "maildirs.h"

#include "base/list.h"
#include "base/memory.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { NEWS_SIZE = 64 * 1024, HEADER_SIZE = 4096 };

struct maildirs {
    struct wire wire;
    struct tally *tally;
    bool missed_some;
    struct {
        int watch, directory; /* descriptors */
    } of[MAILBOXES];
    unsigned count;
};

static int directory_of(const struct maildirs *m, int watch)
{
    for (unsigned i = 0; i < m->count; i++)
        if (m->of[i].watch == watch)
            return m->of[i].directory;
    return -1;
}

static void look_at(struct maildirs *m, const struct inotify_event *news)
{
    char header[HEADER_SIZE];
    int fd = openat(directory_of(m, news->wd), news->name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, header, sizeof header);
    if (fd >= 0)
        close(fd);
    tally_arrived(m->tally, span_make(header, n > 0 ? (size_t)n : 0));
}

static void news_ready(struct wire *w)
{
    struct maildirs *m = LIST_ENTRY(w, struct maildirs, wire);
    _Alignas(struct inotify_event) char news[NEWS_SIZE];
    ssize_t len = read(w->fd, news, sizeof news);
    for (ssize_t at = 0; at < len;) {
        const struct inotify_event *one = (const void *)(news + at);
        at += (ssize_t)(sizeof *one + one->len);
        if (one->mask & IN_Q_OVERFLOW)
            m->missed_some = true;
        else if (one->len)
            look_at(m, one);
    }
}

static bool watch_one(struct maildirs *m, const char *path, struct error *e)
{
    int watch = inotify_add_watch(m->wire.fd, path, IN_MOVED_TO | IN_CREATE);
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        m->of[m->count].watch = watch;
        m->of[m->count++].directory = directory;
    }
    return (watch >= 0 && directory >= 0) || error_system(e, errno, "cannot watch %s", path);
}

struct maildirs *maildirs_watch(struct wires *wires, const char *directory, struct tally *t,
                                struct error *e)
{
    struct maildirs *m = memory_new(sizeof *m);
    struct buffer path = BUFFER_EMPTY;
    m->tally = t;
    m->wire.ready = news_ready;
    m->wire.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    bool ok = m->wire.fd >= 0 || error_system(e, errno, "cannot watch files");
    for (unsigned i = 0; ok && i < MAILBOXES; i++) {
        buffer_clear(&path);
        buffer_printf(&path, "%s/u%u/new", directory, i);
        ok = watch_one(m, buffer_text(&path), e);
    }
    buffer_free(&path);
    if (ok)
        wire_start(wires, &m->wire, m->wire.fd);
    else
        maildirs_free(&m);
    return m;
}

bool maildirs_missed_some(const struct maildirs *m)
{
    return m->missed_some;
}

void maildirs_free(struct maildirs **maildirs)
{
    struct maildirs *m = *maildirs;
    if (!m)
        return;
    for (unsigned i = 0; i < m->count; i++)
        close(m->of[i].directory);
    wire_close(&m->wire);
    buffer_free(&m->wire.out);
    free(m);
    *maildirs = NULL;
}
