/* A notice for tests, with everything in it that a notice can have. */
#ifndef BOUNCE_TRIAL_NOTICE_H
#define BOUNCE_TRIAL_NOTICE_H

#include "bounce/advise.h"

struct trial {
    struct notice notice;
    struct verdict verdict;
    struct notice_recipient recipients[4];
    const char *language, *me;
    enum audience audience;
};

/* One recipient, bob@example.net, whose inbox is full; "Lunch" from alice@example.org. Points into
 * `*t`. */
void trial_notice(struct trial *t, enum notice_kind kind, enum verdict_class class);

/* What is thought of a message of which nothing else is known. Lives in `a`. */
struct verdict trial_verdict(const char *message, struct arena *a);

#endif
