/* The recipients that a notice names, while it is read. */
#include "bounce/read_inside.h"

#include <string.h>

/* Room doubles; what was there before stays in the arena until all is over. */
static void grow(struct reading *r)
{
    size_t room = r->room ? r->room * 2 : 8;
    struct notice_recipient *more = arena_new(r->arena, room * sizeof *more);
    if (r->notice->recipient_count)
        memcpy(more, r->notice->recipients, r->notice->recipient_count * sizeof *more);
    r->notice->recipients = more;
    r->room = room;
}

struct notice_recipient *reading_add(struct reading *r, struct span address)
{
    struct notice *n = r->notice;
    if (n->recipient_count == MOST_RECIPIENTS) {
        n->further_count++;
        return NULL;
    }
    if (n->recipient_count == r->room)
        grow(r);
    n->recipients[n->recipient_count] = (struct notice_recipient){.address = address};
    return &n->recipients[n->recipient_count++];
}

/* When there are too many, another address is only counted: nobody looks through them for each. */
struct notice_recipient *reading_find(struct reading *r, struct span address)
{
    if (r->notice->recipient_count == MOST_RECIPIENTS)
        return NULL;
    for (size_t i = 0; i < r->notice->recipient_count; i++) {
        struct notice_recipient *to = &r->notice->recipients[i];
        if (span_equal_nocase(to->address, address) ||
            (to->original.len && span_equal_nocase(to->original, address)))
            return to;
    }
    return NULL;
}
