/* What some addresses have sent lately, kept beside the judging. In a flood of notices that return
 * no Message-ID each is compared with all that its reader has sent (provenance/lately.h), and he
 * sends little meanwhile: so only what is new is read from the ledger. Thread-safe; of one address
 * one thread at a time is told. */
#ifndef EVIDENCE_KEPT_SENT_H
#define EVIDENCE_KEPT_SENT_H

#include "provenance/lately.h"
#include "store/ledger_sent.h"

struct kept_sent;
struct kept_sent *kept_sent_new(void);
void kept_sent_free(struct kept_sent **k); /* nobody looks any more */

struct kept_sent_question {
    struct span sender;
    int64_t since_ms;
    lately_fn *see; /* as in lately_record */
    void *of;
};
/* Not the name of the address decides who may be told, but the caller. It may wait for the disk.
 * `is_all`: all was seen, as ledger_sent_lately() has it. False: `e`. */
bool kept_sent_look(struct kept_sent *k, struct ledger *l, const struct kept_sent_question *q,
                    bool *is_all, struct error *e);

#endif
