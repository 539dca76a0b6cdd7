#define _DEFAULT_SOURCE /* explicit_bzero */
#include "signing/signing.h"

#include "auth/dkim_author.h"
#include "auth/organization.h"
#include "base/memory.h"
#include "mail/convert.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST_KEY_FILE = 64 * 1024 };

struct signing {
    atomic_size_t references;
    const struct options *options; /* a reference: names */
    struct private_key **keys;     /* one for each of its signing_keys */
    struct dkim_signer *signers;   /* likewise */
    struct dkim_key *halves;       /* likewise: the public ones */
    struct arena arena;            /* of those */
    size_t count;
};

/* Whoever can read it can write mail in our name. */
static bool is_secret(const char *file, struct error *e)
{
    struct stat found;
    if (stat(file, &found))
        return error_system(e, errno, "cannot read the DKIM key in %s", file);
    return !(found.st_mode & S_IRWXO) ||
           error_set(e,
                     "the DKIM key in %s is open to every user of this machine; take it away from "
                     "them: chmod o= %s",
                     file, file);
}

static struct private_key *read_key(const char *file, struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    struct private_key *k = NULL;
    struct error why;
    if (!is_secret(file, e))
        return NULL;
    if (!whole_file_read(file, 0, LARGEST_KEY_FILE, &text))
        error_system(e, errno, "cannot read the DKIM key in %s", file);
    else if (!(k = private_key_read(buffer_span(&text), &why)))
        error_set(e, "the DKIM key in %s can't be used: %s", file, why.text);
    if (text.at)
        explicit_bzero(text.at, text.cap);
    buffer_free(&text);
    return k;
}

/* By which our own signature is known when it comes back. */
static void open_half(struct signing *s, const struct private_key *key)
{
    struct buffer octets = BUFFER_EMPTY;
    struct dkim_key *half = &s->halves[s->count];
    private_key_public(key, &octets);
    *half = (struct dkim_key){.kind = private_key_kind(key),
                              .octets = arena_keep(&s->arena, &octets),
                              .allows_sha256 = true,
                              .is_for_mail = true};
    dkim_key_open(half);
}

struct signing *signing_new(const struct options *o, struct error *e)
{
    struct signing *s = memory_new(sizeof *s);
    size_t room = o->signing_key_count + 1;
    atomic_store(&s->references, 1);
    s->options = options_ref(o);
    s->keys = memory_new(room * sizeof(struct private_key *));
    s->signers = memory_new(room * sizeof *s->signers);
    s->halves = memory_new(room * sizeof *s->halves);
    for (; s->count < o->signing_key_count; s->count++) {
        const struct signing_key *named = &o->signing_keys[s->count];
        struct private_key *key = read_key(named->file.at, e);
        if (!key) {
            signing_unref(&s);
            return NULL;
        }
        s->keys[s->count] = key;
        s->signers[s->count] = (struct dkim_signer){named->domain, named->selector, key};
        open_half(s, key);
    }
    return s;
}

struct signing *signing_ref(struct signing *s)
{
    atomic_fetch_add(&s->references, 1);
    return s;
}

void signing_unref(struct signing **signing)
{
    struct signing *s = *signing;
    *signing = NULL;
    if (!s || atomic_fetch_sub(&s->references, 1) > 1)
        return;
    for (size_t i = 0; i < s->count; i++) {
        dkim_key_close(&s->halves[i]);
        private_key_free(&s->keys[i]);
    }
    arena_clear(&s->arena);
    free(s->halves);
    free(s->keys);
    free(s->signers);
    options_unref(&s->options);
    free(s);
}

/* ---- our own messages */

struct draft {
    struct signing *by; /* a reference */
    size_t length;      /* of the fields */
    size_t count;
    struct dkim_signer signers[];
};

struct draft *signing_draft(struct signing *s, struct buffer *fields, struct span domain,
                            struct span message, int64_t now_ms)
{
    struct arena a = ARENA_EMPTY;
    struct draft *d = memory_new(sizeof *d + s->count * sizeof *d->signers);
    size_t before = fields->len;
    for (size_t i = 0; i < s->count; i++)
        if (organization_signs_for(s->signers[i].domain, domain, &a))
            d->signers[d->count++] = s->signers[i];
    arena_clear(&a);
    if (!d->count || !dkim_sign_draft(fields, d->signers, d->count, message, now_ms / 1000)) {
        free(d);
        return NULL;
    }
    d->by = signing_ref(s);
    d->length = fields->len - before;
    return d;
}

void signing_finish(struct draft **draft, struct buffer *message)
{
    struct draft *d = *draft;
    dkim_sign_fill(message->at, d->length, d->signers, d->count,
                   span_skip(buffer_span(message), d->length));
    signing_unref(&d->by);
    free(d);
    *draft = NULL;
}

void signing_add(struct signing *s, struct buffer *out, struct span domain, struct span message,
                 int64_t now_ms)
{
    struct buffer whole = BUFFER_EMPTY;
    struct draft *d = signing_draft(s, &whole, domain, message, now_ms);
    if (d) {
        size_t length = whole.len;
        buffer_add_span(&whole, message);
        signing_finish(&d, &whole);
        buffer_add_span(out, span_first(buffer_span(&whole), length));
    }
    buffer_free(&whole);
}

const struct dkim_key *signing_key_of(const struct signing *s, struct span domain,
                                      struct span selector)
{
    for (size_t i = 0; i < s->count; i++)
        if (span_equal_nocase(s->signers[i].domain, domain) &&
            span_equal_nocase(s->signers[i].selector, selector))
            return &s->halves[i];
    return NULL;
}

bool signing_sealer(const struct signing *s, struct arc_sealer *sealer)
{
    const struct options *o = s->options;
    for (size_t i = 0; i < s->count; i++)
        if (span_equal(s->signers[i].domain, o->arc_seal)) {
            *sealer =
                (struct arc_sealer){.domain = s->signers[i].domain,
                                    .selector = s->signers[i].selector,
                                    .key = s->signers[i].key,
                                    .server = o->authserv_id.len ? o->authserv_id : o->hostname,
                                    .names = SPAN_NONE};
            return true;
        }
    return false;
}

/* ---- what users send */

bool signers_choose(struct signers *x, struct signing *s, struct span message)
{
    bool *is_chosen = s->count ? memory_new(s->count * sizeof *is_chosen) : NULL;
    size_t count = s->count ? dkim_author_choose(s->signers, s->count, message, is_chosen) : 0;
    if (!count) {
        free(is_chosen);
        return false;
    }
    x->by = signing_ref(s);
    x->is_chosen = is_chosen;
    x->count = count;
    return true;
}

void signers_free(struct signers *x)
{
    free(x->is_chosen);
    signing_unref(&x->by);
    *x = (struct signers){0};
}

static void make_text(struct signers *x, struct buffer *message)
{
    struct buffer text = BUFFER_EMPTY;
    struct span why;
    if (convert_message(&text, buffer_span(message), FORM_8BIT, &why)) {
        buffer_free(message);
        *message = text;
        x->is_binary = false;
        for (size_t i = 0; i < message->len; i++)
            x->has_8bit |= (message->at[i] & 0x80) != 0;
    } else {
        buffer_free(&text);
    }
}

bool signers_sign(struct signers *x, struct buffer *message, int64_t now_ms, struct buffer *names,
                  struct error *why)
{
    const struct signing *s = x->by;
    struct buffer fields = BUFFER_EMPTY;
    x->count = dkim_author_leave_signed(s->signers, s->count, buffer_span(message), x->is_chosen);
    if (!x->count)
        return true;
    if (x->is_binary)
        make_text(x, message);
    struct dkim_signer *chosen = memory_new(x->count * sizeof *chosen);
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (!x->is_chosen[i])
            continue;
        buffer_printf(names, "%s%.*s:%.*s", names->len ? " " : "", SPAN_F(s->signers[i].domain),
                      SPAN_F(s->signers[i].selector));
        chosen[count++] = s->signers[i];
    }
    bool ok = dkim_sign(&fields, chosen, count, buffer_span(message), now_ms / 1000);
    if (ok)
        buffer_put_first(message, buffer_span(&fields));
    else
        error_set(why, "its header has more fields than can be signed");
    buffer_free(&fields);
    free(chosen);
    return ok;
}
