#include "store/record.h"

static void add_number(struct buffer *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buffer_add_char(out, (char)(0x80 | (value & 0x7F)));
    buffer_add_char(out, (char)value);
}

/* Zigzag: small numbers of either sign are short. */
static void add_signed(struct buffer *out, int64_t value)
{
    add_number(out, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

static void add_text(struct buffer *out, struct span s)
{
    add_number(out, s.len);
    buffer_add_span(out, s);
}

static void add_status(struct buffer *out, struct status s)
{
    add_number(out, s.class);
    add_number(out, s.subject);
    add_number(out, s.detail);
}

static void add_head(struct buffer *out, enum entry_kind kind, message_id id)
{
    add_number(out, kind);
    add_number(out, id);
}

/* Of a message. */
enum { IS_8BIT = 1, IS_BINARY = 2, HAS_MEMBERS = 4 };
enum { ALL_FLAGS = IS_8BIT | IS_BINARY | HAS_MEMBERS };

/* Few messages pass through an alias; the others don't pay for it. */
static bool has_members(const struct envelope *e)
{
    for (size_t i = 0; i < e->recipient_count; i++)
        if (e->recipients[i].is_expanded)
            return true;
    return false;
}

static void add_members(struct buffer *out, const struct envelope *e)
{
    for (size_t i = 0; i < e->recipient_count; i++) {
        add_number(out, e->recipients[i].is_expanded);
        add_number(out, e->recipients[i].parent);
        add_text(out, e->recipients[i].reverse_path);
    }
}

void entry_add_accept(struct buffer *out, const struct envelope *e)
{
    add_head(out, ENTRY_ACCEPT, e->id);
    add_signed(out, e->accepted_ms);
    add_number(out, e->origin);
    add_number(out, e->about);
    add_text(out, e->reverse_path);
    add_number(out, e->parameters.size);
    add_number(out, e->parameters.body);
    add_number(out, e->parameters.ret);
    add_number(out, e->parameters.smtputf8);
    add_text(out, e->parameters.envid);
    add_number(out, (e->is_8bit ? IS_8BIT : 0) | (e->is_binary ? IS_BINARY : 0) |
                        (has_members(e) ? HAS_MEMBERS : 0));
    add_text(out, e->client_name);
    add_text(out, e->client_address);
    add_text(out, e->header_message_id);
    add_text(out, e->subject);
    add_number(out, e->size);
    add_number(out, e->recipient_count);
    for (size_t i = 0; i < e->recipient_count; i++) {
        add_text(out, e->recipients[i].address);
        add_number(out, e->recipients[i].parameters.notify);
        add_text(out, e->recipients[i].parameters.orcpt);
    }
    if (has_members(e))
        add_members(out, e);
}

void entry_add_outcome(struct buffer *out, message_id id, size_t recipient, unsigned attempts,
                       int64_t retry_ms, const struct outcome *o)
{
    add_head(out, ENTRY_OUTCOME, id);
    add_number(out, recipient);
    add_number(out, attempts);
    add_signed(out, retry_ms);
    add_number(out, o->kind);
    add_signed(out, o->time_ms);
    add_signed(out, o->code);
    add_status(out, o->status);
    add_number(out, o->cause.cause);
    add_number(out, o->cause.variant);
    add_number(out, o->is_remote);
    add_text(out, o->words);
    add_text(out, o->host);
    add_text(out, o->address);
    add_text(out, o->stage);
    add_number(out, o->is_expired);
    add_number(out, o->is_reported);
}

void entry_add_hold(struct buffer *out, message_id id, int64_t time_ms, struct span why)
{
    add_head(out, ENTRY_HOLD, id);
    add_signed(out, time_ms);
    add_text(out, why);
}

void entry_add_release(struct buffer *out, message_id id, int64_t time_ms)
{
    add_head(out, ENTRY_RELEASE, id);
    add_signed(out, time_ms);
}

/* Reading: `ok` turns false at the first thing that is not there, and stays so. */
struct reading {
    struct span rest;
    bool ok;
};

static uint64_t number(struct reading *r, uint64_t max)
{
    uint64_t value = 0;
    for (unsigned shift = 0; r->ok; shift += 7) {
        if (!r->rest.len || shift > 63) {
            r->ok = false;
            break;
        }
        unsigned char c = (unsigned char)r->rest.at[0];
        r->rest = span_skip(r->rest, 1);
        value |= (uint64_t)(c & 0x7F) << shift;
        if (!(c & 0x80))
            break;
    }
    if (value > max)
        r->ok = false;
    return r->ok ? value : 0;
}

static int64_t signed_number(struct reading *r)
{
    uint64_t value = number(r, UINT64_MAX);
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static struct span text(struct reading *r)
{
    uint64_t len = number(r, r->rest.len);
    if (!r->ok || len > r->rest.len) {
        r->ok = false;
        return SPAN_NONE;
    }
    struct span s = span_first(r->rest, (size_t)len);
    r->rest = span_skip(r->rest, (size_t)len);
    return s;
}

static struct status status(struct reading *r)
{
    struct status s;
    s.class = (uint8_t)number(r, 9);
    s.subject = (uint16_t)number(r, 999);
    s.detail = (uint16_t)number(r, 999);
    return s;
}

/* A member stands behind the recipient that leads to it. */
static void read_members(struct reading *r, struct envelope *e)
{
    for (size_t i = 0; i < e->recipient_count; i++) {
        e->recipients[i].is_expanded = number(r, 1);
        e->recipients[i].parent = (size_t)number(r, i);
        e->recipients[i].reverse_path = text(r);
    }
}

static void read_envelope(struct reading *r, struct envelope *e, struct arena *a)
{
    e->accepted_ms = signed_number(r);
    e->origin = (enum origin)number(r, ORIGIN_NOTIFICATION);
    e->about = number(r, UINT64_MAX);
    e->reverse_path = text(r);
    e->parameters.size = number(r, UINT64_MAX);
    e->parameters.body = (enum body_kind)number(r, BODY_BINARYMIME);
    e->parameters.ret = (enum ret_kind)number(r, RET_HDRS);
    e->parameters.smtputf8 = number(r, 1);
    e->parameters.envid = text(r);
    uint64_t flags = number(r, ALL_FLAGS);
    e->is_8bit = flags & IS_8BIT;
    e->is_binary = flags & IS_BINARY;
    e->client_name = text(r);
    e->client_address = text(r);
    e->header_message_id = text(r);
    e->subject = text(r);
    e->size = number(r, UINT64_MAX);
    e->recipient_count = (size_t)number(r, r->rest.len / 3); /* each takes three bytes at least */
    if (!r->ok)
        return;
    e->recipients = arena_new(a, e->recipient_count * sizeof *e->recipients);
    for (size_t i = 0; i < e->recipient_count; i++) {
        e->recipients[i].address = text(r);
        e->recipients[i].parameters.notify = (unsigned)number(r, 15);
        e->recipients[i].parameters.orcpt = text(r);
    }
    if (flags & HAS_MEMBERS)
        read_members(r, e);
}

static void read_outcome(struct reading *r, struct entry *e)
{
    struct outcome *o = &e->outcome;
    e->recipient = (size_t)number(r, SIZE_MAX);
    e->attempts = (unsigned)number(r, UINT32_MAX);
    e->retry_ms = signed_number(r);
    o->kind = (enum outcome_kind)number(r, OUTCOME_EXPANDED);
    o->time_ms = signed_number(r);
    o->code = (int)signed_number(r);
    o->status = status(r);
    o->cause.cause = (enum cause)number(r, CAUSE_COUNT - 1);
    o->cause.variant = (enum variant)number(r, VARIANT_COUNT - 1);
    o->is_remote = number(r, 1);
    o->words = text(r);
    o->host = text(r);
    o->address = text(r);
    o->stage = text(r);
    o->is_expired = number(r, 1);
    o->is_reported = number(r, 1);
}

int entry_next(struct span *entries, struct entry *e, struct arena *a)
{
    struct reading r = {*entries, true};
    if (!entries->len)
        return 0;
    *e = (struct entry){.kind = (enum entry_kind)number(&r, ENTRY_RELEASE)};
    e->id = number(&r, UINT64_MAX);
    switch (e->kind) {
    case ENTRY_ACCEPT:
        e->envelope.id = e->id;
        read_envelope(&r, &e->envelope, a);
        break;
    case ENTRY_OUTCOME:
        read_outcome(&r, e);
        break;
    case ENTRY_HOLD:
        e->time_ms = signed_number(&r);
        e->why = text(&r);
        break;
    case ENTRY_RELEASE:
        e->time_ms = signed_number(&r);
        break;
    default:
        r.ok = false;
    }
    if (!r.ok)
        return -1;
    *entries = r.rest;
    return 1;
}
