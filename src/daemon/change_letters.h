/* Letters to owners of accounts whose mail goes elsewhere now, or whose filters or password were
 * changed: whoever has broken into an account does that. In the scheduler's loop. */
#ifndef DAEMON_CHANGE_LETTERS_H
#define DAEMON_CHANGE_LETTERS_H

#include "account/accounts.h"

struct house;
struct change_letters;

struct change_letters *change_letters_new(struct house *h);
/* At the start: what is still owed from before. False: `e`. */
bool change_letters_catch_up(struct change_letters *l, struct error *e);
/* If a letter is owed: a moment later, so that it tells of all that was changed together; at most
 * one a day to an address. */
void change_letters_send(struct change_letters *l, const struct account_news *n);
/* Nothing is written any more; what is under way comes back. */
void change_letters_end(struct change_letters *l);
void change_letters_free(struct change_letters **l); /* after the loop's last round */

/* For struct accounts_settings; `house`: the house. */
struct span change_letters_owner(void *house, struct span account, struct arena *a);
bool change_letters_leads_away(void *house, enum forwarding_source source, struct span target);

#endif
