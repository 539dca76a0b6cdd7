/* The parts of the server that decide are asked themselves: the SMTP core gives the replies, the
 * directory expands and routes, the lookup finds the ways. */
#include "cli/address_trial.h"

#include "address/expand.h"
#include "base/map.h"
#include "base/memory.h"
#include "daemon/asking.h"
#include "daemon/own.h"
#include "daemon/routing.h"
#include "deliver/lookup.h"
#include "deliver/relay.h"
#include "mail/address.h"
#include "receive/entrance.h"
#include "receive/verdict.h"
#include "sys/chance.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_HOPS = 50, PATIENCE = 30000 /* ms, for all answers of the DNS */ };

struct trial_hop {
    struct trial_hop *next;
    struct span name;
    struct target target;
    struct lookup *lookup;
    bool is_done;
    struct machine *machine;
};

/* What a server has running for all of its sessions. */
struct machine {
    struct address_trial trial; /* first: address_trial_free frees all of it */
    const struct options *options;
    struct arena arena;
    struct directory *directory;
    struct suppressions *suppressions; /* NULL: there is no list, or it is not ours to read */
    struct loop *loop;
    struct dns *dns;
    struct tls_context *caller;
    struct keyring *keyring;
    struct workers *handshakers;
    struct own *own;
    struct relay *relay;
    struct asking *asking;
    struct routing routing;
    struct entrance entrance;
    struct map hops;
    struct trial_hop *first_hop;
    size_t looking;
    struct timer patience;
};

/* ---- what the client hears */

struct asked {
    struct inquiry inquiry;
    struct machine *machine;
};

static void answered(struct task *t)
{
    struct asked *a = LIST_ENTRY(t, struct asked, inquiry.task);
    loop_stop(a->machine->loop);
}

static struct reply ask_next_hop(struct machine *m, bool is_trusted, struct span address,
                                 struct arena *a)
{
    struct asked asked = {.machine = m,
                          .inquiry = {.task.run = answered, .loop = m->loop, .address = address}};
    asking_ask(m->asking, &asked.inquiry, routing_next_hop(&m->routing, m->directory, address));
    loop_run(m->loop);
    struct reply reply =
        verdict_answered(m->directory, is_trusted, address, &asked.inquiry.answer, a);
    reply.text = arena_copy(a, reply.text);
    m->trial.is_unknown |= asked.inquiry.answer.kind == OUTCOME_DELAYED;
    arena_clear(&asked.inquiry.arena);
    return reply;
}

static struct reply unless_suppressed(struct machine *m, struct span address, struct reply taken,
                                      struct arena *a)
{
    struct suppression found;
    return m->suppressions && suppressions_find(m->suppressions, address, a, &found)
               ? verdict_suppressed(&found, address, a)
               : taken;
}

/* What receive/client_check.c does. Its score is that of one that says its address for its name. */
static struct reply unless_not_let_in(struct machine *m, struct trial_reply *r, struct span address,
                                      struct reply taken, struct arena *a)
{
    struct client_trial_settings s = {
        .options = m->options, .sender = m->trial.settings.sender, .recipient = address};
    struct client_trial found;
    struct error e;
    if (!m->trial.settings.client || r->is_trusted || !entry_is_used(m->options) ||
        m->entrance.at->is_submission || entry_is_always_reached(address))
        return taken;
    memcpy(s.address, m->trial.settings.client, sizeof s.address);
    if (!client_trial_make(&found, &s, &e))
        return taken;
    r->has_points = !found.is_let_in;
    r->points = found.score.points;
    r->is_for_points = found.verdict != ENTRY_WELCOME;
    if (r->is_for_points)
        taken =
            (struct reply){found.reply.code, found.reply.status, arena_copy(a, found.reply.text)};
    client_trial_free(&found);
    return taken;
}

/* One command; the reply is in `out`. */
static void say(struct machine *m, struct server *s, struct trial_reply *r, struct span line,
                struct buffer *out)
{
    struct arena a = ARENA_EMPTY;
    const struct options *o = m->options;
    struct reply reply;
    buffer_clear(out);
    switch (server_input(s, &line, out)) {
    case SERVER_WAITS_SENDER:
        reply = verdict_sender(server_transaction(s), 0, o->max_memory_in_flight);
        server_answer(s, reply, out);
        break;
    case SERVER_WAITS_RECIPIENT: {
        struct span address = server_asked_recipient(s)->address;
        struct span meant = verdict_meant(m->directory, address, &a);
        reply = verdict_recipient(m->directory, o, r->is_trusted, m->trial.settings.sender, address,
                                  &a);
        r->was_asked = !reply.code;
        if (r->was_asked)
            reply = ask_next_hop(m, r->is_trusted, meant, &a);
        if (reply_is_positive(reply))
            reply = unless_suppressed(m, meant, reply, &a);
        if (reply_is_positive(reply))
            reply = unless_not_let_in(m, r, address, reply, &a);
        server_answer(s, reply, out);
        break;
    }
    case SERVER_WAITS_INPUT:
    case SERVER_WAITS_CLIENT:
    case SERVER_WAITS_TLS:
    case SERVER_WAITS_AUTH:
    case SERVER_WAITS_MESSAGE:
    case SERVER_WAITS_CLOSE:
        break;
    }
    arena_clear(&a);
}

static int code_of(struct span text)
{
    uint64_t code = 0;
    span_to_u64(span_first(text, 3), 999, &code);
    return (int)code;
}

static void hear(struct machine *m, bool is_trusted)
{
    const struct trial_settings *s = &m->trial.settings;
    bool is_ascii = address_is_ascii(s->address) && address_is_ascii(s->sender);
    struct trial_reply *r = &m->trial.replies[m->trial.reply_count++];
    struct server *server = server_new(&m->entrance.server, is_trusted);
    struct buffer out = BUFFER_EMPTY;
    struct span mail = arena_printf(&m->arena, "MAIL FROM:<%.*s>%s\r\n", SPAN_F(s->sender),
                                    is_ascii ? "" : " SMTPUTF8");
    struct span rcpt = arena_printf(&m->arena, "RCPT TO:<%.*s>\r\n", SPAN_F(s->address));
    r->is_trusted = is_trusted;
    if (m->entrance.server.requires_tls)
        server_secured(server);
    server_greet(server, NULL, &out);
    say(m, server, r, SPAN("EHLO client.invalid\r\n"), &out);
    say(m, server, r, mail, &out);
    r->is_of_mail = code_of(buffer_span(&out)) >= 400;
    if (!r->is_of_mail)
        say(m, server, r, rcpt, &out);
    r->text = arena_copy(&m->arena, buffer_span(&out));
    r->code = code_of(r->text);
    buffer_free(&out);
    server_free(&server);
}

const struct trial_reply *address_trial_reply(const struct address_trial *t)
{
    return &t->replies[t->reply_count - 1];
}

/* ---- next hops */

struct span trial_hop_name(const struct trial_hop *h)
{
    return h->name;
}

const struct ways *trial_hop_ways(const struct trial_hop *h)
{
    return h->is_done ? lookup_ways(h->lookup) : NULL;
}

static struct trial_hop *hop_for(struct machine *m, struct span name)
{
    struct trial_hop *h = map_get_text(&m->hops, name);
    if (h)
        return h;
    h = arena_new(&m->arena, sizeof *h);
    h->name = arena_copy(&m->arena, name);
    h->machine = m;
    h->next = m->first_hop;
    m->first_hop = h;
    map_set_text(&m->hops, h->name, h);
    target_parse_name(h->name, &h->target, &m->arena);
    return h;
}

static void looked_up(void *arg, struct lookup *l)
{
    struct trial_hop *h = arg;
    h->is_done = true;
    if (--h->machine->looking == 0)
        loop_stop(h->machine->loop);
}

static void patience_ends(struct timer *t)
{
    loop_stop(LIST_ENTRY(t, struct machine, patience)->loop);
}

static void look_up_hops(struct machine *m)
{
    for (struct trial_hop *h = m->first_hop; h && m->looking < MOST_HOPS; h = h->next) {
        const struct lookup_settings s = {.dns = m->dns,
                                          .loop = m->loop,
                                          .our_name = m->options->hostname,
                                          .own = {own_has, m->own},
                                          .done = looked_up,
                                          .arg = h};
        m->looking++;
        h->lookup = lookup_start(&s, &h->target);
    }
    if (!m->looking)
        return;
    m->patience.due = patience_ends;
    timer_set(m->loop, &m->patience, loop_now(m->loop) + PATIENCE);
    loop_run(m->loop);
    timer_stop(m->loop, &m->patience);
}

static enum trial_end end_of_hop(const struct trial_hop *h)
{
    const struct ways *ways = trial_hop_ways(h);
    if (!ways || ways->problem.status.class == 4)
        return TRIAL_NOT_NOW;
    return ways->problem.status.class ? TRIAL_NEVER : TRIAL_REACHED;
}

/* ---- recipients */

static void look_at_maildir(struct trial_recipient *r, const char *path)
{
    struct maildir_usage *u = maildir_usage_new(disk_real(), path);
    r->usage_error = maildir_usage_update(u, clock_now_ms());
    if (!r->usage_error)
        r->used = maildir_usage_total(u);
    maildir_usage_free(&u);
}

static void look_at_mbox(struct trial_recipient *r, const char *path)
{
    struct disk *disk = disk_real();
    struct disk_stat st;
    r->usage_error = disk->ops->stat(disk, path, &st);
    if (!r->usage_error)
        r->used.bytes = st.size;
}

static void look_at_mailbox(struct machine *m, struct trial_recipient *r)
{
    const struct mailbox *box = r->to.mailbox;
    const char *path = arena_text(&m->arena, box->path);
    if (box->form == MAILBOX_MBOX)
        look_at_mbox(r, path);
    else
        look_at_maildir(r, path);
    if (r->usage_error == -ENOENT) { /* it is made when mail comes */
        r->usage_error = 0;
        r->used = (struct maildir_amount){0};
    }
    r->is_full = (box->quota_bytes && r->used.bytes >= box->quota_bytes) ||
                 (box->quota_messages && r->used.messages >= box->quota_messages);
    if (r->is_full)
        r->end = m->options->full_mailbox == FULL_MAILBOX_TEMPORARY ? TRIAL_NOT_NOW : TRIAL_NEVER;
    else
        r->end = r->usage_error ? TRIAL_NOT_NOW : TRIAL_REACHED;
}

static void find(struct machine *m, struct trial_recipient *r)
{
    r->to = directory_find(m->directory, m->trial.settings.sender, r->in.address);
    r->language = directory_language(m->directory, r->in.address);
    if (r->in.action.len) /* a command */
        return;
    switch (r->to.kind) {
    case DESTINATION_MAILBOX:
        if (!r->to.mailbox->system) /* what users have is for them to know */
            look_at_mailbox(m, r);
        break;
    case DESTINATION_ROUTE:
        if (r->to.target->kind == TARGET_DISCARD)
            r->end = TRIAL_REACHED;
        else if (r->to.target->kind == TARGET_REFUSE)
            r->end = TRIAL_NEVER;
        else
            r->hop = hop_for(m, routing_destination(&m->routing, r->to.target, r->in.address));
        break;
    case DESTINATION_NO_SUCH_USER:
    case DESTINATION_NO_ROUTE:
        r->end = TRIAL_NEVER;
        break;
    }
}

static void follow(struct machine *m)
{
    struct address_trial *t = &m->trial;
    struct recipient named = {.address = t->settings.address};
    struct envelope e = {
        .reverse_path = t->settings.sender, .recipients = &named, .recipient_count = 1};
    struct commit commit = {.is_urgent = true};
    expand_recipients(m->directory, &e, &m->arena);
    commit_accept(&commit, &e);
    t->fits = commit_fits(&commit, m->options->segment_size);
    commit_free(&commit);
    t->recipients = arena_new(&m->arena, e.recipient_count * sizeof *t->recipients);
    t->recipient_count = e.recipient_count;
    for (size_t i = 0; i < e.recipient_count; i++) {
        t->recipients[i].in = e.recipients[i];
        if (!e.recipients[i].is_expanded)
            find(m, &t->recipients[i]);
    }
    look_up_hops(m);
    for (size_t i = 0; i < e.recipient_count; i++)
        if (t->recipients[i].hop)
            t->recipients[i].end = end_of_hop(t->recipients[i].hop);
}

/* Refused for good is the end; else what is worst of all that it leads to. */
enum trial_end address_trial_end(const struct address_trial *t)
{
    int code = address_trial_reply(t)->code;
    enum trial_end worst = code >= 500 || !t->fits ? TRIAL_NEVER
                           : code >= 400           ? TRIAL_NOT_NOW
                                                   : TRIAL_REACHED;
    for (size_t i = 0; i < t->recipient_count; i++)
        if (!t->recipients[i].in.is_expanded && t->recipients[i].end > worst)
            worst = t->recipients[i].end;
    return t->is_unknown && worst == TRIAL_REACHED ? TRIAL_NOT_NOW : worst;
}

/* ---- beginning and end */

static void deliver(void *arg, struct delivery *d)
{
    relay_deliver(((struct machine *)arg)->relay, d);
}

static void delivered(void *arg, struct delivery *d)
{
    asking_delivered(((struct machine *)arg)->asking, d);
}

static void tell_nobody(void *arg, struct span destination, const struct outcome *why) {}

static uint32_t any_number(void)
{
    return (uint32_t)random_number();
}

/* The server's list, where there is one. */
static bool open_suppressions(struct machine *m, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/suppressions.sqlite", SPAN_F(m->options->state));
    bool is_there = access(buffer_text(&path), R_OK | W_OK) == 0;
    if (is_there)
        m->suppressions = suppressions_open(buffer_text(&path), e);
    buffer_free(&path);
    return !is_there || m->suppressions;
}

static bool machine_start(struct machine *m, struct error *e)
{
    const struct options *o = m->options;
    struct file_marks marks = {0};
    m->directory = directory_load(o, &marks, e);
    file_marks_free(&marks);
    m->loop = m->directory ? loop_new(e) : NULL;
    m->own = m->loop ? own_new(o, e) : NULL;
    const struct dns_settings dns = {o->dns, o->dns_count, o->dns_anchor};
    m->dns = m->own && open_suppressions(m, e) ? dns_new(&dns, m->loop, e) : NULL;
    m->caller = m->dns ? tls_client_new(o->tls_authorities, e) : NULL;
    if (!m->caller)
        return false;
    m->handshakers = workers_new(1);
    struct error why; /* who asks may not be allowed to read passwords */
    m->keyring = keyring_new(o, &why);
    if (!m->keyring)
        m->keyring = keyring_closed(o, &why);
    const struct relay_settings relay = {.options = o,
                                         .dns = m->dns,
                                         .tls = m->caller,
                                         .keyring = m->keyring,
                                         .handshakers = m->handshakers,
                                         .own = {own_has, m->own},
                                         .random = any_number,
                                         .delivered = delivered,
                                         .arg = m};
    const struct asking_settings asking = {o, m->loop, deliver, tell_nobody, m};
    m->routing.options = o;
    m->relay = relay_new(&relay, m->loop);
    m->asking = asking_new(&asking);
    entrance_init(&m->entrance, o, 0, true);
    m->trial.largest_message = m->entrance.server.max_message_size;
    return true;
}

static bool is_address(struct span s)
{
    return address_check(s, true) == ADDRESS_OK || span_equal_nocase(s, SPAN("postmaster"));
}

struct address_trial *address_trial_make(const struct trial_settings *s, struct error *e)
{
    struct machine *m = memory_new(sizeof *m);
    struct address_trial *t = &m->trial;
    t->settings = *s;
    t->fits = true;
    m->options = s->options;
    if (!machine_start(m, e)) {
        address_trial_free(&t);
        return NULL;
    }
    t->is_return = returns_check(m->directory, s->address, &t->tag, &m->arena);
    if (s->client) {
        hear(m, networks_contain(&m->entrance.trusted, s->client));
    } else {
        hear(m, false);
        hear(m, true);
    }
    if (is_address(s->address))
        follow(m);
    return t;
}

/* What a handshake that nobody waits for any more still holds is let go of in the loop. */
static void end_handshakes(struct machine *m)
{
    if (!m->handshakers)
        return;
    workers_free(&m->handshakers);
    loop_stop(m->loop);
    loop_run(m->loop);
}

void address_trial_free(struct address_trial **trial)
{
    struct machine *m = (struct machine *)(void *)*trial;
    if (!m)
        return;
    asking_end(m->asking);
    dns_free(&m->dns); /* no lookup is under way any more */
    for (struct trial_hop *h = m->first_hop; h; h = h->next)
        lookup_free(&h->lookup);
    relay_free(&m->relay);
    end_handshakes(m);
    tls_context_unref(&m->caller);
    if (m->keyring)
        keyring_unref(&m->keyring);
    asking_free(&m->asking);
    routing_free(&m->routing);
    suppressions_close(&m->suppressions);
    own_free(&m->own);
    loop_free(&m->loop);
    directory_unref(&m->directory);
    map_free(&m->hops);
    arena_clear(&m->arena);
    free(m);
    *trial = NULL;
}
