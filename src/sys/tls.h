/* A connection's bytes: plain, or by TLS. Whoever drives a connection keeps a `struct tls *`, which
 * is NULL as long as it is plain, and reads and writes by stream_recv and stream_send.
 *
 * A handshake costs up to some milliseconds (a signature with RSA), so worker threads do it, and
 * the loop goes on. */
#ifndef SYS_TLS_H
#define SYS_TLS_H

#include "sys/loop.h"
#include "sys/tls_certificate.h"
#include "sys/tls_context.h"
#include "sys/worker.h"

#include <sys/types.h>

struct tls;

/* Over this connection, which stays the caller's; they keep a reference to the context. */
struct tls *tls_serve(struct tls_context *c, int fd);

/* How the server must show who it is. */
enum tls_proof {
    TLS_PROOF_NONE,
    TLS_PROOF_AUTHORITY, /* by a certificate for `name`, of somebody whom the context trusts */
    TLS_PROOF_DANE       /* by one of the records (RFC 7671) */
};

struct tls_wish {
    struct span name; /* of the host, or its address; said by SNI */
    enum tls_proof proof;
    bool is_noted_only;         /* without the proof the handshake goes on: see tls_flaw */
    struct span other_name;     /* DANE: may stand in the certificate as well; empty: none */
    const struct span *records; /* the data of TLSA records */
    size_t record_count;
};

/* Begins a session again that was held with the same server under the same wish, if the server lets
 * it: what was shown then, within the last hour, counts. */
struct tls *tls_call(struct tls_context *c, int fd, const struct tls_wish *w);

/* Does the handshake, while nobody else watches or uses the descriptor. `done` is called in the
 * loop's thread: `why` is NULL when the connection is secure. Not called any more after
 * stream_close. */
struct tls_done {
    void (*call)(void *arg, const struct error *why);
    void *arg;
};
void tls_shake_hands(struct tls *t, struct loop *l, struct workers *w, struct tls_done done);
bool tls_is_ready(const struct tls *t); /* the handshake is done */

/* What is wrong with the server's certificate, after the handshake, or when it has failed. */
enum tls_flaw {
    TLS_FLAW_NONE,
    TLS_FLAW_NAME, /* it is for another host */
    TLS_FLAW_TIME, /* it is over, or not valid yet */
    TLS_FLAW_TRUST /* none whom we trust, or no record, speaks for it */
};
enum tls_flaw tls_flaw(const struct tls *t);
const char *tls_flaw_words(const struct tls *t); /* in OpenSSL's words */

/* What the server has shown, its own certificate first, at most `most`; everything lives in `a`.
 * Returns how many. */
size_t tls_shown(const struct tls *t, struct tls_shown *to, size_t most, struct arena *a);

/* As recv(2) and send(2), also for `t` NULL: -1 and EAGAIN when it has to wait. `len` of
 * stream_recv is TLS_RECORD at least. What stream_send did not take is given again, unchanged, and
 * perhaps with more behind it. */
enum { TLS_RECORD = 16 * 1024 };
ssize_t stream_recv(int fd, struct tls *t, void *at, size_t len);
ssize_t stream_send(int fd, struct tls *t, const void *at, size_t len, int flags);
/* What to watch for, to have this; asked after the handshake and after each stream_recv. When TLS
 * must write before it can read, or has something inside that no descriptor tells of, it is
 * EPOLLOUT, too: so whoever has nothing to write reads when EPOLLOUT comes. */
uint32_t stream_events(const struct tls *t, uint32_t events);
/* Says that we say no more. */
void stream_ends(struct tls *t);
/* Closes the descriptor, which may be watched; with the TLS on it. */
void stream_close(struct loop *l, struct watch *w, struct tls **t);

/* Of one that is ready. It is TLS 1.2 or 1.3. */
bool tls_is_version_1_3(const struct tls *t);
const char *tls_version(const struct tls *t); /* "TLS1.3" */
const char *tls_cipher(const struct tls *t);  /* "TLS_AES_256_GCM_SHA384" */
bool tls_is_resumed(const struct tls *t);
/* What nobody but the two ends of this very session knows: tls-exporter, RFC 9266. False: it has
 * none, as it is not TLS 1.3. */
enum { TLS_BINDING = 32 };
bool tls_binding(const struct tls *t, unsigned char to[TLS_BINDING]);
/* The hash of the server's certificate: tls-server-end-point, RFC 5929. False: no hash is defined
 * for its signature. */
enum { TLS_LARGEST_BINDING = 64 };
bool tls_binding_of_server(const struct tls *t, unsigned char to[TLS_LARGEST_BINDING], size_t *len);
/* Of the client's certificate: SHA-256 in hexadecimal digits, in lower case. False: it has none. */
enum { TLS_FINGERPRINT = 64 };
bool tls_fingerprint(const struct tls *t, char to[TLS_FINGERPRINT + 1]);

#endif
