/* What we say to senders and recipients in a session. Pure but for the directory that it reads; the
 * words are made to be read by the person who gets them in a bounce from another server. */
#ifndef RECEIVE_VERDICT_H
#define RECEIVE_VERDICT_H

#include "address/directory.h"
#include "address/rooms.h"
#include "outcome/envelope.h"
#include "outcome/outcome.h"
#include "receive/account_rates.h"
#include "receive/clients.h"
#include "smtp/server.h"
#include "store/suppressions.h"

/* Texts live in `a`. verdict_ask (code 0): it depends on what the next hop says. */
struct reply verdict_recipient(const struct directory *d, const struct options *o, bool is_trusted,
                               struct span sender, struct span address, struct arena *a);
extern const struct reply verdict_ask;
/* Whose mail it is that comes to this address: the sender's, where it is a signed return path. In
 * `a`, or `address` itself. */
struct span verdict_meant(const struct directory *d, struct span address, struct arena *a);
/* Of an address that gets no mail from here; and its words without the address, which an alias may
 * hide. */
struct reply verdict_suppressed(const struct suppression *s, struct span address, struct arena *a);
struct span verdict_suppression(const struct suppression *s, struct arena *a);
/* The next hop, or who could not ask it, has answered (inquiry.h). */
struct reply verdict_answered(const struct directory *d, bool is_trusted, struct span address,
                              const struct outcome *o, struct arena *a);
/* Of a message that the queue can't hold, because lists lead to so many (commit_fits). */
struct reply verdict_too_many_members(const struct envelope *e, const struct options *o,
                                      struct arena *a);
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
/* To one of our own accounts: of a message with more recipients than it may have, and of one more
 * recipient than it may write to in a time. */
struct reply verdict_account_message(const struct account_limit *l, struct span account,
                                     struct span hostname, struct arena *a);
struct reply verdict_account_rate(const struct account_refusal *why, struct span account,
                                  struct span hostname, struct arena *a);
/* To a login that may not be tried now: the client's network is locked out, or the account is
 * closed to it. */
struct reply verdict_guess(bool is_network, int64_t wait_ms, struct arena *a);
/* Has this message been delivered to all of its recipients before, and come back? Only recipients
 * of ours count, and only Delivered-To tells (Received would also count a filter that hands it in
 * again). If others are among them, the message is taken; next time it comes for the one alone. */
bool verdict_runs_in_circle(const struct directory *d, const struct transaction *t);
extern const struct reply verdict_circle;
struct reply verdict_sender(const struct transaction *t, uint64_t memory_in_flight,
                            uint64_t memory_limit);

#endif
