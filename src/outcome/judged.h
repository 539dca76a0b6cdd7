/* What is found of a mail that tells what became of another one (a notice): is it honest, and was
 * that other one sent from here? In short, as the story of the mail keeps it; bounce/judge.h has
 * the whole verdict, and finds it. Pure. */
#ifndef OUTCOME_JUDGED_H
#define OUTCOME_JUDGED_H

#include "base/span.h"

enum verdict_class {
    VERDICT_GENUINE,        /* a true notice about your mail */
    VERDICT_NOT_YOURS,      /* about mail that you never sent: somebody forges your address */
    VERDICT_ACCOUNT_ABUSED, /* it left through your account, and not by you */
    VERDICT_PHISHING,       /* it only looks like a notice, and wants something */
    VERDICT_SPAM_IN_BOUNCE, /* a true notice that carries somebody's spam to you */
    VERDICT_AUTO_REPLY,     /* the mail arrived; a machine answers */
    VERDICT_UNKNOWN,        /* can't tell */
    VERDICT_NOT_A_BOUNCE
};

enum { VERDICT_CLASSES = VERDICT_NOT_A_BOUNCE + 1 };

enum confidence {
    CONFIDENCE_UNKNOWN,
    CONFIDENCE_LIKELY,
    CONFIDENCE_VERY_LIKELY,
    CONFIDENCE_CERTAIN
};

/* Did the returned message leave from here? "unknown" never means "not yours". */
enum provenance { PROVENANCE_UNKNOWN, PROVENANCE_PROVEN, PROVENANCE_DISPROVEN };

/* For one recipient: a message may be his, and nobody else's. All zeros: nobody has judged. */
struct judged {
    bool is;
    enum verdict_class class;
    enum confidence confidence;
    enum provenance provenance;
};

bool judged_is_same(struct judged a, struct judged b);

/* As a number for our binary forms, of which 0 is "not judged"; and back. False: it is none. */
enum { JUDGED_MOST = VERDICT_CLASSES * 16 };
uint64_t judged_number(struct judged j);
bool judged_of_number(uint64_t number, struct judged *j);

const char *verdict_name(enum verdict_class c); /* "not-yours" */
const char *confidence_name(enum confidence c); /* "very-likely" */
const char *provenance_name(enum provenance p); /* "proven" */
/* False: there is no such class. */
bool verdict_of_name(struct span name, enum verdict_class *c);

#endif
