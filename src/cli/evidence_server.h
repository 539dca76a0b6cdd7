/* What the server of this machine knows of the messages that notices tell of. It is asked by its
 * socket, and says what whoever asks may hear; where it does not run, who may open its records
 * looks there himself. On a machine without a server nothing is said of it. */
#ifndef CLI_EVIDENCE_SERVER_H
#define CLI_EVIDENCE_SERVER_H

#include "base/arena.h"
#include "bounce/evidence.h"
#include "bounce/notice.h"
#include "cli/commands.h"

struct evidence_server;

/* The server of the configuration that was named, or else of this machine's. NULL: there is none,
 * or it is closed to whoever asks. A fault of its records is said on standard error. */
struct evidence_server *evidence_server_new(const struct invocation *i);
void evidence_server_free(struct evidence_server **s);

/* One notice, as it was read from `message`. */
struct evidence_asked {
    const struct notice *notice;
    struct span message;
    struct arena *arena;      /* for what is found */
    struct evidence evidence; /* adds to it: its `me` is set, and is the same in all */
};

/* Of as many as there are; those that are asked about together cost one question. Thread-safe. */
void evidence_server_ask(struct evidence_server *s, struct evidence_asked *const *each,
                         size_t count);

#endif
