/* To whom the mail of an account leads: through aliases in aliases, aliases of its bare name, and
 * those for a whole domain, as a message would go. The guard compares it with what it was before:
 * whoever has stolen a password likes to change that. */
#ifndef ADDRESS_LEADS_H
#define ADDRESS_LEADS_H

#include "address/directory.h"

struct leads {
    const struct span *to; /* "thief@example.net", "|command"; nobody twice */
    size_t count;          /* 0: to its own mailbox, and nowhere else */
};

/* `account`: "alice@example.org"; or "alice", who has the mailboxes of that name in each of our
 * domains. Her own mailboxes are not among them. All of it is in the arena. */
struct leads directory_leads(const struct directory *d, struct span account, struct arena *a);

#endif
