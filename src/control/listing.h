/* A message of the queue as a line of JSON. */
#ifndef CONTROL_LISTING_H
#define CONTROL_LISTING_H

#include "base/buffer.h"
#include "control/filter.h"
#include "store/store.h"

struct listing {
    const struct recovered *message;
    bool is_detailed;    /* with each recipient */
    bool is_users;       /* for who sent it: an alias's targets stay hidden */
    const size_t *which; /* recipients that are meant; */
    size_t count;        /* 0: all that wait */
    struct span (*destination)(void *arg, const struct envelope *e, size_t recipient);
    void *arg;
};

void listing_add(struct buffer *out, const struct listing *l);

#endif
