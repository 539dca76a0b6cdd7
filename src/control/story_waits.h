/* What a story says of mail that waits by our own will. Pure. */
#ifndef CONTROL_STORY_WAITS_H
#define CONTROL_STORY_WAITS_H

#include "store/ledger.h"

/* "held: …", "slowed, leaves in 6 minutes: …", "waits: …": no attempt was made. False: it is none
 * of these, and nothing was appended. */
bool story_add_own_will(struct buffer *line, const struct story_event *e);

#endif
