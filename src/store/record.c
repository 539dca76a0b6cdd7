#include "store/record.h"

#include "base/codec.h"

static void add_status(struct buffer *out, struct status s)
{
    codec_add_number(out, s.class);
    codec_add_number(out, s.subject);
    codec_add_number(out, s.detail);
}

static void add_head(struct buffer *out, enum entry_kind kind, message_id id)
{
    codec_add_number(out, kind);
    codec_add_number(out, id);
}

/* Of a message. */
enum {
    IS_8BIT = 1,
    IS_BINARY = 2,
    HAS_MEMBERS = 4,
    HAS_ACTIONS = 8,
    HAS_OWNER = 16,
    IS_VOUCHED = 32,
    IS_DIGEST = 64,
    IS_OWN = 128,
    HAS_LOGIN = 256,
    REQUIRES_TLS = 512,
    NEEDS_NO_TLS = 1024,
    HAS_RELEASE = 2048,
    HAS_PRIORITY = 4096,
    HAS_DEADLINE = 8192,
    HAS_AUTHENTICATION = 65536,
    IS_JUDGED = 131072,
    IS_OF_FLOOD = 524288,
    IS_OF_MISUSE = 1048576,
    ALL_FLAGS = IS_8BIT | IS_BINARY | HAS_MEMBERS | HAS_ACTIONS | HAS_OWNER | IS_VOUCHED |
                IS_DIGEST | IS_OWN | HAS_LOGIN | REQUIRES_TLS | NEEDS_NO_TLS | HAS_RELEASE |
                HAS_PRIORITY | HAS_DEADLINE | HAS_AUTHENTICATION | IS_JUDGED | IS_OF_FLOOD |
                IS_OF_MISUSE
};

/* Of an outcome. */
enum {
    IS_REPORTED = 1,
    IS_PASSED_ON = 2,
    IS_TOLD = 4,
    IS_IN_DIGEST = 8,
    IS_TLS_1_2 = 16,
    IS_TLS_1_3 = 32,
    PROOF = 64, /* the two bits from here */
    MOST_PROOF = 3,
    WITH_LOGIN = 256,
    KEEPS_DEADLINE = 512,
    WITH_RETURN_PATH = 1024,
    ALL_OF_OUTCOME = 2047
};

bool entry_closes(const struct entry *e)
{
    return e->kind == ENTRY_OUTCOME && outcome_is_final(e->outcome.kind) && !e->retry_ms;
}

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
        codec_add_number(out, e->recipients[i].is_expanded);
        codec_add_number(out, e->recipients[i].parent);
        codec_add_text(out, e->recipients[i].reverse_path);
    }
}

static bool has_actions(const struct envelope *e)
{
    for (size_t i = 0; i < e->recipient_count; i++)
        if (e->recipients[i].action.len)
            return true;
    return false;
}

static bool is_judged(const struct envelope *e)
{
    for (size_t i = 0; i < e->recipient_count; i++)
        if (e->recipients[i].judged.is)
            return true;
    return false;
}

static void add_deadline(struct buffer *out, const struct mail_parameters *p)
{
    codec_add_number(out, p->by);
    codec_add_number(out, p->by_trace);
    codec_add_signed(out, p->by_ms);
}

static void add_judged(struct buffer *out, const struct envelope *e)
{
    for (size_t i = 0; i < e->recipient_count; i++)
        codec_add_number(out, judged_number(e->recipients[i].judged));
    codec_add_text(out, e->judged_by);
}

static uint64_t flags_of(const struct envelope *e)
{
    return (e->is_8bit ? IS_8BIT : 0) | (e->is_binary ? IS_BINARY : 0) |
           (has_members(e) ? HAS_MEMBERS : 0) | (has_actions(e) ? HAS_ACTIONS : 0) |
           (e->has_owner ? HAS_OWNER : 0) | (e->vouched ? IS_VOUCHED : 0) |
           (e->tells_until ? IS_DIGEST : 0) | (e->is_own ? IS_OWN : 0) |
           (e->login.len ? HAS_LOGIN : 0) | (e->parameters.requires_tls ? REQUIRES_TLS : 0) |
           (e->needs_no_tls ? NEEDS_NO_TLS : 0) | (e->parameters.release_ms ? HAS_RELEASE : 0) |
           (e->parameters.priority ? HAS_PRIORITY : 0) | (e->parameters.by ? HAS_DEADLINE : 0) |
           (e->authentication.len ? HAS_AUTHENTICATION : 0) | (is_judged(e) ? IS_JUDGED : 0) |
           (e->digest_of == DIGEST_OF_FLOOD ? IS_OF_FLOOD : 0) |
           (e->digest_of == DIGEST_OF_MISUSE ? IS_OF_MISUSE : 0);
}

void entry_add_accept(struct buffer *out, const struct envelope *e)
{
    add_head(out, ENTRY_ACCEPT, e->id);
    codec_add_signed(out, e->accepted_ms);
    codec_add_number(out, e->origin);
    codec_add_number(out, e->about);
    codec_add_text(out, e->reverse_path);
    codec_add_number(out, e->parameters.size);
    codec_add_number(out, e->parameters.body);
    codec_add_number(out, e->parameters.ret);
    codec_add_number(out, e->parameters.smtputf8);
    codec_add_text(out, e->parameters.envid);
    codec_add_number(out, flags_of(e));
    codec_add_text(out, e->client_name);
    codec_add_text(out, e->client_address);
    codec_add_text(out, e->header_message_id);
    codec_add_text(out, e->subject);
    codec_add_number(out, e->size);
    codec_add_number(out, e->recipient_count);
    for (size_t i = 0; i < e->recipient_count; i++) {
        codec_add_text(out, e->recipients[i].address);
        codec_add_number(out, e->recipients[i].parameters.notify);
        codec_add_text(out, e->recipients[i].parameters.orcpt);
    }
    if (has_members(e))
        add_members(out, e);
    bool acts = has_actions(e);
    for (size_t i = 0; acts && i < e->recipient_count; i++)
        codec_add_text(out, e->recipients[i].action);
    if (e->has_owner)
        codec_add_number(out, e->owner);
    if (e->vouched)
        codec_add_number(out, e->vouched);
    if (e->tells_until)
        codec_add_number(out, e->tells_until);
    if (e->login.len)
        codec_add_text(out, e->login);
    if (e->parameters.release_ms)
        codec_add_signed(out, e->parameters.release_ms);
    if (e->parameters.priority)
        codec_add_signed(out, e->parameters.priority);
    if (e->parameters.by)
        add_deadline(out, &e->parameters);
    if (e->authentication.len)
        codec_add_text(out, e->authentication);
    if (is_judged(e))
        add_judged(out, e);
}

void entry_add_outcome(struct buffer *out, message_id id, size_t recipient, unsigned attempts,
                       int64_t retry_ms, const struct outcome *o)
{
    add_head(out, ENTRY_OUTCOME, id);
    codec_add_number(out, recipient);
    codec_add_number(out, attempts);
    codec_add_signed(out, retry_ms);
    codec_add_number(out, o->kind);
    codec_add_signed(out, o->time_ms);
    codec_add_signed(out, o->code);
    add_status(out, o->status);
    codec_add_number(out, o->cause.cause);
    codec_add_number(out, o->cause.variant);
    codec_add_number(out, o->is_remote);
    codec_add_text(out, o->words);
    codec_add_text(out, o->host);
    codec_add_text(out, o->address);
    codec_add_text(out, o->stage);
    codec_add_number(out, o->is_expired);
    codec_add_number(
        out, (o->is_reported ? IS_REPORTED : 0) | (o->is_passed_on ? IS_PASSED_ON : 0) |
                 (o->told_ms ? IS_TOLD : 0) | (o->is_in_digest ? IS_IN_DIGEST : 0) |
                 (o->tls == OUTCOME_TLS_1_2 ? IS_TLS_1_2 : 0) |
                 (o->tls == OUTCOME_TLS_1_3 ? IS_TLS_1_3 : 0) | (o->login.len ? WITH_LOGIN : 0) |
                 (o->keeps_deadline ? KEEPS_DEADLINE : 0) |
                 (o->return_path.len ? WITH_RETURN_PATH : 0) | (uint64_t)o->proof * PROOF);
    if (o->told_ms)
        codec_add_signed(out, o->told_ms);
    if (o->is_in_digest)
        codec_add_text(out, span_of(o->language));
    if (o->login.len)
        codec_add_text(out, o->login);
    if (o->return_path.len)
        codec_add_text(out, o->return_path);
}

void entry_add_hold(struct buffer *out, message_id id, int64_t time_ms, struct span why)
{
    add_head(out, ENTRY_HOLD, id);
    codec_add_signed(out, time_ms);
    codec_add_text(out, why);
}

void entry_add_release(struct buffer *out, message_id id, int64_t time_ms)
{
    add_head(out, ENTRY_RELEASE, id);
    codec_add_signed(out, time_ms);
}

static struct status status(struct codec_reading *r)
{
    struct status s;
    s.class = (uint8_t)codec_number(r, 9);
    s.subject = (uint16_t)codec_number(r, 999);
    s.detail = (uint16_t)codec_number(r, 999);
    return s;
}

/* A member stands behind the recipient that leads to it. */
static void read_members(struct codec_reading *r, struct envelope *e)
{
    for (size_t i = 0; i < e->recipient_count; i++) {
        e->recipients[i].is_expanded = codec_number(r, 1);
        e->recipients[i].parent = (size_t)codec_number(r, i);
        e->recipients[i].reverse_path = codec_text(r);
    }
}

static void read_priority(struct codec_reading *r, struct envelope *e)
{
    int64_t priority = codec_signed(r);
    r->ok = r->ok && priority >= -9 && priority <= 9;
    e->parameters.priority = r->ok ? (int)priority : 0;
}

static void read_deadline(struct codec_reading *r, struct mail_parameters *p)
{
    p->by = (enum by_mode)codec_number(r, BY_NOTIFY);
    p->by_trace = codec_number(r, 1);
    p->by_ms = codec_signed(r);
    r->ok = r->ok && p->by;
}

static void read_judged(struct codec_reading *r, struct envelope *e)
{
    for (size_t i = 0; i < e->recipient_count; i++)
        r->ok = judged_of_number(codec_number(r, JUDGED_MOST), &e->recipients[i].judged) && r->ok;
    e->judged_by = codec_text(r);
    r->ok = r->ok && is_judged(e);
}

static void read_envelope(struct codec_reading *r, struct envelope *e, struct arena *a)
{
    e->accepted_ms = codec_signed(r);
    e->origin = (enum origin)codec_number(r, ORIGIN_TO_POSTMASTER);
    e->about = codec_number(r, UINT64_MAX);
    e->reverse_path = codec_text(r);
    e->parameters.size = codec_number(r, UINT64_MAX);
    e->parameters.body = (enum body_kind)codec_number(r, BODY_BINARYMIME);
    e->parameters.ret = (enum ret_kind)codec_number(r, RET_HDRS);
    e->parameters.smtputf8 = codec_number(r, 1);
    e->parameters.envid = codec_text(r);
    uint64_t flags = codec_number(r, ALL_FLAGS);
    e->is_8bit = flags & IS_8BIT;
    e->is_binary = flags & IS_BINARY;
    e->is_own = flags & IS_OWN;
    e->parameters.requires_tls = flags & REQUIRES_TLS;
    e->needs_no_tls = flags & NEEDS_NO_TLS;
    r->ok = r->ok && (flags & (IS_OF_FLOOD | IS_OF_MISUSE)) != (IS_OF_FLOOD | IS_OF_MISUSE);
    e->digest_of = flags & IS_OF_FLOOD    ? DIGEST_OF_FLOOD
                   : flags & IS_OF_MISUSE ? DIGEST_OF_MISUSE
                                          : DIGEST_OF_OUTCOMES;
    e->client_name = codec_text(r);
    e->client_address = codec_text(r);
    e->header_message_id = codec_text(r);
    e->subject = codec_text(r);
    e->size = codec_number(r, UINT64_MAX);
    e->recipient_count =
        (size_t)codec_number(r, r->rest.len / 3); /* each takes three bytes at least */
    if (!r->ok)
        return;
    e->recipients = arena_new(a, e->recipient_count * sizeof *e->recipients);
    for (size_t i = 0; i < e->recipient_count; i++) {
        e->recipients[i].address = codec_text(r);
        e->recipients[i].parameters.notify = (unsigned)codec_number(r, 15);
        e->recipients[i].parameters.orcpt = codec_text(r);
    }
    if (flags & HAS_MEMBERS)
        read_members(r, e);
    for (size_t i = 0; flags & HAS_ACTIONS && i < e->recipient_count; i++)
        e->recipients[i].action = codec_text(r);
    e->has_owner = flags & HAS_OWNER;
    if (e->has_owner)
        e->owner = (uint32_t)codec_number(r, UINT32_MAX);
    if (flags & IS_VOUCHED)
        e->vouched = (enum vouched)codec_number(r, VOUCHED_AGAINST);
    e->tells_until = flags & IS_DIGEST ? codec_number(r, UINT64_MAX) : 0;
    e->login = flags & HAS_LOGIN ? codec_text(r) : SPAN_NONE;
    e->parameters.release_ms = flags & HAS_RELEASE ? codec_signed(r) : 0;
    if (flags & HAS_PRIORITY)
        read_priority(r, e);
    if (flags & HAS_DEADLINE)
        read_deadline(r, &e->parameters);
    e->authentication = flags & HAS_AUTHENTICATION ? codec_text(r) : SPAN_NONE;
    if (flags & IS_JUDGED)
        read_judged(r, e);
}

static void read_language(struct codec_reading *r, struct outcome *o)
{
    struct span tag = codec_text(r);
    r->ok = r->ok && tag.len < sizeof o->language;
    for (size_t i = 0; r->ok && i < tag.len; i++)
        o->language[i] = tag.at[i];
}

static void read_outcome(struct codec_reading *r, struct entry *e)
{
    struct outcome *o = &e->outcome;
    e->recipient = (size_t)codec_number(r, SIZE_MAX);
    e->attempts = (unsigned)codec_number(r, UINT32_MAX);
    e->retry_ms = codec_signed(r);
    o->kind = (enum outcome_kind)codec_number(r, OUTCOME_EXPANDED);
    o->time_ms = codec_signed(r);
    o->code = (int)codec_signed(r);
    o->status = status(r);
    o->cause.cause = (enum cause)codec_number(r, CAUSE_COUNT - 1);
    o->cause.variant = (enum variant)codec_number(r, VARIANT_COUNT - 1);
    o->is_remote = codec_number(r, 1);
    o->words = codec_text(r);
    o->host = codec_text(r);
    o->address = codec_text(r);
    o->stage = codec_text(r);
    o->is_expired = codec_number(r, 1);
    uint64_t flags = codec_number(r, ALL_OF_OUTCOME);
    o->proof = (enum outcome_proof)(flags / PROOF & MOST_PROOF);
    o->is_reported = flags & IS_REPORTED;
    o->is_passed_on = flags & IS_PASSED_ON;
    o->tls = flags & IS_TLS_1_3   ? OUTCOME_TLS_1_3
             : flags & IS_TLS_1_2 ? OUTCOME_TLS_1_2
                                  : OUTCOME_TLS_UNKNOWN;
    o->told_ms = flags & IS_TOLD ? codec_signed(r) : 0;
    o->keeps_deadline = flags & KEEPS_DEADLINE;
    o->is_in_digest = flags & IS_IN_DIGEST;
    if (o->is_in_digest)
        read_language(r, o);
    o->login = flags & WITH_LOGIN ? codec_text(r) : SPAN_NONE;
    o->return_path = flags & WITH_RETURN_PATH ? codec_text(r) : SPAN_NONE;
}

int entry_next(struct span *entries, struct entry *e, struct arena *a)
{
    struct codec_reading r = {*entries, true};
    if (!entries->len)
        return 0;
    *e = (struct entry){.kind = (enum entry_kind)codec_number(&r, ENTRY_RELEASE)};
    e->id = codec_number(&r, UINT64_MAX);
    switch (e->kind) {
    case ENTRY_ACCEPT:
        e->envelope.id = e->id;
        read_envelope(&r, &e->envelope, a);
        break;
    case ENTRY_OUTCOME:
        read_outcome(&r, e);
        break;
    case ENTRY_HOLD:
        e->time_ms = codec_signed(&r);
        e->why = codec_text(&r);
        break;
    case ENTRY_RELEASE:
        e->time_ms = codec_signed(&r);
        break;
    default:
        r.ok = false;
    }
    if (!r.ok)
        return -1;
    *entries = r.rest;
    return 1;
}
