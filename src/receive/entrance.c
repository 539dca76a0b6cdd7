/* Each loop has a TCP socket of its own, and the system spreads the connections among them. Of a
 * Unix socket, and of one that a service manager has handed down, there is one, of which each loop
 * has a duplicate descriptor; the last one to close a Unix socket of ours takes the name away. */
#include "receive/entrance.h"

#include "base/inet.h"
#include "base/memory.h"
#include "outcome/counts.h"
#include "sys/log.h"
#include "sys/net.h"
#include "sys/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- places */

static struct place *place_new(const struct listen *l, struct error *e)
{
    struct net_address at;
    if (l->socket.len && !net_address_unix(&at, l->socket)) {
        error_system(e, errno, "cannot listen on %.*s", SPAN_F(l->socket));
        return NULL;
    }
    if (!l->socket.len && !net_address_resolve(&at, l->at.host, l->at.port, e))
        return NULL;
    struct place *p = memory_new(sizeof *p);
    atomic_store(&p->references, 1);
    p->at = at;
    p->socket = -1;
    return p;
}

static void place_unref(struct place **place)
{
    struct place *p = *place;
    *place = NULL;
    if (p && atomic_fetch_sub(&p->references, 1) == 1)
        free(p);
}

static bool access_is_same(const struct listen *a, const struct listen *b)
{
    return a->mode == b->mode && span_equal(a->group, b->group);
}

/* The place where one of the others listens already; another mode or group is set at once. */
static bool take_place(struct entrance *x, struct entrance *const *others, size_t count,
                       struct error *e)
{
    const struct listen *l = x->at;
    x->place = place_new(l, e);
    for (size_t i = 0; x->place && i < count; i++) {
        struct place *there = others[i]->place;
        if (!net_address_equal(&there->at, &x->place->at))
            continue;
        place_unref(&x->place);
        atomic_fetch_add(&there->references, 1);
        x->place = there;
        return !l->socket.len || there->is_handed_down || access_is_same(l, others[i]->at) ||
               net_unix_access(l->socket.at, (unsigned)l->mode, l->group.at, e);
    }
    return x->place != NULL;
}

/* ---- entrances */

static void count_refusal(const struct reply *r)
{
    tally_add(count_of_refusal(r->code, r->status, r->text), 1);
}

void entrance_init(struct entrance *x, const struct options *o, size_t listen, bool has_tls)
{
    const struct listen *at = &o->listen[listen];
    *x = (struct entrance){.options = o, .at = at};
    x->server = (struct server_settings){
        .hostname = at->hostname.len ? at->hostname : o->hostname,
        .max_message_size = at->max_message_size ? at->max_message_size : o->max_message_size,
        .max_command_line = o->max_command_line,
        .max_text_line = o->max_text_line,
        .max_header_size = o->max_header_size,
        .max_recipients = o->max_recipients,
        .max_errors = o->max_errors,
        .max_messages = o->max_messages_per_session,
        .max_hops = o->max_hops,
        .refuses_early_talk = true,
        .offers_tls = has_tls && at->tls <= LISTEN_TLS_REQUIRED,
        .awaits_certificate =
            !has_tls && o->acme_certificate_count && at->tls <= LISTEN_TLS_REQUIRED,
        .requires_tls = at->tls == LISTEN_TLS_REQUIRED,
        .offers_requiretls = o->requiretls,
        .min_by = (uint64_t)(o->deliver_by_minimum / 1000),
        .max_hold = at->is_submission ? o->future_release : 0,
        .max_priority = (int)o->highest_priority,
        .max_priority_login = (int)o->highest_priority_login,
        .refused = count_refusal};
    x->trusted = at->trusted.is_set
                     ? at->trusted
                     : (struct networks){.at = o->trusted, .count = o->trusted_count};
    x->max_sessions = at->max_sessions ? at->max_sessions : o->max_sessions;
}

static void add_mechanisms(const struct entrance *x, struct buffer *out, bool has_binding)
{
    for (int m = 0; m < SASL_MECHANISMS; m++)
        if (gate_has(x->gate, (enum sasl_mechanism)m) &&
            (has_binding || m != SASL_SCRAM_SHA_256_PLUS))
            buffer_printf(out, "%s%s", out->len ? " " : "", mechanism_name((enum sasl_mechanism)m));
}

struct entrance *entrance_new(const struct options *o, size_t listen,
                              const struct entrance_parts *parts, struct entrance *const *others,
                              size_t count, struct error *e)
{
    struct entrance *x = memory_new(sizeof *x);
    entrance_init(x, options_ref(o), listen, parts->tls != NULL);
    atomic_store(&x->references, 1);
    x->clients = clients_ref(parts->clients);
    x->tls = tls_context_ref(parts->tls);
    x->gate = gate_ref(parts->gate);
    x->signing = signing_ref(parts->signing);
    add_mechanisms(x, &x->mechanisms, false);
    add_mechanisms(x, &x->with_binding, true);
    if (!take_place(x, others, count, e))
        entrance_unref(&x);
    return x;
}

struct entrance *entrance_ref(struct entrance *x)
{
    atomic_fetch_add(&x->references, 1);
    return x;
}

void entrance_unref(struct entrance **entrance)
{
    struct entrance *x = *entrance;
    *entrance = NULL;
    if (!x || atomic_fetch_sub(&x->references, 1) > 1)
        return;
    place_unref(&x->place);
    clients_unref(&x->clients);
    tls_context_unref(&x->tls);
    gate_unref(&x->gate);
    signing_unref(&x->signing);
    buffer_free(&x->mechanisms);
    buffer_free(&x->with_binding);
    options_unref(&x->options);
    free(x);
}

bool entrance_is_implicit(const struct entrance *x)
{
    return x->at->tls == LISTEN_TLS_IMPLICIT;
}

/* ---- listening */

static bool is_address(const struct listen *l, const char *address)
{
    unsigned char has[16], wanted[16];
    return inet_parse(l->at.host, has) && inet_parse(span_of(address), wanted) &&
           memcmp(has, wanted, sizeof has) == 0;
}

/* [::]:25 takes IPv4 too, unless somebody else is to have that: a listener on 0.0.0.0:25. */
static bool leaves_v4_to_another(const struct entrance *x)
{
    const struct options *o = x->options;
    for (size_t i = 0; i < o->listen_count && is_address(x->at, "::"); i++)
        if (o->listen[i].at.port == x->at->at.port && is_address(&o->listen[i], "0.0.0.0"))
            return true;
    return false;
}

/* One that a service manager has opened for us already is as good. */
static bool open_shared(struct entrance *x, struct manager *m, struct error *e)
{
    const struct listen *l = x->at;
    struct place *p = x->place;
    const char *name;
    if (p->socket >= 0)
        return true;
    int fd = manager_take_socket(m, &p->at, &name);
    p->is_handed_down = fd >= 0;
    if (fd >= 0) {
        struct buffer place = BUFFER_EMPTY;
        net_address_add_endpoint(&place, &p->at);
        log_message(LOG_LEVEL_INFO, "handed-down",
                    "the socket for %s was opened by the service manager, which calls it \"%s\"",
                    buffer_text(&place), name);
        buffer_free(&place);
    } else if (l->socket.len) {
        fd = net_listen_unix(l->socket.at, (unsigned)l->mode, l->group.at, e);
        if (fd < 0)
            return false;
    }
    p->socket = fd;
    return true;
}

static void leave_socket(struct place *p)
{
    if (p->at.at.ss_family == AF_UNIX && !p->is_handed_down) {
        struct buffer path = BUFFER_EMPTY;
        net_address_add_endpoint(&path, &p->at);
        unlink(buffer_text(&path)); /* first: who comes now is told that nobody is here */
        buffer_free(&path);
    }
    close(p->socket);
    p->socket = -1;
}

static int share(struct place *p, struct error *e)
{
    int fd = net_duplicate(p->socket);
    if (fd < 0) {
        error_system(e, errno, "cannot listen with one more thread");
        if (!atomic_load(&p->users))
            leave_socket(p);
        return -1;
    }
    atomic_fetch_add(&p->users, 1);
    return fd;
}

int entrance_open(struct entrance *x, struct manager *m, struct error *e)
{
    if (!open_shared(x, m, e))
        return -1;
    return x->place->socket >= 0 ? share(x->place, e)
                                 : net_listen(&x->place->at, leaves_v4_to_another(x), e);
}

void place_close(struct place *p, int fd)
{
    close(fd);
    if (p->socket >= 0 && atomic_fetch_sub(&p->users, 1) == 1)
        leave_socket(p);
}
