/* TLS of sessions. While the handshake goes on, the session does nothing and hears nothing; what
 * was said before is forgotten with it (smtp/server_tls.c). */
#include "base/memory.h"
#include "outcome/counts.h"
#include "receive/inside.h"
#include "sys/log.h"
#include "sys/tally.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATIENCE = 60000 /* ms */ };

/* One that comes by ACME. It may not have come yet, or be broken, as after a power cut: that does
 * not keep the server from starting, for it comes anew. */
static bool find_acme(const struct options *o, size_t i, struct tls_files *f, struct arena *a)
{
    struct acme_files files =
        acme_files(o->state, o->acme_directory, o->acme_certificates[i].names[0], a);
    struct error e;
    *f = (struct tls_files){files.certificate, files.key};
    if (access(arena_text(a, files.certificate), F_OK) != 0)
        return false;
    bool is_fine = tls_files_are_usable(f, &e);
    if (!is_fine)
        log_message(LOG_LEVEL_WARNING, "certificate-unusable", "%s; a new one is asked for",
                    e.text);
    return is_fine;
}

bool receive_load_certificates(const struct options *o, struct tls_context **to, struct error *e)
{
    size_t count = o->tls_certificate_count, most = count + o->acme_certificate_count;
    struct arena a = ARENA_EMPTY;
    struct tls_files *files = memory_new((most + 1) * sizeof *files);
    for (size_t i = 0; i < count; i++)
        files[i] = (struct tls_files){o->tls_certificates[i].file, o->tls_certificates[i].key};
    for (size_t i = 0; i < o->acme_certificate_count; i++)
        count += find_acme(o, i, &files[count], &a);
    *to = count ? tls_server_new(files, count, o->trusted_certificate_count > 0, e) : NULL;
    free(files);
    arena_clear(&a);
    return *to != NULL || !count;
}

static void has_failed(struct session *s, struct span why)
{
    struct buffer client = BUFFER_EMPTY;
    tally_add(COUNT_TLS_FAILED, 1);
    arrival_add_client(&client, s);
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "tls-failed");
    log_line_text(line, "client", buffer_span(&client));
    log_line_text(line, "text", why);
    log_end();
    buffer_free(&client);
    session_free(s);
}

static bool shows_trusted_certificate(const struct session *s)
{
    const struct options *o = s->entrance->options;
    char fingerprint[TLS_FINGERPRINT + 1];
    if (!o->trusted_certificate_count || !tls_fingerprint(s->tls, fingerprint))
        return false;
    for (size_t i = 0; i < o->trusted_certificate_count; i++)
        if (span_equal(o->trusted_certificates[i], span_of(fingerprint)))
            return true;
    return false;
}

static void is_done(void *arg, const struct error *why)
{
    struct session *s = arg;
    if (why) {
        has_failed(s, span_of(why->text));
        return;
    }
    tally_add(tls_is_resumed(s->tls) ? COUNT_TLS_RESUMED : COUNT_TLS_NEW, 1);
    watch_start(s->receiver->loop, &s->watch, stream_events(s->tls, EPOLLIN));
    server_secured(s->server);
    if (shows_trusted_certificate(s)) {
        s->has_trusted_certificate = true;
        s->is_trusted = !s->entrance->at->is_submission; /* there one logs in */
        server_set_rights(s->server, s->is_trusted, s->may_xclient);
    }
    login_begin(s);
    if (entrance_is_implicit(s->entrance))
        arrival_is_secure(s);
    else
        session_set_deadline(s);
}

void securing_begin(struct session *s)
{
    struct receiver *r = s->receiver;
    assert(!s->tls && !s->out.len && !s->input.len);
    watch_stop(r->loop, &s->watch);
    s->tls = tls_serve(s->entrance->tls, s->watch.fd);
    s->deadline = loop_now(r->loop) + PATIENCE;
    timer_set(r->loop, &s->timer, s->deadline);
    tls_shake_hands(s->tls, r->loop, r->house->settings.handshakers, (struct tls_done){is_done, s});
}

bool securing_is_under_way(const struct session *s)
{
    return s->tls && !tls_is_ready(s->tls);
}

void securing_takes_too_long(struct session *s)
{
    has_failed(s, SPAN("the client has not ended the handshake in time"));
}

struct span securing_words(const struct session *s, struct buffer *to)
{
    bool is_of_client = s->tls && !(s->front && s->front->has_told);
    if (is_of_client)
        buffer_printf(to, "%s %s", tls_version(s->tls), tls_cipher(s->tls));
    return buffer_span(to);
}
