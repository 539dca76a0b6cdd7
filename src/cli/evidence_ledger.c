#include "cli/evidence_ledger.h"

#include "address/returns.h"
#include "base/memory.h"
#include "cli/commands.h"
#include "cli/sent_access.h"
#include "mail/address.h"
#include "mail/date.h"
#include "provenance/own_tag.h"
#include "provenance/provenance.h"

#include <errno.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_OF_ONE = 20 /* messages of one Message-ID */ };

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

/* ---- asking it */

static bool is_me(const struct evidence *e, const json_t *line)
{
    struct span from = span_of(json_string_value(json_object_get(line, "from")));
    struct span account = span_of(json_string_value(json_object_get(line, "account")));
    for (size_t i = 0; i < e->me_count; i++)
        if (address_equal(e->me[i], from) || address_equal(e->me[i], account))
            return true;
    return !e->me_count;
}

static void read_head(struct sent_told *t, const json_t *head)
{
    int offset;
    struct span since = span_of(json_string_value(json_object_get(head, "since")));
    t->has_passed = json_is_true(json_object_get(head, "passed_through"));
    t->is_whole = !json_object_get(head, "of_user") && date_parse(since, &t->since_ms, &offset);
}

static bool ask(void *arg, struct span id, struct span to, const struct evidence *e,
                struct sent_told *t)
{
    struct evidence_ledger *l = arg;
    struct buffer lines = BUFFER_EMPTY;
    struct error why;
    const struct sent_question q = {.message_id = id, .to = to};
    *t = (struct sent_told){0};
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

static bool is_ours(void *arg, struct span address)
{
    const struct evidence_ledger *l = arg;
    struct span domain = address_domain(address);
    return l->directory && domain.len &&
           (directory_has_domain(l->directory, domain) ||
            directory_find(l->directory, SPAN_NONE, address).is_ours);
}

/* ---- to a signed return path */

static enum return_tag_answer check_tag(void *arg, struct span address, struct return_tag *t,
                                        struct arena *a)
{
    const struct evidence_ledger *l = arg;
    return l->directory ? returns_check(l->directory, address, t, a) : RETURN_TAG_NONE;
}

static bool is_for(void *arg, const struct return_tag *t, struct span recipient_domain)
{
    return returns_is_for(((const struct evidence_ledger *)arg)->directory, t, recipient_domain);
}

static bool is_of_day(const json_t *line, int64_t day)
{
    int64_t time_ms;
    int offset;
    struct span time = span_of(json_string_value(json_object_get(line, "time")));
    return date_parse(time, &time_ms, &offset) && return_tag_day_is_of(day, time_ms / 1000);
}

static bool ask_for_tag(void *arg, const struct tag_question *q, struct tag_told *told,
                        struct arena *a)
{
    struct evidence_ledger *l = arg;
    struct buffer lines = BUFFER_EMPTY;
    struct error why;
    struct sent_question what = {.to = q->to, .by = &q->sender, .by_count = !q->queue_id.len};
    bool ok = (!q->queue_id.len || message_id_parse(q->queue_id, &what.id)) &&
              sent_access_ask(l->access, &what, MOST_OF_ONE, &lines, &why);
    struct span rest = buffer_span(&lines);
    span_cut(&rest, '\n'); /* the head */
    while (ok && rest.len) {
        struct span text = span_cut(&rest, '\n');
        json_t *line = json_loadb(text.at, text.len, 0, NULL);
        if (line && (q->queue_id.len || is_of_day(line, q->day))) {
            const char *id = json_string_value(json_object_get(line, "message_id"));
            told->recipients += (size_t)json_integer_value(json_object_get(line, "recipients"));
            told->message_id = arena_copy(a, span_of(id));
        }
        json_decref(line);
    }
    buffer_free(&lines);
    return ok;
}

static bool count_uses(void *arg, struct span address, size_t *uses)
{
    struct error why;
    return sent_access_count_to(((struct evidence_ledger *)arg)->access, address, uses, &why);
}

void evidence_ledger_ask(struct evidence_ledger *l, const struct notice *n, struct span message,
                         struct evidence *e, struct arena *a)
{
    const struct sent_record record = {ask, is_ours, l};
    const struct tag_record tags = {check_tag, is_for, ask_for_tag, count_uses, l};
    struct span address = own_tag_address(message, a);
    if (address.len)
        provenance_by_tag(e, &tags, n, address, a);
    provenance_by_record(e, &record, n);
}
