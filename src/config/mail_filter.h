/* A filter that mail is shown to before it is taken (milter), as it stands behind "filter":
 *
 *     inet:127.0.0.1:11332
 *     unix:/run/opendkim/opendkim.sock name opendkim on-failure skip timeout 30s
 *
 * Settings come in pairs of a name and a value, in any order. Pure. */
#ifndef CONFIG_MAIL_FILTER_H
#define CONFIG_MAIL_FILTER_H

#include "base/arena.h"
#include "base/error.h"
#include "config/network.h"

enum mail_filter_failure { MAIL_FILTER_TEMPFAIL, MAIL_FILTER_SKIP };

struct mail_filter {
    struct endpoint server; /* its host is an address; empty: a Unix socket */
    struct span socket;     /* its path; else empty */
    struct span name;       /* for people; without the setting, its place */
    uint64_t on_failure;    /* enum mail_filter_failure */
    int64_t timeout;        /* ms, for each answer */
};

/* From the words of a line. Everything lives in `a`. False: `problem`. */
bool mail_filter_parse(struct span *words, size_t count, struct mail_filter *f, struct arena *a,
                       struct error *problem);
void mail_filter_print(struct buffer *out, const struct mail_filter *f);

/* Does what stands behind the setting filters of a listener name this filter? Empty: all of them;
 * "no": none; else names with commas between. */
bool mail_filter_is_among(const struct mail_filter *f, struct span names);

#endif
