/* What a file alone does not tell: which addresses are mine, what I sent, and whether the signature
 * of a returned message is ours. */
#ifndef CLI_EVIDENCE_H
#define CLI_EVIDENCE_H

#include "bounce/judge.h"
#include "cli/explain_wishes.h"
#include "config/options.h"

struct evidence_base;

/* Reads the mailboxes with what was sent, and the keys, once; and, where a server of these options
 * is, asks what it has sent. NULL: one could not be read. */
struct evidence_base *evidence_new(const struct explain_wishes *w, const struct options *o,
                                   struct error *e);
void evidence_free(struct evidence_base **b);

/* Of one notice, as it was read from `message`. Thread-safe; may wait for the DNS. Spans live in
 * `a`, or borrow. */
struct evidence evidence_about(const struct evidence_base *b, const struct notice *n,
                               struct span message, struct arena *a);

#endif
