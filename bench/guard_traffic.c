#include "guard_traffic.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Calibrated on what is known of real mail, see bench/README.md. The second differs from the first
 * in nearly everything, so that a threshold that only fits the first is found out. */
static const struct traffic all[] = {
    {
        .name = "office",
        .people = 1738,
        .days = 180,
        .begins_meanwhile = 0.15,
        .weekday = 0.85,
        .weekend = 0.15,
        .messages = 4,
        .messages_spread = 0.9,
        .messages_day_spread = 0.6,
        .several = 0.30,
        .several_more = 0.60,
        .new_contact = 0.05,
        .new_contact_spread = 0.7,
        .invitations = 2,
        .invitation_size = 12,
        .invitation_spread = 0.6,
        .mergers = 0.4,
        .merger_size = 12,
        .merger_spread = 0.6,
        .hunts = 0.15,
        .club = 0.15,
        .club_size = 18,
        .club_spread = 0.5,
        .club_mails = 20,
        .journeys = 3,
        .abroad = 0.4,
        .devices = 0.7,
        .mobile = 0.5,
        .link = 0.15,
        .link_is_new = 0.3,
        .signature_link = 0.3,
        .typo = 0.012,
        .dead_in_list = 0.04,
        .refused = 0.0005,
        .changes = 1,
    },
    {
        .name = "provider",
        .people = 1738,
        .days = 180,
        .begins_meanwhile = 0.25,
        .weekday = 0.6,
        .weekend = 0.4,
        .messages = 3,
        .messages_spread = 1.1,
        .messages_day_spread = 0.7,
        .several = 0.25,
        .several_more = 0.65,
        .new_contact = 0.08,
        .new_contact_spread = 0.6,
        .invitations = 2.5,
        .invitation_size = 12,
        .invitation_spread = 0.65,
        .mergers = 0.5,
        .merger_size = 12,
        .merger_spread = 0.65,
        .hunts = 0.25,
        .club = 0.2,
        .club_size = 22,
        .club_spread = 0.5,
        .club_mails = 15,
        .journeys = 4,
        .abroad = 0.5,
        .devices = 0.9,
        .mobile = 0.8,
        .link = 0.25,
        .link_is_new = 0.4,
        .signature_link = 0.15,
        .typo = 0.02,
        .dead_in_list = 0.06,
        .refused = 0.001,
        .changes = 1,
    },
    {
        /* like the second, with much more of what looks like a break-in */
        .name = "rough",
        .people = 1738,
        .days = 180,
        .begins_meanwhile = 0.25,
        .weekday = 0.6,
        .weekend = 0.4,
        .messages = 3,
        .messages_spread = 1.1,
        .messages_day_spread = 0.7,
        .several = 0.25,
        .several_more = 0.65,
        .new_contact = 0.12,
        .new_contact_spread = 0.6,
        .invitations = 5,
        .invitation_size = 20,
        .invitation_spread = 0.65,
        .mergers = 1.5,
        .merger_size = 18,
        .merger_spread = 0.65,
        .hunts = 0.6,
        .club = 0.2,
        .club_size = 35,
        .club_spread = 0.5,
        .club_mails = 15,
        .journeys = 6,
        .abroad = 0.5,
        .devices = 1.5,
        .mobile = 0.8,
        .link = 0.25,
        .link_is_new = 0.4,
        .signature_link = 0.15,
        .typo = 0.02,
        .dead_in_list = 0.06,
        .refused = 0.001,
        .changes = 1,
    },
};

const struct traffic *traffic_named(const char *name)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    return NULL;
}

enum { HOUR_MS = 3600 * 1000, MINUTE_MS = 60 * 1000, MOST_RECIPIENTS = 100, MOST_CHANGES = 64 };

struct making {
    struct person *person;
    const struct traffic *traffic;
    struct chance chance;
    double messages, new_contact; /* this person's own */
    bool has_mobile, has_signature_link;
    uint64_t home, office, phone, computer; /* networks and programs */
    uint16_t country;
    /* Of a journey: until when, and where. */
    int64_t away_until;
    uint64_t away_network;
    uint16_t away_country;
    uint64_t *club;
    size_t club_count;
};

static uint64_t some(struct making *m)
{
    uint64_t bits = chance_bits(&m->chance);
    return bits ? bits : 1;
}

/* ---- a message */

static struct sending *begin(struct making *m, int64_t ms)
{
    struct person *p = m->person;
    if (p->sent_count == p->sent_room) {
        p->sent_room = p->sent_room ? 2 * p->sent_room : 256;
        p->sent = memory_resize(p->sent, p->sent_room * sizeof *p->sent);
    }
    struct sending *s = &p->sent[p->sent_count++];
    *s = (struct sending){.ms = ms, .first = p->recipient_count};
    bool is_away = ms < m->away_until;
    bool is_on_the_way = m->has_mobile && chance_is(&m->chance, 0.2);
    int64_t hour = ms / HOUR_MS % 24;
    s->country = is_away ? m->away_country : m->country;
    if (is_away)
        s->network = chance_is(&m->chance, 0.8) ? m->away_network : some(m);
    else if (is_on_the_way) /* some of a provider's many networks */
        s->network = m->phone + chance_below(&m->chance, 12);
    else
        s->network = hour >= 8 && hour < 17 ? m->office : m->home;
    s->client = s->network * 31 + (is_on_the_way ? 7 : m->computer % 1000);
    s->text = chance_is(&m->chance, 0.7) ? some(m) : 0;
    if (m->has_signature_link)
        s->links[0] = m->home ^ 99;
    if (chance_is(&m->chance, m->traffic->link))
        s->links[1] = chance_is(&m->chance, m->traffic->link_is_new)
                          ? some(m)
                          : 1000 + chance_below(&m->chance, 12);
    return s;
}

static void add(struct making *m, uint64_t recipient, bool is_dead)
{
    struct person *p = m->person;
    if (p->recipient_count == p->recipient_room) {
        p->recipient_room = p->recipient_room ? 2 * p->recipient_room : 1024;
        p->recipients = memory_resize(p->recipients, p->recipient_room * sizeof *p->recipients);
        p->is_dead = memory_resize(p->is_dead, p->recipient_room);
    }
    p->recipients[p->recipient_count] = recipient;
    p->is_dead[p->recipient_count++] = is_dead;
    p->sent[p->sent_count - 1].count++;
}

static void add_new(struct making *m, double dead)
{
    add(m, m->person->contacts++, chance_is(&m->chance, dead));
}

/* Few are written to often, many seldom: Zipf, as a power of chance. */
static void add_known(struct making *m)
{
    double part = chance_part(&m->chance);
    double newest = part * part * part * (double)m->person->contacts;
    if (chance_is(&m->chance, 0.5)) /* the old friends, or those of lately */
        newest = (double)m->person->contacts - 1 - newest;
    add(m, newest > 0 ? (uint64_t)newest : 0, false);
}

static void add_some(struct making *m, double new_share, double dead)
{
    if (!m->person->contacts || chance_is(&m->chance, new_share))
        add_new(m, dead);
    else
        add_known(m);
}

static void everyday(struct making *m, int64_t ms)
{
    begin(m, ms);
    add_some(m, m->new_contact, m->traffic->typo);
    if (!chance_is(&m->chance, m->traffic->several))
        return;
    for (int n = 0; n < 40 && (!n || chance_is(&m->chance, m->traffic->several_more)); n++)
        add_some(m, m->new_contact / 2, m->traffic->typo);
}

/* ---- what is rare */

static unsigned size(struct making *m, double median, double spread)
{
    double n = chance_lognormal(&m->chance, median, spread);
    return n < 2 ? 2 : n > MOST_RECIPIENTS ? MOST_RECIPIENTS : (unsigned)n;
}

/* A message, or a few, to many at once, of whom some are new. */
static void invitation(struct making *m, int64_t ms)
{
    unsigned left = size(m, m->traffic->invitation_size, m->traffic->invitation_spread);
    unsigned in_one = chance_is(&m->chance, 0.7) ? left : 15;
    double new_share = chance_between(&m->chance, 0.05, 0.8);
    uint64_t text = some(m), link = chance_is(&m->chance, 0.4) ? some(m) : 0;
    while (left) {
        struct sending *s = begin(m, ms);
        s->text = text;
        s->links[1] = link;
        for (unsigned n = 0; n < in_one && left; n++, left--)
            add_some(m, new_share, m->traffic->dead_in_list);
        ms += (int64_t)chance_wait(&m->chance, 2 * MINUTE_MS);
    }
}

static void letters(struct making *m, int64_t ms, unsigned count, double new_share, double minutes)
{
    uint64_t text = some(m), link = chance_is(&m->chance, 0.5) ? some(m) : 0;
    for (unsigned n = 0; n < count; n++) {
        struct sending *s = begin(m, ms);
        s->text = text ^ UINT64_C(1) << chance_below(&m->chance, 64); /* another name in it */
        s->links[1] = link;
        add_some(m, new_share, m->traffic->dead_in_list);
        ms += (int64_t)chance_wait(&m->chance, minutes * MINUTE_MS);
    }
}

static void merger(struct making *m, int64_t ms)
{
    unsigned count = size(m, m->traffic->merger_size, m->traffic->merger_spread);
    letters(m, ms, count, chance_between(&m->chance, 0.2, 1), chance_between(&m->chance, 0.2, 4));
}

static void hunt(struct making *m, int64_t ms)
{
    for (int day = 0; day < 5; day++)
        letters(m, ms + day * (int64_t)TRAFFIC_DAY_MS, 2 + chance_below(&m->chance, 9), 0.9, 12);
}

static void club_mail(struct making *m, int64_t ms)
{
    begin(m, ms)->text = some(m);
    for (size_t i = 0; i < m->club_count; i++)
        add(m, m->club[i], false);
}

static void found_club(struct making *m)
{
    m->club_count = size(m, m->traffic->club_size, m->traffic->club_spread);
    m->club = memory_resize(NULL, m->club_count * sizeof *m->club);
    for (size_t i = 0; i < m->club_count; i++)
        m->club[i] = m->person->contacts++;
}

/* ---- months */

static int64_t waking_hour(struct making *m, int64_t day_ms)
{
    return day_ms + (int64_t)(chance_between(&m->chance, 7.5, 21) * HOUR_MS);
}

static bool happens(struct making *m, double a_year)
{
    return chance_is(&m->chance, a_year / 365);
}

static void change_place(struct making *m, int64_t day_ms)
{
    const struct traffic *t = m->traffic;
    if (happens(m, t->devices))
        m->computer = some(m);
    if (happens(m, 0.3))
        m->home = some(m); /* another provider, or a new address of it */
    if (happens(m, t->journeys) && day_ms >= m->away_until) {
        m->away_until = day_ms + (2 + chance_below(&m->chance, 9)) * (int64_t)TRAFFIC_DAY_MS;
        m->away_country = chance_is(&m->chance, t->abroad)
                              ? (uint16_t)(100 + chance_below(&m->chance, 40))
                              : m->country;
    }
    if (day_ms < m->away_until && chance_is(&m->chance, 0.4))
        m->away_network = some(m); /* the next hotel */
}

static void day(struct making *m, int64_t day_ms, unsigned number)
{
    const struct traffic *t = m->traffic;
    struct person *p = m->person;
    change_place(m, day_ms);
    if (happens(m, t->changes) && p->change_count < MOST_CHANGES)
        p->changes[p->change_count++] = waking_hour(m, day_ms);
    if (!chance_is(&m->chance, number % 7 < 5 ? t->weekday : t->weekend))
        return;
    unsigned left =
        chance_count(&m->chance, chance_lognormal(&m->chance, m->messages, t->messages_day_spread));
    while (left) { /* in sittings */
        unsigned now = 1 + chance_below(&m->chance, 5);
        int64_t ms = waking_hour(m, day_ms);
        for (; left && now; now--, left--) {
            everyday(m, ms);
            ms += (int64_t)chance_wait(&m->chance, 6 * MINUTE_MS);
        }
    }
    if (happens(m, t->invitations))
        invitation(m, waking_hour(m, day_ms));
    if (happens(m, t->mergers))
        merger(m, waking_hour(m, day_ms));
    if (happens(m, t->hunts))
        hunt(m, waking_hour(m, day_ms));
    if (m->club && happens(m, t->club_mails))
        club_mail(m, waking_hour(m, day_ms));
}

static int by_time(const void *one, const void *other)
{
    int64_t a = ((const struct sending *)one)->ms, b = ((const struct sending *)other)->ms;
    return a < b ? -1 : a > b;
}

void person_make(struct person *p, const struct traffic *t, uint64_t seed)
{
    struct making m = {.person = p, .traffic = t, .chance = {seed * UINT64_C(0xD1342543DE82EF95)}};
    *p = (struct person){.changes = memory_new(MOST_CHANGES * sizeof *p->changes)};
    m.messages = chance_lognormal(&m.chance, t->messages, t->messages_spread);
    m.new_contact = chance_lognormal(&m.chance, t->new_contact, t->new_contact_spread);
    m.new_contact = m.new_contact > 0.5 ? 0.5 : m.new_contact;
    m.has_mobile = chance_is(&m.chance, t->mobile);
    m.has_signature_link = chance_is(&m.chance, t->signature_link);
    m.country = 1;
    m.home = some(&m);
    m.office = chance_is(&m.chance, 0.6) ? some(&m) : m.home;
    m.phone = some(&m);
    m.computer = some(&m);
    if (chance_is(&m.chance, t->club))
        found_club(&m);
    unsigned from =
        chance_is(&m.chance, t->begins_meanwhile) ? chance_below(&m.chance, t->days) : 0;
    for (unsigned number = from; number < t->days; number++)
        day(&m, TRAFFIC_BEGIN_MS + number * (int64_t)TRAFFIC_DAY_MS, number);
    if (p->sent_count)
        qsort(p->sent, p->sent_count, sizeof *p->sent, by_time);
    free(m.club);
}

void person_free(struct person *p)
{
    free(p->sent);
    free(p->recipients);
    free(p->is_dead);
    free(p->changes);
    *p = (struct person){.sent_count = 0};
}
