/* Both sides of TLS in one loop, over a pair of sockets, with certificates that are made here. */
#include "base/test.h"

#include "base/buffer.h"
#include "base/list.h"
#include "sys/tls.h"

#include <errno.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/plainpost-tls-XXXXXX";

static const char *path(const char *name)
{
    static char paths[4][100];
    static size_t turn;
    char *to = paths[turn++ % 4];
    snprintf(to, sizeof paths[0], "%s/%s", directory, name);
    return to;
}

static void add_extension(X509 *certificate, int which, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, which, value);
    assert_non_null(e);
    X509_add_ext(certificate, e, -1);
    X509_EXTENSION_free(e);
}

/* Its own issuer. `names`: "DNS:mx.example.org,IP:192.0.2.1" */
static void make_certificate(const char *name, const char *names)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    char file[40];
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    add_extension(certificate, NID_subject_alt_name, names);
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    snprintf(file, sizeof file, "%s.pem", name);
    FILE *f = fopen(path(file), "w");
    assert_non_null(f);
    PEM_write_X509(f, certificate);
    fclose(f);
    snprintf(file, sizeof file, "%s.key", name);
    f = fopen(path(file), "w");
    assert_non_null(f);
    PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
    fclose(f);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(path(name), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int make_all(void **state)
{
    assert_non_null(mkdtemp(directory));
    make_certificate("one", "DNS:mx.example.org");
    make_certificate("two", "DNS:*.example.net,IP:192.0.2.1");
    write_file("nothing.pem", "nothing\n");
    return 0;
}

static int remove_all(void **state)
{
    static const char *const names[] = {"one.pem", "one.key", "two.pem", "two.key", "nothing.pem"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        unlink(path(names[i]));
    return rmdir(directory);
}

static struct tls_context *serve_both(bool asks)
{
    struct error e;
    const struct tls_files files[] = {{span_of(path("one.pem")), span_of(path("one.key"))},
                                      {span_of(path("two.pem")), span_of(path("two.key"))}};
    struct tls_context *c = tls_server_new(files, 2, asks, &e);
    if (!c)
        fail_msg("%s", e.text);
    return c;
}

static struct tls_context *trust(const char *authorities)
{
    struct error e;
    struct tls_context *c = tls_client_new(span_of(path(authorities)), &e);
    if (!c)
        fail_msg("%s", e.text);
    return c;
}

/* ---- a connection */

struct side {
    struct pair *pair;
    struct watch watch;
    struct tls *tls;
    bool is_done;
    struct error why; /* "": it is secure */
};

struct pair {
    struct loop *loop;
    struct workers *workers;
    struct side server, client;
    size_t expected; /* bytes, by read_some */
};

static void side_done(void *arg, const struct error *why)
{
    struct side *s = arg;
    s->is_done = true;
    s->why = why ? *why : (struct error){{0}};
    if (s->pair->server.is_done && s->pair->client.is_done)
        loop_stop(s->pair->loop);
    if (why) /* the other side must hear of it, or would wait */
        shutdown(s->watch.fd, SHUT_RDWR);
}

static struct pair *pair_new(void)
{
    struct pair *p = calloc(1, sizeof *p);
    struct error e;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    p->loop = loop_new(&e);
    p->workers = workers_new(2);
    p->server = (struct side){.pair = p, .watch.fd = fds[0]};
    p->client = (struct side){.pair = p, .watch.fd = fds[1]};
    return p;
}

static void shake(struct side *s)
{
    tls_shake_hands(s->tls, s->pair->loop, s->pair->workers, (struct tls_done){side_done, s});
}

static struct pair *connect_wishing(struct tls_context *to, struct tls_context *from,
                                    const struct tls_wish *w)
{
    struct pair *p = pair_new();
    p->server.tls = tls_serve(to, p->server.watch.fd);
    p->client.tls = tls_call(from, p->client.watch.fd, w);
    shake(&p->server);
    shake(&p->client);
    loop_run(p->loop);
    return p;
}

static struct pair *connect_both(struct tls_context *to, struct tls_context *from, const char *name,
                                 bool verified)
{
    const struct tls_wish w = {.name = span_of(name),
                               .proof = verified ? TLS_PROOF_AUTHORITY : TLS_PROOF_NONE};
    return connect_wishing(to, from, &w);
}

static void pair_free(struct pair *p)
{
    stream_close(p->loop, &p->server.watch, &p->server.tls);
    stream_close(p->loop, &p->client.watch, &p->client.tls);
    workers_free(&p->workers);
    loop_stop(p->loop);
    loop_run(p->loop); /* what the workers have posted */
    loop_free(&p->loop);
    free(p);
}

static void read_some(struct watch *w, uint32_t events)
{
    static char room[TLS_RECORD];
    struct side *s = LIST_ENTRY(w, struct side, watch);
    ssize_t n = stream_recv(w->fd, s->tls, room, sizeof room);
    assert_true(n > 0 || errno == EAGAIN);
    s->pair->expected -= n > 0 ? (size_t)n : 0;
    watch_change(s->pair->loop, w, stream_events(s->tls, EPOLLIN));
    if (!s->pair->expected)
        loop_stop(s->pair->loop);
}

/* ---- tests */

static void the_name_chooses_the_certificate_and_is_verified(void **state)
{
    static const struct {
        const char *authorities, *name;
        const char *why; /* "": it is trusted */
    } cases[] = {
        {"one.pem", "mx.example.org", ""},
        {"two.pem", "mail.example.net", ""},
        {"two.pem", "MAIL.Example.Net", ""},
        {"two.pem", "a.mail.example.net", "certificate is not trusted"}, /* it gets the first */
        {"one.pem", "other.example.com", "hostname mismatch"},
        {"two.pem", "mx.example.org", "self-signed certificate"},
        {"one.pem", "192.0.2.1", "IP address mismatch"},
    };
    struct tls_context *to = serve_both(false);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tls_context *from = trust(cases[i].authorities);
        struct pair *p = connect_both(to, from, cases[i].name, true);
        const char *why = p->client.why.text;
        if (!cases[i].why[0] ? why[0] != 0 : !strstr(why, cases[i].why))
            fail_msg("%s: \"%s\"", cases[i].name, why);
        pair_free(p);
        p = connect_both(to, from, cases[i].name, false);
        assert_string_equal(p->client.why.text, "");
        assert_string_equal(p->server.why.text, "");
        assert_string_equal(tls_version(p->client.tls), "TLS1.3");
        pair_free(p);
        tls_context_unref(&from);
    }
    tls_context_unref(&to);
}

static void link_by_hash(const char *name)
{
    char file[40], target[40];
    snprintf(file, sizeof file, "%s.pem", name);
    FILE *f = fopen(path(file), "r");
    assert_non_null(f);
    X509 *certificate = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    snprintf(target, sizeof target, "../%s", file);
    snprintf(file, sizeof file, "hashed/%08lx.0", X509_subject_name_hash(certificate));
    assert_int_equal(symlink(target, path(file)), 0);
    X509_free(certificate);
}

static void copy_into(const char *file, const char *name)
{
    char command[300];
    snprintf(command, sizeof command, "cat %s >> %s", path(name), path(file));
    assert_int_equal(system(command), 0);
}

static bool is_trusted(struct tls_context *to, struct tls_context *from, const char *name)
{
    struct pair *p = connect_both(to, from, name, true);
    bool is = !p->client.why.text[0];
    pair_free(p);
    return is;
}

/* By hash where there are links for all: then what is gone is not trusted any more. */
static void of_whom_the_system_trusts_those_are_read_who_are_needed(void **state)
{
    enum { ONE = 1, TWO = 2 };
    static const struct {
        unsigned links, file; /* of whom */
        bool has_broken_link;
        unsigned trusted, read; /* at once */
    } cases[] = {
        {ONE | TWO, ONE | TWO, false, ONE | TWO, 0},
        {ONE | TWO, ONE, false, ONE | TWO, 0},
        {ONE, 0, false, ONE, 0},
        {ONE, ONE | TWO, false, ONE | TWO, ONE | TWO}, /* there is not a link for all */
        {ONE, ONE | TWO, true, ONE | TWO, ONE | TWO},
        {0, ONE | TWO, false, ONE | TWO, ONE | TWO},
        {0, TWO, true, TWO, TWO},
        {0, 0, false, 0, 0},
    };
    struct tls_context *to = serve_both(false);
    setenv("SSL_CERT_DIR", path("hashed"), 1);
    setenv("SSL_CERT_FILE", path("all.pem"), 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static const char *const names[] = {"mx.example.org", "mail.example.net"};
        struct error e;
        char command[300];
        assert_int_equal(mkdir(path("hashed"), 0700), 0);
        for (unsigned k = 0; k < 2; k++) {
            if (cases[i].links & 1U << k)
                link_by_hash(k ? "two" : "one");
            if (cases[i].file & 1U << k)
                copy_into("all.pem", k ? "two.pem" : "one.pem");
        }
        if (cases[i].has_broken_link)
            assert_int_equal(symlink("gone.pem", path("hashed/0123abcd.0")), 0);
        /* Of two: one is for the look, and the other for the look when all is gone. */
        struct tls_context *from = tls_client_new(SPAN_NONE, &e),
                           *later = tls_client_new(SPAN_NONE, &e);
        assert_non_null(from);
        assert_non_null(later);
        unsigned trusted = 0, read = 0;
        for (unsigned k = 0; k < 2; k++)
            trusted |= (unsigned)is_trusted(to, from, names[k]) << k;
        snprintf(command, sizeof command, "rm -rf %s %s", path("hashed"), path("all.pem"));
        assert_int_equal(system(command), 0);
        for (unsigned k = 0; k < 2; k++) {
            read |= (unsigned)is_trusted(to, later, names[k]) << k;
            assert_int_equal(is_trusted(to, from, names[k]), trusted >> k & 1U);
        }
        if (trusted != cases[i].trusted || read != cases[i].read)
            fail_msg("case %zu: %u, %u", i, trusted, read);
        tls_context_unref(&from);
        tls_context_unref(&later);
    }
    unsetenv("SSL_CERT_DIR");
    unsetenv("SSL_CERT_FILE");
    tls_context_unref(&to);
}

/* 1 MB each way, as much at a time as the sockets take. */
static void bytes_arrive_as_they_were(void **state)
{
    enum { ALL = 1 << 20 };
    struct tls_context *to = serve_both(false), *from = trust("one.pem");
    struct pair *p = connect_both(to, from, "mx.example.org", true);
    char *sent = malloc(ALL), *room = malloc(4 * TLS_RECORD);
    for (size_t i = 0; i < ALL; i++)
        sent[i] = (char)(i * 7 + i / 251);
    for (int turn = 0; turn < 2; turn++) {
        struct side *a = turn ? &p->server : &p->client, *b = turn ? &p->client : &p->server;
        size_t out = 0, in = 0;
        while (in < ALL) {
            ssize_t n = out < ALL ? stream_send(a->watch.fd, a->tls, sent + out, ALL - out, 0) : 0;
            assert_true(n >= 0 || errno == EAGAIN);
            out += n > 0 ? (size_t)n : 0;
            n = stream_recv(b->watch.fd, b->tls, room, 4 * TLS_RECORD);
            assert_true(n > 0 || errno == EAGAIN);
            if (n > 0)
                assert_memory_equal(room, sent + in, (size_t)n);
            in += n > 0 ? (size_t)n : 0;
        }
    }
    stream_ends(p->client.tls);
    assert_int_equal(stream_recv(p->server.watch.fd, p->server.tls, room, TLS_RECORD), 0);
    free(sent);
    free(room);
    pair_free(p);
    tls_context_unref(&to);
    tls_context_unref(&from);
}

/* There is room for one record at a time, and several are read ahead. */
static void nothing_stays_inside(void **state)
{
    enum { MOST_RECORDS = 20, LEN = 1000 };
    static char bytes[LEN];
    struct tls_context *to = serve_both(false), *from = trust("one.pem");
    struct pair *p = connect_both(to, from, "mx.example.org", true);
    p->server.watch.ready = read_some;
    watch_start(p->loop, &p->server.watch, stream_events(p->server.tls, EPOLLIN));
    alarm(20);
    for (size_t count = 1; count <= MOST_RECORDS; count++) {
        for (size_t i = 0; i < count; i++)
            assert_int_equal(stream_send(p->client.watch.fd, p->client.tls, bytes, LEN, 0), LEN);
        p->expected = count * LEN;
        loop_run(p->loop); /* until all of it was read */
        assert_int_equal(p->expected, 0);
    }
    alarm(0);
    pair_free(p);
    tls_context_unref(&to);
    tls_context_unref(&from);
}

static void a_peer_that_speaks_no_tls_is_told_of(void **state)
{
    struct tls_context *to = serve_both(false);
    struct pair *p = pair_new();
    p->server.tls = tls_serve(to, p->server.watch.fd);
    p->client.is_done = true;
    assert_int_equal(send(p->client.watch.fd, "EHLO x\r\n", 8, 0), 8);
    shake(&p->server);
    loop_run(p->loop);
    assert_non_null(strstr(p->server.why.text, "wrong version number"));
    pair_free(p);
    tls_context_unref(&to);
}

/* A TLSA record of this certificate's key (3 1 1), in `to`. */
static struct span record_of(const char *file, unsigned char to[3 + 32])
{
    unsigned char *key = NULL;
    FILE *f = fopen(path(file), "r");
    assert_non_null(f);
    X509 *certificate = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
    assert_true(len > 0);
    memcpy(to, "\3\1\1", 3);
    assert_true(EVP_Digest(key, (size_t)len, to + 3, NULL, EVP_sha256(), NULL));
    OPENSSL_free(key);
    X509_free(certificate);
    return span_make(to, 3 + 32);
}

/* The server has one.pem, for mx.example.org. */
static void a_proof_is_demanded_or_noted(void **state)
{
    unsigned char bytes[2][3 + 32];
    struct span right = record_of("one.pem", bytes[0]), wrong = record_of("two.pem", bytes[1]);
    const struct {
        const char *name;
        enum tls_proof proof;
        bool is_noted_only;
        struct span *record;
        bool is_secure;
        enum tls_flaw flaw;
    } cases[] = {
        {"mx.example.org", TLS_PROOF_DANE, false, &right, true, TLS_FLAW_NONE},
        {"no.such.name", TLS_PROOF_DANE, false, &right, true, TLS_FLAW_NONE},
        {"mx.example.org", TLS_PROOF_DANE, false, &wrong, false, TLS_FLAW_TRUST},
        {"mx.example.org", TLS_PROOF_DANE, true, &wrong, true, TLS_FLAW_TRUST},
        {"mx.example.org", TLS_PROOF_AUTHORITY, false, NULL, true, TLS_FLAW_NONE},
        {"no.such.name", TLS_PROOF_AUTHORITY, false, NULL, false, TLS_FLAW_NAME},
        {"no.such.name", TLS_PROOF_AUTHORITY, true, NULL, true, TLS_FLAW_NAME},
        {"no.such.name", TLS_PROOF_NONE, false, NULL, true, TLS_FLAW_TRUST},
    };
    struct tls_context *to = serve_both(false), *from = trust("one.pem");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct tls_wish w = {.name = span_of(cases[i].name),
                                   .proof = cases[i].proof,
                                   .is_noted_only = cases[i].is_noted_only,
                                   .records = cases[i].record,
                                   .record_count = cases[i].record != NULL};
        struct pair *p = connect_wishing(to, from, &w);
        if (tls_is_ready(p->client.tls) != cases[i].is_secure ||
            tls_flaw(p->client.tls) != cases[i].flaw)
            fail_msg("case %zu: %s, %s", i, p->client.why.text, tls_flaw_words(p->client.tls));
        pair_free(p);
    }
    tls_context_unref(&to);
    tls_context_unref(&from);
}

/* The client looks for tickets when it reads. */
static bool is_begun_again(struct tls_context *to, struct tls_context *from,
                           const struct tls_wish *w, enum tls_flaw *flaw)
{
    static char room[TLS_RECORD];
    struct pair *p = connect_wishing(to, from, w);
    assert_true(tls_is_ready(p->client.tls));
    assert_true(stream_recv(p->client.watch.fd, p->client.tls, room, sizeof room) < 0);
    bool is = tls_is_resumed(p->client.tls);
    assert_int_equal(tls_is_resumed(p->server.tls), is);
    *flaw = tls_flaw(p->client.tls);
    pair_free(p);
    return is;
}

/* What was not checked then is never taken for checked. */
static void a_session_is_begun_again_under_the_same_wish_alone(void **state)
{
    unsigned char bytes[2][3 + 32];
    struct span right = record_of("one.pem", bytes[0]), both[2] = {right};
    both[1] = record_of("two.pem", bytes[1]);
    const struct {
        struct tls_wish wish;
        enum tls_flaw flaw;
    } wishes[] = {
        {{SPAN("mx.example.org"), TLS_PROOF_NONE}, TLS_FLAW_TRUST},
        {{SPAN("mx2.example.org"), TLS_PROOF_NONE}, TLS_FLAW_TRUST},
        {{SPAN("mx.example.org"), TLS_PROOF_AUTHORITY}, TLS_FLAW_NONE},
        {{SPAN("mx2.example.org"), TLS_PROOF_AUTHORITY, true}, TLS_FLAW_NAME},
        {{SPAN("mx.example.org"), TLS_PROOF_DANE, .records = &right, .record_count = 1},
         TLS_FLAW_NONE},
        {{SPAN("mx.example.org"), TLS_PROOF_DANE, .records = both, .record_count = 2},
         TLS_FLAW_NONE},
        {{SPAN("mx.example.org"), TLS_PROOF_DANE, true, .records = &both[1], .record_count = 1},
         TLS_FLAW_TRUST},
    };
    struct tls_context *to = serve_both(false);
    for (size_t i = 0; i < COUNT_OF(wishes); i++)
        for (size_t j = 0; j < COUNT_OF(wishes); j++) {
            struct tls_context *from = trust("one.pem");
            enum tls_flaw flaw;
            assert_false(is_begun_again(to, from, &wishes[i].wish, &flaw));
            bool is = is_begun_again(to, from, &wishes[j].wish, &flaw);
            if (is != (i == j) || flaw != wishes[j].flaw)
                fail_msg("%zu after %zu: %d, %d", j, i, is, flaw);
            tls_context_unref(&from);
        }
    tls_context_unref(&to);
}

/* Each ticket is used once, and brings the next; without one it begins anew. */
static void a_ticket_is_used_once(void **state)
{
    const struct tls_wish w = {.name = SPAN("mx.example.org"), .proof = TLS_PROOF_AUTHORITY};
    struct tls_context *to = serve_both(false), *from = trust("one.pem");
    enum tls_flaw flaw;
    for (int i = 0; i < 4; i++)
        if (is_begun_again(to, from, &w, &flaw) != (i > 0))
            fail_msg("connection %d", i);
    struct pair *p = connect_wishing(to, from, &w), *second = connect_wishing(to, from, &w);
    assert_true(tls_is_resumed(p->client.tls));
    assert_false(tls_is_resumed(second->client.tls));
    tls_context_unref(&from); /* before the connections, whose tickets are still to come */
    static char room[TLS_RECORD];
    stream_recv(p->client.watch.fd, p->client.tls, room, sizeof room);
    pair_free(p);
    pair_free(second);
    tls_context_unref(&to);
}

/* While it waits for the peer, and (mostly) while a worker is at it. */
static void a_handshake_can_be_given_up(void **state)
{
    struct tls_context *to = serve_both(false), *from = trust("one.pem");
    for (int i = 0; i < 20; i++) {
        struct pair *p = pair_new();
        const struct tls_wish w = {.name = SPAN("mx.example.org")};
        p->client.tls = tls_call(from, p->client.watch.fd, &w);
        p->server.tls = tls_serve(to, p->server.watch.fd);
        shake(&p->server);
        shake(&p->client);
        pair_free(p);
    }
    tls_context_unref(&to);
    tls_context_unref(&from);
}

static void wrong_files_are_told_of(void **state)
{
    static const struct {
        const char *certificate, *key, *words;
    } cases[] = {
        {"none.pem", "", "the certificate in "},
        {"none.pem", "", "No such file"},
        {"nothing.pem", "", "no certificate is in "},
        {"one.pem", "", "name that one behind the certificate"},
        {"one.pem", "nothing.pem", "no private key is in "},
        {"one.pem", "two.key", "does not belong to the certificate in "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e;
        const struct tls_files files = {span_of(path(cases[i].certificate)),
                                        cases[i].key[0] ? span_of(path(cases[i].key)) : SPAN_NONE};
        assert_null(tls_server_new(&files, 1, false, &e));
        if (!strstr(e.text, cases[i].words))
            fail_msg("%s %s: %s", cases[i].certificate, cases[i].key, e.text);
    }
    struct error e;
    assert_null(tls_client_new(span_of(path("nothing.pem")), &e));
    assert_non_null(strstr(e.text, "no certificates are in "));
}

static void certificates_say_when_they_end(void **state)
{
    struct tls_context *c = serve_both(false);
    int64_t now = (int64_t)time(NULL) * 1000;
    assert_int_equal(tls_certificate_count(c), 2);
    assert_true(tls_certificate_at(c, 1)->ends_ms > now);
    assert_true(tls_certificate_at(c, 1)->ends_ms <= now + 3600 * 1000);
    assert_string_equal(tls_certificate_at(c, 1)->file, path("two.pem"));
    assert_int_equal(tls_certificate_count(NULL), 0);
    tls_context_unref(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_chooses_the_certificate_and_is_verified),
        cmocka_unit_test(of_whom_the_system_trusts_those_are_read_who_are_needed),
        cmocka_unit_test(a_proof_is_demanded_or_noted),
        cmocka_unit_test(a_session_is_begun_again_under_the_same_wish_alone),
        cmocka_unit_test(a_ticket_is_used_once),
        cmocka_unit_test(bytes_arrive_as_they_were),
        cmocka_unit_test(nothing_stays_inside),
        cmocka_unit_test(a_peer_that_speaks_no_tls_is_told_of),
        cmocka_unit_test(a_handshake_can_be_given_up),
        cmocka_unit_test(wrong_files_are_told_of),
        cmocka_unit_test(certificates_say_when_they_end),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
