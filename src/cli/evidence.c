#include "cli/evidence.h"

#include "base/map.h"
#include "base/memory.h"
#include "cli/mail_files.h"
#include "mail/header.h"

#include <stdlib.h>

struct evidence_base {
    const struct explain_wishes *wishes;
    struct map sent; /* Message-IDs, without brackets */
    struct arena arena;
};

static struct span without_brackets(struct span id)
{
    size_t open = span_find_char(id, '<'), close;
    id = span_skip(id, open == SPAN_NOT_FOUND ? 0 : open + 1);
    close = span_find_char(id, '>');
    return span_trim(span_first(id, close == SPAN_NOT_FOUND ? id.len : close));
}

static void add_sent(struct evidence_base *b, struct span message)
{
    struct span id;
    if (!header_find(message, "Message-ID", &id))
        return;
    id = without_brackets(id);
    if (id.len && !map_get_text(&b->sent, id))
        map_set_text(&b->sent, arena_copy(&b->arena, id), b);
}

static bool read_sent(struct evidence_base *b, struct error *e)
{
    const struct explain_wishes *w = b->wishes;
    struct mail_files *files = mail_files_new((char *const *)(uintptr_t)w->sent, w->sent_count);
    struct mail_file m = {0};
    int got;
    while ((got = mail_files_next(files, &m, e)) > 0)
        add_sent(b, buffer_span(&m.message));
    mail_file_free(&m);
    mail_files_free(&files);
    return got == 0;
}

struct evidence_base *evidence_new(const struct explain_wishes *w, struct error *e)
{
    struct evidence_base *b = memory_new(sizeof *b);
    b->wishes = w;
    if (w->sent_count && !read_sent(b, e))
        evidence_free(&b);
    return b;
}

void evidence_free(struct evidence_base **b)
{
    if (!*b)
        return;
    map_free(&(*b)->sent);
    arena_clear(&(*b)->arena);
    free(*b);
    *b = NULL;
}

struct evidence evidence_about(const struct evidence_base *b, const struct notice *n)
{
    struct evidence e = {.me = b->wishes->me, .me_count = b->wishes->me_count};
    struct span id = n->original.message_id;
    if (b->wishes->sent_count && id.len)
        e.is_sent = map_get_text(&b->sent, id) ? ANSWER_YES : ANSWER_NO;
    return e;
}
