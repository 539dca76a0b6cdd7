/* The helper: a process that keeps root's rights while it waits, in which nothing happens but that
 * it starts a process for each request (as_user_work.h), and that hears nobody but the server, by a
 * socket that is not in the file system. It is there only where the configuration says so. It ends
 * when the server does. */
#ifndef DELIVER_HELPER_H
#define DELIVER_HELPER_H

#include "address/directory.h"
#include "deliver/as_user.h"

struct helper;

/* To be called before there are threads, and before rights are given up: the helper has these
 * options and this directory for as long as it lives. NULL: `e`. */
struct helper *helper_start(const struct options *o, const struct directory *d, struct error *e);
void helper_stop(struct helper *h);  /* whoever waits for a result gets none; thread-safe */
void helper_free(struct helper **h); /* waits for it to end, not for what it has started */

/* Ask, and wait for the result; thread-safe. `message`: a descriptor. Texts in `a`. False: `e`; the
 * helper is gone, or did not answer within `most_ms`; or it was stopped, and `e` is empty. */
bool helper_ask(struct helper *h, const struct as_request *r, int message, int64_t most_ms,
                struct as_result *result, struct arena *a, struct error *e);

#endif
