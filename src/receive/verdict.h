/* What we say to senders and recipients in a session. Pure but for the directory that it reads; the
 * words are made to be read by the person who gets them in a bounce from another server. */
#ifndef RECEIVE_VERDICT_H
#define RECEIVE_VERDICT_H

#include "address/directory.h"
#include "address/rooms.h"
#include "receive/clients.h"
#include "smtp/server.h"

/* Texts live in `a`. */
struct reply verdict_recipient(const struct directory *d, const struct options *o, bool is_trusted,
                               struct span sender, struct span address, struct arena *a);
/* Of an address that verdict_recipient takes: is there room in its mailbox for a message of `size`
 * bytes (0: not told)? By what is known already: of `room` bytes, or ROOM_AMPLE. A positive reply
 * when nothing is known to be in the way. */
struct verdict_room {
    struct span mailbox; /* whose room to ask for; empty: it goes elsewhere */
    uint64_t quota;
};
struct verdict_room verdict_room_of(const struct directory *d, struct span sender,
                                    struct span address, struct arena *a);
struct reply verdict_room(const struct options *o, const struct verdict_room *r, uint64_t room,
                          struct span address, uint64_t size, struct arena *a);
/* Of a message that would need more memory than there may be in use for messages at a time. */
extern const struct reply verdict_no_memory;
/* What a "refuse" route says: its words, which may begin with a status of their own; else 5.7.1. */
struct status verdict_refusal(const struct target *t, struct span *words);
extern const struct reply verdict_full; /* to a connection for which there is no room */
/* To a client that has had its share; `who` is its address, or its network. */
struct reply verdict_limit(const struct client_refusal *why, struct span who, struct arena *a);
struct reply verdict_sender(const struct transaction *t, uint64_t memory_in_flight,
                            uint64_t memory_limit);

#endif
