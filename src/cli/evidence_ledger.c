#include "cli/evidence_ledger.h"

#include "address/directory.h"
#include "base/memory.h"
#include "cli/commands.h"
#include "cli/sent_access.h"
#include "mail/address.h"
#include "mail/address_list.h"
#include "mail/date.h"

#include <errno.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MOST_ASKED = 50,      /* recipients of a notice */
    MOST_OF_ONE = 20,     /* messages of one Message-ID */
    WRITTEN_BEFORE = 3600 /* s: clocks go wrong by so much */
};

struct evidence_ledger {
    struct sent_access *access;
    struct directory *directory; /* NULL: whose domains are ours is not known */
    atomic_bool has_failed;      /* said once */
};

static bool is_there(const struct options *o)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/ledger.sqlite", SPAN_F(o->state));
    bool is = access(buffer_text(&path), F_OK) == 0 || errno == EACCES;
    buffer_free(&path);
    return is;
}

struct evidence_ledger *evidence_ledger_new(const struct options *o)
{
    struct evidence_ledger *l;
    struct file_marks marks = {0};
    struct error e;
    if (!is_there(o))
        return NULL;
    l = memory_new(sizeof *l);
    if (!(l->access = sent_access_new(o, &e))) {
        complain(0, "what was sent from here is not looked through: %s", e.text);
        evidence_ledger_free(&l);
        return NULL;
    }
    l->directory = directory_load(o, &marks, &e);
    file_marks_free(&marks);
    return l;
}

void evidence_ledger_free(struct evidence_ledger **l)
{
    if (!*l)
        return;
    sent_access_free(&(*l)->access);
    directory_unref(&(*l)->directory);
    free(*l);
    *l = NULL;
}

/* ---- one question */

struct told {
    bool is_whole; /* it looked through what all have sent, and that goes back to */
    int64_t since_ms;
    size_t count;
    bool is_by_me;
};

static bool is_me(const struct evidence *e, const json_t *line)
{
    struct span from = span_of(json_string_value(json_object_get(line, "from")));
    struct span account = span_of(json_string_value(json_object_get(line, "account")));
    for (size_t i = 0; i < e->me_count; i++)
        if (address_equal(e->me[i], from) || address_equal(e->me[i], account))
            return true;
    return !e->me_count;
}

static void read_head(struct told *t, const json_t *head)
{
    int offset;
    struct span since = span_of(json_string_value(json_object_get(head, "since")));
    t->is_whole = !json_object_get(head, "of_user") && date_parse(since, &t->since_ms, &offset);
}

/* False: it could not be asked. */
static bool ask(struct evidence_ledger *l, struct span id, struct span to, const struct evidence *e,
                struct told *t)
{
    struct buffer lines = BUFFER_EMPTY;
    struct error why;
    const struct sent_question q = {.message_id = id, .to = to};
    *t = (struct told){0};
    bool ok = sent_access_ask(l->access, &q, MOST_OF_ONE, &lines, &why);
    if (!ok && !atomic_exchange(&l->has_failed, true))
        complain(0, "what was sent from here can't be looked through: %s", why.text);
    struct span rest = buffer_span(&lines);
    for (bool is_head = true; rest.len; is_head = false) {
        struct span text = span_cut(&rest, '\n');
        json_t *line = json_loadb(text.at, text.len, 0, NULL);
        if (is_head)
            read_head(t, line);
        t->count += !is_head;
        t->is_by_me |= !is_head && is_me(e, line);
        json_decref(line);
    }
    buffer_free(&lines);
    return ok;
}

/* ---- a notice */

static bool is_ours(const struct evidence_ledger *l, struct span address)
{
    struct span domain = address_domain(address);
    return domain.len && (directory_has_domain(l->directory, domain) ||
                          directory_find(l->directory, SPAN_NONE, address).is_ours);
}

/* Did it come to somebody here? */
static bool came_to_us(const struct evidence_ledger *l, const struct notice *n,
                       const struct evidence *e)
{
    struct arena a = ARENA_EMPTY;
    struct address_list list = address_list_start(n->to);
    struct listed_address one;
    bool is = false;
    if (!l->directory)
        return false;
    for (size_t i = 0; i < e->me_count && !is; i++)
        is = is_ours(l, e->me[i]);
    while (!is && !e->me_count && address_list_next(&list, &one, &a) > 0)
        is = one.has_domain && is_ours(l, one.address);
    arena_clear(&a);
    return is;
}

static bool goes_back_to(const struct told *t, const struct notice *n)
{
    int64_t written_ms = n->original.date_ms;
    return t->is_whole && written_ms && t->since_ms <= written_ms - WRITTEN_BEFORE * 1000;
}

/* Did it go to any recipient whom the notice names? */
static enum answer sent_to(struct evidence_ledger *l, struct span id, const struct notice *n,
                           const struct evidence *e)
{
    enum answer answer = n->recipient_count ? ANSWER_NO : ANSWER_UNKNOWN;
    struct told t;
    for (size_t i = 0; i < n->recipient_count && i < MOST_ASKED && answer == ANSWER_NO; i++) {
        const struct span names[] = {n->recipients[i].address, n->recipients[i].original};
        for (size_t k = 0; k < 2 && answer == ANSWER_NO; k++)
            if (names[k].len && !ask(l, id, names[k], e, &t))
                return ANSWER_UNKNOWN;
            else if (names[k].len && t.is_by_me)
                answer = ANSWER_YES;
    }
    return answer;
}

void evidence_ledger_ask(struct evidence_ledger *l, const struct notice *n, struct evidence *e)
{
    struct span id = n->original.message_id;
    struct told t;
    if (!id.len) {
        /* Nobody's mail to an address says anything of somebody else's. */
        if (e->wrote_to == ANSWER_UNKNOWN && e->me_count &&
            sent_to(l, SPAN_NONE, n, e) == ANSWER_YES)
            e->wrote_to = ANSWER_YES;
        return;
    }
    if (e->is_sent == ANSWER_YES || !ask(l, id, SPAN_NONE, e, &t))
        return;
    if (t.is_by_me) {
        e->is_sent = ANSWER_YES;
        e->sent_to = sent_to(l, id, n, e);
    } else if (!t.count && goes_back_to(&t, n) && came_to_us(l, n, e)) {
        e->is_sent = ANSWER_NO;
    }
}
