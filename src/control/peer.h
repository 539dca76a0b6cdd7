/* Who is at the other end of the control socket, as the kernel knows it. */
#ifndef CONTROL_PEER_H
#define CONTROL_PEER_H

#include "base/error.h"
#include "base/span.h"

#include <sys/types.h>

struct asker {
    uid_t uid;
    bool is_operator; /* root, the user that the server runs as, a member of the group */
};

/* The id of the group of operators; (gid_t)-1: there is none. False: `e`. */
bool peer_group(struct span name, gid_t *group, struct error *e);
/* False: it can't be known. */
bool peer_of(int fd, gid_t operators, struct asker *p);

#endif
