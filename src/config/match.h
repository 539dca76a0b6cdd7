/* Whose mail is meant, as options write it: "*", "example.net", "*.example.net" (all below it),
 * "alice@example.net"; and with "from:" before any but the first, of whose sender it is so. Pure.
 */
#ifndef CONFIG_MATCH_H
#define CONFIG_MATCH_H

#include "base/span.h"

bool match_is_valid(struct span match);
bool match_is_of_sender(struct span match); /* with "from:" */
/* Is mail from `sender` to `recipient` meant by any of them? In any case of the letters;
 * `recipient` may be a sender, too, where the option is about senders alone. */
bool match_any(const struct span *matches, size_t count, struct span sender, struct span recipient);

#endif
