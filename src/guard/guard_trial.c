#include "guard/guard_trial.h"

#include "guard/print.h"

#include <string.h>

static uint64_t person(const char *kind, uint64_t number)
{
    return print_name(number * 7919 + 1, kind[0], span_of(kind));
}

static void send(struct guard_trial *t, int64_t now_ms, const uint64_t *recipients, size_t count)
{
    t->message.now_ms = now_ms;
    t->message.recipients = recipients;
    t->message.recipient_count = count;
    guard_send(&t->account, &t->limits, &t->message, t->leave, &t->verdict);
}

void guard_trial_to_strangers(struct guard_trial *t, int64_t now_ms, size_t count)
{
    uint64_t recipients[TRIAL_MOST];
    for (size_t i = 0; i < count; i++)
        recipients[i] = person("stranger", t->strangers++);
    send(t, now_ms, recipients, count);
}

void guard_trial_to_known(struct guard_trial *t, int64_t now_ms, size_t first, size_t count)
{
    uint64_t recipients[TRIAL_MOST];
    for (size_t i = 0; i < count; i++)
        recipients[i] = person("friend", first + i);
    send(t, now_ms, recipients, count);
}

void guard_trial_begin(struct guard_trial *t, int64_t now_ms)
{
    memset(t, 0, sizeof *t);
    t->limits = limits_usual();
    t->message = (struct guard_message){.client = 11, .network = 12, .country = 13};
    for (int day = 10; day > 0; day--)
        guard_trial_to_known(t, now_ms - day * (int64_t)TRIAL_DAY, (size_t)(day - 1) * 2, 2);
}

size_t guard_trial_slowed(const struct guard_trial *t)
{
    size_t slowed = 0;
    for (size_t i = 0; i < t->message.recipient_count; i++)
        slowed += t->leave[i].when_ms > t->message.now_ms;
    return slowed;
}
