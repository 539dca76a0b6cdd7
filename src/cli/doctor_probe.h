/* Connects to the servers of a domain, for plainpost doctor: what each says, whether it encrypts,
 * which certificate it shows; and gets the policy of MTA-STS. Nothing is sent but EHLO, STARTTLS
 * and QUIT. */
#ifndef CLI_DOCTOR_PROBE_H
#define CLI_DOCTOR_PROBE_H

#include "base/error.h"
#include "doctor/doctor.h"

struct doctor_probe_settings {
    struct span hostname;    /* what we call ourselves */
    struct span authorities; /* a file with whom to trust; empty: the system's */
};

/* All that the report wants to have probed, at once; takes some 20 seconds at most. Everything
 * lives in `a`. NULL: `e`. */
const struct doctor_probes *doctor_probe(const struct doctor_report *r,
                                         const struct doctor_probe_settings *s, struct arena *a,
                                         struct error *e);

/* The addresses that this machine has for connections to far away, and that can be reached from
 * there: how many, 2 at most. */
size_t doctor_own_addresses(unsigned char to[2][16]);

#endif
