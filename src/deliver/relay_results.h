/* From what a next hop replied to what became of a recipient. Pure. */
#ifndef DELIVER_RELAY_RESULTS_H
#define DELIVER_RELAY_RESULTS_H

#include "outcome/outcome.h"
#include "smtp/client.h"

/* `host` and `address` name the next hop; all texts are borrowed. */
struct outcome outcome_of_reply(const struct client_result *r, struct span host,
                                struct span address, int64_t now_ms);

#endif
