/* A message that is awake: its envelope, and what is to be done for each recipient. */
#ifndef QUEUE_MESSAGE_H
#define QUEUE_MESSAGE_H

#include "base/heap.h"
#include "store/store.h"

enum { MESSAGE_LINKS = 4 };

/* A message that is awake; opaque but for what a delivery needs. */
struct message {
    struct arena arena;
    struct envelope envelope; /* in the arena */
    struct message_recipient *recipients;
    size_t open;       /* recipients that are not closed */
    size_t unreported; /* of these: those whose outcome is final */
    size_t in_flight;  /* deliveries under way */
    size_t commits;    /* that are not durable yet */
    bool is_held;
    int64_t released_ms; /* when the operator has let it go, whatever its sender wanted; 0: not */
    /* What the guard of accounts counts of its content (guard/look.h); zeros: nobody has looked. */
    uint64_t text_print, links[MESSAGE_LINKS];
    bool is_put_off;      /* some recipients have an outcome that is not written down yet */
    bool has_endings;     /* some recipients are to end as soon as nothing is under way for them */
    struct heap_node due; /* of its earliest waiting recipient */
};

/* An independent copy, ready for queue_add; made by any thread. */
struct message *message_new(const struct envelope *e);
/* The step that accepts the message discards it for this recipient. */
void message_discard(struct message *m, size_t recipient, const struct outcome *o);
/* The same of one that the store had. */
struct message *message_recovered(const struct recovered *r);
void message_free(struct message **m);
/* Of one that the queue does not have yet: this recipient was not tried, and `why` is what its
 * story says of it; it is not tried before `when_ms`. */
void message_put_off(struct message *m, size_t recipient, int64_t when_ms,
                     const struct outcome *why);
/* Was nothing decided of it yet, neither by an attempt nor by who puts it off; or only that it
 * waits because its account is held? */
bool message_is_untried(const struct message *m, size_t recipient);

#endif
