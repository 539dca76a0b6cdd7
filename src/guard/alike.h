/* Does a host look like another one that people trust? Pure. */
#ifndef GUARD_ALIKE_H
#define GUARD_ALIKE_H

#include "base/arena.h"

/* A host, and how the name that somebody registered is drawn. */
struct drawn_host {
    struct span host, name, ending; /* "www.example.co.uk": "example", "co.uk" */
    struct span drawn;
};

/* `host` as the DNS has it, in lower case ("xn--…"); what it becomes lives in `a`, and borrows from
 * it. */
struct drawn_host host_draw(struct span host, struct arena *a);

/* They look alike when
 *   - the registered name is drawn alike: "examp1e.org", "exarnple.org", "exаmple.org" with a
 *     Cyrillic letter, under any ending;
 *   - it is one slip of the finger away, under the same ending ("exmaple.org"), if it is long
 *     enough that few others are;
 *   - the whole of the trusted one stands in it: "example.org.evil.test", "example.org-login.test".
 * A host never looks like itself, nor like what is above it. */
bool host_looks_like(const struct drawn_host *host, const struct drawn_host *trusted);

#endif
