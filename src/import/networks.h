/* Networks with holes in them. Pure. */
#ifndef IMPORT_NETWORKS_H
#define IMPORT_NETWORKS_H

#include "config/network.h"

struct network_list {
    struct network *at;
    size_t count, room;
};

void network_list_free(struct network_list *l);
/* Append `n` without what the first `hole_count` of `holes` cover, as few networks as that takes.
 */
void network_list_add(struct network_list *l, const struct network *n, const struct network *holes,
                      size_t hole_count);

#endif
