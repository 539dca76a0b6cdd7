/* Apple Mail's .emlx: a line with the length of the message, the message, and a property list. */
#ifndef MAIL_EMLX_H
#define MAIL_EMLX_H

#include "base/span.h"

/* The message in such a file; false: it is none. */
bool emlx_message(struct span file, struct span *message);

#endif
