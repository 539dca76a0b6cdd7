#include "daemon/house.h"

#include "sys/clock.h"
#include "sys/log.h"

enum { EVERY = 5000 /* ms */, PINGS_A_WATCHDOG = 4 };

static void all_alive(void *arg)
{
    struct house *h = arg;
    if (manager_watchdog(h->manager))
        manager_tell(h->manager, "WATCHDOG=1");
}

static void tell(void *arg, const char *thread, bool is_stuck)
{
    if (is_stuck)
        log_message(LOG_LEVEL_ERROR, "thread-stuck",
                    "the thread of %s does not answer; is a disk very slow, or this machine "
                    "without time for us?",
                    thread);
    else
        log_message(LOG_LEVEL_INFO, "thread-answers", "the thread of %s answers again", thread);
}

static void ask_store(void *store, struct loop *loop, struct task *t)
{
    store_pulse(store, loop, t);
}

/* A socket that no option asks for is a mistake in one of two files; nobody is to wait there. */
static void drop_unused_sockets(struct manager *m)
{
    struct buffer at = BUFFER_EMPTY;
    const char *name;
    while (manager_drop_socket(m, &at, &name))
        log_message(LOG_LEVEL_WARNING, "socket-unused",
                    "the service manager has handed down a socket for %s, called \"%s\", but no "
                    "option \"listen\" has this address: it is closed",
                    buffer_text(&at), name);
    buffer_free(&at);
}

void vigil_start(struct house *h)
{
    int64_t wanted = manager_watchdog(h->manager) / PINGS_A_WATCHDOG;
    const struct watchdog_settings s = {.loop = h->loop,
                                        .every = wanted && wanted < EVERY ? wanted : EVERY,
                                        .all_alive = all_alive,
                                        .tell = tell,
                                        .arg = h};
    h->watchdog = watchdog_new(&s);
    for (size_t i = 0; i < h->hall_count; i++)
        watchdog_add(h->watchdog, "the sessions", watchdog_ask_loop, h->halls[i].loop);
    watchdog_add(h->watchdog, "the store", ask_store, h->store);
    watchdog_start(h->watchdog);
    drop_unused_sockets(h->manager);
    manager_tell(h->manager, "READY=1\nSTATUS=Takes mail as %.*s", SPAN_F(h->options->hostname));
}

void house_gather(void *house, struct house_figures *f)
{
    struct house *h = house;
    *f = (struct house_figures){.is_ending = h->end_deadline != 0,
                                .has_stuck_thread = !watchdog_is_well(h->watchdog),
                                .now_ms = clock_now_ms(),
                                .started_ms = h->started_ms};
    queue_figures(h->queue, &f->queue);
    store_figures(h->store, &f->store);
    accounts_figures(h->accounts, &f->accounts);
    f->certificate_ends_ms = house_first_certificate_to_end(h);
    const struct renewing_figures renewed = renewing_figures(h->renewing);
    f->certificates_issued = renewed.issued;
    f->certificates_failed = renewed.failed;
    f->flooded_mailboxes = receive_flooded_mailboxes(h->receive);
    events_behind(h->events, f->events_behind);
}

void vigil_end(struct house *h)
{
    watchdog_free(&h->watchdog);
}
