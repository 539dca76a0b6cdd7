/* Letters that this server writes of itself, and hands in to itself: reports. In the scheduler's
 * loop. */
#ifndef DAEMON_OWN_LETTER_H
#define DAEMON_OWN_LETTER_H

#include "address/directory.h"
#include "config/options.h"
#include "queue/queue.h"
#include "signing/signing.h"
#include "store/store.h"

struct own_letter_house {
    struct loop *loop;
    struct store *store;
    /* One is durable: in the store's thread. */
    void (*accepted)(void *arg, struct message *m);
    void *arg;
    /* Those of the configuration at hand. */
    const struct options *options;
    struct directory *directory;
    struct signing *signing;
};

struct own_letter {
    struct span writer;    /* who says so in its Received field: no client can say the same, for its
                              address stands beside it */
    struct span from, to;  /* addresses; its failure comes back to `from`, whose domain signs it.
                              Empty: nobody is told, and nobody signs */
    bool is_past_forwards; /* into the mailbox of `to`, wherever its mail goes on to */
    message_id id;         /* by store_new_id */
    int64_t now_ms;
    struct span text; /* CRLF; it gets the signatures that its domain can have */
    void (*done)(void *arg, bool is_durable);
    void *arg;
};

/* Copies what it needs. `done` comes later, once. */
void own_letter_send(const struct own_letter_house *h, const struct own_letter *l);

/* "ID@HOSTNAME", in `a`. */
struct span own_letter_name(const struct own_letter_house *h, message_id id, struct arena *a);

/* Is it one that this writer has written? */
bool own_letter_is_by(const struct envelope *e, struct span writer);

#endif
