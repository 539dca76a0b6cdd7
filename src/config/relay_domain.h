/* Domains that we take mail for from anybody, and pass on: as a relay, gateway or second MX.
 *
 *     example.net     recipients /etc/plainpost/recipients     those that a table names
 *     *.example.net   recipients sqlite:/srv/panel.db
 *     example.com     ask                     those that the next hop takes, asked in the session
 *     example.org     ask else accept         likewise; when it can't be asked, all of them
 *     example.info    any                     whoever it is for
 *
 * Pure. */
#ifndef CONFIG_RELAY_DOMAIN_H
#define CONFIG_RELAY_DOMAIN_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

enum relay_check { RELAY_ANY, RELAY_ASK, RELAY_RECIPIENTS };

struct relay_domain {
    struct span match; /* in lower case: "example.net", "*.example.net" */
    enum relay_check check;
    bool accepts_unknown;   /* ASK: also while the next hop can't tell */
    struct span recipients; /* RECIPIENTS: the table */
};

/* From the words of a line. Everything lives in `a`. False: `problem`. */
bool relay_domain_parse(const struct span *words, size_t count, struct relay_domain *r,
                        struct arena *a, struct error *problem);
void relay_domain_print(struct buffer *out, const struct relay_domain *r);

#endif
