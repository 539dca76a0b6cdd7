/* For this room only: who is behind the message of a stranger (authentic.h), found out in a
 * session.
 */
#ifndef RECEIVE_CHECKING_H
#define RECEIVE_CHECKING_H

#include "receive/inside.h"

judge_fn judge_authentic_sender, judge_authentic_recipient, judge_authentic_message;

void checking_forget(struct session *s);
/* A worker has the message: it is not in the transaction. */
bool checking_has_message(const struct session *s);
/* What was found, as an envelope has it; empty: nothing was checked. Until the next MAIL. */
struct span checking_words(const struct session *s);
enum vouched checking_vouches(const struct session *s);

#endif
