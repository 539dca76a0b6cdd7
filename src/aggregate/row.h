/* From what was found of one message to what is counted for reports, and back. Pure. Of a message
 * only this is kept: whose domain it names, who has sent it, and what was found; nothing of its
 * recipients, and of addresses the domain only. */
#ifndef AGGREGATE_ROW_H
#define AGGREGATE_ROW_H

#include "aggregate/report.h"
#include "auth/message_check.h"

enum { AGGREGATE_MOST_SIGNATURES = 5 /* that are counted, those that hold first */ };

struct aggregate_seen {
    const struct message_verdict *verdict;
    unsigned char client[16]; /* as base/inet.h has them */
    enum dmarc_policy done;   /* what became of it for DMARC's sake; DO_NOTHING: it was taken */
    bool is_passed_on;        /* by a forwarder that we trust */
};

/* Texts of lines for store/day_counts.h; messages with the same ones are counted together.
 * `domain`: whose policy applies, in the verdict. False: nobody wants to be told. */
bool aggregate_row(const struct aggregate_seen *s, struct span *domain, struct buffer *policy,
                   struct buffer *row);

/* `p` without its domain; `reports`: rua= of the record. They borrow. */
void aggregate_policy_of(struct span text, struct aggregate_policy *p, struct span *reports);
/* Without its count; lives in `a`, or borrows. False: it is no such text. */
bool aggregate_record_of(struct span text, struct aggregate_record *r, struct arena *a);

#endif
