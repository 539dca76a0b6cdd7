#include "daemon/waker.h"

#include "base/memory.h"
#include "sys/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct work work;
    struct store *store;
    struct accounts *accounts;
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

static void log_unreadable(message_id message, int failed, const char *then)
{
    struct buffer id = BUFFER_EMPTY;
    message_id_add(&id, message);
    log_message(LOG_LEVEL_ERROR, "queue-unreadable",
                "message %s can't be read from the queue: %s; %s", buffer_text(&id),
                strerror(-failed), then);
    buffer_free(&id);
}

static void give_back(struct task *t)
{
    struct reading *r = (struct reading *)(void *)LIST_ENTRY(t, struct work, task);
    if (r->failed)
        log_unreadable(r->waking->id, r->failed, "it is tried again later");
    accounts_woken(r->accounts, r->waking);
    free(r);
}

void waker_wake(struct store *s, struct workers *workers, struct loop *loop, struct accounts *a,
                struct waking *waking)
{
    struct reading *r = memory_new(sizeof *r);
    *r = (struct reading){.store = s, .accounts = a, .waking = waking};
    r->work = (struct work){.task = {.run = give_back}, .loop = loop, .call = read_message};
    workers_submit(workers, &r->work);
}

struct fetching {
    struct work work;
    struct store *store;
    struct queue *queue;
    struct delivery *delivery;
    int failed;
};

static void fetch_message(struct work *w)
{
    struct fetching *f = (struct fetching *)(void *)w;
    const struct envelope *e = &f->delivery->message->envelope;
    struct buffer *text = &f->delivery->text;
    char *room = buffer_reserve(text, (size_t)e->size + 1);
    ssize_t n = store_read(f->store, e->id, 0, room, (size_t)e->size);
    f->failed = n < 0 ? (int)n : (uint64_t)n < e->size ? -EIO : 0;
    text->len = f->failed ? 0 : (size_t)n;
    text->at[text->len] = 0;
}

static void give_text(struct task *t)
{
    struct fetching *f = (struct fetching *)(void *)LIST_ENTRY(t, struct work, task);
    if (f->failed)
        log_unreadable(f->delivery->message->envelope.id, f->failed, "it is not redirected");
    f->delivery->is_read = !f->failed;
    queue_fetched(f->queue, f->delivery);
    free(f);
}

void waker_fetch(struct store *s, struct workers *workers, struct loop *loop, struct queue *q,
                 struct delivery *d)
{
    struct fetching *f = memory_new(sizeof *f);
    *f = (struct fetching){.store = s, .queue = q, .delivery = d};
    f->work = (struct work){.task = {.run = give_text}, .loop = loop, .call = fetch_message};
    workers_submit(workers, &f->work);
}
