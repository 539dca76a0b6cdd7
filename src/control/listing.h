/* The queue as a line of JSON a message, oldest first. */
#ifndef CONTROL_LISTING_H
#define CONTROL_LISTING_H

#include "base/buffer.h"
#include "store/store.h"

/* Blocking: all of it is read from the store. False: `e`. */
bool listing_write(struct buffer *out, struct store *s, struct error *e);

#endif
