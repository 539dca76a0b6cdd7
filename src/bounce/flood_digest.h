/* One message in place of many notices that were kept out of a mailbox, or refused: how many there
 * were, what they are about (mail that somebody forged, or sent through the account), that nothing
 * need be done for each, and what helps. Like a notice_digest: a text and a card, and a table as a
 * file. Pure. */
#ifndef BOUNCE_FLOOD_DIGEST_H
#define BOUNCE_FLOOD_DIGEST_H

#include "base/arena.h"
#include "bounce/words.h"
#include "outcome/envelope.h"

/* A notice that was kept out; texts in the digest's arena. */
struct flood_line {
    message_id id;
    int64_t time_ms;
    struct span server;  /* "mx.example.net [192.0.2.7]" */
    struct span subject; /* as it came */
};

/* A server whose notices were refused. */
struct flood_server {
    struct span server; /* "mx.example.net [192.0.2.7]" */
    uint64_t count;
    int64_t first_ms, last_ms;
};

struct flood_digest {
    enum digest_of what;           /* not DIGEST_OF_OUTCOMES */
    struct span hostname, mailbox; /* ours; whose it is, an address */
    message_id id;                 /* the digest's own */
    message_id first; /* the first digest of them, to which later ones belong; 0: this one */
    int64_t now_ms;
    int offset_minutes;
    const struct language *language; /* NULL: English */
    uint64_t before;                 /* notices that earlier digests have told of */
    int64_t since_ms;                /* the first of all */

    struct arena *arena;
    uint64_t count;   /* that this one is the first to tell of */
    uint64_t made_up; /* of these: for addresses of the domain that nobody uses */
    int64_t last_ms;
    struct flood_line *lines; /* the first FLOOD_MOST_LINES of them */
    size_t line_count;
    /* Of DIGEST_OF_REFUSALS, in place of these: who sent most of them. The caller sets all of it,
     * and since_ms, count (all since then; none is told before) and last_ms. */
    struct flood_server *servers;
    size_t server_count;  /* FLOOD_MOST_LINES at most, */
    uint64_t all_servers; /* of so many */
};

enum { FLOOD_MOST_LINES = 1000 };

/* Empty, to be put together in `a`; what stands above the arena is for the caller to fill in. */
struct flood_digest flood_digest_start(struct arena *a);
/* One more notice that was kept out, for that recipient. */
void flood_digest_add(struct flood_digest *d, const struct envelope *e, size_t recipient);

/* Append the complete message, and say in what envelope it goes (spans of `e` in the digest's
 * arena): it tells of all that was owed until that event of the ledger. */
void flood_digest_write(struct envelope *e, struct buffer *message, const struct flood_digest *d,
                        uint64_t until);

#endif
