/* The public header's signer. */
#include "auth/arc_seal.h"
#include "auth/dkim_key.h"
#include "auth/dkim_sign.h"
#include "auth/library_inside.h"
#include "base/memory.h"
#include "mail/domain.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct plainpost_signer {
    struct dkim_signer signer;
    struct private_key *key;
    struct buffer record;
    struct arena kept;
};

static void say(char *why, size_t size, const char *text)
{
    if (why && size)
        snprintf(why, size, "%s", text);
}

/* A name that the DNS can have, in ASCII and lower case. */
static bool take_name(struct span *name, const char *text, struct arena *a)
{
    struct span ascii;
    if (!text || !*text || !domain_to_ascii(span_of(text), &ascii, a))
        return false;
    char *lower = arena_new(a, ascii.len + 1);
    size_t label = 0;
    for (size_t i = 0; i < ascii.len; i++) {
        char c = lower[i] = ascii_lower(ascii.at[i]);
        label = c == '.' ? 0 : label + 1;
        if ((!label && (!i || lower[i - 1] == '.')) ||
            (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.'))
            return false;
    }
    *name = span_make(lower, ascii.len);
    return label > 0;
}

static void add_record(struct buffer *out, const struct private_key *k)
{
    struct buffer octets = BUFFER_EMPTY;
    private_key_public(k, &octets);
    dkim_key_add_record(out, private_key_kind(k), buffer_span(&octets));
    buffer_free(&octets);
}

static enum plainpost_auth_status fill_in(struct plainpost_signer *s, const char *domain,
                                          const char *selector, struct span pem, struct error *e)
{
    if (!take_name(&s->signer.domain, domain, &s->kept)) {
        error_set(e, "that is no name of a domain");
        return PLAINPOST_AUTH_BAD_ARGUMENT;
    }
    if (!take_name(&s->signer.selector, selector, &s->kept)) {
        error_set(e, "that is no name of a selector");
        return PLAINPOST_AUTH_BAD_ARGUMENT;
    }
    s->signer.key = s->key = private_key_read(pem, e);
    if (!s->key)
        return PLAINPOST_AUTH_BAD_ARGUMENT;
    add_record(&s->record, s->key);
    return PLAINPOST_AUTH_OK;
}

enum plainpost_auth_status plainpost_signer_new(struct plainpost_signer **signer,
                                                const char *domain, const char *selector,
                                                const void *pem, size_t pem_size, char *why,
                                                size_t why_size)
{
    struct error e = {""};
    assert(signer && (pem || !pem_size));
    struct plainpost_signer *s = memory_new(sizeof *s);
    enum plainpost_auth_status status =
        fill_in(s, domain, selector, span_make(pem ? pem : "", pem_size), &e);
    say(why, why_size, e.text);
    if (status != PLAINPOST_AUTH_OK)
        plainpost_signer_free(&s);
    *signer = s;
    return status;
}

void plainpost_signer_free(struct plainpost_signer **signer)
{
    assert(signer);
    struct plainpost_signer *s = *signer;
    if (!s)
        return;
    private_key_free(&s->key);
    buffer_free(&s->record);
    arena_clear(&s->kept);
    free(s);
    *signer = NULL;
}

const char *plainpost_signer_record(const struct plainpost_signer *s)
{
    assert(s);
    return buffer_text(&s->record);
}

enum plainpost_auth_status plainpost_signer_sign(const struct plainpost_signer *s,
                                                 const void *octets, size_t size, int64_t now,
                                                 char **field)
{
    assert(s && field && (octets || !size));
    *field = NULL;
    if (size > PLAINPOST_AUTH_LARGEST_MESSAGE)
        return PLAINPOST_AUTH_TOO_LARGE;
    struct buffer message = BUFFER_EMPTY, made = BUFFER_EMPTY;
    library_add_message(&message, span_make(octets ? octets : "", size));
    bool ok = dkim_sign(&made, &s->signer, 1, buffer_span(&message), now);
    buffer_free(&message);
    if (!ok) {
        buffer_free(&made);
        return PLAINPOST_AUTH_BAD_ARGUMENT;
    }
    *field = made.at;
    return PLAINPOST_AUTH_OK;
}

static bool chain_state(enum plainpost_outcome o, enum arc_state *state)
{
    static const enum arc_state states[] = {
        [PLAINPOST_NONE] = ARC_NONE, [PLAINPOST_PASS] = ARC_PASS, [PLAINPOST_FAIL] = ARC_FAIL};
    if ((unsigned)o > PLAINPOST_FAIL)
        return false;
    *state = states[o];
    return true;
}

enum plainpost_auth_status plainpost_signer_seal(const struct plainpost_signer *s,
                                                 const char *authserv_id, const void *octets,
                                                 size_t size, enum plainpost_outcome found,
                                                 int64_t now, char **fields, char *why,
                                                 size_t why_size)
{
    enum arc_state state;
    struct error e = {""};
    assert(s && fields && (octets || !size));
    *fields = NULL;
    if (size > PLAINPOST_AUTH_LARGEST_MESSAGE)
        return PLAINPOST_AUTH_TOO_LARGE;
    if (!authserv_id || !chain_state(found, &state))
        return PLAINPOST_AUTH_BAD_ARGUMENT;
    const struct arc_sealer sealer = {.domain = s->signer.domain,
                                      .selector = s->signer.selector,
                                      .key = s->key,
                                      .server = span_of(authserv_id)};
    struct buffer message = BUFFER_EMPTY, made = BUFFER_EMPTY;
    library_add_message(&message, span_make(octets ? octets : "", size));
    enum arc_sealing done = arc_seal(&made, &sealer, buffer_span(&message), state, now, &e);
    buffer_free(&message);
    say(why, why_size, e.text);
    if (done != ARC_SEALED) {
        buffer_free(&made);
        return PLAINPOST_AUTH_NOT_SEALED;
    }
    *fields = made.at;
    return PLAINPOST_AUTH_OK;
}
