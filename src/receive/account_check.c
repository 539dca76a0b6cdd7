/* What our own accounts may do: those who have logged in. */
#include "receive/inside.h"
#include "receive/verdict.h"
#include "sys/clock.h"

enum judgement judge_account(struct session *s, struct arena *a, struct reply *reply)
{
    const struct options *o = s->entrance->options;
    struct span login = login_of(s);
    struct account_refusal why;
    const struct account_limit *l =
        login.len ? account_limit_for(o->sending.limits, o->sending.limit_count, login) : NULL;
    if (!l)
        return JUDGE_TAKES;
    if (l->message && server_transaction(s->server)->recipient_count >= l->message) {
        *reply = verdict_account_message(l, login, o->hostname, a);
        return JUDGE_REFUSES;
    }
    if (account_rates_take(s->receiver->house->settings.account_rates, login, l, 1, clock_now_ms(),
                           &why))
        return JUDGE_TAKES;
    *reply = verdict_account_rate(&why, login, o->hostname, a);
    return JUDGE_REFUSES;
}
