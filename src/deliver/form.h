/* A message in a form that its way can carry. */
#ifndef DELIVER_FORM_H
#define DELIVER_FORM_H

#include "mail/convert.h"
#include "outcome/envelope.h"
#include "smtp/reply.h"

#include <sys/types.h>

/* Reads a piece of a message, as store_read does. */
typedef ssize_t read_message_fn(void *arg, uint64_t offset, void *at, size_t len);

enum form_result {
    FORM_DONE,       /* `out` has it */
    FORM_AS_IT_IS,   /* it can't be converted, and need not: only what it says of itself is wrong */
    FORM_IMPOSSIBLE, /* for good, and `why` says so */
    FORM_UNREADABLE  /* the disk failed us */
};

/* Blocks while it reads; the message is in memory once as it was and once as it becomes. The text
 * of `why` is in `a`. */
enum form_result form_make(const struct envelope *e, enum mail_form form, read_message_fn *read,
                           void *arg, struct buffer *out, struct reply *why, struct arena *a);

#endif
