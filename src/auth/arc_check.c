/* The newest set is looked at first, so that a chain that does not hold costs two questions and not
 * a hundred; then all other keys are asked for at once. The body, which may be large, is hashed
 * last, when all answers are there. */
#include "auth/arc_check.h"

#include "auth/dkim_header.h"
#include "auth/dkim_message.h"
#include "auth/dkim_verify.h"
#include "base/visible.h"

/* Message signatures of older sets that are looked at: each may want all of the header hashed. */
enum { MOST_OLDER = 10 };

struct checking {
    struct span header;
    struct lookups *lookups;
    struct arc_verdict *verdict;
    uint64_t now;
    struct arena *arena;
};

enum answer { HOLDS, BROKEN, OPEN };

static enum answer broken(struct checking *c, const char *what, size_t index, struct span why)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, why, 400);
    c->verdict->state = ARC_FAIL;
    c->verdict->why = arena_printf(c->arena, "%s %zu of the chain does not hold: %s", what,
                                   index + 1, buffer_text(&shown));
    buffer_free(&shown);
    return BROKEN;
}

/* ---- keys */

static const struct dns_answer *answer_for(struct checking *c, const struct dkim_signature *s)
{
    return lookups_get(c->lookups, dkim_key_name(s, c->arena), DNS_TXT);
}

/* True: the keys of both signatures of the set are known. */
static bool has_keys(struct checking *c, size_t index)
{
    const struct arc_set *set = &c->verdict->chain.sets[index];
    bool has_seal = answer_for(c, &set->seal), has_message = answer_for(c, &set->message);
    return has_seal && has_message;
}

static bool find_key(struct checking *c, const struct dkim_signature *s, struct dkim_key *k,
                     struct span *why)
{
    return dkim_key_find(answer_for(c, s), dkim_key_name(s, c->arena), k, why, c->arena) ==
           DKIM_KEY_FOUND;
}

/* ---- signatures */

static struct span words_of(enum dkim_result r, const struct error *e, struct arena *a)
{
    switch (r) {
    case DKIM_UNFIT:
        return arena_copy(a, span_of(e->text));
    case DKIM_OTHER_HEADER:
        return SPAN("a field that is signed was changed, added or taken away");
    case DKIM_HOLDS:
    case DKIM_BROKEN:
        break;
    }
    return SPAN("a field that is signed was changed, or the key is another one");
}

static enum answer check_seal(struct checking *c, size_t index)
{
    const struct arc_chain *chain = &c->verdict->chain;
    const struct dkim_signature *s = &chain->sets[index].seal;
    struct buffer data = BUFFER_EMPTY;
    struct dkim_key k;
    struct span why;
    struct error e = {""};
    if (!find_key(c, s, &k, &why))
        return broken(c, "seal", index, why);
    arc_add_sealed(&data, chain, index);
    enum dkim_result r = dkim_verify_data(s, &k, buffer_span(&data), &e);
    buffer_free(&data);
    return r == DKIM_HOLDS ? HOLDS : broken(c, "seal", index, words_of(r, &e, c->arena));
}

/* `*why`: of one that does not hold. */
static bool message_holds(struct checking *c, struct dkim_message *m, size_t index,
                          struct span *why)
{
    const struct dkim_signature *s = &c->verdict->chain.sets[index].message;
    struct dkim_key k;
    struct error e = {""};
    if (!find_key(c, s, &k, why))
        return false;
    enum dkim_result r = dkim_verify_header(s, &k, m->header, &e);
    *why = r == DKIM_HOLDS ? SPAN("it has expired (x=)") : words_of(r, &e, c->arena);
    if (r != DKIM_HOLDS || (s->expires_s && s->expires_s < c->now))
        return false;
    return dkim_body_check(m, s, why) == DKIM_BODY_HOLDS;
}

static void find_oldest_pass(struct checking *c, struct dkim_message *m)
{
    struct arc_verdict *v = c->verdict;
    struct span why;
    size_t lowest = v->chain.count - 1, tries = 0;
    while (lowest && tries < MOST_OLDER && message_holds(c, m, lowest - 1, &why)) {
        lowest--;
        tries++;
    }
    v->has_oldest_pass = !lowest || tries < MOST_OLDER;
    v->oldest_pass = lowest ? lowest + 1 : 0;
}

/* ---- the chain */

/* All keys that are needed are asked for, and the newest seal is checked. */
static enum answer find_keys(struct checking *c)
{
    size_t newest = c->verdict->chain.count - 1;
    bool is_open = false;
    if (!has_keys(c, newest))
        return OPEN;
    enum answer answer = check_seal(c, newest);
    for (size_t i = newest; answer == HOLDS && i-- > 0;)
        is_open |= !has_keys(c, i);
    return is_open ? OPEN : answer;
}

static enum answer check_older_seals(struct checking *c)
{
    enum answer answer = HOLDS;
    for (size_t i = c->verdict->chain.count - 1; answer == HOLDS && i-- > 0;)
        answer = check_seal(c, i);
    return answer;
}

static void check_messages(struct checking *c, struct span message)
{
    struct arc_verdict *v = c->verdict;
    const struct arc_chain *chain = &v->chain;
    struct dkim_message m;
    struct span why;
    dkim_message_take(&m, message);
    if (!m.has_end) {
        v->state = ARC_FAIL;
        v->why = SPAN("a line of the header is no field, so it is not clear where the body begins");
    } else if (!message_holds(c, &m, chain->count - 1, &why)) {
        broken(c, "message signature", chain->count - 1, why);
    } else {
        v->state = ARC_PASS;
        v->why = arena_printf(c->arena, "the chain holds: %zu seal%s, the last by %.*s",
                              chain->count, chain->count == 1 ? "" : "s",
                              SPAN_F(chain->sets[chain->count - 1].seal.domain));
        find_oldest_pass(c, &m);
    }
    dkim_message_free(&m);
}

/* Reads the chain. False: there is none, or it is not whole, and the verdict says so. */
static bool begin(struct checking *c)
{
    struct arc_verdict *v = c->verdict;
    struct error e;
    *v = (struct arc_verdict){.state = ARC_NONE, .why = SPAN("the message has no ARC seal")};
    bool is_whole = arc_chain_read(&v->chain, c->header, c->arena, &e);
    if (is_whole && c->header.len > LONGEST_HEADER)
        is_whole = error_set(&e, "the header is too long to be checked");
    if (v->chain.sets && !is_whole) {
        struct buffer shown = BUFFER_EMPTY;
        v->state = ARC_FAIL;
        buffer_add_text(&shown, "the chain is broken: ");
        visible_add(&shown, span_of(e.text), 400);
        v->why = arena_keep(c->arena, &shown);
    }
    return v->chain.sets && is_whole;
}

bool arc_ask(struct span message, struct lookups *l, size_t *signatures, struct arena *a)
{
    struct arc_verdict v;
    struct checking c = {.header = span_first(message, header_length(message)),
                         .lookups = l,
                         .verdict = &v,
                         .arena = a};
    bool is_whole = begin(&c);
    *signatures = is_whole ? 2 * v.chain.count : 0;
    return !is_whole || find_keys(&c) != OPEN;
}

bool arc_check(struct span message, uint64_t now, struct lookups *l, struct arc_verdict *v,
               struct arena *a)
{
    struct checking c = {.header = span_first(message, header_length(message)),
                         .lookups = l,
                         .verdict = v,
                         .now = now,
                         .arena = a};
    if (!begin(&c))
        return true;
    enum answer answer = find_keys(&c);
    if (answer == HOLDS)
        answer = check_older_seals(&c);
    if (answer == HOLDS)
        check_messages(&c, message);
    return answer != OPEN;
}
