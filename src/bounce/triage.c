#include "bounce/triage.h"

#include "bounce/advise_inside.h"
#include "bounce/triage_inside.h"

#include <stdlib.h>
#include <string.h>

static const int64_t EARLIEST_MS = INT64_C(315532800000); /* 1980: no mail has dates before it */
enum { DAY_MS = 86400000, LONGEST_NAME = 4096 };

const char *pile_name(enum pile p)
{
    static const char *const names[] = {[PILE_ABUSED] = "account-abused",
                                        [PILE_YOURS] = "yours",
                                        [PILE_UNPROVEN] = "unproven",
                                        [PILE_CHALLENGES] = "challenges",
                                        [PILE_COMPLAINTS] = "complaints",
                                        [PILE_UNKNOWN] = "unknown",
                                        [PILE_TRICKS] = "tricks",
                                        [PILE_FORGED] = "forged",
                                        [PILE_SPAM] = "spam",
                                        [PILE_REPLIES] = "replies",
                                        [PILE_OTHER] = "other"};
    return names[p];
}

enum pile pile_of(const struct notice *n, const struct verdict *v)
{
    bool is_open = v->class == VERDICT_GENUINE || v->class == VERDICT_UNKNOWN;
    if (is_open && n->kind == NOTICE_FEEDBACK_REPORT)
        return PILE_COMPLAINTS;
    if (is_open && n->kind == NOTICE_CHALLENGE)
        return PILE_CHALLENGES;
    switch (v->class) {
    case VERDICT_GENUINE:
        return v->provenance == PROVENANCE_PROVEN ? PILE_YOURS : PILE_UNPROVEN;
    case VERDICT_NOT_YOURS:
        return PILE_FORGED;
    case VERDICT_ACCOUNT_ABUSED:
        return PILE_ABUSED;
    case VERDICT_PHISHING:
        return PILE_TRICKS;
    case VERDICT_SPAM_IN_BOUNCE:
        return PILE_SPAM;
    case VERDICT_AUTO_REPLY:
        return PILE_REPLIES;
    case VERDICT_NOT_A_BOUNCE:
        return PILE_OTHER;
    case VERDICT_UNKNOWN:
        break;
    }
    return PILE_UNKNOWN;
}

/* The advice goes with the cause only where it is a true notice; else the same holds for all. */
static bool tells_by_cause(enum pile p)
{
    return p == PILE_YOURS || p == PILE_UNPROVEN;
}

/* ---- one notice */

/* The advice is made when somebody needs it: rarely. */
struct adding {
    struct triage *triage;
    struct triage_pile *pile;
    const struct notice *notice;
    const struct verdict *verdict;
    struct span name;
    struct advice advice;
    struct arena arena;
    bool has_advice;
};

static const struct advice *advice_of(struct adding *g)
{
    if (!g->has_advice)
        notice_advise(&g->advice, g->notice, g->verdict, &g->triage->wishes->advise, &g->arena);
    g->has_advice = true;
    return &g->advice;
}

static const struct advice_group *group_of_advice(const struct advice *a, size_t recipient)
{
    return a->group_of && a->group_count ? &a->groups[a->group_of[recipient]] : NULL;
}

enum { NOBODY_NAMED = -1 };

static bool is_of(const struct triage_group *g, enum notice_action action, struct cause_found cause)
{
    return g->action == action &&
           (action != ACTION_FAILED ||
            (g->cause.cause == cause.cause && cause_text(g->cause) == cause_text(cause)));
}

/* All delays are waited for in the same way; in a failure what else is said of a recipient who did
 * not get it does not matter. */
static enum notice_action action_of(const struct notice *n, const struct notice_recipient *r)
{
    if (n->kind == NOTICE_DELAY)
        return ACTION_DELAYED;
    if (n->kind == NOTICE_FAILURE)
        return ACTION_FAILED;
    return r && action_is_good(r->action) ? r->action : ACTION_DELIVERED;
}

static struct triage_group *find_group(struct adding *g, int recipient)
{
    struct triage_pile *p = g->pile;
    const struct notice_recipient *r =
        recipient == NOBODY_NAMED ? NULL : &g->notice->recipients[recipient];
    enum notice_action action = action_of(g->notice, r);
    struct cause_found cause = r ? r->cause : (struct cause_found){0};
    for (size_t i = 0; i < p->group_count; i++)
        if (is_of(p->groups[i], action, cause))
            return p->groups[i];
    if (p->group_count == KEPT_CAUSES) /* there are fewer */
        return p->groups[KEPT_CAUSES - 1];
    struct triage_group *made = arena_new(&g->triage->arena, sizeof *made);
    *made = (struct triage_group){
        .action = action,
        .cause = cause,
        .example = arena_copy(&g->triage->arena, span_first(g->name, LONGEST_NAME))};
    const struct advice *a = advice_of(g);
    triage_say_group(g->triage, made, a, r ? group_of_advice(a, (size_t)recipient) : NULL);
    return p->groups[p->group_count++] = made;
}

/* Who got the message is no news in a notice of a failure. */
static bool counts(const struct notice *n, const struct notice_recipient *r)
{
    return n->kind == NOTICE_SUCCESS || !action_is_good(r->action);
}

static void add_to_groups(struct adding *g)
{
    const struct notice *n = g->notice;
    struct triage_group *met[KEPT_CAUSES];
    size_t count = 0;
    for (size_t i = 0; i < n->recipient_count; i++) {
        const struct notice_recipient *r = &n->recipients[i];
        if (!counts(n, r))
            continue;
        struct triage_group *of = find_group(g, (int)i);
        size_t k = 0;
        while (k < count && met[k] != of)
            k++;
        if (k == count) {
            met[count++] = of;
            of->notices++;
        }
        triage_count_recipient(&of->recipients, recipient_as_sent(r), &g->triage->arena);
    }
    if (!count)
        find_group(g, NOBODY_NAMED)->notices++;
}

/* Of several it is said what holds for the least certain. */
static void say_of_all(struct adding *g)
{
    struct triage_pile *p = g->pile;
    if (p->notices && p->confidence <= g->verdict->confidence)
        return;
    p->confidence = g->verdict->confidence;
    triage_say_pile(g->triage, p, advice_of(g));
}

/* A date that can't be right would make it look as if they came for years. */
static int64_t date_of(const struct triage *t, const struct notice *n)
{
    int64_t now = t->wishes->now_ms;
    bool can_be = n->date_ms >= EARLIEST_MS && (!now || n->date_ms <= now + DAY_MS);
    return can_be ? n->date_ms : 0;
}

void triage_add(struct triage *t, const struct notice *n, const struct verdict *v, struct span name)
{
    enum pile which = pile_of(n, v);
    struct adding g = {
        .triage = t, .pile = &t->piles[which], .notice = n, .verdict = v, .name = name};
    int64_t date = date_of(t, n);
    t->messages++;
    if (which != PILE_OTHER) {
        t->notices++;
        if (!tells_by_cause(which))
            say_of_all(&g);
        if (n->kind == NOTICE_FAILURE || n->kind == NOTICE_DELAY || n->kind == NOTICE_SUCCESS)
            add_to_groups(&g);
        triage_count_day(&t->days, date, t->wishes->advise.offset_minutes);
        triage_count_day(&g.pile->days, date, t->wishes->advise.offset_minutes);
        triage_storm_add(t, n, which, date);
    }
    g.pile->notices++;
    arena_clear(&g.arena);
}

/* ---- all of them */

void triage_start(struct triage *t, const struct triage_wishes *w)
{
    memset(t, 0, sizeof *t);
    t->wishes = w;
}

/* Trouble before what waits, and what waits before what is well; then by number. */
static int by_weight(const void *a, const void *b)
{
    const struct triage_group *one = *(struct triage_group *const *)a,
                              *two = *(struct triage_group *const *)b;
    int one_calm = one->action == ACTION_DELAYED ? 1 : action_is_good(one->action) ? 2 : 0;
    int two_calm = two->action == ACTION_DELAYED ? 1 : action_is_good(two->action) ? 2 : 0;
    if (one_calm != two_calm)
        return one_calm - two_calm;
    if (one->notices != two->notices)
        return one->notices > two->notices ? -1 : 1;
    return span_compare(one->headline, two->headline);
}

void triage_finish(struct triage *t)
{
    for (size_t i = 0; i < PILE_COUNT; i++) {
        struct triage_pile *p = &t->piles[i];
        if (p->group_count)
            qsort(p->groups, p->group_count, sizeof *p->groups, by_weight);
        for (size_t k = 0; k < p->group_count; k++)
            triage_sort_recipients(&p->groups[k]->recipients);
    }
    triage_storm_finish(t);
}

void triage_free(struct triage *t)
{
    for (size_t i = 0; i < PILE_COUNT; i++)
        for (size_t k = 0; k < t->piles[i].group_count; k++)
            triage_free_recipients(&t->piles[i].groups[k]->recipients);
    triage_free_recipients(&t->unproven_recipients);
    triage_free_recipients(&t->systems);
    arena_clear(&t->arena);
}
