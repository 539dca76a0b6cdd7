/* Feedback loops: mail providers tell at an address of ours (option feedback-address) that a
 * recipient has called a message of ours spam (ARF, RFC 5965). The report is delivered like other
 * mail; but first it is read here, and what it tells of is noted.
 *
 * Anybody can write such a report, so one counts only if the ledger has the message that it
 * returns, as one that our own have sent, and proves that whoever reports has it: the report names
 * its Message-ID and a recipient of it; or, where providers hide who complains, the header that
 * comes back has the very queue id that this server gave it. And each recipient counts once.
 *
 * No crash loses or doubles one: the note is on the disk before the delivery of the report begins,
 * the delivery is done again after a crash that came before its end, and to note the same again
 * changes nothing (store/feedback_book.c). When the note can't be written, the mail does not wait
 * for it: that is logged. The guard of accounts hears of what is new; what it counts it keeps by
 * itself, and may miss the last one before a crash. */
#include "daemon/house.h"

#include "base/memory.h"
#include "bounce/read.h"
#include "mail/address.h"
#include "mail/address_list.h"
#include "mail/header.h"
#include "mail/received.h"
#include "outcome/counts.h"
#include "store/feedback_book.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/tally.h"

#include <stdlib.h>

enum { LARGEST_REPORT = 8 << 20, MOST_RECIPIENTS_ASKED = 5, MOST_LOOKED_AT = 100 };

enum reading_result { READ_NO_COMPLAINT, READ_UNPROVEN, READ_NEW, READ_AGAIN, READ_FAILED };

struct reading {
    struct work work;
    struct house *house;
    const struct options *options; /* a reference */
    struct delivery *delivery;
    void (*go_on)(void *house, struct delivery *d);
    enum reading_result result;
    struct feedback_note note; /* as the rest, in the arena */
    struct span account;       /* whose message it is about, for people */
    struct span guarded;       /* the same, for the guard of accounts; empty: it knows none */
    struct error error;
    struct arena arena;
};

/* ---- which message it is about */

struct matching {
    struct ledger *ledger;
    const struct notice *notice;
    message_id stamped; /* by which this server calls it, in the header that came back; or 0 */
    struct reading *reading;
};

/* 1: this is it; 0: no; -1: the ledger can't be asked. */
static int ask(struct matching *m, const struct sent_question *q, struct span recipient)
{
    struct reading *r = m->reading;
    struct sent *found;
    size_t count;
    if (!ledger_sent(m->ledger, q, NULL, 1, &r->arena, &found, &count, &r->error))
        return -1;
    if (!count || (m->stamped && q->message_id.len && found->id != m->stamped))
        return 0;
    r->note.message = found->id;
    r->note.recipient = recipient;
    r->account = found->account;
    return 1;
}

static int by_recipient(struct matching *m)
{
    const struct notice *n = m->notice;
    int got = 0;
    for (size_t i = 0; i < n->recipient_count && i < MOST_RECIPIENTS_ASKED && !got; i++) {
        struct span to = n->recipients[i].address;
        const struct sent_question q = {.id = n->original.message_id.len ? 0 : m->stamped,
                                        .message_id = n->original.message_id,
                                        .to = to};
        if (to.len && (q.id || q.message_id.len))
            got = ask(m, &q, to);
    }
    return got;
}

/* Who complains is hidden. */
static int by_stamp(struct matching *m)
{
    const struct sent_question q = {.id = m->stamped};
    return m->stamped ? ask(m, &q, SPAN_NONE) : 0;
}

/* Whose it is. Of one recipient it can be nobody else who complains. */
static int take_envelope(struct matching *m)
{
    struct reading *r = m->reading;
    struct story s;
    int got = ledger_story(m->ledger, r->note.message, &r->arena, &s, &r->error);
    if (got <= 0)
        return got;
    r->guarded = envelope_account(&s.envelope);
    if (!r->note.recipient.len && s.envelope.recipient_count == 1)
        r->note.recipient = s.envelope.recipients[0].address;
    return got;
}

static int match(struct matching *m)
{
    int got = by_recipient(m);
    if (!got)
        got = by_stamp(m);
    return got > 0 ? take_envelope(m) : got;
}

/* The queue id in the Received field of this server. */
static message_id stamp_of(struct span header, struct span hostname, struct arena *a)
{
    struct header_iterator it = header_start(header);
    struct header_field f;
    for (size_t i = 0; i < MOST_LOOKED_AT && header_next(&it, &f) > 0; i++) {
        struct received r;
        message_id id;
        if (!span_equal_nocase(f.name, SPAN("Received")))
            continue;
        received_parse(&r, f.value, a);
        if (span_equal_nocase(r.by, hostname) && message_id_parse(r.id, &id))
            return id;
    }
    return 0;
}

/* What has left a moment ago may not be in the ledger yet. */
static int find_message(struct reading *r, const struct notice *n)
{
    struct buffer path = BUFFER_EMPTY;
    struct matching m = {.notice = n,
                         .stamped = stamp_of(n->original.header, r->options->hostname, &r->arena),
                         .reading = r};
    buffer_printf(&path, "%.*s/ledger.sqlite", SPAN_F(r->options->state));
    m.ledger = ledger_open_read(buffer_text(&path), &r->error);
    int got = m.ledger ? match(&m) : -1;
    if (!got)
        got = store_catch_up(r->house->store, &r->error) ? match(&m) : -1;
    ledger_close(&m.ledger);
    buffer_free(&path);
    return got;
}

/* ---- one report, in a worker */

static bool read_report(struct reading *r, struct buffer *text)
{
    const struct envelope *e = &r->delivery->message->envelope;
    if (e->size > LARGEST_REPORT)
        return false;
    char *room = buffer_reserve(text, (size_t)e->size + 1);
    ssize_t n = store_read(r->house->store, e->id, 0, room, (size_t)e->size);
    if (n < 0 || (uint64_t)n < e->size)
        return false;
    text->len = (size_t)n;
    text->at[text->len] = 0;
    return true;
}

/* "not-spam", "opt-out" and what is told of authentication are no complaints. Where nothing is
 * said, somebody pressed "this is spam". */
static bool is_complaint(struct span type)
{
    static const struct span types[] = {SPAN("abuse"), SPAN("fraud"), SPAN("virus")};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (span_equal_nocase(type, types[i]))
            return true;
    return !type.len;
}

static struct span told_by(const struct notice *n, struct arena *a)
{
    struct address_list list = address_list_start(n->from);
    struct listed_address from;
    struct span domain =
        address_list_next(&list, &from, a) > 0 ? address_domain(from.address) : SPAN_NONE;
    return domain.len ? domain : n->reporting;
}

static void note(struct reading *r, const struct notice *n)
{
    const struct envelope *e = &r->delivery->message->envelope;
    r->note.type = n->feedback_type.len ? n->feedback_type : SPAN("abuse");
    r->note.through = told_by(n, &r->arena);
    r->note.time_ms = e->accepted_ms;
    r->note.told_in = e->id;
    int found = find_message(r, n);
    if (found <= 0) {
        r->result = found ? READ_FAILED : READ_UNPROVEN;
        return;
    }
    int added = feedback_book_add(r->house->feedback, &r->note,
                                  clock_now_ms() - r->options->keep_story, &r->error);
    r->result = added < 0 ? READ_FAILED : added ? READ_NEW : READ_AGAIN;
}

static void read_here(struct work *w)
{
    struct reading *r = LIST_ENTRY(w, struct reading, work);
    struct buffer text = BUFFER_EMPTY;
    struct survey s;
    struct notice n;
    if (read_report(r, &text)) {
        notice_read(&n, &s, buffer_span(&text), &r->arena);
        if (n.kind == NOTICE_FEEDBACK_REPORT && is_complaint(n.feedback_type)) {
            note(r, &n);
            r->note.type = arena_copy(&r->arena, r->note.type);
            r->note.through = arena_copy(&r->arena, r->note.through);
            r->note.recipient = arena_copy(&r->arena, r->note.recipient);
        }
    }
    buffer_free(&text);
}

/* ---- what comes of it, in the scheduler's loop */

static void log_complaint(const struct reading *r)
{
    struct buffer id = BUFFER_EMPTY, told = BUFFER_EMPTY;
    struct buffer *line =
        log_begin(LOG_LEVEL_INFO, r->result == READ_UNPROVEN ? "complaint-unproven" : "complaint");
    message_id_add(&told, r->note.told_in);
    if (r->result != READ_UNPROVEN) {
        message_id_add(&id, r->note.message);
        log_line_text(line, "id", buffer_span(&id));
        log_line_text(line, "account", r->account);
        if (r->note.recipient.len)
            log_line_text(line, "to", r->note.recipient);
    }
    log_line_text(line, "type", r->note.type);
    log_line_text(line, "through", r->note.through);
    log_line_text(line, "told-in", buffer_span(&told));
    log_end();
    buffer_free(&id);
    buffer_free(&told);
}

static void tell(const struct reading *r)
{
    switch (r->result) {
    case READ_NO_COMPLAINT:
        return;
    case READ_NEW:
        tally_add(COUNT_COMPLAINTS, 1);
        log_complaint(r);
        if (r->guarded.len)
            accounts_hear_complaint(r->house->accounts, r->guarded);
        return;
    case READ_AGAIN:
        tally_add(COUNT_COMPLAINTS_AGAIN, 1);
        return;
    case READ_UNPROVEN:
        tally_add(COUNT_COMPLAINTS_UNPROVEN, 1);
        log_complaint(r);
        return;
    case READ_FAILED:
        log_message(LOG_LEVEL_WARNING, "complaint-not-noted", "%s", r->error.text);
        return;
    }
}

static void give_back(struct task *t)
{
    struct reading *r = LIST_ENTRY(t, struct reading, work.task);
    tell(r);
    if (r->house->workers)
        r->go_on(r->house, r->delivery);
    else /* the house ends: nobody is there who could deliver; the journal still has it */
        delivery_free(r->delivery);
    options_unref(&r->options);
    arena_clear(&r->arena);
    free(r);
}

/* An alias counts by its own name, too. */
static bool is_feedback(const struct options *o, const struct envelope *e, size_t recipient)
{
    for (size_t up = recipient + 1; up; up = e->recipients[up - 1].parent)
        for (size_t i = 0; i < o->reporting.feedback_count; i++)
            if (address_equal(e->recipients[up - 1].address, o->reporting.feedback[i]))
                return true;
    return false;
}

bool feedback_takes(struct house *h, struct delivery *d,
                    void (*go_on)(void *house, struct delivery *d))
{
    const struct envelope *e = &d->message->envelope;
    bool is_it = false;
    for (size_t i = 0; h->options->reporting.feedback_count && !d->is_question && i < d->count; i++)
        is_it |= is_feedback(h->options, e, d->recipients[i]);
    if (!is_it || !h->workers)
        return false;
    struct reading *r = memory_new(sizeof *r);
    *r = (struct reading){.work = {.task.run = give_back, .loop = h->loop, .call = read_here},
                          .house = h,
                          .options = options_ref(h->options),
                          .delivery = d,
                          .go_on = go_on};
    workers_submit(h->workers, &r->work);
    return true;
}
