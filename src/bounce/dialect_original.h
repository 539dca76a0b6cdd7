/* Where, in the text of a notice, does the message begin that it is about? For this room only.
 * Pure. */
#ifndef BOUNCE_DIALECT_ORIGINAL_H
#define BOUNCE_DIALECT_ORIGINAL_H

#include "base/arena.h"

/* `*from`: where the words of the notice end (before the line that says that the original follows);
 * `*message`: where the header of the original begins. False: nothing is quoted. */
bool dialect_find_original(struct span text, size_t *from, size_t *message, struct arena *a);

#endif
