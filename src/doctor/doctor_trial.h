/* For tests: a domain whose mail is all right, the same with something changed, and what the doctor
 * finds. */
#ifndef DOCTOR_DOCTOR_TRIAL_H
#define DOCTOR_DOCTOR_TRIAL_H

#include "doctor/doctor.h"

enum { TRIAL_PROBES = 4, TRIAL_SOURCES = 2 };

struct doctor_trial {
    struct doctor_request request;
    /* Lines "NAME TYPE DATA", as in a zone file without classes; TYPE is A, AAAA, MX, TXT, PTR,
     * CNAME (of addresses), DS or TLSA (in hexadecimal digits, or "right"); DATA "FAIL" and "BOGUS"
     * are no answers. */
    struct span zone;
    bool is_secure; /* all answers are */
    struct doctor_key key;
    unsigned char sources[TRIAL_SOURCES][16];
    struct doctor_certificate chain[2];
    struct span names[1];
    struct doctor_probe at[TRIAL_PROBES]; /* port 25 by IPv4 and IPv6, 465, 587 */
    struct doctor_probes probes;
    struct doctor_report report;
    struct lookups lookups;
    struct arena arena;
};

/* example.org on mail.example.org [192.0.2.7] [2001:db8::7], of our own configuration. */
void doctor_trial_init(struct doctor_trial *t);

/* `lines` replace those of the same name and type; without data they take them away. */
void doctor_trial_change(struct doctor_trial *t, const char *lines);

/* Examines it, first without probes as the command does, then with them. */
void doctor_trial_run(struct doctor_trial *t);
/* Looks only at what it says of forged mail. */
void doctor_trial_run_forgery(struct doctor_trial *t);
void doctor_trial_free(struct doctor_trial *t);

#endif
