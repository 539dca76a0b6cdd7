#include "auth/signing_secrets.h"

enum { MOST_SECRETS = 100 };

bool signing_secrets_read(struct signing_secrets *s, struct span text, struct arena *a)
{
    struct span *all = arena_new(a, MOST_SECRETS * sizeof *all);
    s->count = 0;
    while (text.len && s->count < MOST_SECRETS) {
        struct span line = span_trim(span_cut(&text, '\n'));
        if (line.len)
            all[s->count++] = line;
    }
    s->at = all;
    return s->count > 0;
}
