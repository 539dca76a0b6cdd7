#include "guard_replay.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>

void findings_add(struct findings *f, enum attack_kind kind, int rate, struct attacked a)
{
    struct attacks *all = &f->attacks[kind][rate];
    if (a.is_released) {
        all->released++;
        if (a.reached > all->released_most)
            all->released_most = a.reached;
    }
    if (a.is_released || all->count == MOST_ATTACKS)
        return;
    all->reached[all->count++] = a.reached;
    if (a.is_held)
        all->after_ms[all->held++] = a.after_ms;
    for (int s = 0; s < SIGNAL_COUNT; s++)
        all->held_by[s] += a.is_held && (a.signals & 1u << s);
}

static size_t within(uint32_t n)
{
    return n < MOST_COUNTED ? n : MOST_COUNTED - 1;
}

void findings_add_hour(struct findings *f, uint32_t recipients, uint32_t new_ones)
{
    f->hours++;
    f->in_hour[within(recipients)]++;
    f->new_in_hour[within(new_ones)]++;
}

/* Above how many no more than 1 - `part` of the hours were. */
static int64_t quantile(const uint64_t *counts, uint64_t all, double part)
{
    uint64_t seen = 0;
    for (int n = 0; n < MOST_COUNTED; n++)
        if ((double)(seen += counts[n]) >= part * (double)all)
            return n;
    return MOST_COUNTED;
}

static int by_size(const void *one, const void *other)
{
    size_t a = *(const size_t *)one, b = *(const size_t *)other;
    return a < b ? -1 : a > b;
}

static int by_time(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return a < b ? -1 : a > b;
}

static void print_attacks(struct json *j, struct attacks *a, double rate)
{
    size_t n = a->count, sum = 0;
    json_object(j);
    json_number(j, "an_hour", (int64_t)rate);
    json_number(j, "attacks", (int64_t)n);
    json_number(j, "held", (int64_t)a->held);
    json_number(j, "released", (int64_t)a->released);
    json_number(j, "released_most", (int64_t)a->released_most);
    qsort(a->reached, n, sizeof *a->reached, by_size);
    qsort(a->after_ms, a->held, sizeof *a->after_ms, by_time);
    for (size_t i = 0; i < n; i++)
        sum += a->reached[i];
    if (n) {
        json_number(j, "reached_mean", (int64_t)((sum + n / 2) / n));
        json_number(j, "reached_p50", (int64_t)a->reached[n / 2]);
        json_number(j, "reached_p95", (int64_t)a->reached[n * 95 / 100]);
        json_number(j, "reached_p99", (int64_t)a->reached[n * 99 / 100]);
        json_number(j, "reached_max", (int64_t)a->reached[n - 1]);
    }
    if (a->held)
        json_number(j, "minutes_p50", a->after_ms[a->held / 2] / 60000);
    json_member_object(j, "by");
    for (int s = 0; s < SIGNAL_COUNT; s++)
        if (a->held_by[s])
            json_number(j, signal_name((enum guard_signal)s), (int64_t)a->held_by[s]);
    json_end(j);
    json_end(j);
}

static void print_signals(struct json *j, const char *name, const uint64_t *counts)
{
    json_member_object(j, name);
    for (int s = 0; s < SIGNAL_COUNT; s++)
        if (counts[s])
            json_number(j, signal_name((enum guard_signal)s), (int64_t)counts[s]);
    json_end(j);
}

void findings_print(struct findings *f, const struct traffic *t, uint64_t seed, double cost_us,
                    const double *rates)
{
    static const char *const kinds[KINDS] = {"strangers", "mixed", "known", "quiet"};
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    json_object(&j);
    json_text(&j, "part", span_of(t->name));
    json_number(&j, "seed", (int64_t)seed);
    json_number(&j, "people", t->people);
    json_number(&j, "user_days", (int64_t)f->user_days);
    json_number(&j, "recipients", (int64_t)f->recipients);
    json_number(&j, "hours", (int64_t)f->hours);
    json_number(&j, "recipients_hour_p99", quantile(f->in_hour, f->hours, 0.99));
    json_number(&j, "recipients_hour_p999", quantile(f->in_hour, f->hours, 0.999));
    json_number(&j, "new_hour_p99", quantile(f->new_in_hour, f->hours, 0.99));
    json_number(&j, "new_hour_p9999", quantile(f->new_in_hour, f->hours, 0.9999));
    json_number(&j, "new_hour_max", quantile(f->new_in_hour, f->hours, 1));
    json_number(&j, "held", (int64_t)f->held);
    json_number(&j, "slowed", (int64_t)f->slowed);
    json_number(&j, "slowed_recipients", (int64_t)f->slowed_recipients);
    print_signals(&j, "held_by", f->held_by);
    print_signals(&j, "slowed_by", f->slowed_by);
    json_number(&j, "cost_ns", (int64_t)(cost_us * 1000));
    json_number(&j, "bytes", (int64_t)sizeof(struct guard_account));
    for (int k = 0; k < KINDS; k++) {
        json_member_array(&j, kinds[k]);
        for (int rate = 0; rate < RATES; rate++)
            print_attacks(&j, &f->attacks[k][rate], rates[rate]);
        json_end(&j);
    }
    json_end(&j);
    puts(buffer_text(&out));
    buffer_free(&out);
}
