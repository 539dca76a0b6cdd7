/* Enhanced mail system status codes: RFC 3463, the registry of RFC 5248. A value. */
#ifndef SMTP_STATUS_H
#define SMTP_STATUS_H

#include "base/buffer.h"

struct status {
    uint8_t class; /* 2 success, 4 temporary, 5 permanent; 0: none given */
    uint16_t subject, detail;
};

#define STATUS(c, s, d) ((struct status){(c), (s), (d)})
#define STATUS_NONE ((struct status){0})

bool status_is_given(struct status s);
bool status_equal(struct status a, struct status b);
/* Read "5.1.1" at the start of `*rest`, followed by a blank or the end (RFC 2034); `*rest` becomes
 * what follows the code and its blanks. False, and `*rest` as it was, when there is none. */
bool status_parse(struct span *rest, struct status *s);
void status_add(struct buffer *out, struct status s);

#endif
