/* A filter belongs to the operator, but what it writes came from outside: so whatever it makes is
 * a message and an envelope as a client could have sent them, or it has failed. */
#include "milter/changes.h"

#include "base/memory.h"
#include "base/visible.h"
#include "mail/address.h"
#include "mail/header.h"

#include <stdlib.h>

enum {
    LONGEST_LINE = 998, /* RFC 5322 2.1.1 */
    LONGEST_NAME = 76,
    LONGEST_SHOWN = 80,
    OVERHEAD = 64, /* of memory, of each change */
    MOST_RECIPIENTS = 10000
};

/* ---- taking them down */

bool changes_is_change(char kind)
{
    return memchr("+-2behimq", kind, 9) != NULL;
}

static struct change *add(struct changes *c, enum change_kind kind)
{
    struct change *change = arena_new(&c->arena, sizeof *change);
    *change = (struct change){.kind = kind, .name = SPAN_NONE, .value = SPAN_NONE};
    if (c->last)
        c->last->next = change;
    else
        c->first = change;
    c->last = change;
    return change;
}

static bool take_field(struct changes *c, enum change_kind kind, struct span data)
{
    uint32_t index = 0;
    struct span name, value;
    if (kind != CHANGE_ADD_FIELD && !packet_take_u32(&data, &index))
        return false;
    if (!packet_take_text(&data, &name) || !packet_take_text(&data, &value) || data.len)
        return false;
    struct change *change = add(c, kind);
    change->index = index;
    change->name = arena_copy(&c->arena, name);
    change->value = arena_copy(&c->arena, value);
    return true;
}

static bool take_address(struct changes *c, enum change_kind kind, struct span data)
{
    struct span address, parameters = SPAN_NONE;
    if (!packet_take_text(&data, &address) ||
        (data.len && (!packet_take_text(&data, &parameters) || data.len)))
        return false;
    struct change *change = add(c, kind);
    change->name = arena_copy(&c->arena, address);
    change->value = arena_copy(&c->arena, parameters);
    return true;
}

static bool take_quarantine(struct changes *c, struct span data)
{
    struct span why;
    if (!packet_take_text(&data, &why) || data.len)
        return false;
    c->is_quarantined = true;
    c->quarantine = arena_copy(&c->arena, why);
    return true;
}

static bool take(struct changes *c, const struct packet *p)
{
    switch (p->kind) {
    case MILTER_ADD_FIELD:
        return take_field(c, CHANGE_ADD_FIELD, p->data);
    case MILTER_INSERT_FIELD:
        return take_field(c, CHANGE_INSERT_FIELD, p->data);
    case MILTER_CHANGE_FIELD:
        return take_field(c, CHANGE_FIELD, p->data);
    case MILTER_ADD_RECIPIENT:
    case MILTER_ADD_RECIPIENT_WITH:
        return take_address(c, CHANGE_ADD_RECIPIENT, p->data);
    case MILTER_DELETE_RECIPIENT:
        return take_address(c, CHANGE_DELETE_RECIPIENT, p->data);
    case MILTER_CHANGE_SENDER:
        return take_address(c, CHANGE_SENDER, p->data);
    case MILTER_QUARANTINE:
        return take_quarantine(c, p->data);
    default: /* MILTER_REPLACE_BODY */
        c->has_body = true;
        buffer_add_span(&c->body, p->data);
        return true;
    }
}

bool changes_take(struct changes *c, const struct packet *p, size_t most, struct error *why)
{
    if (c->arena.total + c->body.len + p->data.len + OVERHEAD > most)
        return error_set(why, "wants more changes than this server takes: above %zu bytes", most);
    if (!take(c, p))
        return error_set(why, "sent a change (\"%c\") that is malformed", p->kind);
    return true;
}

void changes_free(struct changes *c)
{
    arena_clear(&c->arena);
    buffer_free(&c->body);
    *c = (struct changes){.has_leading_space = c->has_leading_space};
}

bool changes_are_none(const struct changes *c)
{
    return !c->first && !c->has_body && !c->is_quarantined;
}

/* ---- the header */

struct field {
    struct span name, whole;
    bool is_gone; /* it counts, but is not there */
};

struct fields {
    struct field *at;
    size_t count, room;
    struct span body; /* with the empty line before it */
};

static void insert_field(struct fields *f, size_t at, struct field field)
{
    if (f->count == f->room) {
        f->room = f->room ? 2 * f->room : 64;
        f->at = memory_resize(f->at, f->room * sizeof *f->at);
    }
    memmove(f->at + at + 1, f->at + at, (f->count - at) * sizeof *f->at);
    f->at[at] = field;
    f->count++;
}

static void read_fields(struct fields *f, struct span message)
{
    struct header_iterator it = header_start(message);
    struct header_field field;
    while (header_next(&it, &field) > 0)
        insert_field(f, f->count, (struct field){field.name, field.whole, false});
    f->body = it.rest;
}

static bool name_is_valid(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] <= ' ' || name.at[i] > '~' || name.at[i] == ':')
            return false;
    return name.len && name.len <= LONGEST_NAME;
}

/* A line that is no continuation would be a field of its own, or the end of the header: it becomes
 * one. What holds only blanks would end it too, for some: it is left out. */
static bool add_value(struct buffer *out, struct span value)
{
    size_t line = 0;
    bool is_first = true;
    do {
        struct span piece = span_cut(&value, '\n');
        if (!is_first && !span_trim(piece).len)
            continue;
        if (!is_first) {
            buffer_add_text(out, "\r\n");
            line = out->len;
            if (piece.at[0] != ' ' && piece.at[0] != '\t')
                buffer_add_char(out, ' ');
        }
        for (size_t i = 0; i < piece.len; i++)
            if (piece.at[i] != '\r')
                buffer_add_char(out, piece.at[i]);
        is_first = false;
        if (out->len - line > LONGEST_LINE)
            return false;
    } while (value.len);
    return true;
}

static bool make_field(const struct changes *all, const struct change *c, struct arena *a,
                       struct field *field, struct error *why)
{
    struct buffer shown = BUFFER_EMPTY, text = BUFFER_EMPTY;
    visible_add(&shown, c->name, LONGEST_SHOWN);
    bool is_named = name_is_valid(c->name);
    buffer_printf(&text, "%.*s:", SPAN_F(is_named ? c->name : SPAN_NONE));
    if (!all->has_leading_space)
        buffer_add_char(&text, ' ');
    bool is_well = is_named && add_value(&text, c->value);
    buffer_add_text(&text, "\r\n");
    if (!is_named)
        error_set(why, "named a field \"%s\", which can be no name of one", buffer_text(&shown));
    else if (!is_well)
        error_set(why, "made a line of the field %s longer than %d octets", buffer_text(&shown),
                  LONGEST_LINE);
    *field = (struct field){c->name, arena_copy(a, buffer_span(&text)), false};
    buffer_free(&shown);
    buffer_free(&text);
    return is_well;
}

static struct field *find_field(struct fields *f, struct span name, uint32_t index)
{
    index += !index;
    for (size_t i = 0; i < f->count; i++)
        if (span_equal_nocase(f->at[i].name, name) && --index == 0)
            return &f->at[i];
    return NULL;
}

static bool change_fields(struct fields *f, const struct changes *all, const struct change *c,
                          struct arena *a, struct error *why)
{
    struct field made;
    struct field *found = c->kind == CHANGE_FIELD ? find_field(f, c->name, c->index) : NULL;
    if (c->kind == CHANGE_FIELD && !c->value.len) {
        if (found)
            found->is_gone = true;
        return true;
    }
    if (!make_field(all, c, a, &made, why))
        return false;
    size_t place = c->index ? c->index - 1 : 0;
    if (found)
        *found = made;
    else
        insert_field(f, c->kind == CHANGE_INSERT_FIELD && place < f->count ? place : f->count,
                     made);
    return true;
}

/* ---- the envelope */

/* Without the angle brackets, which are not always there. */
static bool read_address(struct span text, bool may_be_empty, struct span *address,
                         struct error *why)
{
    struct buffer shown = BUFFER_EMPTY;
    struct span bare = span_trim(text);
    if (bare.len >= 2 && bare.at[0] == '<' && bare.at[bare.len - 1] == '>')
        bare = span_make(bare.at + 1, bare.len - 2);
    *address = bare;
    bool is_well = bare.len ? address_check(bare, true) == ADDRESS_OK : may_be_empty;
    visible_add(&shown, text, LONGEST_SHOWN);
    if (!is_well)
        error_set(why, "named an address that is none: \"%s\"", buffer_text(&shown));
    buffer_free(&shown);
    return is_well;
}

static const struct parameter_offer offer = {
    .size = true, .body = true, .smtputf8 = true, .dsn = true, .binary = true, .auth = true};

static bool parameters_fail(struct reply problem, struct error *why)
{
    return error_set(why, "gave parameters with an address that can't be: %.*s",
                     SPAN_F(problem.text));
}

static struct span with_blank(struct span parameters, struct arena *a)
{
    return parameters.len ? arena_printf(a, " %.*s", SPAN_F(parameters)) : SPAN_NONE;
}

/* What the message is does not depend on what the filter says of it: only what its sender wants to
 * hear does. */
static bool change_sender(struct transaction *t, const struct change *c, struct arena *a,
                          struct error *why)
{
    struct mail_parameters parameters = {0};
    struct reply problem;
    struct span address;
    if (!read_address(c->name, true, &address, why))
        return false;
    if (!mail_parameters_parse(with_blank(c->value, a), &offer, &parameters, &problem))
        return parameters_fail(problem, why);
    t->reverse_path = arena_copy(a, address);
    if (c->value.len) {
        t->parameters.ret = parameters.ret;
        t->parameters.envid = arena_copy(a, parameters.envid);
    }
    t->parameters.smtputf8 |= !address_is_ascii(address);
    return true;
}

static size_t find_recipient(const struct transaction *t, struct span address)
{
    for (size_t i = 0; i < t->recipient_count; i++)
        if (address_equal(t->recipients[i].address, address))
            return i;
    return t->recipient_count;
}

static void delete_recipient(struct transaction *t, struct span address)
{
    for (size_t i; (i = find_recipient(t, address)) < t->recipient_count;) {
        t->recipient_count--;
        memmove(t->recipients + i, t->recipients + i + 1,
                (t->recipient_count - i) * sizeof *t->recipients);
    }
}

static bool add_recipient(struct transaction *t, const struct change *c, struct span address,
                          struct arena *a, struct error *why)
{
    struct server_recipient r = {.address = arena_copy(a, address)};
    struct reply problem;
    if (!rcpt_parameters_parse(with_blank(c->value, a), &offer, &r.parameters, &problem))
        return parameters_fail(problem, why);
    if (find_recipient(t, address) < t->recipient_count)
        return true;
    if (t->recipient_count >= MOST_RECIPIENTS)
        return error_set(why, "wants more than %d recipients", MOST_RECIPIENTS);
    r.parameters.orcpt = arena_copy(a, r.parameters.orcpt);
    t->recipients[t->recipient_count++] = r;
    t->parameters.smtputf8 |= !address_is_ascii(address);
    return true;
}

static bool change_envelope(struct transaction *t, const struct change *c, struct arena *a,
                            struct error *why)
{
    struct span address;
    if (c->kind == CHANGE_SENDER)
        return change_sender(t, c, a, why);
    if (!read_address(c->name, false, &address, why))
        return false;
    if (c->kind == CHANGE_ADD_RECIPIENT)
        return add_recipient(t, c, address, a, why);
    delete_recipient(t, address);
    return true;
}

/* ---- all of it */

/* Line ends of all kinds become CRLF: a filter that works on files has often lost the CR. */
static bool add_body(struct buffer *out, struct span body, bool is_binary, struct error *why)
{
    size_t line = out->len;
    if (is_binary) {
        buffer_add_span(out, body);
        return true;
    }
    for (size_t i = 0; i < body.len; i++) {
        char c = body.at[i];
        if (!c)
            return error_set(why, "gave the message a body with a NUL in it, which is no text");
        if (c == '\r' && i + 1 < body.len && body.at[i + 1] == '\n')
            continue;
        if (c != '\n' && c != '\r') {
            buffer_add_char(out, c);
            if (out->len - line > LONGEST_LINE)
                return error_set(why, "gave the message a body with a line above %d octets",
                                 LONGEST_LINE);
            continue;
        }
        buffer_add_text(out, "\r\n");
        line = out->len;
    }
    if (out->len > line)
        buffer_add_text(out, "\r\n");
    return true;
}

static bool write_message(struct buffer *out, const struct fields *f, const struct changes *c,
                          bool is_binary, struct error *why)
{
    for (size_t i = 0; i < f->count; i++)
        if (!f->at[i].is_gone)
            buffer_add_span(out, f->at[i].whole);
    if (!c->has_body) {
        if (f->body.len && !span_starts(f->body, SPAN("\r\n")))
            buffer_add_text(out, "\r\n"); /* a body that began without the empty line */
        buffer_add_span(out, f->body);
        return true;
    }
    buffer_add_text(out, "\r\n");
    return add_body(out, buffer_span(&c->body), is_binary, why);
}

static bool has_8bit(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] & 0x80)
            return true;
    return false;
}

/* Room for those that may be added, so that the array never moves again. */
static void copy_recipients(struct transaction *t, const struct changes *c, struct arena *a)
{
    size_t room = t->recipient_count;
    for (const struct change *each = c->first; each; each = each->next)
        room += each->kind == CHANGE_ADD_RECIPIENT;
    struct server_recipient *copy = arena_new(a, room * sizeof *copy + 1);
    if (t->recipient_count)
        memcpy(copy, t->recipients, t->recipient_count * sizeof *copy);
    t->recipients = copy;
}

bool changes_apply(const struct changes *c, struct transaction *t, struct arena *a,
                   struct error *why)
{
    struct fields f = {0};
    struct buffer message = BUFFER_EMPTY;
    struct transaction changed = *t;
    bool is_well = true, touches_text = c->has_body;
    copy_recipients(&changed, c, a);
    read_fields(&f, buffer_span(&t->message));
    for (const struct change *each = c->first; each && is_well; each = each->next) {
        bool is_field = each->kind <= CHANGE_FIELD;
        touches_text |= is_field;
        is_well =
            is_field ? change_fields(&f, c, each, a, why) : change_envelope(&changed, each, a, why);
    }
    if (is_well && touches_text)
        is_well = write_message(&message, &f, c, t->is_binary, why);
    if (is_well && touches_text) {
        changed.is_8bit |= has_8bit(buffer_span(&message));
        buffer_free(&t->message);
        changed.message = message;
        message = BUFFER_EMPTY;
    }
    if (is_well)
        *t = changed;
    buffer_free(&message);
    free(f.at);
    return is_well;
}
