#include "cli/evidence_ledger.h"

#include "address/returns.h"
#include "base/memory.h"
#include "cli/commands.h"
#include "cli/sent_access.h"
#include "mail/address.h"
#include "mail/date.h"
#include "provenance/no_tag.h"
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
    struct directory *directory; /* has the secrets of return paths; NULL: they are not known */
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

/* Not every address that gets its mail here sends from here. Whoever may not look is not told that
 * a message was never sent. */
static bool sends_from_here(void *arg, struct span address)
{
    struct error e;
    bool sends = false;
    return sent_access_sends(((struct evidence_ledger *)arg)->access, address, &sends, &e) && sends;
}

static bool look_lately(void *arg, struct span sender, int64_t since_ms, lately_fn *see, void *of)
{
    const struct sent_lately q = {sender, since_ms, see, of};
    struct error e;
    bool is_all = false;
    return sent_access_lately(((struct evidence_ledger *)arg)->access, &q, &is_all, &e) && is_all;
}

/* ---- to a signed return path, or without */

static int64_t signed_since_ms(void *arg, struct span sender, struct span recipient)
{
    const struct evidence_ledger *l = arg;
    return l->directory ? returns_signed_since_ms(l->directory, sender, recipient) : INT64_MAX;
}

/* To whom the copy in the mailbox of `address` was named. */
static struct span named_for(const struct envelope *e, struct span address)
{
    for (size_t i = 0; i < e->recipient_count; i++) {
        size_t n = i;
        while (e->recipients[n].parent)
            n = e->recipients[n].parent - 1;
        if (span_equal_nocase(e->recipients[i].address, address))
            return e->recipients[n].address;
    }
    return SPAN_NONE;
}

/* The story of the notice, as this server has it, tells how it came; the file itself could say
 * anything. */
static struct plain_arrival arrival_of(struct evidence_ledger *l, struct span message,
                                       struct arena *a)
{
    struct plain_arrival came = {.address = SPAN_NONE};
    struct own_delivery d = own_delivery_of(message, a);
    struct envelope e;
    struct error why;
    message_id id;
    if (!message_id_parse(d.queue_id, &id) || !sent_access_envelope(l->access, id, a, &e, &why))
        return came;
    came.address = named_for(&e, d.mailbox);
    came.time_ms = e.accepted_ms;
    came.is_from_stranger = e.origin == ORIGIN_SMTP && !e.reverse_path.len && !e.is_own;
    return came;
}

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
    const struct sent_record record = {ask, sends_from_here, l, {look_lately, l}};
    const struct tag_record tags = {check_tag, is_for, ask_for_tag, count_uses, l};
    struct span address = own_tag_address(message, a);
    if (address.len)
        provenance_by_tag(e, &tags, n, address, a);
    provenance_by_record(e, &record, n);
}

void evidence_ledger_ask_last(struct evidence_ledger *l, const struct notice *n,
                              struct span message, struct evidence *e, struct arena *a)
{
    const struct sent_record record = {ask, sends_from_here, l, {look_lately, l}};
    const struct plain_record plain = {signed_since_ms, l};
    const struct plain_arrival came = arrival_of(l, message, a);
    provenance_by_no_tag(e, &plain, &record, n, &came);
}
