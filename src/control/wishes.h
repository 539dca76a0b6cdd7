/* What the sender wants of the way of a message, beyond that it arrives: for people, and as JSON.
 * Of a message without wishes there is nothing. Pure. */
#ifndef CONTROL_WISHES_H
#define CONTROL_WISHES_H

#include "base/json.h"
#include "outcome/envelope.h"

/* Appended to a sentence: "; to be encrypted on its whole way (REQUIRETLS)". */
void wishes_add_words(struct buffer *out, const struct envelope *e, int offset_minutes);
void wishes_add_json(struct json *j, const struct envelope *e);

#endif
