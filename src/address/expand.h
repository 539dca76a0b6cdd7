/* From the recipients that a sender named to those that their aliases lead to: aliases in aliases,
 * loops found, nobody twice. */
#ifndef ADDRESS_EXPAND_H
#define ADDRESS_EXPAND_H

#include "address/directory.h"
#include "outcome/envelope.h"

/* Behind the recipients of `e` come those that their aliases lead to (envelope.h: `parent`,
 * `is_expanded`). True when there was any alias; the new list lives in `a`. The number of them is
 * bounded by the tables: each address comes once. */
bool expand_recipients(const struct directory *d, struct envelope *e, struct arena *a);
/* The same of a letter that is to reach the mailboxes of these very addresses, whoever their
 * aliases and .forward files lead to now. One that has no mailbox here, nor on a server behind this
 * one, is reached only as all of its mail is. */
bool expand_past_forwards(const struct directory *d, struct envelope *e, struct arena *a);
/* The same of a notice, which must fit into the step that closes what it tells of: unless its
 * recipient is a list of more than 5000. */
void expand_notice(const struct directory *d, struct envelope *e, struct arena *a);

#endif
