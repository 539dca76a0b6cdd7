/* What is like it need not be it: this only ever keeps a message from being called another's. So
 * what could be it is taken for it: a subject that somebody on the way has put a word before, or of
 * which the end was cut off, and whoever stands in To or Cc, because an address may lead on. */
#include "provenance/lately.h"

#include "base/map.h"
#include "bounce/free_text.h"
#include "mail/content.h"
#include "mail/header.h"

#include <string.h>

enum {
    DAY_MS = 86400000,
    MOST_ASKED = 50,      /* recipients of a notice, */
    MOST_NAMED = 200,     /* and of the message that it returns */
    MOST_SUBJECT = 10000, /* bytes */
    MOST_COMPARED = 60,   /* … of one that was sent: the rest may have been cut off */
    LEAST_COMPARED = 4,   /* … of fewer all must be the same; */
    LEAST_QUOTED = 8      /* and within the notice's own subject fewer are chance */
};

struct looking {
    struct map names;             /* in small letters, */
    struct span subject, quoting; /* and so are these: the message's, and the notice's own */
    struct arena arena;
    bool minds_plain, is_found;
};

int64_t notice_begin_ms(int64_t came_ms)
{
    return came_ms - (int64_t)NOTICE_DAYS * DAY_MS;
}

struct span lately_address(struct span s, struct arena *a)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return span_make(at, s.len);
}

/* In small letters, and without blanks: where a field was folded, there may be more or less. */
static struct span subject_of(struct span text, struct arena *a)
{
    char *at = arena_new(a, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        if (!strchr(" \t\r\n", text.at[i]))
            at[len++] = ascii_lower(text.at[i]);
    return span_make(at, len);
}

struct span lately_subject(struct span field, struct arena *a)
{
    return span_first(subject_of(content_field(field, a), a), MOST_COMPARED);
}

/* ---- what the notice names */

static void add_name(struct looking *l, struct span address)
{
    if (address.len)
        map_set_text(&l->names, lately_address(address, &l->arena), l);
}

static void add_names(struct looking *l, struct span field)
{
    struct span address;
    size_t end;
    while (l->names.count < MOST_NAMED && text_find_address(field, &address, &end)) {
        add_name(l, address);
        field = span_skip(field, end);
    }
}

static void take(struct looking *l, const struct notice *n)
{
    struct span cc;
    l->subject = subject_of(span_first(n->original.subject, MOST_SUBJECT), &l->arena);
    l->quoting = subject_of(span_first(n->subject, MOST_SUBJECT), &l->arena);
    for (size_t i = 0; i < n->recipient_count && i < MOST_ASKED; i++) {
        add_name(l, n->recipients[i].address);
        add_name(l, n->recipients[i].original);
    }
    add_names(l, n->original.to);
    if (header_find(n->original.header, "Cc", &cc))
        add_names(l, content_field(cc, &l->arena));
}

/* ---- what was sent */

/* An encoded word that was cut off can't be compared. */
static bool is_like_subject(const struct looking *l, struct span sent)
{
    struct span returned = l->subject;
    if (span_find(sent, SPAN("=?")) != SPAN_NOT_FOUND)
        return true;
    if (sent.len >= LEAST_QUOTED && span_find(l->quoting, sent) != SPAN_NOT_FOUND)
        return true;
    if (returned.len < LEAST_COMPARED || sent.len < LEAST_COMPARED)
        return returned.len && span_equal(returned, sent);
    return span_find(returned, sent) != SPAN_NOT_FOUND ||
           span_find(sent, returned) != SPAN_NOT_FOUND;
}

static bool see(void *of, const struct lately_sent *s)
{
    struct looking *l = of;
    l->is_found = (s->is_plain && l->minds_plain) || map_get_text(&l->names, s->to) ||
                  is_like_subject(l, s->subject);
    return !l->is_found;
}

bool lately_is_none(const struct lately_record *r, const struct lately_question *q)
{
    const struct notice *n = q->notice;
    struct looking l = {.minds_plain = q->minds_plain};
    bool is_all = q->evidence->me_count && n->recipient_count <= MOST_ASKED && !n->further_count;
    take(&l, n);
    for (size_t i = 0; i < q->evidence->me_count && is_all; i++)
        is_all = r->look(r->arg, q->evidence->me[i], notice_begin_ms(q->came_ms), see, &l);
    map_free(&l.names);
    arena_clear(&l.arena);
    return is_all && !l.is_found;
}
