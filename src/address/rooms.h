/* What is known of the room in mailboxes with a quota, so that mail for a full one can be refused
 * before it is taken. Whoever delivers tells it; it is forgotten after a while, because a mailbox
 * that is not known here only means that its delivery decides. Pure; belongs to one thread. */
#ifndef ADDRESS_ROOMS_H
#define ADDRESS_ROOMS_H

#include "base/map.h"

enum { ROOM_KNOWN_MS = 60000 /* for so long at least, and twice that at most */ };
#define ROOM_AMPLE UINT64_MAX

/* Starts as all zeros. */
struct rooms {
    struct map fresh, old; /* by the mailbox's name */
    int64_t fresh_since_ms;
};

/* So many bytes have room in this mailbox; AMPLE: nobody need ask. `now_ms` never goes back. */
void rooms_note(struct rooms *r, struct span name, uint64_t bytes, int64_t now_ms);
/* AMPLE: not known, or ample. */
uint64_t rooms_find(const struct rooms *r, struct span name, int64_t now_ms);
void rooms_forget(struct rooms *r);

#endif
