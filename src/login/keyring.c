/* The text of the file stays in memory as it is, outside of core files, and few lines stand in it:
 * each question looks at them in turn. */
#include "login/keyring.h"

#include "address/file_marks.h"
#include "base/map.h"
#include "base/memory.h"
#include "login/next_hop_line.h"
#include "sasl/bearer.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/secret.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { LARGEST = 1024 * 1024, LOOK_EVERY = 1000 /* ms */ };

/* A login that the server did not take. */
struct refusal {
    int64_t until;
    unsigned count;
    struct buffer name, words;
};

struct keyring {
    atomic_size_t references;
    const struct options *options; /* a reference */
    struct error closed;           /* why nothing is found; "": it is open */
    pthread_mutex_t lock;          /* for what follows */
    struct secret text;
    struct file_marks marks;
    int64_t looked_ms;
    struct map refusals; /* by "host:port name" */
};

/* ---- the file */

static const char *path_of(const struct keyring *k)
{
    return k->options->next_hop_logins.at;
}

static bool next_line(struct span *rest, size_t *number, struct next_hop_line *l, struct error *e)
{
    while (rest->len) {
        int found = next_hop_line_parse(span_cut(rest, '\n'), l, e);
        ++*number;
        if (found)
            return found > 0;
    }
    l->host = SPAN_NONE;
    return false;
}

static bool check(const struct keyring *k, struct span text, struct error *e)
{
    struct next_hop_line l;
    struct error why = {""};
    size_t number = 0;
    while (next_line(&text, &number, &l, &why))
        ;
    return !why.text[0] || error_set(e, "%s:%zu: %s", path_of(k), number, why.text);
}

static bool find(struct span text, const struct target *t, struct next_hop_line *l)
{
    struct error never;
    size_t number = 0;
    while (next_line(&text, &number, l, &never))
        if (next_hop_line_is_for(l, t->server.host, t->server.port, t->login))
            return true;
    return false;
}

static bool has_none(const struct keyring *k, const struct target *t, struct error *e)
{
    return error_set(e,
                     "%s has no password of %.*s for %.*s, as whom a route logs in there; add a "
                     "line: %.*s %.*s PASSWORD",
                     path_of(k), SPAN_F(t->login), SPAN_F(t->server.host), SPAN_F(t->server.host),
                     SPAN_F(t->login));
}

static bool check_routes(const struct keyring *k, struct span text, struct error *e)
{
    struct next_hop_line l;
    for (size_t i = 0; i < k->options->route_count; i++) {
        const struct target *t = &k->options->routes[i].target;
        if (t->login.len && !find(text, t, &l))
            return has_none(k, t, e);
    }
    return true;
}

static bool read_file(const struct keyring *k, struct file_marks *marks, struct secret *text,
                      struct error *e)
{
    file_marks_add(marks, path_of(k));
    if (!secret_read(text, path_of(k), LARGEST, e))
        return false;
    return check(k, secret_span(text), e) && check_routes(k, secret_span(text), e);
}

static void forget_refusals(struct keyring *k)
{
    size_t i = 0;
    for (struct refusal *r; (r = map_next(&k->refusals, &i));) {
        buffer_free(&r->name);
        buffer_free(&r->words);
        free(r);
    }
    map_free(&k->refusals);
    k->refusals = MAP_EMPTY;
}

/* With the lock held. What can't be read leaves all as it was. */
static void refresh(struct keyring *k)
{
    struct file_marks marks = {0};
    struct secret text = {0};
    struct error e;
    int64_t now = clock_monotonic_ms();
    if (now - k->looked_ms < LOOK_EVERY)
        return;
    k->looked_ms = now;
    if (!file_marks_changed(&k->marks))
        return;
    if (read_file(k, &marks, &text, &e)) {
        log_message(LOG_LEVEL_INFO, "next-hop-logins-read",
                    "the passwords for next hops have changed and were read again");
        secret_free(&k->text);
        k->text = text;
        forget_refusals(k);
    } else {
        log_message(LOG_LEVEL_ERROR, "next-hop-logins-unchanged",
                    "%s; the passwords known before stay", e.text);
        secret_free(&text);
    }
    file_marks_free(&k->marks);
    k->marks = marks;
}

/* ---- the whole */

static struct keyring *make(const struct options *o)
{
    struct keyring *k = memory_new(sizeof *k);
    atomic_store(&k->references, 1);
    pthread_mutex_init(&k->lock, NULL);
    k->options = options_ref(o);
    return k;
}

struct keyring *keyring_closed(const struct options *o, const struct error *why)
{
    struct keyring *k = make(o);
    k->closed = *why;
    return k;
}

struct keyring *keyring_new(const struct options *o, struct error *e)
{
    struct keyring *k = make(o);
    if (o->next_hop_logins.len && !read_file(k, &k->marks, &k->text, e))
        keyring_unref(&k);
    return k;
}

struct keyring *keyring_ref(struct keyring *k)
{
    atomic_fetch_add(&k->references, 1);
    return k;
}

void keyring_unref(struct keyring **keyring)
{
    struct keyring *k = *keyring;
    *keyring = NULL;
    if (!k || atomic_fetch_sub(&k->references, 1) > 1)
        return;
    forget_refusals(k);
    secret_free(&k->text);
    file_marks_free(&k->marks);
    options_unref(&k->options);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

/* ---- passwords */

/* A program renews it, so it is read each time. */
static bool read_token(struct span file, struct buffer *token, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    struct secret text = {0};
    buffer_add_span(&path, file);
    bool ok = secret_read(&text, buffer_text(&path), BEARER_LONGEST, e);
    struct span found = ok ? span_trim(secret_span(&text)) : SPAN_NONE;
    for (size_t i = 0; i < found.len; i++)
        ok = ok && found.at[i] > ' ' && found.at[i] <= '~';
    if (ok && found.len) {
        buffer_reserve(token, found.len);
        buffer_add_span(token, found);
    } else if (!e->text[0]) {
        ok = error_set(e, "there is no token in %s, or more than that", buffer_text(&path));
    }
    secret_free(&text);
    buffer_free(&path);
    return ok && token->len;
}

bool keyring_find(struct keyring *k, const struct target *t, struct buffer *secret, bool *is_token,
                  struct error *e)
{
    struct next_hop_line l;
    struct buffer file = BUFFER_EMPTY;
    *e = k->closed;
    if (e->text[0])
        return false;
    pthread_mutex_lock(&k->lock);
    if (k->options->next_hop_logins.len)
        refresh(k);
    bool ok = find(secret_span(&k->text), t, &l);
    if (ok) {
        buffer_reserve(secret, l.password.len);
        buffer_add_span(secret, l.password);
        buffer_add_span(&file, l.token_file);
    }
    pthread_mutex_unlock(&k->lock);
    *is_token = file.len > 0;
    if (!ok)
        has_none(k, t, e);
    else if (*is_token)
        ok = read_token(buffer_span(&file), secret, e);
    buffer_free(&file);
    return ok;
}

/* ---- refusals */

static void name_of(struct buffer *out, const struct target *t)
{
    endpoint_print(out, &t->server);
    buffer_printf(out, " %.*s", SPAN_F(t->login));
}

static struct refusal *refusal_of(struct keyring *k, const struct target *t)
{
    struct buffer name = BUFFER_EMPTY;
    name_of(&name, t);
    struct refusal *r = map_get_text(&k->refusals, buffer_span(&name));
    buffer_free(&name);
    return r;
}

int64_t keyring_refused(struct keyring *k, const struct target *t, struct span words, int64_t now)
{
    pthread_mutex_lock(&k->lock);
    struct refusal *r = refusal_of(k, t);
    if (!r) {
        r = memory_new(sizeof *r);
        name_of(&r->name, t);
        map_set_text(&k->refusals, buffer_span(&r->name), r);
    }
    int64_t rest = KEYRING_FIRST_REST;
    for (unsigned i = 0; i < r->count && rest < KEYRING_LONGEST_REST; i++)
        rest *= 2;
    rest = rest < KEYRING_LONGEST_REST ? rest : KEYRING_LONGEST_REST;
    if (now >= r->until) { /* several at once count as one */
        r->count++;
        r->until = now + rest;
    }
    rest = r->until - now;
    buffer_clear(&r->words);
    buffer_add_span(&r->words, words);
    pthread_mutex_unlock(&k->lock);
    return rest;
}

void keyring_accepted(struct keyring *k, const struct target *t)
{
    pthread_mutex_lock(&k->lock);
    struct refusal *r = refusal_of(k, t);
    if (r) {
        map_remove_text(&k->refusals, buffer_span(&r->name));
        buffer_free(&r->name);
        buffer_free(&r->words);
        free(r);
    }
    pthread_mutex_unlock(&k->lock);
}

int64_t keyring_rests(struct keyring *k, const struct target *t, int64_t now, struct buffer *words)
{
    pthread_mutex_lock(&k->lock);
    if (refusal_of(k, t) && !k->closed.text[0])
        refresh(k);
    struct refusal *r = refusal_of(k, t);
    int64_t rest = r && r->until > now ? r->until - now : 0;
    if (rest)
        buffer_add_span(words, buffer_span(&r->words));
    pthread_mutex_unlock(&k->lock);
    return rest;
}
