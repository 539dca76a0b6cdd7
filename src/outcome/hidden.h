/* What another server says may name an address that the sender does not know: one that an alias
 * leads to. It stands in its words in many forms: in other letters, in brackets, encoded. Pure. */
#ifndef OUTCOME_HIDDEN_H
#define OUTCOME_HIDDEN_H

#include "outcome/envelope.h"

/* `words` with `[shown]` in the place of each mention of the address `hidden`, or of its local part
 * in quotes or angle brackets: brackets are how a quotation says that it was changed. An address
 * that only contains it stays. In `a`, unless nothing was found. */
struct span words_without(struct span words, struct span hidden, struct span shown,
                          struct arena *a);

/* Words about this recipient, for whoever sent the message: without the addresses that aliases
 * hide.
 */
struct span words_for_sender(const struct envelope *e, size_t recipient, struct span words,
                             struct arena *a);

#endif
