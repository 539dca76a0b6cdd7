/* The daemon's side of the control socket. Lives in the scheduler's loop, beside the queue. What
 * reads disks is done by workers, a piece at a time: nobody who asks, and no size of the queue,
 * holds up the scheduler. */
#ifndef CONTROL_SERVER_H
#define CONTROL_SERVER_H

#include "account/accounts.h"
#include "address/directory.h"
#include "config/options.h"
#include "guard/limits.h"
#include "queue/queue.h"
#include "signing/signing.h"
#include "store/suppressions.h"
#include "sys/worker.h"

#include <sys/types.h>

struct control;

/* Where recipients go, at one moment. */
struct control_routes {
    void *(*begin)(void *arg); /* in the scheduler's thread */
    /* By one thread at a time; lives until the next call. Empty: nowhere. */
    struct span (*destination)(void *routes, const struct envelope *e, size_t recipient);
    void (*end)(void *routes); /* in the scheduler's thread */
    void *arg;
};

/* By which it is known what was sent from here. */
struct control_known {
    struct directory *directory; /* references */
    struct signing *signing;
    struct guard_limits limits;
};

struct control_settings {
    const struct options *options; /* while it is made */
    struct queue *queue;
    struct store *store;
    struct suppressions *suppressions;
    struct accounts *accounts;
    struct account_book *account_book;
    uint64_t guard_key;      /* of account/accounts.h */
    struct workers *workers; /* for this alone */
    struct control_routes routes;
    /* As things are now, in the scheduler's thread. */
    void (*know)(void *arg, struct control_known *k);
    /* Brings to the disk what is noted of clients; in a worker. False: `e`. */
    bool (*write_notes)(void *arg, struct error *e);
    /* Reads the configuration again; `told`: lines about what has changed. False: `e`. */
    bool (*reload)(void *arg, struct buffer *told, struct error *e);
    /* `settled` runs in the loop of this when every loop has what was read. */
    void (*settle)(void *arg, struct task *settled);
    /* Appends a line of JSON for each certificate of this server. */
    void (*certificates)(void *arg, struct buffer *out);
    /* Begins to get new ones from an authority; `name` may be empty: all. False: `e`. */
    bool (*renew)(void *arg, struct span name, struct error *e);
    void *arg;
};

/* Makes the socket, and tells the queue what is suspended. */
struct control *control_new(const struct control_settings *s, struct loop *loop, struct error *e);
/* Nobody asks any more, and the workers get nothing more to do: before they are freed. */
void control_end(struct control *c);
void control_free(struct control **c); /* after that, and after its loop has ended */

/* Who is an operator by other options, from now on; the first may fail and changes nothing. */
bool control_operators(const struct options *o, gid_t *operators, struct error *e);
void control_set_operators(struct control *c, gid_t operators);

/* For those who watch: what has just happened. */
void control_tell_accepted(struct control *c, const struct envelope *e);
void control_tell_outcome(struct control *c, const struct envelope *e, size_t recipient,
                          unsigned attempts, int64_t retry_ms, const struct outcome *o);

/* The path of the socket. */
void control_socket_path(struct buffer *path, const struct options *o);

#endif
