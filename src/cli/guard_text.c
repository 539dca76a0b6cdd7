#include "cli/guard_text.h"

#include "base/json.h"
#include "base/visible.h"
#include "bounce/guard_reasons.h"
#include "mail/date.h"
#include "sys/clock.h"

#include <stdio.h>

enum { LONGEST_ACCOUNT_SHOWN = 320 };

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static const char *times(uint64_t count)
{
    return count == 1 ? "once" : "times";
}

/* ---- for people */

static void add_what(struct buffer *out, const struct replay_finding *f)
{
    unsigned long long count = f->recipients;
    switch (f->kind) {
    case FINDING_SLOWED:
        buffer_printf(out, " would have been slowed, with %llu recipient%s of this message:\n",
                      count, plural(count));
        return;
    case FINDING_HELD:
        buffer_add_text(out, " would have been held:\n");
        return;
    case FINDING_ANSWERED:
        buffer_printf(out, " is let go (\"it was me\"), with %llu recipient%s held until then\n",
                      count, plural(count));
        return;
    }
}

void guard_tell_words(void *unused, const struct replay_finding *f)
{
    struct buffer out = BUFFER_EMPTY;
    date_add_words(&out, f->time_ms, clock_offset_minutes(f->time_ms));
    buffer_add_text(&out, "  ");
    visible_add(&out, f->account, LONGEST_ACCOUNT_SHOWN);
    add_what(&out, f);
    for (size_t i = 0; f->verdict && i < f->verdict->reason_count; i++) {
        buffer_add_text(&out, "    ");
        reason_add(&out, NULL, &f->verdict->reasons[i]);
        buffer_printf(&out, " (%s)\n", signal_name(f->verdict->reasons[i].signal));
    }
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
}

static double a_thousand(uint64_t count, const struct replay_figures *f)
{
    return f->account_days ? (double)count * 1000 / (double)f->account_days : 0;
}

static void print_how_often(const char *what, uint64_t count, uint64_t recipients,
                            const struct replay_figures *f)
{
    if (!count) {
        printf("%s: nobody.\n", what);
        return;
    }
    if (count == 1)
        printf("%s: %s", what, times(count));
    else
        printf("%s: %llu %s", what, (unsigned long long)count, times(count));
    printf(", with %llu recipient%s; %.2f in 1,000 account-days.\n", (unsigned long long)recipients,
           plural(recipients), a_thousand(count, f));
}

void guard_print_figures(const struct replay_figures *f)
{
    unsigned long long unnamed = f->unnamed;
    printf("%llu account%s, %llu account-day%s; %llu message%s to %llu recipient%s on other "
           "servers.\n",
           (unsigned long long)f->accounts, plural(f->accounts),
           (unsigned long long)f->account_days, plural(f->account_days),
           (unsigned long long)f->messages, plural(f->messages), (unsigned long long)f->recipients,
           plural(f->recipients));
    print_how_often("Slowed", f->slowed, f->slowed_recipients, f);
    print_how_often("Held", f->held, f->held_recipients, f);
    if (unnamed)
        printf("%llu message%s left out: nobody had logged in, or the line does not name the "
               "recipients (--by-sender counts by the sender's address).\n",
               unnamed, unnamed == 1 ? " is" : "s are");
}

void guard_print_limits(void)
{
    for (int i = 0; i < LIMIT_COUNT; i++) {
        const struct limit_entry *entry = limit_entry((enum guard_limit)i);
        printf("%-18s %6u  %s\n", entry->name, entry->usual, entry->what);
    }
}

/* ---- for programs */

static void print_json(struct json *j, struct buffer *out)
{
    json_end(j);
    puts(buffer_text(out));
    buffer_free(out);
}

static const char *finding_word(enum replay_finding_kind kind)
{
    switch (kind) {
    case FINDING_SLOWED:
        return "slowed";
    case FINDING_HELD:
        return "held";
    case FINDING_ANSWERED:
        return "released";
    }
    return "";
}

void guard_tell_json(void *unused, const struct replay_finding *f)
{
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    json_object(&j);
    date_json(&j, "time", f->time_ms);
    json_text(&j, "account", f->account);
    json_text(&j, "finding", span_of(finding_word(f->kind)));
    if (f->kind != FINDING_HELD)
        json_number(&j, "recipients", (int64_t)f->recipients);
    if (f->verdict) {
        json_member_array(&j, "reasons");
        for (size_t i = 0; i < f->verdict->reason_count; i++) {
            const struct guard_reason *r = &f->verdict->reasons[i];
            json_object(&j);
            json_text(&j, "sign", span_of(signal_name(r->signal)));
            json_number(&j, "count", r->count);
            json_number(&j, "limit", r->limit);
            json_end(&j);
        }
        json_end(&j);
    }
    print_json(&j, &out);
}

void guard_print_figures_json(const struct replay_figures *f)
{
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    json_object(&j);
    json_text(&j, "finding", SPAN("all"));
    json_number(&j, "accounts", (int64_t)f->accounts);
    json_number(&j, "account_days", (int64_t)f->account_days);
    json_number(&j, "messages", (int64_t)f->messages);
    json_number(&j, "recipients", (int64_t)f->recipients);
    json_number(&j, "slowed", (int64_t)f->slowed);
    json_number(&j, "slowed_recipients", (int64_t)f->slowed_recipients);
    json_number(&j, "held", (int64_t)f->held);
    json_number(&j, "held_recipients", (int64_t)f->held_recipients);
    json_number(&j, "left_out", (int64_t)f->unnamed);
    print_json(&j, &out);
}

/* The members that it has in a log. */
void guard_print_look(const struct look *l)
{
    struct buffer out = BUFFER_EMPTY, print = BUFFER_EMPTY;
    struct json j = json_start(&out);
    json_object(&j);
    if (l->text) {
        buffer_printf(&print, "%016llx", (unsigned long long)l->text);
        json_text(&j, "text", buffer_span(&print));
    }
    json_member_array(&j, "links");
    for (size_t i = 0; i < l->link_count; i++)
        json_element_text(&j, l->links[i]);
    json_end(&j);
    print_json(&j, &out);
    buffer_free(&print);
}
