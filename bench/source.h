/* Sessions that send mail: a command, its reply, the next command, as most clients do. */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include "sys/net.h"
#include "tally.h"
#include "wire.h"

enum { MAILBOXES = 100 }; /* recipients are u0 to u99 */

struct source_settings {
    struct wires *wires;
    struct tally *tally;
    struct net_address to;
    const char *domain; /* of the recipients */
    unsigned sessions;
    unsigned per_connection; /* messages; 0: connections are kept open */
    unsigned rate;           /* messages a second, of all sessions; 0: as fast as they go */
    size_t bytes;            /* of a message with its header */
    size_t messages;         /* so many at most; 0: any number */
    int64_t until;           /* ns: none begins later */
    bool is_secure;          /* the handshake of TLS is the first thing */
    bool only_greets;        /* sessions say EHLO and stay; no mail */
};

struct source;

struct source *source_new(const struct source_settings *s);
void source_free(struct source **s);

/* To be called after each round: begins what is due. False: everything was sent and answered. */
bool source_goes_on(struct source *s);
unsigned source_greeted(const struct source *s); /* sessions that had their answer to EHLO */

#endif
