/* What the files about TLS share, and nobody else sees. */
#ifndef SYS_TLS_INSIDE_H
#define SYS_TLS_INSIDE_H

#include "sys/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

/* Why OpenSSL has just failed in this thread, in its words; "" when it has none. */
static inline const char *tls_library_words(void)
{
    const char *words = ERR_reason_error_string(ERR_peek_last_error());
    return words ? words : "";
}

/* ---- tls_context.c */

/* A connection of this context; for one that calls: which must be `verified` or not. */
SSL *tls_context_connection(const struct tls_context *c, bool verified);
/* Of one that calls: sessions that can be begun again. */
struct tls_sessions *tls_context_sessions(const struct tls_context *c);

/* ---- tls_authorities.c */

/* Whom this system trusts. False: OpenSSL has failed. */
bool tls_trust_system(SSL_CTX *ctx);

/* ---- tls_certificate.c */

void tls_certificate_describe(struct tls_certificate *c, X509 *x, const char *file,
                              struct arena *a);
void tls_certificate_show(struct tls_shown *to, X509 *x, struct arena *a);

/* ---- tls_tickets.c */

/* By tickets a client begins a session again at less cost, and we keep nothing. They are sealed
 * with a key that all contexts share, and that is replaced every few hours: whoever steals it later
 * reads no old session. */
void tls_tickets_use(SSL_CTX *c);

/* ---- tls_sessions.c: the other end of that. Counted by references, thread-safe, bounded. */

struct tls_sessions;
struct tls_sessions *tls_sessions_new(void);
void tls_sessions_unref(struct tls_sessions **t);
void tls_sessions_use(SSL_CTX *c);
/* Before the handshake: with a session that can be begun again, if there is one for this wish. */
void tls_sessions_begin(struct tls_sessions *t, SSL *ssl, int fd, const struct tls_wish *w);

#endif
