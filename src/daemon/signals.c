#include "daemon/house.h"

#include "base/memory.h"
#include "sys/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct signals {
    struct watch watch;
    struct house *house;
};

static void reload(struct house *h)
{
    struct buffer told = BUFFER_EMPTY;
    struct error e;
    house_reload(h, &told, &e); /* the log has it all */
    buffer_free(&told);
}

static sigset_t ending_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

/* What was accepted is on disk: nothing is lost by an end without ceremony. */
static void end_at_once(int number)
{
    sigset_t set = ending_signals();
    log_message(LOG_LEVEL_WARNING, "ended-at-once",
                "told to stop a second time: what is under way is broken off; it is in the queue "
                "for the next start");
    signal(number, SIG_DFL);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void ready(struct watch *w, uint32_t events)
{
    struct house *h = ((struct signals *)(void *)w)->house;
    struct signalfd_siginfo info;
    if (read(w->fd, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    if (info.ssi_signo == SIGHUP) {
        reload(h);
        return;
    }
    if (h->end_deadline)
        end_at_once((int)info.ssi_signo);
    house_end(h);
}

bool signals_watch(struct house *h, struct error *e)
{
    sigset_t set = ending_signals();
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return error_system(e, errno, "cannot watch for signals");
    h->signals = memory_new(sizeof *h->signals);
    *h->signals = (struct signals){{.fd = fd, .ready = ready}, h};
    watch_start(h->loop, &h->signals->watch, EPOLLIN);
    return true;
}

void signals_leave(struct house *h)
{
    sigset_t set = ending_signals();
    if (!h->signals)
        return;
    close(h->signals->watch.fd);
    free(h->signals);
    h->signals = NULL;
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}
