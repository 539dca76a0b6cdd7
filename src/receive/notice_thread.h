/* For this room only: a notice stands with the message that it tells of, where mail programs show
 * threads. Pure. */
#ifndef RECEIVE_NOTICE_THREAD_H
#define RECEIVE_NOTICE_THREAD_H

#include "base/buffer.h"

/* Append In-Reply-To and References, to stand before the header, for the message of that
 * Message-ID (without "<>"). Nothing, where the notice has one of them, where a signature says that
 * there is none (its h= has the name: RFC 6376 8.15), or where it is no Message-ID. */
void notice_thread_add(struct buffer *out, struct span header, struct span message_id);

#endif
