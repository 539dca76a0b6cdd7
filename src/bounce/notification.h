/* A notification as a message of our own: what report_write makes, in an envelope. Pure. */
#ifndef BOUNCE_NOTIFICATION_H
#define BOUNCE_NOTIFICATION_H

#include "bounce/write.h"

/* From the null reverse-path to the sender of the original (RFC 3464 2: a notice never causes
 * another). The message is appended to `message`; spans of `e` live in `a`. */
void notification_write(struct envelope *e, struct buffer *message, const struct report *r,
                        struct arena *a);

#endif
