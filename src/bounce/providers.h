/* Mail providers, and their own pages for what their users may have to do. Made at build time from
 * data/providers. Pure. */
#ifndef BOUNCE_PROVIDERS_H
#define BOUNCE_PROVIDERS_H

#include "base/span.h"

enum provider_place {
    PLACE_FORWARDING, /* is mail forwarded, and by which filters */
    PLACE_SESSIONS,   /* who is logged in */
    PLACE_PHISHING,   /* report a mail that pretends to be something else */
    PLACE_STORAGE,    /* make room in a full mailbox */
    PLACE_SENDERS     /* what it demands of servers, how to get off its lists */
};
#define PLACE_COUNT 5

struct provider {
    const char *name;                /* "Gmail" */
    const char *domains;             /* parted by blanks; "yahoo.*": under any ending */
    const char *hosts;               /* of its servers, or what they end with behind a dot */
    const char *places[PLACE_COUNT]; /* "https://…", or NULL */
};

/* Of whoever has this address, or of the server of this name; NULL: none that is known. */
const struct provider *provider_of_address(struct span address);
const struct provider *provider_of_host(struct span host);

const struct provider *provider_at(size_t i); /* all; NULL behind the last */

#endif
