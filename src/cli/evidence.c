/* What was sent is kept by its Message-ID: to whom each went. A sent mailbox with 100,000 messages
 * takes some 20 MB. */
#include "cli/evidence.h"

#include "base/map.h"
#include "base/memory.h"
#include "cli/dkim_keys.h"
#include "cli/mail_files.h"
#include "mail/address_list.h"
#include "mail/header.h"
#include "provenance/provenance.h"

#include <assert.h>
#include <stdlib.h>

enum { MOST_ASKED = 50 /* recipients of a notice */, MOST_HEADER = 1 << 20 };

struct evidence_base {
    const struct explain_wishes *wishes;
    struct map sent;    /* Message-IDs, without brackets: struct sent */
    struct map written; /* addresses that something went to */
    struct arena arena;
    struct evidence_server *server; /* NULL: there is none */
    struct dkim_keys *keys;         /* NULL: none are given, none asked for */
};

struct sent {
    struct span recipients; /* " a@x b@y ", in lower case; empty: the copy does not tell */
};

/* ---- what was sent */

static struct span without_brackets(struct span id)
{
    size_t open = span_find_char(id, '<'), close;
    id = span_skip(id, open == SPAN_NOT_FOUND ? 0 : open + 1);
    close = span_find_char(id, '>');
    return span_trim(span_first(id, close == SPAN_NOT_FOUND ? id.len : close));
}

static struct span in_lower_case(struct span s, struct arena *a)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return span_make(at, s.len);
}

static void add_addresses(struct evidence_base *b, struct span field, struct buffer *all,
                          struct arena *a)
{
    struct address_list list = address_list_start(field);
    struct listed_address one;
    while (address_list_next(&list, &one, a) > 0) {
        struct span address = in_lower_case(one.address, a);
        if (!one.has_domain)
            continue;
        buffer_printf(all, "%s%.*s ", all->len ? "" : " ", SPAN_F(address));
        if (!map_get_text(&b->written, address))
            map_set_text(&b->written, arena_copy(&b->arena, address), b);
    }
}

static void add_sent(struct evidence_base *b, struct span message)
{
    struct arena a = ARENA_EMPTY;
    struct buffer all = BUFFER_EMPTY;
    struct header_iterator it = header_start(span_first(message, MOST_HEADER));
    struct header_field f;
    struct span id = SPAN_NONE;
    while (header_next(&it, &f) > 0) {
        if (span_equal_nocase(f.name, SPAN("Message-ID")))
            id = without_brackets(f.value);
        else if (span_equal_nocase(f.name, SPAN("To")) || span_equal_nocase(f.name, SPAN("Cc")) ||
                 span_equal_nocase(f.name, SPAN("Bcc")))
            add_addresses(b, f.value, &all, &a);
    }
    if (id.len && !map_get_text(&b->sent, id)) {
        struct sent *s = arena_new(&b->arena, sizeof *s);
        s->recipients = arena_copy(&b->arena, buffer_span(&all));
        map_set_text(&b->sent, arena_copy(&b->arena, id), s);
    }
    buffer_free(&all);
    arena_clear(&a);
}

static bool read_sent(struct evidence_base *b, struct error *e)
{
    const struct explain_wishes *w = b->wishes;
    struct mail_files *files = mail_files_new((char *const *)(uintptr_t)w->sent, w->sent_count);
    struct mail_file m = {0};
    int got;
    mail_files_keep_form(files);
    while ((got = mail_files_next(files, &m, e)) > 0)
        add_sent(b, buffer_span(&m.message));
    mail_file_free(&m);
    mail_files_free(&files);
    return got == 0;
}

struct evidence_base *evidence_new(const struct explain_wishes *w, const struct invocation *i,
                                   struct error *e)
{
    struct evidence_base *b = memory_new(sizeof *b);
    bool has_keys = w->dkim_key_count || w->asks_dns;
    b->wishes = w;
    if ((has_keys && !(b->keys = dkim_keys_new(w, e))) || (w->sent_count && !read_sent(b, e)))
        evidence_free(&b);
    else
        b->server = evidence_server_new(i);
    return b;
}

void evidence_free(struct evidence_base **b)
{
    if (!*b)
        return;
    evidence_server_free(&(*b)->server);
    dkim_keys_free(&(*b)->keys);
    map_free(&(*b)->sent);
    map_free(&(*b)->written);
    arena_clear(&(*b)->arena);
    free(*b);
    *b = NULL;
}

/* ---- what that tells of a notice */

static bool went_to(const struct sent *s, struct span address, struct arena *a)
{
    struct span word = arena_printf(a, " %.*s ", SPAN_F(in_lower_case(address, a)));
    return address.len && span_find(s->recipients, word) != SPAN_NOT_FOUND;
}

static bool wrote_to(const struct evidence_base *b, struct span address, struct arena *a)
{
    return address.len && map_get_text(&b->written, in_lower_case(address, a));
}

/* Is any recipient whom the notice names one of those of `s`, or (NULL) of all that was sent? */
static enum answer knows_recipient(const struct evidence_base *b, const struct notice *n,
                                   const struct sent *s, struct arena *a)
{
    enum answer answer = n->recipient_count ? ANSWER_NO : ANSWER_UNKNOWN;
    for (size_t i = 0; i < n->recipient_count && i < MOST_ASKED && answer == ANSWER_NO; i++) {
        const struct notice_recipient *r = &n->recipients[i];
        bool is_known = s ? went_to(s, r->address, a) || went_to(s, r->original, a)
                          : wrote_to(b, r->address, a) || wrote_to(b, r->original, a);
        answer = is_known ? ANSWER_YES : ANSWER_NO;
    }
    return answer;
}

/* An empty mailbox tells nothing. */
static void ask_what_was_sent(const struct evidence_base *b, const struct notice *n,
                              struct evidence *e, struct arena *a)
{
    struct span id = n->original.message_id;
    if (!b->sent.count)
        return;
    if (!id.len) {
        e->wrote_to = knows_recipient(b, n, NULL, a);
        return;
    }
    const struct sent *s = map_get_text(&b->sent, id);
    if (s || provenance_may_miss(id))
        e->is_sent = s ? ANSWER_YES : ANSWER_NO;
    if (s && s->recipients.len)
        e->sent_to = knows_recipient(b, n, s, a);
}

/* ---- all of it */

static const struct dkim_key *find_key(void *arg, const struct dkim_signature *s, bool is_from_me)
{
    return dkim_keys_find(arg, s, is_from_me);
}

/* Does it tell anything that a server could know? Most mail in a mailbox is no notice. */
static bool is_to_ask(const struct evidence_asked *x)
{
    const struct notice *n = x->notice;
    return n->kind != NOTICE_NOT_A_BOUNCE || n->original.message_id.len || n->original.header.len;
}

static void ask_server(const struct evidence_base *b, struct evidence_asked *each, size_t count)
{
    struct evidence_asked *some[EVIDENCE_MOST_AT_ONCE];
    size_t asked = 0;
    for (size_t i = 0; i < count; i++)
        if (is_to_ask(&each[i]))
            some[asked++] = &each[i];
    if (asked)
        evidence_server_ask(b->server, some, asked);
}

void evidence_gather(const struct evidence_base *b, struct evidence_asked *each, size_t count)
{
    assert(count <= EVIDENCE_MOST_AT_ONCE);
    for (size_t i = 0; i < count; i++) {
        struct evidence_asked *x = &each[i];
        x->evidence = (struct evidence){.me = b->wishes->me, .me_count = b->wishes->me_count};
        ask_what_was_sent(b, x->notice, &x->evidence, x->arena);
    }
    if (b->server)
        ask_server(b, each, count);
    const struct own_keys keys = {find_key, b->keys};
    for (size_t i = 0; b->keys && i < count; i++)
        provenance_by_signature(&each[i].evidence, &keys, &each[i].notice->original, each[i].arena);
}

size_t evidence_at_once(const struct evidence_base *b)
{
    return b->server ? EVIDENCE_MOST_AT_ONCE : 1;
}
