/* For tests: an operator who has replaced every text that he may, in Japanese, by one in ASCII. All
 * built-in texts of Japanese have a letter beyond it: so whoever says one has it not from him. */
#ifndef BOUNCE_TRIAL_OWN_TEXTS_H
#define BOUNCE_TRIAL_OWN_TEXTS_H

#include "bounce/own_texts.h"

struct own_texts *trial_own_texts(void);
const struct language *trial_own_language(const struct own_texts *t);

/* Is what stands above the part in English all in his words? Else `*at` is what is not. */
bool trial_is_own(struct span text, struct span *at);

#endif
