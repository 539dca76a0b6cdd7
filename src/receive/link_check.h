/* For this room only: are there harmful links in what our own accounts send (sending/sent_links.h)? A
 * worker looks at the message, then the lists in the DNS are asked, within a time. */
#ifndef RECEIVE_LINK_CHECK_H
#define RECEIVE_LINK_CHECK_H

#include "sending/sent_links.h"
#include "receive/inside.h"

judge_fn judge_sent_links;

void link_check_forget(struct session *s);
bool link_check_has_message(const struct session *s); /* a worker has it */
/* What was found in a message that is taken all the same, in words; or empty. */
struct span link_check_words(const struct session *s);
/* Why it is accepted on hold; NULL: it is not. */
const struct link_finding *link_check_held(const struct session *s);

#endif
