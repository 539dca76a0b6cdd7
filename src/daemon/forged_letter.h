/* What postmaster is told when somebody forges addresses of a whole domain of ours. Pure. */
#ifndef DAEMON_FORGED_LETTER_H
#define DAEMON_FORGED_LETTER_H

#include "bounce/forged_domain.h"
#include "doctor/doctor.h"

struct forged_letter {
    struct span hostname; /* ours */
    struct span domain;   /* that is forged */
    struct span to;       /* postmaster's address */
    struct span name;     /* of the letter: what stands in its Message-ID */
    int64_t now_ms;
    int offset_minutes;
    struct forged_case what;
    bool is_signed;                     /* we sign mail of the domain (DKIM) */
    bool refuses;                       /* what comes in a flood is refused */
    const struct doctor_report *report; /* of what its DNS says */
};

/* Append the whole letter, with CRLF line ends. */
void forged_letter_write(struct buffer *out, const struct forged_letter *l);

#endif
