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

/* Adds to `e` as provenance_by_tag does, and provenance_by_record. `message`: the notice, as it is
 * in the mailbox. Thread-safe. What it finds lives in `a`. */
void evidence_ledger_ask(struct evidence_ledger *l, const struct notice *n, struct span message,
                         struct evidence *e, struct arena *a);
/* After all else that fills `e` in, as provenance_by_no_tag does. Likewise. */
void evidence_ledger_ask_last(struct evidence_ledger *l, const struct notice *n,
                              struct span message, struct evidence *e, struct arena *a);

#endif
