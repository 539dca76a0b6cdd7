/* By which who gets a webhook's post knows that it was us, and when: "t=1795529698,v1=HEX", the
 * HMAC-SHA256 over "1795529698.BODY" with the secret that both know. Pure; by libcrypto. */
#ifndef EVENTS_SIGNATURE_H
#define EVENTS_SIGNATURE_H

#include "base/buffer.h"

void signature_add(struct buffer *out, struct span secret, int64_t time_s, struct span body);

#endif
