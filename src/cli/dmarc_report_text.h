/* What DMARC reports say together (aggregate/sum.h), for people and for programs. */
#ifndef CLI_DMARC_REPORT_TEXT_H
#define CLI_DMARC_REPORT_TEXT_H

#include "aggregate/sum.h"

/* `s` in order. `all`: every source, else the first ones of each kind. */
void dmarc_report_print(struct buffer *out, const struct aggregate_sum *s, bool all);
void dmarc_report_print_json(struct buffer *out, const struct aggregate_sum *s);

/* What there is to do about mail of that kind; nothing is appended where there is nothing. */
void dmarc_report_advise(struct buffer *out, const struct aggregate_domain *d,
                         enum aggregate_kind kind);

#endif
