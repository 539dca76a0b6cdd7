/* What becomes of notices about mail that somebody forged, when many of them come. */
#ifndef CONFIG_FORGED_OPTIONS_H
#define CONFIG_FORGED_OPTIONS_H

#include "base/rate.h"

enum forged_flood { FORGED_FLOOD_DIGEST, FORGED_FLOOD_REFUSE, FORGED_FLOOD_REFUSE_UNTAGGED };

struct forged_options {
    struct rate notices;  /* to a mailbox: so many are no flood */
    uint64_t flood;       /* enum forged_flood */
    int64_t digest_after; /* ms */
    struct rate domain;   /* for a domain: so many are told to postmaster */
};

#endif
