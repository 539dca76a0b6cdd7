#include "cli/evidence.h"

#include "base/map.h"
#include "base/memory.h"
#include "bounce/own_signature.h"
#include "cli/dkim_keys.h"
#include "cli/mail_files.h"
#include "mail/header.h"

#include <stdlib.h>

struct evidence_base {
    const struct explain_wishes *wishes;
    struct dkim_keys *keys; /* NULL: none are given, none asked for */
    struct map sent;        /* Message-IDs, without brackets */
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
    bool has_keys = w->dkim_key_count || w->asks_dns;
    b->wishes = w;
    if ((has_keys && !(b->keys = dkim_keys_new(w, e))) || (w->sent_count && !read_sent(b, e)))
        evidence_free(&b);
    return b;
}

void evidence_free(struct evidence_base **b)
{
    if (!*b)
        return;
    dkim_keys_free(&(*b)->keys);
    map_free(&(*b)->sent);
    arena_clear(&(*b)->arena);
    free(*b);
    *b = NULL;
}

/* ---- our own signature */

enum { MOST_SIGNATURES = 30, MOST_CHECKED = 8 }; /* of a message; the rest is passed over */

/* One that holds says all; a broken one beside it says nothing. */
static void weigh(struct evidence *e, enum answer answer, struct span domain)
{
    if (answer == ANSWER_UNKNOWN || e->own_signature == ANSWER_YES)
        return;
    e->own_signature = answer;
    e->own_domain = domain;
}

static void check_signatures(const struct evidence_base *b, const struct notice_original *o,
                             struct evidence *e, struct arena *a)
{
    struct header_iterator it = header_start(o->header);
    struct header_field f;
    struct dkim_signature s;
    struct error why;
    size_t seen = 0, checked = 0;
    while (header_next(&it, &f) > 0 && seen < MOST_SIGNATURES && checked < MOST_CHECKED &&
           e->own_signature != ANSWER_YES) {
        if (!span_equal_nocase(f.name, SPAN("DKIM-Signature")))
            continue;
        seen++;
        const struct dkim_key *key =
            dkim_signature_parse(&s, &f, a, &why) ? dkim_keys_find(b->keys, &s) : NULL;
        if (!key)
            continue;
        checked++;
        weigh(e, own_signature_answer(o, &s, key), s.domain);
    }
}

struct evidence evidence_about(const struct evidence_base *b, const struct notice *n,
                               struct arena *a)
{
    struct evidence e = {.me = b->wishes->me, .me_count = b->wishes->me_count};
    struct span id = n->original.message_id;
    if (b->wishes->sent_count && id.len)
        e.is_sent = map_get_text(&b->sent, id) ? ANSWER_YES : ANSWER_NO;
    if (b->keys)
        check_signatures(b, &n->original, &e, a);
    return e;
}
