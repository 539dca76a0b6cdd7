/* To how many one of our own accounts may write: a login, or a user of this machine. Pure.
 *
 *     *                      message 100 recipients 500/1h 2000/1d    all without a line of their
 * own news@example.org       message none recipients 20000/1d printer                message 5
 */
#ifndef CONFIG_ACCOUNT_LIMIT_H
#define CONFIG_ACCOUNT_LIMIT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/rate.h"

enum { MOST_ACCOUNT_RATES = 4 };

struct account_limit {
    struct span account;                   /* in lower case; "*" */
    uint64_t message;                      /* recipients of one message; 0: any number */
    struct rate rates[MOST_ACCOUNT_RATES]; /* of recipients; each of another period */
    size_t rate_count;
};

/* From the words of a line. Everything lives in `a`. False: `problem`. */
bool account_limit_parse(struct span *words, size_t count, struct account_limit *l, struct arena *a,
                         struct error *problem);
void account_limit_print(struct buffer *out, const struct account_limit *l);
/* Of an account, in any case: its own line, or that of "*"; NULL: it has no limit. */
const struct account_limit *account_limit_for(const struct account_limit *all, size_t count,
                                              struct span account);

#endif
