/* For tests: what must hold of all that is rendered, whatever the mail holds. */
#ifndef BOUNCE_TRIAL_PAGE_H
#define BOUNCE_TRIAL_PAGE_H

#include "base/span.h"

/* UTF-8 that steers no terminal: no control character but LF. */
bool text_is_harmless(struct span text);

/* Every "<" of the page begins one of the tags that we write, word for word; links lead to https
 * only. `*at` is where it does not hold. */
bool page_is_harmless(struct span page, size_t *at);

/* The same of the card of a notification, which has no links. */
bool card_is_harmless(struct span card, size_t *at);

#endif
