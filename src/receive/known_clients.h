/* What a loop knows of clients (entry/score.h), for some minutes: who comes again soon is not asked
 * about again. Bounded. */
#ifndef RECEIVE_KNOWN_CLIENTS_H
#define RECEIVE_KNOWN_CLIENTS_H

#include "base/list.h"
#include "base/map.h"
#include "entry/score.h"

enum { MOST_KNOWN_CLIENTS = 10000 };

/* Counted by references: a session keeps its own. */
struct known_client {
    size_t references;
    const struct options *options; /* a reference: the findings name its lists */
    struct arena arena;            /* holds the key and the score */
    struct span key;
    struct entry_score score;
    int64_t until_ms;
    struct list link;
};

/* Starts as all zeros but for the list. */
struct known_clients {
    struct map by_key;
    struct list by_age; /* the oldest first */
};

/* The key in the DNS's eyes: address, name and, where it matters, the sender's domain. */
void known_client_add_key(struct buffer *out, const struct options *o,
                          const struct entry_client *c);

/* Takes a reference to the options; nothing is known yet. One reference is the caller's. */
struct known_client *known_client_new(const struct options *o, struct span key);
struct known_client *known_client_ref(struct known_client *k);
void known_client_unref(struct known_client **k);

/* A reference of one that is not too old, nor of other options; NULL: there is none. */
struct known_client *known_clients_find(struct known_clients *all, const struct options *o,
                                        struct span key, int64_t now_ms);
/* What is not sure, because some question had no answer, is not kept long. */
void known_clients_add(struct known_clients *all, struct known_client *k, int64_t now_ms);
void known_clients_free(struct known_clients *all);

#endif
