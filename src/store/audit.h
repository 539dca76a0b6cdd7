/* Does everything add up? The invariant, recounted from the ledger's records and, independently,
 * from the journal: recipients accepted + generated + expanded into = delivered + relayed + failed
 * + discarded + expanded from + queued. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "store/ledger.h"

struct audit_result {
    struct ledger_count count;
    uint64_t queued;        /* open recipients by the journal, at the ledger's position */
    struct buffer problems; /* a line each, for people; at most MOST_PROBLEMS, then how many more */
    size_t problem_count;
};

/* False: it could not be done, `e`. What does not add up is in `r->problems`; free it with
 * audit_free. */
bool audit_check(struct ledger *l, struct disk *d, const char *journal_directory,
                 struct audit_result *r, struct error *e);
void audit_free(struct audit_result *r);

#endif
