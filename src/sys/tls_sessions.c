/* Sessions of TLS with next hops, kept to be begun again: that spares the server its signature, and
 * us the chain of certificates. A session is kept under all that was demanded of it, the server,
 * its address, SNI, the proof and the records, and is begun again only where exactly that is
 * demanded: what was not checked then is never taken for checked. What it rests on is looked at
 * again after an hour at the latest, however often it was begun again meanwhile.
 *
 * A ticket of TLS 1.3 is used once (RFC 8446 C.4), so a few are kept of each server. */
#include "sys/tls_inside.h"

#include "base/buffer.h"
#include "base/list.h"
#include "base/map.h"
#include "base/memory.h"
#include "sys/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MOST_SERVERS = 512, MOST_OF_ONE = 4, GOOD_FOR = 3600000 /* ms since the full handshake */ };

struct kept {
    SSL_SESSION *session;
    int64_t since; /* monotonic ms: when its server has shown who it is */
};

struct server {
    struct list link;            /* those used last stand last */
    struct kept at[MOST_OF_ONE]; /* the newest last */
    size_t count, key_len;
    char key[];
};

struct tls_sessions {
    atomic_size_t references;
    pthread_mutex_t lock;
    struct map by_key; /* struct server */
    struct list used;
};

/* Of a connection: where its tickets belong. */
struct call {
    struct tls_sessions *sessions; /* a reference */
    int64_t since;                 /* of the session that it tries to begin again; 0: none */
    struct buffer key;
};

static int call_index = -1;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* ---- what is kept */

static void drop_oldest(struct server *s)
{
    SSL_SESSION_free(s->at[0].session);
    memmove(s->at, s->at + 1, --s->count * sizeof *s->at);
}

static void server_free(struct tls_sessions *t, struct server *s)
{
    while (s->count)
        drop_oldest(s);
    list_remove(&s->link);
    map_remove_text(&t->by_key, span_make(s->key, s->key_len));
    free(s);
}

static struct server *server_of(struct tls_sessions *t, struct span key, bool is_new)
{
    struct server *s = map_get_text(&t->by_key, key);
    if (s)
        list_remove(&s->link);
    if (!s && is_new) {
        if (t->by_key.count >= MOST_SERVERS)
            server_free(t, LIST_ENTRY(t->used.next, struct server, link));
        s = memory_new(sizeof *s + key.len);
        memcpy(s->key, key.at, s->key_len = key.len);
        map_set_text(&t->by_key, span_make(s->key, s->key_len), s);
    }
    if (s)
        list_append(&t->used, &s->link);
    return s;
}

static void keep(struct call *c, SSL_SESSION *session, int64_t since)
{
    struct tls_sessions *t = c->sessions;
    pthread_mutex_lock(&t->lock);
    struct server *s = server_of(t, buffer_span(&c->key), true);
    if (s->count == MOST_OF_ONE)
        drop_oldest(s);
    s->at[s->count++] = (struct kept){session, since};
    pthread_mutex_unlock(&t->lock);
}

static SSL_SESSION *take(struct call *c)
{
    struct tls_sessions *t = c->sessions;
    SSL_SESSION *found = NULL;
    int64_t now = clock_monotonic_ms();
    pthread_mutex_lock(&t->lock);
    struct server *s = server_of(t, buffer_span(&c->key), false);
    while (s && s->count && now - s->at[0].since >= GOOD_FOR)
        drop_oldest(s);
    if (s && s->count) {
        struct kept *newest = &s->at[s->count - 1];
        bool is_used_up = SSL_SESSION_get_protocol_version(newest->session) == TLS1_3_VERSION;
        found = newest->session;
        c->since = newest->since;
        s->count -= is_used_up;
        if (!is_used_up)
            SSL_SESSION_up_ref(found);
    }
    pthread_mutex_unlock(&t->lock);
    return found;
}

/* ---- what OpenSSL calls */

static void call_free(void *parent, void *at, CRYPTO_EX_DATA *data, int index, long number,
                      void *pointer)
{
    struct call *c = at;
    if (!c)
        return;
    tls_sessions_unref(&c->sessions);
    buffer_free(&c->key);
    free(c);
}

static void make_index(void)
{
    call_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, call_free);
    if (call_index < 0)
        abort(); /* out of memory */
}

/* A copy is kept: OpenSSL spoils the session of a connection that ends without a close_notify, for
 * which there has been no reason since TLS 1.1 (RFC 5246 7.2.1). 0: the session stays OpenSSL's. */
static int session_is_new(SSL *ssl, SSL_SESSION *session)
{
    struct call *c = SSL_get_ex_data(ssl, call_index);
    if (!c || !SSL_SESSION_is_resumable(session))
        return 0;
    bool is_again = SSL_session_reused(ssl) && c->since;
    SSL_SESSION *copy = SSL_SESSION_dup(session);
    if (copy)
        keep(c, copy, is_again ? c->since : clock_monotonic_ms());
    return 0;
}

/* ---- the whole */

struct tls_sessions *tls_sessions_new(void)
{
    struct tls_sessions *t = memory_new(sizeof *t);
    pthread_once(&once, make_index);
    atomic_store(&t->references, 1);
    pthread_mutex_init(&t->lock, NULL);
    list_init(&t->used);
    return t;
}

void tls_sessions_unref(struct tls_sessions **sessions)
{
    struct tls_sessions *t = *sessions;
    *sessions = NULL;
    if (!t || atomic_fetch_sub(&t->references, 1) > 1)
        return;
    while (!list_is_empty(&t->used))
        server_free(t, LIST_ENTRY(t->used.next, struct server, link));
    map_free(&t->by_key);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

void tls_sessions_use(SSL_CTX *c)
{
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(c, session_is_new);
}

static void add_part(struct buffer *key, struct span part)
{
    buffer_printf(key, "%zu:", part.len);
    buffer_add_span(key, part);
}

/* All that is demanded of the session, and whose it is. */
static void write_key(struct buffer *key, int fd, const struct tls_wish *w)
{
    struct sockaddr_storage peer = {0};
    socklen_t len = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &len) != 0 || len > sizeof peer)
        len = 0;
    buffer_printf(key, "%d%d", w->proof, w->is_noted_only);
    add_part(key, span_make(&peer, len));
    add_part(key, w->name);
    add_part(key, w->other_name);
    for (size_t i = 0; i < w->record_count; i++)
        add_part(key, w->records[i]);
}

void tls_sessions_begin(struct tls_sessions *t, SSL *ssl, int fd, const struct tls_wish *w)
{
    struct call *c = memory_new(sizeof *c);
    atomic_fetch_add(&t->references, 1);
    c->sessions = t;
    write_key(&c->key, fd, w);
    SSL_SESSION *session = take(c);
    if (session) {
        SSL_set_session(ssl, session);
        SSL_SESSION_free(session); /* the connection has a reference of its own */
    }
    if (SSL_set_ex_data(ssl, call_index, c) != 1)
        abort(); /* out of memory */
}
