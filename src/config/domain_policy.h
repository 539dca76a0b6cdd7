/* What is looked for in the mail for a domain, and what follows from it, as the options
 * "authenticate" and "judge-notices" say. Pure.
 *
 *     example.net     refuse
 *     *.example.net   note
 *     *               off          all that have no line of their own
 */
#ifndef CONFIG_DOMAIN_POLICY_H
#define CONFIG_DOMAIN_POLICY_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

enum domain_policy_word {
    POLICY_OFF,   /* nothing is looked for */
    POLICY_NOTE,  /* what is found stands in the message */
    POLICY_REFUSE /* likewise, and what should be refused for it is */
};

struct domain_policy {
    struct span match; /* in lower case: "example.net", "*.example.net", "*" */
    enum domain_policy_word policy;
};

/* From the words of a line of `option`. Everything lives in `a`. False: `problem`. */
bool domain_policy_parse(const char *option, const struct span *words, size_t count,
                         struct domain_policy *x, struct arena *a, struct error *problem);
void domain_policy_print(struct buffer *out, const struct domain_policy *x);
/* Of a recipient's domain, in any case: the line that fits best counts; without one: NOTE. */
enum domain_policy_word domain_policy_of(const struct domain_policy *all, size_t count,
                                         struct span domain);

#endif
