/* The parts of the server that decide are asked themselves. */
#include "cli/client_trial.h"

#include "base/inet.h"
#include "cli/check_dns.h"
#include "control/client.h"
#include "mail/address.h"
#include "store/greylist_file.h"
#include "sys/clock.h"

#include <unistd.h>

static bool is_in(const struct network *networks, size_t count, const unsigned char address[16])
{
    for (size_t i = 0; i < count; i++)
        if (network_contains(&networks[i], address))
            return true;
    return false;
}

static struct span bare_address(const unsigned char address[16], struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    buffer_add_text(&out, inet_is_v4(address) ? "[" : "[IPv6:");
    inet_add(&out, address);
    buffer_add_char(&out, ']');
    return arena_keep(a, &out);
}

static void take_client(struct client_trial *t, const struct client_trial_settings *s)
{
    struct entry_client *c = &t->client;
    const struct options *o = s->options;
    memcpy(c->address, s->address, sizeof c->address);
    c->hello = s->hello.len ? s->hello : bare_address(s->address, &t->arena);
    c->sender_domain = address_domain(s->sender);
    c->our_name = o->hostname;
    t->is_trusted = is_in(o->trusted, o->trusted_count, c->address);
    t->is_let_in = is_in(o->entry.let_in, o->entry.let_in_count, c->address);
}

static bool ask(struct client_trial *t, const struct options *o, struct error *e)
{
    const struct dns_settings dns = {o->dns, o->dns_count, o->dns_anchor};
    struct lookups l = {0};
    struct check_dns *d = check_dns_new(&dns, e);
    if (!d)
        return false;
    while (!entry_score(o, &t->client, &l, &t->score, &t->arena))
        check_dns_answer(d, &l);
    check_dns_free(&d);
    lookups_free(&l);
    return true;
}

/* The server's list, where there is one, and it is ours to read. */
static void look_at_greylist(struct client_trial *t, const struct options *o)
{
    const struct greylist_settings s = {o->entry.greylist_wait,
                                        o->entry.greylist_retry,
                                        o->entry.greylist_keep,
                                        SIZE_MAX,
                                        SIZE_MAX,
                                        SIZE_MAX};
    struct error e;
    int64_t wait_ms;
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/greylist.sqlite", SPAN_F(o->state));
    control_catch_up(o, &e); /* without a server, what is there is all */
    if (access(buffer_text(&path), R_OK | W_OK) == 0) {
        struct greylist_file *f = greylist_file_open(buffer_text(&path), &s, &e);
        t->is_known = f && greylist_file_look(f, t->client.address, SPAN_NONE, SPAN_NONE,
                                              clock_now_ms(), &wait_ms) == GREYLIST_KNOWN;
        greylist_file_close(&f);
    }
    buffer_free(&path);
}

static void decide(struct client_trial *t, const struct client_trial_settings *s)
{
    const struct options *o = s->options;
    struct span to = s->recipient.len
                         ? s->recipient
                         : arena_printf(&t->arena, "someone@%.*s", SPAN_F(o->hostname));
    t->verdict = t->is_trusted || t->is_let_in ? ENTRY_WELCOME : entry_decide(o, t->score.points);
    if (t->verdict == ENTRY_DOUBTFUL) {
        look_at_greylist(t, o);
        t->reply = entry_wait(&t->client, &t->score, to, o->entry.greylist_wait, &t->arena);
    } else if (t->verdict == ENTRY_REFUSED) {
        t->reply = entry_refusal(&t->client, &t->score, to, o->hostname, &t->arena);
    }
    if (t->is_known)
        t->verdict = ENTRY_WELCOME;
}

bool client_trial_make(struct client_trial *t, const struct client_trial_settings *s,
                       struct error *e)
{
    *t = (struct client_trial){.verdict = ENTRY_WELCOME};
    take_client(t, s);
    if (ask(t, s->options, e)) {
        decide(t, s);
        return true;
    }
    client_trial_free(t);
    return false;
}

void client_trial_free(struct client_trial *t)
{
    arena_clear(&t->arena);
}
