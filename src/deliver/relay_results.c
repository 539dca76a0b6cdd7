#include "deliver/relay_results.h"

static enum outcome_kind kind_of(struct reply r)
{
    if (r.code >= 200 && r.code < 300)
        return OUTCOME_RELAYED;
    /* Words of our own (code 0) are for good only when their status says so. */
    bool is_permanent = r.code ? reply_is_permanent(r) : r.status.class == 5;
    return is_permanent ? OUTCOME_FAILED : OUTCOME_DELAYED;
}

struct outcome outcome_of_reply(const struct client_result *result, struct span host,
                                struct span address, int64_t now_ms)
{
    struct reply r = result->reply;
    struct outcome o = {
        .kind = kind_of(r),
        .time_ms = now_ms,
        .code = r.code,
        .status = r.status,
        .is_remote = r.code != 0,
        .words = r.text,
        .host = host,
        .address = address,
        .stage = span_of(client_stage_words(result->stage)),
    };
    if (o.kind != OUTCOME_RELAYED)
        o.cause = cause_find(r.code, o.status, r.text);
    return o;
}
