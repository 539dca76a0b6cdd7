#include "receive/user_notice.h"

#include "base/memory.h"
#include "mail/address_list.h"
#include "mail/header.h"
#include "mail/links.h"

#include <stdlib.h>

enum { MOST_COUNTED = 100000, LONGEST_LINK = 120 };

static size_t count_list(struct span value, size_t most)
{
    struct arena a = ARENA_EMPTY;
    struct address_list list = address_list_start(value);
    struct listed_address found;
    size_t count = 0;
    while (count < most && address_list_next(&list, &found, &a) > 0)
        count++;
    arena_clear(&a);
    return count;
}

size_t visible_recipients(struct span message, size_t most)
{
    struct header_iterator it = header_start(message);
    struct header_field f;
    size_t count = 0;
    while (count < most && header_next(&it, &f) > 0)
        if (span_equal_nocase(f.name, SPAN("To")) || span_equal_nocase(f.name, SPAN("Cc")))
            count += count_list(f.value, most - count);
    return count;
}

static enum letter_link why_of(enum link_fault fault)
{
    switch (fault) {
    case LINK_IS_FINE:
    case LINK_FAULTS:
    case LINK_IS_BAD:
        break;
    case LINK_IS_LISTED:
        return LETTER_LINK_LISTED;
    case LINK_LOOKS_ALIKE:
        return LETTER_LINK_ALIKE;
    case LINK_NAMES_ANOTHER:
        return LETTER_LINK_OTHER;
    }
    return LETTER_LINK_KNOWN;
}

static void fill_link(struct user_notice *n, const struct link_finding *f)
{
    struct buffer link = BUFFER_EMPTY;
    link_add_defanged(&link, f->link, LONGEST_LINK);
    n->letter.kind = LETTER_HELD_LINK;
    n->letter.why = why_of(f->fault);
    n->letter.link = arena_keep(&n->arena, &link);
    n->letter.other = arena_copy(&n->arena, f->list.len ? f->list : f->other);
}

struct user_notice *user_notice_new(const struct options *o, struct span account,
                                    const struct envelope *e, struct span message,
                                    const struct link_finding *held)
{
    uint64_t most = o->sending.warn_visible_recipients;
    size_t shown = !held && most ? visible_recipients(message, MOST_COUNTED) : 0;
    if (!e->reverse_path.len || (!held && (!most || shown < most)))
        return NULL;
    struct user_notice *n = memory_new(sizeof *n);
    n->account = arena_copy(&n->arena, account);
    n->header = arena_copy(&n->arena, span_first(message, header_length(message)));
    n->letter = (struct user_letter){.kind = LETTER_SHOWN_ADDRESSES,
                                     .to = arena_copy(&n->arena, e->reverse_path),
                                     .subject = arena_copy(&n->arena, e->subject),
                                     .about = e->id,
                                     .addresses = shown,
                                     .link = SPAN_NONE,
                                     .other = SPAN_NONE};
    if (held)
        fill_link(n, held);
    return n;
}

void user_notice_free(struct user_notice **n)
{
    if (!*n)
        return;
    struct arena a = (*n)->arena;
    free(*n);
    arena_clear(&a);
    *n = NULL;
}
