/* A report for tests: what a notification is made of. */
#ifndef BOUNCE_TRIAL_REPORT_H
#define BOUNCE_TRIAL_REPORT_H

#include "bounce/write.h"

enum { TRIAL_RECIPIENTS = 3 };

struct trial_report {
    struct recipient recipients[TRIAL_RECIPIENTS];
    struct envelope original;
    struct outcome outcomes[TRIAL_RECIPIENTS];
    struct report_recipient told[TRIAL_RECIPIENTS];
    struct report report;
};

/* "Figures" from ann@example.org to bob, eve and joe@example.net: bob is not known there, and only
 * of him it is told. Points into `*t`. */
void trial_report(struct trial_report *t);

#endif
