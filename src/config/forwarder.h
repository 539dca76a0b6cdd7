/* Whose mail is not refused for what its author's domain says, as the option authenticate-trust
 * has it. Pure. */
#ifndef CONFIG_FORWARDER_H
#define CONFIG_FORWARDER_H

#include "base/arena.h"
#include "base/buffer.h"
#include "config/network.h"

/* Somebody who passes on mail of others: what reaches us through them is not refused because its
 * author's domain does not know them. */
struct forwarder {
    struct span domain; /* with all below it, in lower case; empty: it is a network */
    struct network network;
};

/* "192.0.2.0/24", "lists.example.org" */
bool forwarder_parse(struct span word, struct forwarder *f, struct arena *a);
void forwarder_print(struct buffer *out, const struct forwarder *f);
/* `domain` in ASCII, in any case. */
bool forwarder_has_domain(const struct forwarder *f, struct span domain);

#endif
