#define _DEFAULT_SOURCE /* explicit_bzero */
#include "daemon/signing.h"

#include "auth/dkim_sign.h"
#include "auth/organization.h"
#include "base/memory.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST_KEY_FILE = 64 * 1024 };

struct signing {
    const struct options *options; /* a reference: names */
    struct private_key **keys;     /* one for each of its signing_keys */
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

struct signing *signing_new(const struct options *o, struct error *e)
{
    struct signing *s = memory_new(sizeof *s);
    s->options = options_ref(o);
    s->keys = memory_new((o->signing_key_count + 1) * sizeof(struct private_key *));
    for (; s->count < o->signing_key_count; s->count++) {
        s->keys[s->count] = read_key(o->signing_keys[s->count].file.at, e);
        if (!s->keys[s->count]) {
            signing_free(&s);
            return NULL;
        }
    }
    return s;
}

void signing_free(struct signing **s)
{
    if (!*s)
        return;
    for (size_t i = 0; i < (*s)->count; i++)
        private_key_free(&(*s)->keys[i]);
    free((*s)->keys);
    options_unref(&(*s)->options);
    free(*s);
    *s = NULL;
}

void signing_add(const struct signing *s, struct buffer *out, struct span domain,
                 struct span message, int64_t now_ms)
{
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < s->count; i++) {
        const struct signing_key *named = &s->options->signing_keys[i];
        const struct dkim_signer signer = {named->domain, named->selector, s->keys[i]};
        if (organization_signs_for(named->domain, domain, &a))
            dkim_sign(out, &signer, message, now_ms / 1000);
    }
    arena_clear(&a);
}
