/* One place to take mail on, with settings of its own, as it stands behind "listen":
 *
 *     192.0.2.1:25
 *     [::]:2525 hostname in.example.org proxy 192.0.2.0/28 max-sessions 500
 *     192.0.2.1:587 submission
 *     /run/plainpost/smtp mode 0660 group mail
 *
 * Settings come in pairs of a name and a value, in any order; "submission" stands alone. Pure. */
#ifndef CONFIG_LISTEN_H
#define CONFIG_LISTEN_H

#include "base/arena.h"
#include "base/error.h"
#include "config/network.h"

/* Of those who come: may they, must they, or is the handshake the first thing of all (RFC 8314)? */
enum listen_tls { LISTEN_TLS_STARTTLS, LISTEN_TLS_REQUIRED, LISTEN_TLS_IMPLICIT, LISTEN_TLS_OFF };

struct listen {
    struct endpoint at; /* without a host: a Unix socket */
    struct span socket; /* its path; else empty */

    /* What is not set is as in the options: */
    struct span hostname;      /* empty: not set */
    struct networks trusted;   /* who may relay */
    uint64_t max_sessions;     /* through this listener; 0: not set */
    uint64_t max_message_size; /* 0: not set */

    uint64_t tls; /* enum listen_tls */

    /* Who may say on whose behalf it comes; not set: nobody. */
    struct networks proxy;   /* they must begin with a PROXY header */
    struct networks xclient; /* they may say XCLIENT */

    struct span filters; /* which mail goes through: see mail_filter_is_among */

    bool is_submission; /* for those who log in, and for nobody else (RFC 6409) */

    uint64_t mode;     /* of a Unix socket */
    struct span group; /* likewise; empty: the server's own */
};

/* From the words behind "listen". Everything lives in `a`. False: `problem`. */
bool listen_parse(struct span *words, size_t count, struct listen *l, struct arena *a,
                  struct error *problem);
bool listen_is_same_place(const struct listen *a, const struct listen *b);

void listen_print(struct buffer *out, const struct listen *l); /* as the configuration reads it */
void listen_print_place(struct buffer *out, const struct listen *l); /* without the settings */

#endif
