#include "deliver/as_user.h"

#include "base/codec.h"

/* Without a NUL, which would end it somewhere else than the other side thinks. */
static struct span line(struct codec_reading *r)
{
    struct span s = codec_text(r);
    r->ok = r->ok && span_find_char(s, '\0') == SPAN_NOT_FOUND;
    return s;
}

void as_request_add(struct buffer *out, const struct as_request *r)
{
    codec_add_number(out, r->kind);
    codec_add_text(out, r->user);
    codec_add_text(out, r->text);
    codec_add_text(out, r->sender);
    codec_add_text(out, r->recipient);
    codec_add_number(out, r->id);
    codec_add_number(out, r->index);
    codec_add_number(out, r->size);
    codec_add_number(out, r->is_binary);
    codec_add_number(out, judged_number(r->judged));
    codec_add_number(out, (uint64_t)r->now_ms);
}

bool as_request_parse(struct span from, struct as_request *to)
{
    struct codec_reading r = {from, true};
    to->kind = (enum as_kind)codec_number(&r, AS_COMMAND);
    to->user = line(&r);
    to->text = line(&r);
    to->sender = line(&r);
    to->recipient = line(&r);
    to->id = codec_number(&r, UINT64_MAX);
    to->index = (size_t)codec_number(&r, UINT32_MAX);
    to->size = codec_number(&r, INT64_MAX);
    to->is_binary = codec_number(&r, 1);
    bool is_known = judged_of_number(codec_number(&r, JUDGED_MOST), &to->judged);
    to->now_ms = (int64_t)codec_number(&r, INT64_MAX);
    return r.ok && is_known && !r.rest.len;
}

void as_result_add(struct buffer *out, const struct as_result *r)
{
    codec_add_number(out, r->outcome.kind);
    codec_add_number(out, r->outcome.status.class);
    codec_add_number(out, r->outcome.status.subject);
    codec_add_number(out, r->outcome.status.detail);
    codec_add_number(out, r->outcome.cause.cause);
    codec_add_number(out, r->outcome.cause.variant);
    codec_add_number(out, r->outcome.is_remote);
    codec_add_text(out, r->outcome.words);
    codec_add_text(out, r->outcome.host);
    codec_add_text(out, r->log);
    codec_add_text(out, r->forward);
}

bool as_result_parse(struct span from, struct as_result *to)
{
    struct codec_reading r = {from, true};
    struct outcome *o = &to->outcome;
    *o = (struct outcome){.address = SPAN_NONE, .stage = SPAN_NONE};
    o->kind = (enum outcome_kind)codec_number(&r, OUTCOME_EXPANDED);
    o->status.class = (uint8_t)codec_number(&r, 9);
    o->status.subject = (uint16_t)codec_number(&r, 999);
    o->status.detail = (uint16_t)codec_number(&r, 999);
    o->cause.cause = (enum cause)codec_number(&r, CAUSE_COUNT - 1);
    o->cause.variant = (enum variant)codec_number(&r, VARIANT_COUNT - 1);
    o->is_remote = codec_number(&r, 1);
    o->words = codec_text(&r);
    o->host = codec_text(&r);
    to->log = codec_text(&r);
    to->forward = codec_text(&r);
    bool is_possible = o->kind != OUTCOME_RELAYED && o->kind != OUTCOME_DISCARDED;
    return r.ok && !r.rest.len && is_possible;
}
