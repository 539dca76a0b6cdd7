/* Where the mail of accounts goes on, as aliases and .forward files say: the guard hears of it. All
 * of it in the scheduler's loop. */
#ifndef DAEMON_FORWARDINGS_H
#define DAEMON_FORWARDINGS_H

#include "daemon/house.h"

/* The tables of aliases were read: whose mail goes elsewhere than before? */
void forwardings_look(struct house *h);
/* This account has just become one. */
void forwardings_met(void *house, struct span account);
/* At a delivery to this user of the system: where his .forward leads, besides his mailbox. */
void forwardings_seen(void *house, const struct mailbox *user, const struct span *to, size_t count);

#endif
