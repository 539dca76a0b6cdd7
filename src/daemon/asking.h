/* Where recipients go, for those who ask through the control socket. */
#ifndef DAEMON_ASKING_H
#define DAEMON_ASKING_H

#include "address/directory.h"
#include "control/server.h"

/* `directory`: where the newest one stands, in the scheduler's thread. */
struct control_routes asking_routes(struct directory **directory, const struct options *o);

#endif
