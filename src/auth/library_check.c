/* The public header's check: what it is told, its questions, and how it goes on. What was told anew
 * takes the results back; answers of the DNS are kept. */
#include "auth/library_inside.h"

#include "base/dns_response.h"
#include "base/inet.h"
#include "base/memory.h"
#include "mail/header.h"
#include "mail/line_ends.h"

#include <assert.h>
#include <stdlib.h>

struct asked {
    struct plainpost_question shown; /* first: the caller's pointer is this one */
    struct lookups_question *one;
};

unsigned plainpost_auth_version(void)
{
    return PLAINPOST_AUTH_VERSION;
}

struct plainpost_check *plainpost_check_new(void)
{
    struct plainpost_check *c = memory_new(sizeof *c);
    c->spf.sender = c->spf.helo = c->spf.receiver = SPAN_NONE;
    return c;
}

void plainpost_check_free(struct plainpost_check **check)
{
    assert(check);
    struct plainpost_check *c = *check;
    if (!c)
        return;
    arena_clear(&c->settled);
    arena_clear(&c->kept);
    lookups_free(&c->lookups);
    buffer_free(&c->message);
    free(c);
    *check = NULL;
}

/* ---- what it is told */

static void unsettle(struct plainpost_check *c)
{
    assert(c);
    c->is_done = false;
    arena_clear(&c->settled);
}

static struct span keep(struct plainpost_check *c, const char *text)
{
    return arena_copy(&c->kept, span_of(text));
}

enum plainpost_auth_status plainpost_check_set_client(struct plainpost_check *c,
                                                      const char *address, const char *helo)
{
    unsigned char client[16];
    if (!inet_parse(span_of(address), client))
        return PLAINPOST_AUTH_BAD_ARGUMENT;
    unsettle(c);
    memcpy(c->spf.client, client, sizeof client);
    c->spf.helo = keep(c, helo);
    c->has_client = true;
    return PLAINPOST_AUTH_OK;
}

void plainpost_check_set_sender(struct plainpost_check *c, const char *address)
{
    unsettle(c);
    c->spf.sender = keep(c, address);
}

void plainpost_check_set_now(struct plainpost_check *c, int64_t now)
{
    unsettle(c);
    c->now = now > 0 ? now : 0;
}

void plainpost_check_set_receiver(struct plainpost_check *c, const char *name)
{
    unsettle(c);
    c->spf.receiver = keep(c, name);
}

void library_add_message(struct buffer *out, struct span octets)
{
    size_t end = span_find_char(octets, '\n');
    if (end != SPAN_NOT_FOUND && (!end || octets.at[end - 1] != '\r'))
        line_ends_to_crlf(out, octets);
    else
        buffer_add_span(out, octets);
}

enum plainpost_auth_status plainpost_check_set_message(struct plainpost_check *c,
                                                       const void *octets, size_t size)
{
    if ((!octets && size) || c->author_count || c->signer_count)
        return PLAINPOST_AUTH_BAD_ARGUMENT;
    if (size > PLAINPOST_AUTH_LARGEST_MESSAGE)
        return PLAINPOST_AUTH_TOO_LARGE;
    unsettle(c);
    buffer_clear(&c->message);
    if (size)
        library_add_message(&c->message, span_make(octets, size));
    c->has_message = true;
    return PLAINPOST_AUTH_OK;
}

static enum plainpost_auth_status add_domain(struct plainpost_check *c, struct span *to,
                                             size_t *count, const char *domain)
{
    if (c->has_message || *count == DMARC_MOST_AUTHORS)
        return PLAINPOST_AUTH_BAD_ARGUMENT;
    unsettle(c);
    to[(*count)++] = keep(c, domain);
    return PLAINPOST_AUTH_OK;
}

enum plainpost_auth_status plainpost_check_add_author(struct plainpost_check *c, const char *domain)
{
    assert(c);
    return add_domain(c, c->authors, &c->author_count, domain);
}

enum plainpost_auth_status plainpost_check_add_signer(struct plainpost_check *c, const char *domain)
{
    assert(c);
    return add_domain(c, c->signers, &c->signer_count, domain);
}

/* ---- how it goes on */

static bool check_without_message(struct plainpost_check *c)
{
    struct message_verdict *v = &c->verdict;
    *v = (struct message_verdict){.has_spf = c->has_client};
    if (c->has_client && !spf_check(&c->spf, &c->lookups, &v->spf, &c->settled))
        return false;
    const struct dmarc_request d = {
        .authors = c->authors,
        .author_count = c->author_count,
        .sender = c->has_client && v->spf.result == SPF_PASS ? v->spf.domain : SPAN_NONE,
        .signers = c->signers,
        .signer_count = c->signer_count,
        .has_temporary = c->has_client && v->spf.result == SPF_TEMPERROR};
    return !c->author_count || dmarc_check(&d, &c->lookups, &v->dmarc, &c->settled);
}

static bool check_all(struct plainpost_check *c)
{
    c->spf.now = (uint64_t)c->now;
    const struct message_request r = {.spf = c->has_client ? &c->spf : NULL,
                                      .message = buffer_span(&c->message),
                                      .now = (uint64_t)c->now};
    return c->has_message ? message_check(&r, &c->lookups, &c->verdict, &c->settled)
                          : check_without_message(c);
}

/* When the time is over, what a check still asks is answered at once: each time it comes further,
 * and MOST_LOOKUPS is the end. */
int plainpost_check_run(struct plainpost_check *c)
{
    unsettle(c);
    while (!(c->is_done = check_all(c)) && c->is_over) {
        lookups_give_up(&c->lookups, SPAN("the time for it is over"));
        arena_clear(&c->settled);
    }
    if (c->is_done)
        library_show(c);
    return c->is_done;
}

void plainpost_check_give_up(struct plainpost_check *c)
{
    assert(c);
    c->is_over = true;
}

/* ---- questions */

const struct plainpost_question *plainpost_check_ask(struct plainpost_check *c)
{
    assert(c);
    struct lookups_question *one = lookups_take(&c->lookups);
    if (!one)
        return NULL;
    struct asked *a = arena_new(&c->kept, sizeof *a);
    a->shown =
        (struct plainpost_question){.name = one->name.at, .type = (enum plainpost_record)one->type};
    a->one = one;
    return &a->shown;
}

static struct lookups_question *one_of(const struct plainpost_question *q)
{
    assert(q);
    return ((const struct asked *)(const void *)q)->one;
}

void plainpost_check_answer_packet(struct plainpost_check *c, const struct plainpost_question *q,
                                   const void *octets, size_t size)
{
    struct lookups_question *one = one_of(q);
    struct arena a = ARENA_EMPTY;
    struct dns_answer answer;
    assert(c);
    dns_read_response(&answer, span_make(octets, octets ? size : 0), one->name, one->type, &a);
    lookups_answer(&c->lookups, one, &answer);
    arena_clear(&a);
}

static bool make_records(struct dns_answer *answer, enum dns_type type, const char *const *records,
                         size_t count, struct arena *a)
{
    answer->records = arena_new(a, (count + 1) * sizeof *answer->records);
    for (size_t i = 0; i < count; i++) {
        struct buffer data = BUFFER_EMPTY;
        bool ok = dns_add_data(&data, type, span_of(records[i]));
        answer->records[answer->count++] = arena_keep(a, &data);
        if (!ok)
            return false;
    }
    return true;
}

enum plainpost_auth_status plainpost_check_answer(struct plainpost_check *c,
                                                  const struct plainpost_question *q,
                                                  enum plainpost_answered answered,
                                                  const char *const *records, size_t count)
{
    static const enum dns_result results[] = {[PLAINPOST_FOUND] = DNS_FOUND,
                                              [PLAINPOST_NO_RECORD] = DNS_NO_RECORD,
                                              [PLAINPOST_NO_NAME] = DNS_NO_NAME,
                                              [PLAINPOST_NO_ANSWER] = DNS_FAILED};
    struct lookups_question *one = one_of(q);
    struct arena a = ARENA_EMPTY;
    assert(c);
    if ((unsigned)answered > PLAINPOST_NO_ANSWER || count > DNS_MOST_RECORDS ||
        (count > 0) != (answered == PLAINPOST_FOUND))
        return PLAINPOST_AUTH_BAD_ARGUMENT;
    struct dns_answer answer = {.result = results[answered], .canonical = SPAN_NONE};
    answer.why = answered == PLAINPOST_NO_ANSWER ? SPAN("nobody answers") : SPAN_NONE;
    bool ok = make_records(&answer, one->type, records, count, &a);
    if (ok)
        lookups_answer(&c->lookups, one, &answer);
    arena_clear(&a);
    return ok ? PLAINPOST_AUTH_OK : PLAINPOST_AUTH_BAD_ARGUMENT;
}

/* ---- results */

const struct plainpost_spf *plainpost_check_spf(struct plainpost_check *c)
{
    assert(c);
    return c->is_done && c->has_client ? &c->shown.spf : NULL;
}

const struct plainpost_dkim *plainpost_dkim_next(struct plainpost_check *c,
                                                 const struct plainpost_dkim *after)
{
    assert(c);
    size_t next = after ? (size_t)(after - c->shown.dkim) + 1 : 0;
    return c->is_done && next < c->shown.dkim_count ? &c->shown.dkim[next] : NULL;
}

const struct plainpost_dmarc *plainpost_check_dmarc(struct plainpost_check *c)
{
    assert(c);
    return c->is_done && library_has_dmarc(c) ? &c->shown.dmarc : NULL;
}

const struct plainpost_arc *plainpost_check_arc(struct plainpost_check *c)
{
    assert(c);
    return c->is_done && c->has_message ? &c->shown.arc : NULL;
}

const char *plainpost_check_field(struct plainpost_check *c, const char *authserv_id)
{
    struct buffer field = BUFFER_EMPTY;
    assert(c);
    if (!c->is_done || !c->has_message)
        return NULL;
    struct authres r = message_results(&c->verdict, span_of(authserv_id), &c->settled);
    authres_write(&field, &r);
    return arena_keep(&c->settled, &field).at;
}

const char *plainpost_check_header_without(struct plainpost_check *c, const char *authserv_id,
                                           size_t *size)
{
    struct buffer header = BUFFER_EMPTY;
    struct span message = buffer_span(&c->message);
    if (!c->is_done || !c->has_message)
        return NULL;
    authres_remove(&header, span_first(message, header_length(message)), span_of(authserv_id));
    struct span kept = arena_keep(&c->settled, &header);
    if (size)
        *size = kept.len;
    return kept.at;
}
