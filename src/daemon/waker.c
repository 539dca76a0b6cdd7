#include "daemon/waker.h"

#include "base/memory.h"
#include "sys/log.h"

#include <stdlib.h>
#include <string.h>

struct reading {
    struct work work;
    struct store *store;
    struct queue *queue;
    struct waking *waking;
    int failed;
};

static void take_message(void *arg, const struct recovered *r)
{
    *(struct message **)arg = message_recovered(r);
}

static void read_message(struct work *w)
{
    struct reading *r = (struct reading *)(void *)w;
    r->failed = store_recall(r->store, r->waking->id, take_message, &r->waking->message);
}

static void give_back(struct task *t)
{
    struct reading *r = (struct reading *)(void *)LIST_ENTRY(t, struct work, task);
    if (r->failed) {
        struct buffer id = BUFFER_EMPTY;
        message_id_add(&id, r->waking->id);
        log_message(LOG_LEVEL_ERROR, "queue-unreadable",
                    "message %s can't be read from the queue: %s; it is tried again later",
                    buffer_text(&id), strerror(-r->failed));
        buffer_free(&id);
    }
    queue_woken(r->queue, r->waking);
    free(r);
}

void waker_wake(struct store *s, struct workers *workers, struct loop *loop, struct queue *q,
                struct waking *waking)
{
    struct reading *r = memory_new(sizeof *r);
    *r = (struct reading){.store = s, .queue = q, .waking = waking};
    r->work = (struct work){.task = {.run = give_back}, .loop = loop, .call = read_message};
    workers_submit(workers, &r->work);
}
