#include "queue/kept_outcome.h"

#include "base/memory.h"

#include <string.h>

static struct span keep_text(char **at, struct span s)
{
    char *copy = *at;
    if (s.len)
        memcpy(copy, s.at, s.len);
    *at += s.len;
    return (struct span){copy, s.len};
}

struct kept_outcome *outcome_keep(const struct outcome *o)
{
    size_t len = o->words.len + o->host.len + o->address.len + o->stage.len + o->login.len +
                 o->return_path.len;
    struct kept_outcome *kept = memory_new(sizeof *kept + len);
    char *at = kept->texts;
    kept->outcome = *o;
    kept->outcome.words = keep_text(&at, o->words);
    kept->outcome.host = keep_text(&at, o->host);
    kept->outcome.address = keep_text(&at, o->address);
    kept->outcome.stage = keep_text(&at, o->stage);
    kept->outcome.login = keep_text(&at, o->login);
    kept->outcome.return_path = keep_text(&at, o->return_path);
    return kept;
}

struct outcome outcome_into(struct arena *a, const struct outcome *o)
{
    struct outcome copy = *o;
    copy.words = arena_copy(a, o->words);
    copy.host = arena_copy(a, o->host);
    copy.address = arena_copy(a, o->address);
    copy.stage = arena_copy(a, o->stage);
    copy.login = arena_copy(a, o->login);
    copy.return_path = arena_copy(a, o->return_path);
    return copy;
}
