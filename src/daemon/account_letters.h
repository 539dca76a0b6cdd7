/* Letters about accounts, to their owners and to postmaster: a moment after something was decided,
 * so that the letter can show some of what is held. In the scheduler's loop. */
#ifndef DAEMON_ACCOUNT_LETTERS_H
#define DAEMON_ACCOUNT_LETTERS_H

#include "account/accounts.h"

struct house;
struct account_letters;

struct account_letters *account_letters_new(struct house *h);
/* At the start: a crash may have come between a hold and its letters, which are written then.
 * False: `e`. */
bool account_letters_catch_up(struct account_letters *l, struct error *e);
void account_letters_send(struct account_letters *l, const struct account_news *n);
/* Nothing is written any more; what is under way comes back. */
void account_letters_end(struct account_letters *l);
void account_letters_free(struct account_letters **l); /* after the loop's last round */

#endif
