#define _GNU_SOURCE
#include "deliver/locals.h"

#include "address/expand.h"
#include "address/forward.h"
#include "base/memory.h"
#include "deliver/form.h"
#include "mail/address.h"
#include "mail/header.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/worker.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PIECE = 256 * 1024,
    HELPER_PATIENCE = 60000,     /* ms beyond what a command may take */
    ROOM_FOR_OUTCOME = 16 * 1024 /* in the record, beside the message that goes on */
};

struct locals {
    struct locals_settings settings;
    struct workers *workers;
};

struct local {
    struct work work;
    struct locals *locals;
    struct delivery *delivery;
    struct directory *directory;
    const struct mailbox *mailbox; /* NULL: a command of an alias */
    struct buffer formed;          /* the message as text, when it is stored as binary */
    struct error log;              /* for the operator; empty: nothing is wrong */
    bool saw_forward;              /* and what stands in it; in the delivery's arena */
    struct span *to;
    size_t to_count;
    bool is_given_up; /* the server ends: it is tried again after the next start */
};

static struct outcome outcome_of(enum outcome_kind kind, struct status status, struct span words)
{
    struct outcome o = {.kind = kind,
                        .time_ms = clock_now_ms(),
                        .status = status,
                        .words = words,
                        .host = SPAN_NONE,
                        .address = SPAN_NONE,
                        .stage = SPAN_NONE};
    if (kind == OUTCOME_DELAYED || kind == OUTCOME_FAILED)
        o.cause = cause_find(0, status, words);
    return o;
}

static const struct recipient *recipient_of(const struct delivery *d)
{
    return &d->message->envelope.recipients[d->recipients[0]];
}

static ssize_t read_stored(void *arg, uint64_t offset, void *at, size_t len)
{
    const struct local *l = arg;
    return store_read(l->locals->settings.store, l->delivery->message->envelope.id, offset, at,
                      len);
}

static ssize_t read_formed(void *arg, uint64_t offset, void *at, size_t len)
{
    const struct local *l = arg;
    struct span rest = span_first(span_skip(buffer_span(&l->formed), offset), len);
    memcpy(at, rest.at, rest.len);
    return (ssize_t)rest.len;
}

static uint64_t size_of(const struct local *l)
{
    return l->formed.len ? l->formed.len : l->delivery->message->envelope.size;
}

/* As in mailboxes.c: where lines end in LF, binary content needs an encoding. Where it may have
 * none, it stays as it is. */
static void make_text(struct local *l)
{
    struct reply why;
    struct buffer text = BUFFER_EMPTY;
    form_make(&l->delivery->message->envelope, FORM_8BIT, read_stored, l, &text, &why,
              &l->delivery->arena);
    l->formed = text;
}

/* The message in a file of memory; -1: `e`. */
static int message_file(struct local *l, struct error *e)
{
    read_message_fn *read = l->formed.len ? read_formed : read_stored;
    uint64_t size = size_of(l);
    char *piece = memory_new(PIECE);
    int file = memfd_create("message", MFD_CLOEXEC);
    bool ok = file >= 0;
    for (uint64_t at = 0; ok && at < size;) {
        ssize_t got = read(l, at, piece, size - at < PIECE ? (size_t)(size - at) : PIECE);
        ok = got > 0 && write(file, piece, (size_t)got) == got;
        at += ok ? (uint64_t)got : 0;
    }
    if (!ok) {
        error_system(e, errno, "cannot read the message from the queue");
        if (file >= 0)
            close(file);
    }
    free(piece);
    return ok ? file : -1;
}

static struct as_request request_of(const struct local *l)
{
    const struct delivery *d = l->delivery;
    const struct envelope *e = &d->message->envelope;
    const struct recipient *r = recipient_of(d);
    struct as_request request = {.kind = AS_USER,
                                 .user = l->mailbox ? l->mailbox->user : SPAN_NONE,
                                 .text = SPAN_NONE,
                                 .sender = envelope_reverse_path(e, d->recipients[0]),
                                 .recipient = r->address,
                                 .id = e->id,
                                 .index = d->recipients[0],
                                 .size = size_of(l),
                                 .is_binary = e->is_binary && !l->formed.len,
                                 .judged = r->judged,
                                 .now_ms = clock_now_ms()};
    if (span_starts(r->action, SPAN("|"))) {
        request.kind = AS_COMMAND;
        request.text = r->action;
    } else if (r->action.len) { /* "~", "~|command" */
        request.text = span_skip(r->action, 1);
        request.kind = request.text.len ? AS_ENTRY : AS_MAILBOX;
    }
    return request;
}

/* ---- .forward */

static bool has_passed_here(struct span message, struct span address)
{
    struct header_iterator it = header_start(message);
    struct header_field field;
    while (header_next(&it, &field) > 0)
        if (span_equal_nocase(field.name, SPAN("Delivered-To")) &&
            span_equal_nocase(span_trim(field.value), address))
            return true;
    return false;
}

static struct recipient sent_on(const struct recipient *from, const struct forward_entry *entry,
                                bool may_act, struct arena *a)
{
    struct recipient r = {
        .address = from->address,
        .parameters = {.notify = from->parameters.notify, .orcpt = from->parameters.orcpt},
        .parent = 1,
        .reverse_path = from->reverse_path,
        .action = SPAN("~")};
    if (entry->kind == FORWARD_ADDRESS) {
        r.address = entry->text;
        r.action = SPAN_NONE;
    } else if (entry->kind != FORWARD_MAILBOX && may_act) {
        r.action = arena_printf(a, "~%.*s", SPAN_F(entry->text));
    }
    return r;
}

/* A message of its own, in which the user is an alias of those in the .forward: so each of them is
 * tried and reported by itself, and under the user's address. False: lists among them lead to more
 * than the queue can hold. */
static bool make_forward(struct local *l, const struct forward *f, struct buffer *message)
{
    struct delivery *d = l->delivery;
    struct arena *a = &d->arena;
    const struct recipient *from = recipient_of(d);
    const struct options *o = l->locals->settings.options;
    struct envelope *e = arena_new(a, sizeof *e);
    bool may_act = o->forward_files == FORWARD_FILES_COMMANDS;
    *e = d->message->envelope;
    e->origin = ORIGIN_FORWARD;
    e->about = d->message->envelope.id;
    e->size = message->len;
    e->accepted_ms = clock_now_ms();
    e->recipients = arena_new(a, (f->count + 1) * sizeof *e->recipients);
    e->recipient_count = f->count + 1;
    e->recipients[0] = *from;
    e->recipients[0].parent = 0;
    e->recipients[0].action = SPAN_NONE;
    e->recipients[0].is_expanded = true;
    for (size_t i = 0; i < f->count; i++)
        e->recipients[i + 1] = sent_on(from, &f->entries[i], may_act, a);
    expand_recipients(l->directory, e, a);
    struct commit trial = {.message = *message};
    commit_accept(&trial, e);
    bool fits = commit_fits(&trial, o->segment_size - ROOM_FOR_OUTCOME);
    trial.message = BUFFER_EMPTY;
    commit_free(&trial);
    if (!fits)
        return false;
    d->forward = e;
    d->text = *message;
    *message = BUFFER_EMPTY;
    return true;
}

static bool has_addresses(const struct forward *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->entries[i].kind == FORWARD_ADDRESS)
            return true;
    return false;
}

/* The message as it came, behind what `message` has. */
static bool add_stored(struct local *l, struct buffer *message)
{
    uint64_t size = l->delivery->message->envelope.size;
    char *to = buffer_reserve(message, (size_t)size);
    for (uint64_t at = 0; at < size;) {
        ssize_t got = read_stored(l, at, to + at, (size_t)(size - at));
        if (got <= 0)
            return false;
        at += (uint64_t)got;
    }
    message->len += (size_t)size;
    return true;
}

static struct outcome send_on(struct local *l, const struct forward *f, struct buffer *message,
                              size_t own)
{
    struct span address = recipient_of(l->delivery)->address;
    if (has_addresses(f) && has_passed_here(span_skip(buffer_span(message), own), address))
        return outcome_of(OUTCOME_FAILED, STATUS(5, 4, 6),
                          SPAN("this message has been sent on from this address before: its "
                               ".forward, or another on the way, leads in a circle"));
    if (!make_forward(l, f, message))
        return outcome_of(OUTCOME_FAILED, STATUS(5, 3, 4),
                          SPAN("the recipient's .forward leads, by way of lists, to more "
                               "recipients than can be sent a message of this size"));
    return (struct outcome){.kind = OUTCOME_EXPANDED,
                            .time_ms = clock_now_ms(),
                            .stage = SPAN("sent on by the user's .forward")};
}

/* What leads elsewhere. */
static void note_forward(struct local *l, const struct forward *f)
{
    l->saw_forward = true;
    l->to = arena_new(&l->delivery->arena, (f->count + 1) * sizeof *l->to);
    for (size_t i = 0; i < f->count; i++)
        if (f->entries[i].kind != FORWARD_MAILBOX)
            l->to[l->to_count++] = f->entries[i].text;
}

static struct outcome follow_forward(struct local *l, struct span text)
{
    struct buffer message = BUFFER_EMPTY;
    struct forward f;
    struct error e;
    struct outcome o = outcome_of(OUTCOME_DELAYED, STATUS(4, 3, 0),
                                  SPAN("the recipient's .forward can't be followed now"));
    buffer_printf(&message, "Delivered-To: %.*s\r\n", SPAN_F(recipient_of(l->delivery)->address));
    size_t own = message.len;
    bool is_read = forward_parse(text, l->mailbox->name, &f, &l->delivery->arena, &e) && f.count;
    if (is_read)
        note_forward(l, &f);
    if (is_read && add_stored(l, &message))
        o = send_on(l, &f, &message, own);
    buffer_free(&message);
    return o;
}

/* ---- the threads */

static struct outcome ask(struct local *l)
{
    struct error *e = &l->log;
    const struct locals_settings *s = &l->locals->settings;
    struct as_result result;
    struct outcome o = outcome_of(OUTCOME_DELAYED, STATUS(4, 3, 0),
                                  SPAN("the recipient's mail server could not deliver the message "
                                       "for now"));
    if (!s->helper) {
        error_set(e, "the configuration says deliver-as no");
        return o;
    }
    if (l->delivery->message->envelope.is_binary)
        make_text(l);
    struct as_request request = request_of(l);
    int file = message_file(l, e);
    if (file < 0)
        return o;
    if (helper_ask(s->helper, &request, file, s->options->command_time + HELPER_PATIENCE, &result,
                   &l->delivery->arena, e)) {
        o = result.outcome;
        o.time_ms = clock_now_ms();
        if (result.log.len)
            error_set(e, "%.*s", SPAN_F(result.log));
        if (o.kind == OUTCOME_DELIVERED && request.kind == AS_USER)
            note_forward(l, &(struct forward){.count = 0});
        if (o.kind == OUTCOME_EXPANDED)
            o = l->mailbox ? follow_forward(l, result.forward)
                           : outcome_of(OUTCOME_DELAYED, STATUS(4, 3, 0), SPAN_NONE);
    } else if (!e->text[0]) {
        l->is_given_up = true;
    }
    close(file);
    return o;
}

static void came_back(struct task *t)
{
    struct local *l = (struct local *)(void *)LIST_ENTRY(t, struct work, task);
    const struct locals_settings *s = &l->locals->settings;
    struct span address = recipient_of(l->delivery)->address;
    if (l->log.text[0])
        log_message(LOG_LEVEL_ERROR, "mailbox-trouble", "%.*s: %s", SPAN_F(address), l->log.text);
    if (l->saw_forward && s->options->forward_files != FORWARD_FILES_NO)
        s->saw_forward(s->arg, l->mailbox, l->to, l->to_count);
    if (l->is_given_up)
        delivery_free(l->delivery);
    else
        s->delivered(s->arg, l->delivery);
    directory_unref(&l->directory);
    buffer_free(&l->formed);
    free(l);
}

static void deliver(struct work *work)
{
    struct local *l = LIST_ENTRY(work, struct local, work);
    l->delivery->outcomes[0] = ask(l);
}

struct locals *locals_new(const struct locals_settings *s)
{
    struct locals *l = memory_new(sizeof *l);
    l->settings = *s;
    l->settings.options = options_ref(s->options);
    l->workers = workers_new((size_t)s->options->command_concurrency);
    return l;
}

void locals_free(struct locals **l)
{
    if (!*l)
        return;
    workers_free(&(*l)->workers);
    options_unref(&(*l)->settings.options);
    free(*l);
    *l = NULL;
}

void locals_deliver(struct locals *locals, struct delivery *d, struct directory *directory,
                    const struct mailbox *mailbox)
{
    struct local *l = memory_new(sizeof *l);
    assert(d->count == 1);
    *l = (struct local){
        .work = {.task = {.run = came_back}, .loop = locals->settings.loop, .call = deliver},
        .locals = locals,
        .delivery = d,
        .directory = directory_ref(directory),
        .mailbox = mailbox};
    workers_submit(locals->workers, &l->work);
}
