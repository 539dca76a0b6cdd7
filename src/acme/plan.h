/* When a certificate is to be renewed, how loudly its end is told of, and how often an authority is
 * asked in vain. Times are ms since 1970. Pure. */
#ifndef ACME_PLAN_H
#define ACME_PLAN_H

#include "base/buffer.h"

/* 30 days before its end, or when a third of its life is left, whichever comes later. */
int64_t plan_renews_ms(int64_t begins_ms, int64_t ends_ms);

enum plan_urgency {
    PLAN_FINE,
    PLAN_SOON,      /* it ends within 14 days, or a quarter of its life if that is less */
    PLAN_VERY_SOON, /* 3 days, or a twentieth of its life */
    PLAN_OVER
};
enum plan_urgency plan_urgency(int64_t begins_ms, int64_t ends_ms, int64_t now_ms);

/* What came of asking for a certificate so far; it outlasts the server, so that an authority is
 * not asked more often because the server is started often. All zeros: it was not asked yet. */
struct acme_record {
    struct span wanted; /* of whom, and for which names; another wish begins anew */
    uint64_t failures;  /* in a row */
    int64_t tried_ms;
    int64_t again_ms; /* not before */
    struct span why;  /* it failed the last time; one line, for people */
};

void acme_record_print(struct buffer *out, const struct acme_record *r);
/* Texts borrow from `text`. False: it is none. */
bool acme_record_parse(struct acme_record *r, struct span text);

/* What to remember when it has just failed: 10 minutes until the next time, then twice as long each
 * time, at most a day; and up to a quarter more by `chance`. */
void acme_record_failure(struct acme_record *r, struct span why, int64_t now_ms, uint32_t chance);

/* When to ask. `renews_ms`: when the certificate that there is wants it; 0: there is none. */
int64_t acme_record_due(const struct acme_record *r, struct span wanted, int64_t renews_ms,
                        int64_t now_ms);

/* What to tell a person when uacme(1) has failed with these words: what is wrong, what the
 * authority said, what can be done. One line. */
void acme_explain(struct buffer *out, struct span said);

#endif
