#include "store/digest.h"

#include "base/codec.h"

static void add_step(struct buffer *out, const struct entry *e)
{
    codec_add_number(out, e->kind);
    codec_add_number(out, e->id);
    if (e->kind == ENTRY_ACCEPT) {
        codec_add_number(out, e->envelope.recipient_count);
    } else if (e->kind == ENTRY_OUTCOME) {
        bool closes = entry_closes(e);
        codec_add_number(out, e->recipient);
        codec_add_number(out, closes);
        if (!closes)
            codec_add_signed(out, e->retry_ms);
    }
}

bool digest_add(struct buffer *out, const struct record_header *h, struct span entries,
                struct arena *scratch)
{
    struct buffer steps = BUFFER_EMPTY;
    struct entry e;
    int found;
    while ((found = entry_next(&entries, &e, scratch)) > 0)
        if (e.kind != ENTRY_OUTCOME || e.recipient <= UINT32_MAX)
            add_step(&steps, &e);
    arena_clear(scratch);
    if (!found) {
        codec_add_number(out, h->entries_size);
        codec_add_number(out, h->message_size);
        codec_add_text(out, buffer_span(&steps));
    }
    buffer_free(&steps);
    return !found;
}

int digest_next(struct span *digests, struct digest *d)
{
    struct codec_reading r = {*digests, true};
    if (!digests->len)
        return 0;
    d->entries_size = (uint32_t)codec_number(&r, UINT32_MAX);
    d->message_size = codec_number(&r, UINT32_MAX);
    d->steps = codec_text(&r);
    *digests = r.rest;
    return r.ok ? 1 : -1;
}

int digest_next_step(struct digest *d, struct digest_step *s)
{
    struct codec_reading r = {d->steps, true};
    if (!d->steps.len)
        return 0;
    *s = (struct digest_step){.kind = (enum entry_kind)codec_number(&r, ENTRY_RELEASE)};
    s->id = codec_number(&r, UINT64_MAX);
    switch (s->kind) {
    case ENTRY_ACCEPT:
        s->recipients = (uint32_t)codec_number(&r, UINT32_MAX);
        break;
    case ENTRY_OUTCOME:
        s->recipient = (uint32_t)codec_number(&r, UINT32_MAX);
        s->due_ms = codec_number(&r, 1) ? INT64_MAX : codec_signed(&r);
        break;
    case ENTRY_HOLD:
    case ENTRY_RELEASE:
        break;
    default:
        r.ok = false;
    }
    d->steps = r.rest;
    return r.ok ? 1 : -1;
}

uint64_t digest_record_size(const struct digest *d)
{
    return record_size(
        &(struct record_header){.entries_size = d->entries_size, .message_size = d->message_size});
}

bool digests_cover(struct span digests, uint64_t from, uint64_t end)
{
    struct digest d;
    int found;
    while ((found = digest_next(&digests, &d)) > 0) {
        struct digest steps = d;
        struct digest_step s;
        int has_step;
        while ((has_step = digest_next_step(&steps, &s)) > 0)
            if (s.recipients > d.entries_size) /* each takes some bytes */
                return false;
        from += digest_record_size(&d);
        if (has_step < 0 || from > end)
            return false;
    }
    return !found && from == end;
}
