/* Character references of HTML: "&amp;", "&#8364;". Pure. */
#ifndef MAIL_ENTITY_H
#define MAIL_ENTITY_H

#include "base/buffer.h"

/* Append `text` with its references replaced; one that nobody knows stays as it is. */
void entities_decode(struct buffer *out, struct span text);

#endif
