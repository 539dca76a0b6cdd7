/* What a file alone does not tell: which addresses are mine, what I sent, and whether the signature
 * of a returned message is ours. */
#ifndef CLI_EVIDENCE_H
#define CLI_EVIDENCE_H

#include "cli/evidence_server.h"
#include "cli/explain_wishes.h"

struct evidence_base;

/* Reads the mailboxes with what was sent, and the keys, once; and, where there is a server,
 * asks what it knows (evidence_server.h). NULL: one could not be read. */
struct evidence_base *evidence_new(const struct explain_wishes *w, const struct invocation *i,
                                   struct error *e);
void evidence_free(struct evidence_base **b);

/* Sets the evidence of each notice. Thread-safe; may wait for the DNS, and for the server, which
 * has one question for many. What is found lives in their arenas, or borrows. */
void evidence_gather(const struct evidence_base *b, struct evidence_asked *each, size_t count);
enum { EVIDENCE_MOST_AT_ONCE = 64 };
/* How many are best asked for together. */
size_t evidence_at_once(const struct evidence_base *b);

#endif
