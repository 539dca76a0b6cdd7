/* One notice about mail that somebody forged looks like any other. Many at once do not: they are
 * about mail to many, which different systems made, within some days, and of none of it is there
 * proof that it is theirs. That is evidence and no proof: a message of their own to many people
 * brings many notices, too, and so does somebody who sends through their account. */
#include "bounce/free_text.h"
#include "bounce/triage_inside.h"

enum {
    WINDOW_DAYS = 3,
    LEAST_NOTICES = 20, /* within the window: nobody has so many wrong addresses by chance */
    LEAST_RECIPIENTS = 20,
    LEAST_SYSTEMS = 5 /* that made the mail: people write from two or three */
};

static bool is_theirs(const struct triage *t, const struct notice *n, struct span address)
{
    for (size_t i = 0; i < t->wishes->me_count; i++)
        if (span_equal_nocase(t->wishes->me[i], address))
            return true;
    struct span to = n->to, receiver;
    size_t end;
    for (; text_find_address(to, &receiver, &end); to = span_skip(to, end))
        if (span_equal_nocase(receiver, address))
            return true;
    return false;
}

/* Only where both addresses show. */
static bool names_other_sender(const struct triage *t, const struct notice *n)
{
    struct span sender, receiver;
    size_t end;
    return text_find_address(n->original.from, &sender, &end) &&
           text_find_address(n->to, &receiver, &end) && !is_theirs(t, n, sender);
}

static struct span domain_behind(struct span id)
{
    size_t at = id.len;
    while (at && id.at[at - 1] != '@')
        at--;
    return at ? span_skip(id, at) : SPAN_NONE;
}

void triage_storm_add(struct triage *t, const struct notice *n, enum pile p, int64_t date_ms)
{
    bool is_disproven = p == PILE_FORGED || p == PILE_SPAM;
    if (!is_disproven && p != PILE_UNPROVEN && p != PILE_UNKNOWN)
        return;
    struct span system = domain_behind(n->original.message_id);
    triage_count_day(&t->unproven, date_ms, t->wishes->advise.offset_minutes);
    for (size_t i = 0; i < n->recipient_count; i++)
        triage_count_recipient(&t->unproven_recipients, n->recipients[i].address, &t->arena);
    if (system.len && t->systems.count < KEPT_SYSTEMS)
        triage_count_recipient(&t->systems, system, &t->arena);
    t->storm.disproven += is_disproven;
    t->storm.other_senders += names_other_sender(t, n);
}

/* The days in a row that have the most of them. */
static void find_window(struct triage_storm *s, const struct triage_days *d)
{
    for (size_t i = 0; i < d->count; i++) {
        size_t sum = 0, k = i;
        for (; k < d->count && d->days[k].day < d->days[i].day + WINDOW_DAYS; k++)
            sum += d->days[k].notices;
        if (sum > s->notices) {
            s->notices = sum;
            s->first_day = d->days[i].day;
            s->last_day = d->days[k - 1].day;
        }
    }
}

void triage_storm_finish(struct triage *t)
{
    struct triage_storm *s = &t->storm;
    size_t all = 0;
    find_window(s, &t->unproven);
    s->recipients = t->unproven_recipients.count;
    s->systems = t->systems.count;
    for (size_t i = 0; i < PILE_COUNT; i++)
        if (i == PILE_FORGED || i == PILE_SPAM || i == PILE_UNPROVEN || i == PILE_UNKNOWN)
            all += t->piles[i].notices;
    if (s->notices < LEAST_NOTICES || s->recipients < LEAST_RECIPIENTS)
        return;
    if (s->disproven * 2 > all)
        s->storm = STORM_FORGED;
    else if (t->piles[PILE_YOURS].notices)
        s->storm = STORM_NONE;
    else if (s->systems >= LEAST_SYSTEMS || s->other_senders * 2 > all)
        s->storm = STORM_LIKELY;
    else
        s->storm = STORM_OPEN;
}
