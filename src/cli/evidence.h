/* What a file alone does not tell: which addresses are mine, and what I sent. */
#ifndef CLI_EVIDENCE_H
#define CLI_EVIDENCE_H

#include "bounce/judge.h"
#include "cli/explain_wishes.h"

struct evidence_base;

/* Reads the mailboxes with what was sent, once. NULL: one could not be read. */
struct evidence_base *evidence_new(const struct explain_wishes *w, struct error *e);
void evidence_free(struct evidence_base **b);

/* Of one notice. Thread-safe. */
struct evidence evidence_about(const struct evidence_base *b, const struct notice *n);

#endif
