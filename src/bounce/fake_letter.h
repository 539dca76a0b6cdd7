/* Letters of our server about an account, and to users about what they send, of which nothing ever
 * was: to look at. Pure, as fake.h. */
#ifndef BOUNCE_FAKE_LETTER_H
#define BOUNCE_FAKE_LETTER_H

#include "bounce/fake.h"

struct fake_letter {
    struct span name;           /* "account-held" */
    const struct span *reasons; /* of one about an account: what stood out, in the language */
    size_t reason_count;
};

/* Its name, and what it is; NULL behind the last. */
const char *fake_letter_name(size_t i, const char **what);

/* Append what a person reads in it, with LF line ends. Of the wishes count addresses (`from` is
 * whose account it is), language and time. False: `e` says what is possible. */
bool fake_letter_show(struct buffer *out, const struct fake_letter *l, const struct fake_wishes *w,
                      enum fake_form form, struct error *e);

#endif
