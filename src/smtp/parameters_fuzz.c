/* Parameters that are taken can stand in a command again, and mean the same there. */
#include "base/fuzz.h"

#include "mail/date.h"
#include "smtp/parameters.h"

static const struct parameter_offer offers[] = {
    {.size = true, .body = true, .smtputf8 = true, .dsn = true},
    {.size = true, .body = true, .smtputf8 = true},
    {.dsn = true},
    {.mt_priority = true, .max_priority = 4, .dsn = true},
    {.requiretls = true,
     .now_ms = 1764000000000,
     .max_hold = 86400000,
     .deliverby = true,
     .min_by = 60},
    {0},
};

static void check_problem(struct reply r)
{
    assert(reply_is_permanent(r) && r.status.class == 5 && r.text.len);
}

/* It is one word, and nothing in it ends a line. */
static void check_word(struct span s, size_t longest)
{
    assert(s.len <= longest);
    for (size_t i = 0; i < s.len; i++)
        assert((unsigned char)s.at[i] > ' ' && s.at[i] != 0x7F);
}

static void check_mail(struct span text, const struct parameter_offer *offer)
{
    struct mail_parameters p, again;
    struct reply problem;
    if (!mail_parameters_parse(text, offer, &p, &problem)) {
        check_problem(problem);
        return;
    }
    check_word(p.envid, 100);
    assert(offer->dsn || (!p.envid.len && p.ret == RET_UNSTATED));
    struct buffer b = BUFFER_EMPTY, plain = BUFFER_EMPTY;
    static const char *const bodies[] = {"", " BODY=7BIT", " BODY=8BITMIME"};
    static const char *const rets[] = {"", " RET=FULL", " RET=HDRS"};
    buffer_printf(&b, "%s%s%s%s", bodies[p.body], rets[p.ret], p.smtputf8 ? " SMTPUTF8" : "",
                  p.requires_tls ? " REQUIRETLS" : "");
    if (p.release_ms) {
        assert(p.release_ms >= offer->now_ms && p.release_ms <= offer->now_ms + offer->max_hold);
        buffer_add_text(&b, " HOLDUNTIL=");
        date_add_rfc3339(&b, p.release_ms);
    }
    assert(p.priority >= -9 && p.priority <= offer->max_priority);
    if (p.by) {
        int64_t seconds = (p.by_ms - offer->now_ms) / 1000;
        assert(p.by_ms >= p.release_ms && seconds >= -999999999 && seconds <= 999999999);
        assert(p.by == BY_NOTIFY || seconds >= (int64_t)offer->min_by);
        buffer_printf(&b, " BY=%lld;%s%s", (long long)seconds, p.by == BY_RETURN ? "R" : "N",
                      p.by_trace ? "T" : "");
    }
    assert(p.by || (!p.by_ms && !p.by_trace));
    assert(p.has_priority || (!p.priority && !p.is_lowered));
    if (p.has_priority)
        buffer_printf(&b, " MT-PRIORITY=%d", p.priority);
    if (p.size)
        buffer_printf(&b, " SIZE=%llu", (unsigned long long)p.size);
    if (p.envid.len)
        buffer_printf(&b, " ENVID=%.*s", SPAN_F(p.envid));
    assert(mail_parameters_parse(buffer_span(&b), offer, &again, &problem));
    assert(again.size == p.size && again.body == p.body && again.ret == p.ret);
    assert(again.release_ms == p.release_ms);
    assert(again.by == p.by && again.by_ms == p.by_ms && again.by_trace == p.by_trace);
    assert(again.priority == p.priority && again.has_priority == p.has_priority);
    assert(again.requires_tls == p.requires_tls && (offer->requiretls || !p.requires_tls));
    assert(again.smtputf8 == p.smtputf8 && span_equal(again.envid, p.envid));
    assert(xtext_decode(&plain, p.envid));
    buffer_free(&b);
    buffer_free(&plain);
}

static void check_rcpt(struct span text, const struct parameter_offer *offer)
{
    struct rcpt_parameters p, again;
    struct reply problem;
    if (!rcpt_parameters_parse(text, offer, &p, &problem)) {
        check_problem(problem);
        return;
    }
    check_word(p.orcpt, 500);
    assert(offer->dsn || (!p.orcpt.len && !p.notify));
    assert(!(p.notify & NOTIFY_NEVER) || p.notify == NOTIFY_NEVER);
    struct buffer b = BUFFER_EMPTY;
    if (p.orcpt.len)
        buffer_printf(&b, " ORCPT=%.*s", SPAN_F(p.orcpt));
    assert(rcpt_parameters_parse(buffer_span(&b), offer, &again, &problem));
    assert(span_equal(again.orcpt, p.orcpt));
    buffer_free(&b);
}

static void check_xtext(struct span plain)
{
    struct buffer encoded = BUFFER_EMPTY, decoded = BUFFER_EMPTY;
    xtext_encode(&encoded, plain);
    check_word(buffer_span(&encoded), SIZE_MAX);
    assert(xtext_decode(&decoded, buffer_span(&encoded)));
    assert(span_equal(buffer_span(&decoded), plain));
    buffer_clear(&decoded);
    xtext_decode(&decoded, plain);
    assert(decoded.len <= plain.len);
    buffer_free(&encoded);
    buffer_free(&decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    const struct parameter_offer *offer = &offers[fuzz_number(&in, COUNT_OF(offers) - 1)];
    struct span text = fuzz_piece(in.rest);
    check_mail(text, offer);
    check_rcpt(text, offer);
    check_xtext(text);
    fuzz_piece_free(text);
    return 0;
}
