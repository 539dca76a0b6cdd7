/* Ask a running daemon; blocking. */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include "base/buffer.h"
#include "base/error.h"
#include "config/options.h"

struct control_client {
    int fd;
    struct buffer input;
    size_t at; /* of the next line */
};

/* `request`: the verb, and lines of request_add. 1: it was understood, and its answer follows; 0:
 * no daemon runs there; -1: `e`. */
int control_start(struct control_client *c, const struct options *o, struct span request,
                  struct error *e);
/* 1: a line, without its end, that lives until the next call; 0: that was all; -1: `e`. */
int control_next(struct control_client *c, struct span *line, struct error *e);
bool control_say(struct control_client *c, const char *line, struct error *e);
void control_finish(struct control_client *c);

/* All of a short answer at once: as control_start. */
int control_ask(const struct options *o, struct span request, struct buffer *answer,
                struct error *e);

/* 1: a daemon runs and its ledger has caught up; 0: no daemon; -1: `e`. */
int control_catch_up(const struct options *o, struct error *e);

#endif
