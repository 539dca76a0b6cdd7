/* Lines of the log on their way to a datagram socket (/dev/log, the journal's). A thread of its own
 * sends them and waits when the other side is slow or away, so that nobody else does. What does not
 * fit into the room for waiting lines is lost, counted, and told of as soon as one gets through. */
#ifndef SYS_LOG_SENDER_H
#define SYS_LOG_SENDER_H

#include "base/buffer.h"
#include "base/error.h"

/* `lost` writes the line that says that `count` lines were lost; it is called in the sender's
 * thread when what waited before them has been sent. */
bool log_sender_start(const char *path, void (*lost)(uint64_t count, struct buffer *line),
                      struct error *e);
/* Thread-safe; never waits. */
void log_sender_add(struct span line);
/* Sends what waits, for at most a second, and ends the thread. Nobody may add lines any more. */
void log_sender_stop(void);

uint64_t log_sender_lost(void); /* lines, since the start */

#endif
