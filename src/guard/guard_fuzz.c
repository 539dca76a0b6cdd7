/* Whatever happens in whatever order: red stays until somebody decides, nobody leaves before it is
 * sent, red has two families of reasons or the rule, and the state survives a restart. */
#include "base/fuzz.h"

#include "guard/guard_trial.h"
#include "guard/state.h"

static void check_verdict(const struct guard_trial *t)
{
    const struct guard_verdict *v = &t->verdict;
    unsigned families = 0;
    bool has_rule = false;
    assert(v->reason_count <= SIGNAL_COUNT);
    for (size_t i = 0; i < v->reason_count; i++) {
        assert(v->reasons[i].count > v->reasons[i].limit);
        families |= 1u << signal_family(v->reasons[i].signal);
        has_rule |= v->reasons[i].signal == SIGNAL_FAILURE_RULE;
    }
    int count = __builtin_popcount(families);
    assert((v->level == GUARD_RED) == (count >= 2 || has_rule));
    assert((v->level == GUARD_GREEN) == (count == 0));
    assert(guard_is_red(&t->account) == (v->level == GUARD_RED));
}

static void check_leave(const struct guard_trial *t)
{
    if (t->verdict.level == GUARD_RED)
        return;
    assert(t->verdict.level == GUARD_YELLOW || !guard_trial_slowed(t));
    for (size_t i = 0; i < t->message.recipient_count; i++)
        assert(t->leave[i].when_ms >= t->message.now_ms);
}

static void send(struct guard_trial *t, struct fuzz_input *in, int64_t now)
{
    static uint64_t link;
    link = fuzz_byte(in);
    t->message.links = &link;
    t->message.link_count = fuzz_bool(in);
    t->message.client = fuzz_number(in, 3);
    t->message.network = fuzz_number(in, 20);
    t->message.country = (uint16_t)fuzz_number(in, 4);
    t->message.text = fuzz_number(in, 2) << 20;
    size_t count = fuzz_number(in, 60);
    if (fuzz_bool(in))
        guard_trial_to_strangers(t, now, count);
    else
        guard_trial_to_known(t, now, fuzz_number(in, 40), count);
    check_leave(t);
}

static void step(struct guard_trial *t, struct fuzz_input *in, int64_t now)
{
    bool was_red = guard_is_red(&t->account);
    switch (fuzz_number(in, 5)) {
    case 0:
        guard_hear(&t->account, &t->limits, (enum guard_news)fuzz_number(in, 3), now, &t->verdict);
        break;
    case 1:
        if (fuzz_bool(in))
            guard_release(&t->account, now);
        else
            guard_forget(&t->account, &t->limits, now);
        assert(!guard_is_red(&t->account));
        return;
    default:
        send(t, in, now);
    }
    check_verdict(t);
    assert(!was_red || guard_is_red(&t->account));
}

static void restart(struct guard_trial *t)
{
    static struct guard_account again;
    struct buffer bytes = BUFFER_EMPTY, twice = BUFFER_EMPTY;
    guard_state_write(&bytes, &t->account);
    assert(guard_state_read(&again, buffer_span(&bytes)));
    guard_state_write(&twice, &again);
    assert(span_equal(buffer_span(&twice), buffer_span(&bytes)));
    buffer_free(&twice);
    buffer_free(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static struct guard_trial t;
    struct fuzz_input in = fuzz_start(at, len);
    int64_t now = INT64_C(20600) * TRIAL_DAY;
    guard_trial_begin(&t, now);
    t.account.profile = (enum guard_profile)fuzz_number(&in, PROFILE_SERVICE);
    t.account.declared = (uint32_t)fuzz_number(&in, 1000) * (t.account.profile != PROFILE_PERSON);
    while (in.rest.len) {
        now += (int64_t)fuzz_number(&in, 65535) * (fuzz_bool(&in) ? 20000 : 20);
        step(&t, &in, now);
    }
    restart(&t);
    return 0;
}
