/* From where a message came to us: the client that handed it to the first server that we believe.
 * Pure.
 *
 * Each server on the way puts a Received field on top of those before it. What a server of ours
 * wrote is true, and all above it; what stands below may be made up, every word. So the fields are
 * gone through from the top, and on from one only if its client was ours too: by a name that the
 * server found in the DNS, or an address of ours, never by the name with which the client greeted.
 */
#ifndef ABUSE_ORIGIN_H
#define ABUSE_ORIGIN_H

#include "config/network.h"
#include "mail/received.h"

struct origin_ours {
    const struct span *names; /* of servers; with all below them */
    size_t count;
    const struct networks *networks; /* or NULL */
    struct span server; /* one more name, which may be another's message altogether; or empty */
};

enum origin_trust {
    ORIGIN_UNKNOWN, /* no server that we could believe has written a field */
    ORIGIN_OURS,    /* a server of ours says so */
    ORIGIN_ASSUMED  /* we were not told which servers are ours, and have believed those of the
                       organization that wrote the topmost field: that of the reader's mailbox */
};

struct origin {
    enum origin_trust trust;
    struct received field; /* its `by` is the server that we believe */
    bool has_address; /* of the client, and it is one that can be reached from elsewhere. False: the
                         message was written on our side, or the field doesn't tell */
    size_t position;  /* of that field, the topmost is 1 */
};

/* Lives in `a`, or borrows. */
void origin_find(struct origin *o, struct span message, const struct origin_ours *ours,
                 struct arena *a);

#endif
