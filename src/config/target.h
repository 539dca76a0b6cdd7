/* Where mail goes: the right side of a route, and the name of a destination in the queue. One text
 * says it all, so that whoever delivers needs to know nothing else:
 *
 *     mx                      the servers that the DNS names for the recipient's domain
 *     mx:example.org          those of this domain
 *     192.0.2.7:25            this server, by SMTP
 *     lmtp:127.0.0.1:24       this server, by LMTP (RFC 2033)
 *     lmtp:/run/dovecot/lmtp  the same, on a Unix socket
 *     discard WHY             nowhere; the trace says why
 *     refuse WHY              back to the sender, with these words
 *
 * Behind a server "source ADDRESS[*WEIGHT],…" may name our own addresses to connect from, "login
 * USER" as whom we log in, and "tls WORD" say whether the connection must be encrypted. Pure. */
#ifndef CONFIG_TARGET_H
#define CONFIG_TARGET_H

#include "base/arena.h"
#include "base/error.h"
#include "config/network.h"

enum target_kind { TARGET_MX, TARGET_SMTP, TARGET_LMTP, TARGET_DISCARD, TARGET_REFUSE };

enum target_tls {
    TARGET_TLS_OPPORTUNISTIC, /* if the server can; usual for SMTP without a login */
    TARGET_TLS_UNCHECKED,     /* the same, whatever the domain itself demands */
    TARGET_TLS_REQUIRED,      /* whatever its certificate */
    TARGET_TLS_VERIFIED,      /* its certificate has its name, and comes from whom we trust; usual
                                 where we log in */
    TARGET_TLS_IMPLICIT,      /* likewise, and the handshake is the first thing (RFC 8314); usual
                                 where we log in at port 465 */
    TARGET_TLS_IMPLICIT_UNVERIFIED,
    TARGET_TLS_OFF /* usual for LMTP, whose server is near */
};

/* One of our own addresses; of all connections it makes `weight` of the sum of the weights. */
struct source {
    struct span address;
    unsigned weight; /* 1–1000 */
};

struct target {
    enum target_kind kind;
    struct span domain;     /* MX: in lower case; empty: the recipient's */
    struct endpoint server; /* SMTP, LMTP */
    struct span socket;     /* LMTP: the path of a Unix socket; empty: `server` */
    struct span why;        /* DISCARD, REFUSE */
    enum target_tls tls;
    struct span login; /* SMTP to a server: as whom; empty: as nobody */
    /* Only of a destination: for messages whose senders demand TLS on the whole way (RFC 8689). */
    bool requires_tls;
    struct source *sources;
    size_t source_count;
};

/* From the words of a line. Everything lives in `a`. False: `problem` says what is wrong and how it
 * is meant. */
bool target_parse(const struct span *words, size_t count, struct target *t, struct arena *a,
                  struct error *problem);
/* From one text, as target_print writes it; not for DISCARD and REFUSE, that are no destinations.
 * " requiretls" at its end is not for the configuration. */
bool target_parse_name(struct span name, struct target *t, struct arena *a);

/* Is it this machine, where nothing is on the way? */
bool target_is_here(const struct target *t);

/* As the configuration reads it. */
void target_print(struct buffer *out, const struct target *t);

/* A word as the configuration reads it: bare, or in quotes. */
void word_print(struct buffer *out, struct span s);

struct route {
    struct span match; /* in lower case: "example.net", "*.example.net", "alice@example.net", "*";
                          or of the sender: "from:example.org", "from:alice@example.org" */
    struct target target;
};

#endif
