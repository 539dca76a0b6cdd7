#include "sys/tls.h"

#include "base/buffer.h"
#include "base/inet.h"
#include "base/list.h"
#include "base/memory.h"
#include "sys/tls_inside.h"

#include <assert.h>
#include <errno.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A handshake under way: in a worker, or waiting for the peer. */
struct shaking {
    struct work work;
    struct watch watch;
    struct tls *tls;
    struct workers *workers;
    struct tls_done done;
    int wants; /* of SSL_get_error, after the worker's step; SSL_ERROR_NONE: it is done */
    bool is_at_work;
    bool is_left; /* nobody waits for it any more */
    struct error error;
};

struct tls {
    SSL *ssl;
    struct tls_context *context; /* a reference until the handshake is done */
    struct shaking *shaking;     /* NULL: not begun, or done */
    bool is_ready;
    bool must_write; /* before it can read */
    bool has_more;   /* it has read more than there was room for: no descriptor tells of that */
};

/* ---- made */

static struct tls *tls_new(struct tls_context *c, SSL *ssl, int fd)
{
    struct tls *t = memory_new(sizeof *t);
    t->context = tls_context_ref(c);
    t->ssl = ssl;
    SSL_set_fd(ssl, fd);
    return t;
}

struct tls *tls_serve(struct tls_context *c, int fd)
{
    SSL *ssl = tls_context_connection(c, false);
    SSL_set_accept_state(ssl);
    return tls_new(c, ssl, fd);
}

/* Of a host, or an address, which may be written as in a mail address: "[192.0.2.1]". */
static void set_name(SSL *ssl, struct span name)
{
    if (span_starts(name, SPAN("[")))
        name = span_first(span_skip(name, 1), name.len - 2);
    if (span_starts_nocase(name, SPAN("IPv6:")))
        name = span_skip(name, 5);
    struct buffer text = BUFFER_EMPTY;
    unsigned char bytes[16];
    buffer_add_span(&text, name);
    if (inet_parse(name, bytes)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), buffer_text(&text));
    } else if (name.len) {
        SSL_set_tlsext_host_name(ssl, buffer_text(&text));
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        SSL_set1_host(ssl, buffer_text(&text));
    }
    buffer_free(&text);
}

/* An authority may speak for the host or for the domain; of a certificate that is named itself
 * nothing else is looked at (RFC 7672 3.1.1). OpenSSL leaves out what it can't use. */
static void set_records(SSL *ssl, const struct tls_wish *w)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_span(&text, w->name);
    SSL_dane_enable(ssl, buffer_text(&text));
    SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    buffer_clear(&text);
    buffer_add_span(&text, w->other_name);
    if (text.len)
        SSL_add1_host(ssl, buffer_text(&text));
    buffer_free(&text);
    for (size_t i = 0; i < w->record_count; i++) {
        const unsigned char *r = (const unsigned char *)w->records[i].at;
        if (w->records[i].len > 3)
            SSL_dane_tlsa_add(ssl, r[0], r[1], r[2], r + 3, w->records[i].len - 3);
    }
    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
}

struct tls *tls_call(struct tls_context *c, int fd, const struct tls_wish *w)
{
    SSL *ssl = tls_context_connection(c, w->proof == TLS_PROOF_AUTHORITY);
    SSL_set_connect_state(ssl);
    if (w->proof == TLS_PROOF_DANE)
        set_records(ssl, w);
    else
        set_name(ssl, w->name);
    if (w->is_noted_only)
        SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
    tls_sessions_begin(tls_context_sessions(c), ssl, fd, w);
    return tls_new(c, ssl, fd);
}

static void tls_free(struct tls *t)
{
    SSL_free(t->ssl);
    tls_context_unref(&t->context);
    free(t->shaking);
    free(t);
}

/* ---- the handshake */

static void say_why(struct shaking *s, int system)
{
    long verified = SSL_get_verify_result(s->tls->ssl);
    const char *words = tls_library_words();
    bool checks =
        SSL_get_verify_mode(s->tls->ssl) != SSL_VERIFY_NONE && !SSL_is_server(s->tls->ssl);
    if (checks && verified != X509_V_OK)
        error_set(&s->error, "its certificate is not trusted: %s",
                  X509_verify_cert_error_string(verified));
    else if (words[0])
        error_set(&s->error, "%s", words);
    else if (system)
        error_system(&s->error, system, "the connection broke");
    else
        error_set(&s->error, "the connection was closed");
}

static void step(struct work *w) /* in a worker */
{
    struct shaking *s = LIST_ENTRY(w, struct shaking, work);
    ERR_clear_error();
    errno = 0;
    int result = SSL_do_handshake(s->tls->ssl), system = errno;
    s->wants = result == 1 ? SSL_ERROR_NONE : SSL_get_error(s->tls->ssl, result);
    if (s->wants != SSL_ERROR_NONE && s->wants != SSL_ERROR_WANT_READ &&
        s->wants != SSL_ERROR_WANT_WRITE)
        say_why(s, system);
}

static void work_on(struct shaking *s)
{
    s->is_at_work = true;
    workers_submit(s->workers, &s->work);
}

static void peer_is_ready(struct watch *w, uint32_t events)
{
    struct shaking *s = LIST_ENTRY(w, struct shaking, watch);
    watch_stop(s->work.loop, w);
    work_on(s);
}

static void wait_for_peer(struct shaking *s)
{
    watch_start(s->work.loop, &s->watch, s->wants == SSL_ERROR_WANT_WRITE ? EPOLLOUT : EPOLLIN);
}

static void step_done(struct task *t)
{
    struct shaking *s = LIST_ENTRY(t, struct shaking, work.task);
    s->is_at_work = false;
    if (s->is_left) {
        close(s->watch.fd);
        tls_free(s->tls);
        return;
    }
    if (s->wants == SSL_ERROR_WANT_READ || s->wants == SSL_ERROR_WANT_WRITE) {
        wait_for_peer(s);
        return;
    }
    s->tls->shaking = NULL;
    s->tls->is_ready = s->wants == SSL_ERROR_NONE;
    s->tls->has_more = s->tls->is_ready && SSL_has_pending(s->tls->ssl);
    tls_context_unref(&s->tls->context);
    s->done.call(s->done.arg, s->tls->is_ready ? NULL : &s->error);
    free(s);
}

void tls_shake_hands(struct tls *t, struct loop *l, struct workers *w, struct tls_done done)
{
    struct shaking *s = memory_new(sizeof *s);
    *s = (struct shaking){.work = {.task.run = step_done, .loop = l, .call = step},
                          .watch = {.fd = SSL_get_fd(t->ssl), .ready = peer_is_ready},
                          .tls = t,
                          .workers = w,
                          .done = done,
                          .wants = SSL_ERROR_WANT_READ};
    t->shaking = s;
    if (SSL_is_server(t->ssl))
        wait_for_peer(s);
    else
        work_on(s);
}

enum tls_flaw tls_flaw(const struct tls *t)
{
    switch (SSL_get_verify_result(t->ssl)) {
    case X509_V_OK:
        return TLS_FLAW_NONE;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return TLS_FLAW_NAME;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return TLS_FLAW_TIME;
    default:
        return TLS_FLAW_TRUST;
    }
}

const char *tls_flaw_words(const struct tls *t)
{
    return X509_verify_cert_error_string(SSL_get_verify_result(t->ssl));
}

bool tls_is_ready(const struct tls *t)
{
    return t->is_ready;
}

/* ---- bytes */

/* What SSL_read and SSL_write return is none of recv and send. */
static ssize_t result_of(struct tls *t, int result, int system, bool reads)
{
    int why = SSL_get_error(t->ssl, result);
    if (reads)
        t->must_write = why == SSL_ERROR_WANT_WRITE;
    if (why == SSL_ERROR_ZERO_RETURN)
        return 0;
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN
            : why == SSL_ERROR_SYSCALL && system                      ? system
                                                                      : EPROTO;
    return -1;
}

static ssize_t read_some(struct tls *t, char *at, size_t len)
{
    size_t n = 0;
    t->has_more = false;
    while (len - n >= TLS_RECORD) {
        ERR_clear_error();
        errno = 0;
        int result = SSL_read(t->ssl, at + n, TLS_RECORD), system = errno;
        if (result <= 0)
            return n ? (ssize_t)n : result_of(t, result, system, true);
        n += (size_t)result;
        t->must_write = false;
        if (!SSL_has_pending(t->ssl))
            return (ssize_t)n;
    }
    t->has_more = true;
    return (ssize_t)n;
}

ssize_t stream_recv(int fd, struct tls *t, void *at, size_t len)
{
    assert(len >= TLS_RECORD);
    return t ? read_some(t, at, len) : recv(fd, at, len, 0);
}

static ssize_t write_some(struct tls *t, const char *at, size_t len)
{
    size_t n = 0;
    while (n < len) {
        size_t piece = len - n < TLS_RECORD ? len - n : TLS_RECORD;
        ERR_clear_error();
        errno = 0;
        int result = SSL_write(t->ssl, at + n, (int)piece), system = errno;
        if (result <= 0) {
            ssize_t problem = result_of(t, result, system, false);
            return n ? (ssize_t)n : problem ? problem : -1;
        }
        n += (size_t)result;
    }
    return (ssize_t)n;
}

ssize_t stream_send(int fd, struct tls *t, const void *at, size_t len, int flags)
{
    return t ? write_some(t, at, len) : send(fd, at, len, MSG_NOSIGNAL | flags);
}

uint32_t stream_events(const struct tls *t, uint32_t events)
{
    if (!t || !(events & EPOLLIN))
        return events;
    if (t->must_write)
        return (events & ~(uint32_t)EPOLLIN) | EPOLLOUT;
    return t->has_more ? events | EPOLLOUT : events;
}

void stream_ends(struct tls *t)
{
    if (!t || !t->is_ready)
        return;
    ERR_clear_error();
    SSL_shutdown(t->ssl);
}

void stream_close(struct loop *l, struct watch *w, struct tls **tls)
{
    struct tls *t = *tls;
    struct shaking *s = t ? t->shaking : NULL;
    *tls = NULL;
    if (s && s->is_at_work) { /* a worker uses the descriptor: who has it next must not be read */
        s->is_left = true;
        return;
    }
    watch_close(l, s ? &s->watch : w);
    if (t)
        tls_free(t);
}

/* ---- what it is */

bool tls_is_version_1_3(const struct tls *t)
{
    return SSL_version(t->ssl) == TLS1_3_VERSION;
}

bool tls_binding(const struct tls *t, unsigned char to[TLS_BINDING])
{
    static const char label[] = "EXPORTER-Channel-Binding";
    return tls_is_version_1_3(t) && SSL_export_keying_material(t->ssl, to, TLS_BINDING, label,
                                                               strlen(label), NULL, 0, 0) == 1;
}

/* By the hash of its signature; MD5 and SHA-1 are too weak for that (RFC 5929 4.1). */
bool tls_binding_of_server(const struct tls *t, unsigned char to[TLS_LARGEST_BINDING], size_t *len)
{
    X509 *certificate = SSL_get1_peer_certificate(t->ssl);
    int kind = NID_undef;
    unsigned size = 0;
    bool ok = certificate && X509_get_signature_info(certificate, &kind, NULL, NULL, NULL) == 1 &&
              kind != NID_undef;
    if (kind == NID_md5 || kind == NID_sha1)
        kind = NID_sha256;
    const EVP_MD *hash = ok ? EVP_get_digestbynid(kind) : NULL;
    ok = hash && EVP_MD_get_size(hash) <= TLS_LARGEST_BINDING &&
         X509_digest(certificate, hash, to, &size) == 1;
    X509_free(certificate);
    *len = size;
    return ok;
}

const char *tls_version(const struct tls *t)
{
    return tls_is_version_1_3(t) ? "TLS1.3" : "TLS1.2";
}

const char *tls_cipher(const struct tls *t)
{
    return SSL_get_cipher_name(t->ssl);
}

bool tls_is_resumed(const struct tls *t)
{
    return SSL_session_reused(t->ssl) == 1;
}

bool tls_fingerprint(const struct tls *t, char to[TLS_FINGERPRINT + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    X509 *certificate = SSL_get1_peer_certificate(t->ssl);
    bool ok = certificate && X509_digest(certificate, EVP_sha256(), digest, &len) == 1;
    for (unsigned i = 0; ok && i < len; i++)
        snprintf(to + (size_t)2 * i, 3, "%02x", digest[i]);
    X509_free(certificate);
    return ok;
}

size_t tls_shown(const struct tls *t, struct tls_shown *to, size_t most, struct arena *a)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(t->ssl);
    int count = sk_X509_num(chain); /* of NULL: -1 */
    size_t n = 0;
    for (; n < most && (int)n < count; n++)
        tls_certificate_show(&to[n], sk_X509_value(chain, (int)n), a);
    return n;
}
