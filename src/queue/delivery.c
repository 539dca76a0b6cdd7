#include "queue/queue_inside.h"

#include "base/memory.h"

#include <stdlib.h>

struct delivery *delivery_new(struct message *m, struct destination_queue *to, size_t room)
{
    struct delivery *d = memory_new(sizeof *d);
    d->message = m;
    d->destination = to;
    d->name = to ? to->name : SPAN_NONE;
    d->room = room;
    d->recipients = arena_new(&d->arena, room * sizeof *d->recipients);
    d->outcomes = arena_new(&d->arena, room * sizeof *d->outcomes);
    return d;
}

void delivery_free(struct delivery *d)
{
    struct arena arena = d->arena;
    buffer_free(&d->fields);
    buffer_free(&d->text);
    arena_clear(&arena);
    free(d);
}
