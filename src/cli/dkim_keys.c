/* A key that was named is found without a question. Everything else is behind one lock: a question
 * is asked by one thread while the others wait for it, and most of them want the same answer. */
#include "cli/dkim_keys.h"

#include "auth/organization.h"
#include "base/map.h"
#include "base/memory.h"
#include "cli/key_questions.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

struct named_key {
    struct span domain, selector;
    struct dkim_key key;
};

struct dns_key {
    bool is_known;
    struct dkim_key key;
};

struct dkim_keys {
    const struct explain_wishes *wishes;
    struct named_key *named;
    struct arena arena;   /* of the named ones */
    pthread_mutex_t lock; /* of what follows */
    struct key_questions *questions;
    struct map asked; /* dns_key by "SELECTOR._domainkey.DOMAIN" */
    struct arena answers;
};

/* ---- named */

enum { LARGEST_KEY_FILE = 65536 };

static bool read_key_file(const char *path, struct buffer *text, struct error *e)
{
    if (whole_file_read(path, O_NOCTTY, LARGEST_KEY_FILE, text))
        return true;
    return errno == EFBIG ? error_set(e, "%s is too large to be a DKIM key", path)
                          : error_system(e, errno, "cannot read the DKIM key in %s", path);
}

static bool take_named(struct dkim_keys *k, const struct dkim_key_wish *wish,
                       struct named_key *named, struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    struct error why;
    bool ok = read_key_file(wish->file, &text, e);
    if (ok &&
        !dkim_key_read(&named->key, arena_copy(&k->arena, buffer_span(&text)), &k->arena, &why))
        ok = error_set(e, "the DKIM key in %s can't be used: %s", wish->file, why.text);
    if (ok && !domain_to_ascii(wish->domain, &named->domain, &k->arena))
        ok = error_set(e, "--dkim-key: \"%.*s\" is no domain", SPAN_F(wish->domain));
    named->selector = wish->selector;
    if (ok)
        dkim_key_open(&named->key);
    buffer_free(&text);
    return ok;
}

struct dkim_keys *dkim_keys_new(const struct explain_wishes *w, struct error *e)
{
    struct dkim_keys *k = memory_new(sizeof *k);
    bool ok = true;
    k->wishes = w;
    pthread_mutex_init(&k->lock, NULL);
    k->named = arena_new(&k->arena, (w->dkim_key_count + 1) * sizeof *k->named);
    for (size_t i = 0; i < w->dkim_key_count && ok; i++)
        ok = take_named(k, &w->dkim_keys[i], &k->named[i], e);
    if (ok && w->asks_dns)
        ok = (k->questions = key_questions_new(w->dns_server, e)) != NULL;
    if (!ok)
        dkim_keys_free(&k);
    return k;
}

void dkim_keys_free(struct dkim_keys **k)
{
    if (!*k)
        return;
    struct dns_key *each;
    for (size_t i = 0; (each = map_next(&(*k)->asked, &i));)
        dkim_key_close(&each->key);
    for (size_t i = 0; i < (*k)->wishes->dkim_key_count; i++)
        dkim_key_close(&(*k)->named[i].key);
    key_questions_free(&(*k)->questions);
    map_free(&(*k)->asked);
    arena_clear(&(*k)->answers);
    arena_clear(&(*k)->arena);
    pthread_mutex_destroy(&(*k)->lock);
    free(*k);
    *k = NULL;
}

static const struct dkim_key *find_named(const struct dkim_keys *k, const struct dkim_signature *s)
{
    for (size_t i = 0; i < k->wishes->dkim_key_count; i++)
        if (span_equal_nocase(k->named[i].domain, s->domain) &&
            span_equal_nocase(k->named[i].selector, s->selector))
            return &k->named[i].key;
    return NULL;
}

/* ---- asked for */

static bool is_ours(const struct dkim_keys *k, struct span domain)
{
    struct arena a = ARENA_EMPTY;
    bool is = false;
    for (size_t i = 0; i < k->wishes->me_count && !is; i++)
        is = organization_signs_for(domain, address_domain(k->wishes->me[i]), &a);
    arena_clear(&a);
    return is;
}

static const struct dns_key *ask(struct dkim_keys *k, const struct dkim_signature *s)
{
    struct span name =
        arena_printf(&k->answers, "%.*s._domainkey.%.*s", SPAN_F(s->selector), SPAN_F(s->domain));
    struct dns_key *known = map_get_text(&k->asked, name);
    if (known)
        return known;
    known = arena_new(&k->answers, sizeof *known);
    known->is_known = key_questions_ask(k->questions, name.at, &known->key, &k->answers);
    if (known->is_known)
        dkim_key_open(&known->key);
    map_set_text(&k->asked, name, known);
    return known;
}

const struct dkim_key *dkim_keys_find(struct dkim_keys *k, const struct dkim_signature *s,
                                      bool is_from_me)
{
    const struct dkim_key *named = find_named(k, s);
    if (named || !k->questions || !is_from_me || !is_ours(k, s->domain))
        return named;
    pthread_mutex_lock(&k->lock);
    const struct dns_key *found = ask(k, s);
    pthread_mutex_unlock(&k->lock);
    return found->is_known ? &found->key : NULL;
}
