/* What this server's ledger knows of the message that a notice tells of. On a machine without one
 * it says nothing. */
#ifndef CLI_EVIDENCE_LEDGER_H
#define CLI_EVIDENCE_LEDGER_H

#include "bounce/judge.h"
#include "config/options.h"

struct evidence_ledger;

/* NULL: there is none that could be asked; why is said on standard error if it is there. */
struct evidence_ledger *evidence_ledger_new(const struct options *o);
void evidence_ledger_free(struct evidence_ledger **l);

/* Adds to `e` what is not known yet. Of `e->me`, if they are told, it is to be.
 *
 * "Not sent" needs more than that it is not there: the ledger goes back to before the message was
 * written, all of it may be seen, and the notice came to an address of a domain of ours.
 * Thread-safe. */
void evidence_ledger_ask(struct evidence_ledger *l, const struct notice *n, struct evidence *e);

#endif
