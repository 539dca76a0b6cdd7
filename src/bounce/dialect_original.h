/* Where, in the text of a notice, does the message begin that it is about? For this room only.
 * Pure. */
#ifndef BOUNCE_DIALECT_ORIGINAL_H
#define BOUNCE_DIALECT_ORIGINAL_H

#include "bounce/spotted.h"

/* `*from`: where the words of the notice end (before the line that says that the original follows);
 * `*message`: where the header of the original begins. `s`: of this text. False: nothing
 * is quoted. */
bool dialect_find_original(const struct spotted *s, struct span text, size_t *from,
                           size_t *message);

#endif
