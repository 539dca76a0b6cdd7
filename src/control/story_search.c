#include "control/story_search.h"

#include "auth/return_tag.h"

#include <string.h>

static bool id_of_tag(struct span what, message_id *id)
{
    struct arena a = ARENA_EMPTY;
    struct return_tag tag;
    bool is = return_tag_parse(&tag, what, &a) && !tag.is_steady && message_id_parse(tag.id, id);
    arena_clear(&a);
    return is;
}

bool story_id(struct span what, message_id *id)
{
    return message_id_parse(what, id) || id_of_tag(what, id);
}

/* The oldest comes first, and that is what it names. */
bool story_search(struct ledger *l, struct span what, size_t limit, struct arena *a,
                  message_id **ids, size_t *count, struct error *e)
{
    message_id named;
    if (!ledger_search(l, what, limit, a, ids, count, e))
        return false;
    if (!id_of_tag(what, &named))
        return true;
    size_t kept = *count < limit ? *count : limit - 1;
    message_id *all = arena_new(a, (kept + 1) * sizeof *all);
    all[0] = named;
    if (kept)
        memcpy(all + 1, *ids + (*count - kept), kept * sizeof *all);
    *ids = all;
    *count = kept + 1;
    return true;
}
