/* The judge of clients (entry/score.h). He is asked at RCPT, when the recipient is one that we
 * take: so postmaster stays in reach, whoever guesses addresses costs no question, and the refusal
 * knows its envelope. What he finds out counts for the whole session, and for those that come soon
 * after it. */
#include "receive/inside.h"

#include "base/memory.h"
#include "entry/words.h"
#include "mail/address.h"
#include "outcome/counts.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/tally.h"

#include <stdlib.h>

enum { PATIENCE = 5000, COMPLAINS_EACH = 60000 }; /* ms */

struct client_check {
    struct session *session;
    struct resolving resolving;
    struct lookups lookups;
    struct known_client *known; /* what is found out is put into it */
    int64_t until_ms;           /* for all questions together; 0: none was asked yet */
};

/* ---- whom it is about */

static bool is_exempt_network(const struct options *o, const unsigned char address[16])
{
    for (size_t i = 0; i < o->entry.let_in_count; i++)
        if (network_contains(&o->entry.let_in[i], address))
            return true;
    return false;
}

/* The front ends themselves, Unix sockets, and whoever is hidden, have no address to ask about. */
static bool has_address(const struct session *s)
{
    if (s->front)
        return !s->front->hides_client && (!s->may_xclient || s->front->has_told);
    return !s->may_xclient && !s->entrance->at->socket.len;
}

static bool is_checked(const struct session *s)
{
    const struct options *o = s->entrance->options;
    unsigned char address[16];
    if (!entry_is_used(o) || s->is_trusted || s->entrance->at->is_submission || !has_address(s) ||
        entry_is_always_reached(server_asked_recipient(s->server)->address))
        return false;
    net_address_bytes(&s->peer, address);
    return !is_exempt_network(o, address);
}

static struct entry_client client_of(const struct session *s)
{
    struct entry_client c = {
        .hello = server_client_name(s->server),
        .sender_domain = address_domain(server_transaction(s->server)->reverse_path),
        .our_name = s->entrance->server.hostname,
    };
    net_address_bytes(&s->peer, c.address);
    return c;
}

/* ---- what follows */

static void count(enum entry_verdict verdict)
{
    static const enum count counts[] = {[ENTRY_WELCOME] = COUNT_CLIENT_WELCOME,
                                        [ENTRY_DOUBTFUL] = COUNT_CLIENT_GREYLISTED,
                                        [ENTRY_REFUSED] = COUNT_CLIENT_REFUSED};
    tally_add(counts[verdict], 1);
}

static void log_passed(const struct session *s)
{
    struct buffer client = BUFFER_EMPTY;
    arrival_add_client(&client, s);
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "came-again");
    log_line_text(line, "client", buffer_span(&client));
    log_line_text(line, "from", server_transaction(s->server)->reverse_path);
    log_line_text(line, "to", server_asked_recipient(s->server)->address);
    log_end();
    buffer_free(&client);
}

/* Those who ask whether an address is real come with the null path, and do not come again. */
static bool waits(struct session *s, int64_t *wait_ms)
{
    struct span sender = server_transaction(s->server)->reverse_path;
    unsigned char address[16];
    if (!sender.len)
        return false;
    net_address_bytes(&s->peer, address);
    switch (greylist_file_ask(s->receiver->house->settings.greylist, address, sender,
                              server_asked_recipient(s->server)->address, clock_now_ms(),
                              wait_ms)) {
    case GREYLIST_KNOWN:
        return false;
    case GREYLIST_PASSES:
        log_passed(s);
        return false;
    case GREYLIST_WAITS:
        break;
    }
    return true;
}

static struct span points_of(const struct entry_score *score, struct arena *a)
{
    struct buffer text = BUFFER_EMPTY;
    entry_score_add(&text, score);
    return arena_keep(a, &text);
}

static enum judgement decide(struct session *s, struct arena *a, struct reply *reply)
{
    const struct entry_score *score = &s->known->score;
    const struct options *o = s->entrance->options;
    struct entry_client c = client_of(s);
    struct span to = server_asked_recipient(s->server)->address;
    enum entry_verdict verdict = entry_decide(o, score->points);
    int64_t wait_ms = 0;
    if (verdict == ENTRY_DOUBTFUL && !waits(s, &wait_ms))
        verdict = ENTRY_WELCOME;
    count(verdict);
    if (verdict == ENTRY_WELCOME)
        return JUDGE_TAKES;
    *reply = verdict == ENTRY_REFUSED ? entry_refusal(&c, score, to, o->hostname, a)
                                      : entry_wait(&c, score, to, wait_ms, a);
    s->judging.why = points_of(score, &s->judging.arena);
    return JUDGE_REFUSES;
}

/* ---- finding out */

/* Not for each client: when the DNS is dead, it is so for all. */
static void complain(struct session *s, const struct entry_score *score)
{
    struct receiver *r = s->receiver;
    int64_t now = loop_now(r->loop);
    if (!score->unknown_count)
        return;
    tally_add(COUNT_CLIENT_UNKNOWN, 1);
    if (r->complained_ms && now - r->complained_ms < COMPLAINS_EACH)
        return;
    r->complained_ms = now;
    struct buffer client = BUFFER_EMPTY;
    arrival_add_client(&client, s);
    struct buffer *line = log_begin(LOG_LEVEL_WARNING, "client-unknown");
    log_line_text(line, "client", buffer_span(&client));
    log_line_text(line, score->unknowns[0].is_of_list ? "list" : "name", score->unknowns[0].name);
    log_line_text(line, "why", score->unknowns[0].why);
    log_line_number(line, "unanswered", (int64_t)score->unknown_count);
    log_end();
    buffer_free(&client);
}

/* True: it is known. */
static bool find_out(struct client_check *check)
{
    struct session *s = check->session;
    struct known_client *k = check->known;
    struct entry_client c = client_of(s);
    if (!entry_score(k->options, &c, &check->lookups, &k->score, &k->arena))
        return false;
    complain(s, &k->score);
    known_clients_add(&s->receiver->known, k, loop_now(s->receiver->loop));
    known_client_unref(&s->known);
    s->known = known_client_ref(k);
    return true;
}

static void ask(struct client_check *check)
{
    struct receiver *r = check->session->receiver;
    if (!check->until_ms)
        check->until_ms = loop_now(r->loop) + PATIENCE;
    resolve_start(r->resolve, &check->resolving, check->until_ms);
}

static void end_check(struct session *s)
{
    struct client_check *check = s->client_check;
    s->client_check = NULL;
    resolve_stop(&check->resolving);
    lookups_free(&check->lookups);
    known_client_unref(&check->known);
    free(check);
}

static void answered(struct resolving *g)
{
    struct client_check *check = LIST_ENTRY(g, struct client_check, resolving);
    struct session *s = check->session;
    struct arena a = ARENA_EMPTY;
    if (!find_out(check)) {
        ask(check);
        return;
    }
    end_check(s);
    struct reply reply = s->judging.reply;
    decide(s, &a, &reply);
    judging_answered(s, reply);
    arena_clear(&a);
}

/* True: it is known at once. */
static bool begin(struct session *s, struct span key)
{
    struct client_check *check = memory_new(sizeof *check);
    check->session = s;
    check->known = known_client_new(s->entrance->options, key);
    check->resolving.lookups = &check->lookups;
    check->resolving.done = answered;
    s->client_check = check;
    bool is_known = find_out(check);
    if (is_known)
        end_check(s);
    else
        ask(check);
    return is_known;
}

/* What is known of it is kept in s->known. */
static bool is_known(struct session *s)
{
    struct buffer key = BUFFER_EMPTY;
    struct entry_client c = client_of(s);
    struct receiver *r = s->receiver;
    known_client_add_key(&key, s->entrance->options, &c);
    bool is = s->known && span_equal(s->known->key, buffer_span(&key));
    if (!is) {
        known_client_unref(&s->known);
        s->known = known_clients_find(&r->known, s->entrance->options, buffer_span(&key),
                                      loop_now(r->loop));
        is = s->known || begin(s, buffer_span(&key));
    }
    buffer_free(&key);
    return is;
}

enum judgement judge_client(struct session *s, struct arena *a, struct reply *reply)
{
    if (!is_checked(s))
        return JUDGE_TAKES;
    return is_known(s) ? decide(s, a, reply) : JUDGE_ANSWERS_LATER;
}

void client_check_forget(struct session *s)
{
    if (s->client_check)
        end_check(s);
}
