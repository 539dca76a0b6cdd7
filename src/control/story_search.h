/* Which message is meant by a word: a queue id, a Message-ID, an address; or a return path that we
 * have signed (auth/return_tag.h), by the message that it names. */
#ifndef CONTROL_STORY_SEARCH_H
#define CONTROL_STORY_SEARCH_H

#include "store/ledger_sent.h"

/* The queue id that stands in the word. False: there is none; it is a Message-ID or an address. */
bool story_id(struct span what, message_id *id);

/* As ledger_search; what has come to a signed return path stands behind what it names. */
bool story_search(struct ledger *l, struct span what, size_t limit, struct arena *a,
                  message_id **ids, size_t *count, struct error *e);

#endif
