/* The daemon's side of the control socket. Lives in the scheduler's loop, beside the queue. */
#ifndef CONTROL_SERVER_H
#define CONTROL_SERVER_H

#include "queue/queue.h"
#include "sys/worker.h"

struct control;

struct control_settings {
    struct span state_directory;
    struct queue *queue;
    struct store *store;
    struct workers *workers; /* catching up blocks */
    /* Reads the configuration again; `told`: lines about what has changed. False: `e`. */
    bool (*reload)(void *arg, struct buffer *told, struct error *e);
    void *reload_arg;
};

struct control *control_new(const struct control_settings *s, struct loop *loop, struct error *e);
void control_free(struct control **c); /* after its loop has ended */

#endif
