/* A question is answered by a worker, straight down. Before the logins are asked it is seen, at
 * most once a second, whether their file has changed. A name that there is not gets the work of
 * some that there is, so that its answer takes as long. */
#include "login/gate.h"

#include "address/file_marks.h"
#include "base/list.h"
#include "base/memory.h"
#include "login/dovecot.h"
#include "login/logins.h"
#include "login/pam.h"
#include "login/password.h"
#include "login/places.h"
#include "login/token.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/net.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <xxhash.h>

enum {
    HASHING_THREADS = 2, /* each takes the memory of a hash, 64 MB */
    ASKING_THREADS = 16, /* they mostly wait for another program */
    MOST_WAITING = 100,
    LOOK_EVERY = 1000, /* ms */
    DAY = 24 * 3600 * 1000
};

enum backend { BACKEND_NONE, BACKEND_TABLE, BACKEND_DOVECOT, BACKEND_PAM };

struct gate {
    atomic_size_t references;
    const struct options *options; /* a reference */
    enum backend backend;
    unsigned char secret[LOGIN_SECRET];
    struct guessing *guessing; /* a reference */
    struct gate *before;     /* a reference: of the configuration before, as long as it is asked */
    struct workers *workers; /* NULL: it has ended, or knows nobody */
    atomic_size_t waiting;   /* questions that no worker has answered */
    atomic_size_t under_way; /* work that has not come back to its loop */
    atomic_bool ends;        /* what no worker has begun is not asked any more */
    pthread_mutex_t lock;    /* for what follows */
    struct logins *table;    /* passwords and senders, or senders alone; NULL: there is none */
    struct file_marks marks;
    int64_t looked_ms;
};

/* ---- the table */

static struct span table_path(const struct gate *g)
{
    return g->backend == BACKEND_TABLE ? g->options->logins : g->options->login_senders;
}

static struct logins *read_table(const struct gate *g, struct file_marks *marks, struct error *e)
{
    struct span path = table_path(g);
    bool is_database = span_starts(path, SPAN("sqlite:"));
    struct buffer name = BUFFER_EMPTY;
    buffer_add_span(&name, is_database ? span_skip(path, strlen("sqlite:")) : path);
    if (is_database)
        file_marks_add_database(marks, buffer_text(&name));
    else
        file_marks_add(marks, buffer_text(&name));
    struct logins *l = logins_read(path, g->options->logins_query, e);
    buffer_free(&name);
    return l;
}

/* With the lock held. What can't be read leaves the table as it was. */
static void refresh(struct gate *g)
{
    struct file_marks marks = {0};
    struct error e;
    int64_t now = clock_monotonic_ms();
    if (!g->table || now - g->looked_ms < LOOK_EVERY)
        return;
    g->looked_ms = now;
    if (!file_marks_changed(&g->marks))
        return;
    struct logins *fresh = read_table(g, &marks, &e);
    if (fresh) {
        log_message(LOG_LEVEL_INFO, "logins-read", "there are %zu logins now", logins_count(fresh));
        logins_unref(&g->table);
        g->table = fresh;
    } else {
        log_message(LOG_LEVEL_ERROR, "logins-unchanged", "%s; the logins known before stay",
                    e.text);
    }
    file_marks_free(&g->marks);
    g->marks = marks;
}

static struct logins *table_now(struct gate *g, bool looks)
{
    pthread_mutex_lock(&g->lock);
    if (looks)
        refresh(g);
    struct logins *l = g->table ? logins_ref(g->table) : NULL;
    pthread_mutex_unlock(&g->lock);
    return l;
}

bool gate_may_send(struct gate *g, struct span login, struct span address)
{
    struct login_line line;
    struct logins *l = table_now(g, false);
    bool is_there = l && logins_find(l, login, &line);
    bool may = login_may_send(is_there ? &line : NULL, login, address);
    logins_unref(&l);
    return may;
}

/* ---- answers */

/* The same number at all times for a name, in any case of its letters. */
static uint64_t number_of(const struct gate *g, struct span lower)
{
    uint64_t seed;
    memcpy(&seed, g->secret, sizeof seed);
    return XXH3_64bits_withSeed(lower.at, lower.len, seed);
}

static void find_password(struct gate *g, struct gate_question *q, const struct logins *l,
                          struct span lower)
{
    struct login_line line;
    bool is_known = logins_find(l, lower, &line) && line.hash.len;
    if (!is_known)
        line = logins_any(l, number_of(g, lower));
    bool is_right = password_is_right(&line, buffer_span(&q->secret)) && is_known;
    q->verdict = is_right ? GATE_IS_RIGHT : GATE_IS_WRONG;
    q->name_is_known = is_known;
    if (is_right)
        buffer_add_span(&q->login, line.name);
}

static void find_keys(struct gate *g, struct gate_question *q, const struct logins *l,
                      struct span lower)
{
    struct login_line line = {.keys = SPAN_NONE};
    struct scram_keys like = {.iterations = SCRAM_LEAST_ITERATIONS, .salt_len = SCRAM_SALT};
    bool is_known = logins_find(l, lower, &line) && line.keys.len;
    struct login_line another = logins_any(l, number_of(g, lower));
    if (another.keys.len)
        scram_keys_parse(&like, another.keys);
    scram_keys_fake(&q->keys, &like, span_make(g->secret, sizeof g->secret), lower);
    if (is_known)
        scram_keys_parse(&q->keys, line.keys);
    if (is_known)
        buffer_add_span(&q->login, line.name);
    q->verdict = is_known ? GATE_IS_RIGHT : GATE_IS_WRONG;
    q->name_is_known = is_known;
    sodium_memzero(&like, sizeof like);
}

static void ask_table(struct gate *g, struct gate_question *q)
{
    struct buffer lower = BUFFER_EMPTY;
    struct logins *l = table_now(g, true);
    for (size_t i = 0; i < q->name.len; i++)
        buffer_add_char(&lower, ascii_lower(q->name.at[i]));
    if (q->wish == GATE_KEYS)
        find_keys(g, q, l, buffer_span(&lower));
    else
        find_password(g, q, l, buffer_span(&lower));
    logins_unref(&l);
    buffer_free(&lower);
}

static void answer(struct work *w) /* in a worker */
{
    struct gate_question *q = LIST_ENTRY(w, struct gate_question, work);
    struct gate *g = q->gate;
    const struct login_asked who = {buffer_span(&q->name), buffer_span(&q->secret), q->mechanism,
                                    &q->client, q->is_safe};
    if (atomic_load(&g->ends)) {
        q->verdict = GATE_CANNOT_SAY;
        error_set(&q->error, "the server ends");
    } else if (q->wish == GATE_TOKEN)
        q->verdict = token_ask(g->options->token_checker, &who, &q->login, &q->error);
    else if (g->backend == BACKEND_DOVECOT)
        q->verdict = dovecot_ask(span_skip(g->options->logins, strlen("dovecot:")), &who, &q->login,
                                 &q->error);
    else if (g->backend == BACKEND_PAM)
        q->verdict =
            pam_ask(span_skip(g->options->logins, strlen("pam:")), &who, &q->login, &q->error);
    else
        ask_table(g, q);
    buffer_wipe(&q->secret);
    atomic_fetch_sub(&g->waiting, 1);
}

bool gate_ask(struct gate *g, struct gate_question *q)
{
    if (!g->workers)
        return false;
    if (atomic_fetch_add(&g->waiting, 1) >= MOST_WAITING) {
        atomic_fetch_sub(&g->waiting, 1);
        return false;
    }
    q->gate = gate_ref(g);
    q->work.call = answer;
    atomic_fetch_add(&g->under_way, 1);
    workers_submit(g->workers, &q->work);
    return true;
}

/* Its work has come back. */
static void come_back(struct gate **g)
{
    if (*g)
        atomic_fetch_sub(&(*g)->under_way, 1);
    gate_unref(g);
}

void gate_question_free(struct gate_question *q)
{
    buffer_wipe(&q->secret);
    buffer_free(&q->name);
    buffer_free(&q->login);
    explicit_bzero(&q->keys, sizeof q->keys);
    come_back(&q->gate);
}

/* ---- places */

struct place_note {
    struct work work;
    struct gate *gate; /* a reference */
    uint64_t place;
    unsigned day;
};

static void note_place(struct work *w) /* in a worker */
{
    struct place_note *n = LIST_ENTRY(w, struct place_note, work);
    places_note(n->gate->options->state, n->place, n->day);
}

static void place_noted(struct task *t)
{
    struct place_note *n = LIST_ENTRY(t, struct place_note, work.task);
    come_back(&n->gate);
    free(n);
}

void gate_note_place(struct gate *g, struct loop *l, uint64_t place, unsigned day)
{
    if (!g->workers)
        return;
    struct place_note *n = memory_new(sizeof *n);
    *n = (struct place_note){{{.run = place_noted}, l, note_place}, gate_ref(g), place, day};
    atomic_fetch_add(&g->under_way, 1);
    workers_submit(g->workers, &n->work);
}

/* ---- the whole */

static struct guessing_limits limits_of(const struct gate *g)
{
    const struct options *o = g->options;
    struct guessing_limits l = {.network = (unsigned)o->login_guesses_network,
                                .account = (unsigned)o->login_guesses_account,
                                .first_delay = o->login_delay};
    memcpy(l.key, g->secret + LOGIN_SECRET - sizeof l.key, sizeof l.key);
    return l;
}

static bool take_guessing(struct gate *g, struct gate *before, struct error *e)
{
    struct guessing_limits limits;
    if (before && before->guessing) {
        memcpy(g->secret, before->secret, sizeof g->secret);
        limits = limits_of(g);
        g->guessing = guessing_ref(before->guessing);
        guessing_set(g->guessing, &limits);
        return true;
    }
    if (!places_secret(g->options->state, g->secret, e))
        return false;
    limits = limits_of(g);
    g->guessing = guessing_new(&limits);
    return places_load(g->options->state, g->guessing, (unsigned)(clock_now_ms() / DAY), e);
}

static bool open_backend(struct gate *g, struct error *e)
{
    const struct options *o = g->options;
    if (sodium_init() < 0)
        return error_set(e, "libsodium can't be used here");
    if (o->logins.len)
        g->backend = span_starts(o->logins, SPAN("dovecot:")) ? BACKEND_DOVECOT
                     : span_starts(o->logins, SPAN("pam:"))   ? BACKEND_PAM
                                                              : BACKEND_TABLE;
    if (g->backend == BACKEND_PAM && !pam_is_there(e))
        return false;
    return !table_path(g).len || (g->table = read_table(g, &g->marks, e));
}

static bool open_gate(struct gate *g, struct gate *before, struct error *e)
{
    const struct options *o = g->options;
    if (!o->logins.len && !o->token_checker.len)
        return true;
    if (!open_backend(g, e))
        return false;
    g->workers = workers_new(g->backend == BACKEND_TABLE ? HASHING_THREADS : ASKING_THREADS);
    return take_guessing(g, before, e);
}

static struct gate *gate_of(const struct options *o)
{
    struct gate *g = memory_new(sizeof *g);
    atomic_store(&g->references, 1);
    pthread_mutex_init(&g->lock, NULL);
    g->options = options_ref(o);
    return g;
}

bool gate_check(const struct options *o, struct error *e)
{
    struct gate *g = gate_of(o);
    bool is_fine = open_backend(g, e);
    gate_unref(&g);
    return is_fine;
}

struct gate *gate_new(const struct options *o, struct gate *before, struct error *e)
{
    struct gate *g = gate_of(o);
    struct gate *asked = before;
    while (asked && !atomic_load(&asked->under_way))
        asked = asked->before;
    g->before = asked ? gate_ref(asked) : NULL;
    if (!open_gate(g, before, e))
        gate_unref(&g);
    return g;
}

void gate_end(struct gate *g)
{
    for (struct gate *each = g; each; each = each->before)
        atomic_store(&each->ends, true);
    for (; g; g = g->before)
        workers_free(&g->workers);
}

struct gate *gate_ref(struct gate *g)
{
    atomic_fetch_add(&g->references, 1);
    return g;
}

void gate_unref(struct gate **gate)
{
    struct gate *g = *gate;
    *gate = NULL;
    if (!g || atomic_fetch_sub(&g->references, 1) > 1)
        return;
    workers_free(&g->workers);
    gate_unref(&g->before);
    guessing_unref(&g->guessing);
    logins_unref(&g->table);
    file_marks_free(&g->marks);
    options_unref(&g->options);
    pthread_mutex_destroy(&g->lock);
    explicit_bzero(g->secret, sizeof g->secret);
    free(g);
}

bool gate_has(const struct gate *g, enum sasl_mechanism m)
{
    switch (m) {
    case SASL_PLAIN:
    case SASL_LOGIN:
        return g->backend != BACKEND_NONE;
    case SASL_SCRAM_SHA_256:
    case SASL_SCRAM_SHA_256_PLUS:
        return g->backend == BACKEND_TABLE;
    case SASL_OAUTHBEARER:
    case SASL_XOAUTH2:
        return g->options->token_checker.len > 0;
    case SASL_MECHANISMS:
        break;
    }
    return false;
}

struct guessing *gate_guessing(const struct gate *g)
{
    return g->guessing;
}
