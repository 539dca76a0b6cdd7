/* A connection to the first way that works: the addresses of one host are tried at once, but each
 * next one a quarter of a second after the one before (RFC 8305 5, "happy eyeballs"); the next host
 * only when those of the one before have all failed (RFC 5321 5.1). */
#ifndef DELIVER_DIAL_H
#define DELIVER_DIAL_H

#include "base/error.h"
#include "config/target.h"
#include "deliver/ways.h"
#include "sys/loop.h"

struct dial;

struct dial_settings {
    struct loop *loop;
    int64_t patience;            /* ms for each attempt */
    const struct target *target; /* its sources */
    struct chance chance;
    /* An attempt has failed; the next one follows. */
    void (*failed)(void *arg, const struct way *w);
    /* The end: a connected descriptor, which is the callee's now; or -1 and `why`, and the way that
     * was tried last. The dial may be freed in it. */
    void (*done)(void *arg, int fd, const struct way *w, const struct error *why);
    void *arg;
};

/* `ways`: at least one; they must outlive the dial. */
struct dial *dial_new(const struct dial_settings *s, const struct way *ways, size_t count);
void dial_free(struct dial **d);

#endif
