/* What a service manager, such as systemd, and the program that it has started tell each other:
 * sd_notify(3), sd_watchdog_enabled(3) and sd_listen_fds(3), by their protocols. Started by nobody
 * of that kind, all of this does nothing. Belongs to the main thread. */
#ifndef SYS_MANAGER_H
#define SYS_MANAGER_H

#include "sys/net.h"

struct manager;

/* Reads what the environment says to this process, and clears it, so that it says it to no other:
 * before any thread starts. */
struct manager *manager_new(void);
void manager_free(struct manager **m); /* closes the sockets that nobody has taken */

/* Lines of NAME=VALUE: "READY=1", "STATUS=…". */
void manager_tell(const struct manager *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* It wants "WATCHDOG=1" at least once in so many ms, or it kills us; 0: it does not watch. */
int64_t manager_watchdog(const struct manager *m);

/* A socket that it listens on for us at this address, and the name that it has given it; from now
 * on the caller's, and non-blocking. -1: there is none. */
int manager_take_socket(struct manager *m, const struct net_address *at, const char **name);
/* Closes the next socket that nobody has taken, and says what it was; its name lives as long as the
 * manager. False: there is none left. */
bool manager_drop_socket(struct manager *m, struct buffer *address, const char **name);

#endif
