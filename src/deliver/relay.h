/* Deliveries to next hops by SMTP and LMTP: connections of one loop, kept open and used again. */
#ifndef DELIVER_RELAY_H
#define DELIVER_RELAY_H

#include "config/options.h"
#include "deliver/session_note.h"
#include "deliver/sts.h"
#include "deliver/ways.h"
#include "login/keyring.h"
#include "queue/queue.h"
#include "sys/dns.h"
#include "sys/tls_context.h"
#include "sys/worker.h"

struct relay_settings {
    const struct options *options;
    struct store *store;
    struct dns *dns;
    struct tls_context *tls;
    struct keyring *keyring; /* passwords for next hops */
    struct workers *handshakers;
    struct sts *sts;             /* NULL: no policies by HTTPS */
    struct day_counts *sessions; /* how sessions went; NULL: nobody counts */
    struct own_addresses own;
    uint32_t (*random)(void); /* thread-safe */
    /* A delivery has its outcomes: called in the loop's thread; passes it back to the queue. */
    void (*delivered)(void *arg, struct delivery *d);
    void *arg;
};

struct relay;

struct relay *relay_new(const struct relay_settings *s, struct loop *loop);
/* In the loop's thread. The destination's name is a target as target_print writes it. */
void relay_deliver(struct relay *r, struct delivery *d);
/* For connections that are made from now on; it takes references. In the loop's thread. */
void relay_set_options(struct relay *r, const struct options *o, struct tls_context *tls,
                       struct keyring *k);
size_t relay_count(const struct relay *r); /* deliveries under way */
/* After its loop has ended and the DNS was freed; deliveries under way are dropped: the queue on
 * disk still has them. */
void relay_free(struct relay **r);

#endif
