/* A true notice is told by the causes that its recipients have (advise_groups.c), and all else by
 * its verdict or its kind (advise_plans.c). */
#include "bounce/advise.h"

#include "bounce/advise_inside.h"

const char *actor_name(enum actor a)
{
    static const char *const names[] = {[ACTOR_YOU] = "you",
                                        [ACTOR_RECIPIENT] = "recipient",
                                        [ACTOR_THEIR_OPERATOR] = "their-operator",
                                        [ACTOR_YOUR_OPERATOR] = "your-operator",
                                        [ACTOR_NOBODY] = "nobody"};
    return names[a];
}

static struct advice_step *add_step(struct advising *g, struct span text)
{
    struct advice_step *step = &g->advice->steps[g->advice->step_count++];
    *step = (struct advice_step){.text = text};
    return step;
}

/* ---- all that is no true notice of delivery */

static const struct provider *own_provider(const struct advising *g)
{
    return provider_of_address(g->wishes->me.len ? g->wishes->me : g->notice->to);
}

/* Of what somebody else sent, the plans speak as of mail that came back. */
static const char *plan_arrived(const struct advising *g, const struct plan *p)
{
    enum verdict_class c = g->verdict->class;
    bool is_others =
        c == VERDICT_NOT_YOURS || c == VERDICT_SPAM_IN_BOUNCE || c == VERDICT_ACCOUNT_ABUSED;
    return is_others && g->notice->kind != NOTICE_FAILURE
               ? WORDS("Whatever became of it, it was not yours.")
               : p->arrived;
}

static void follow_plan(struct advising *g, const struct plan *p)
{
    struct advice *a = g->advice;
    for (size_t i = 0; i < a->group_count; i++) /* their causes are not what matters */
        a->groups[i].step_count = a->groups[i].check_count = 0;
    a->tone = p->tone;
    a->headline = advise_word(g, p->headline);
    a->summary = a->lead = advise_word(g, p->summary);
    a->actor = p->actor;
    if (p->arrived)
        a->arrived = advise_word(g, plan_arrived(g, p));
    if (p->who)
        a->who = advise_word(g, p->who);
    if (p->sent)
        a->sent = p->sent[0] ? advise_word(g, p->sent) : advise_whether_sent(g);
    for (size_t i = 0; i < MOST_STEPS_OF_ALL && p->steps[i].text; i++) {
        struct advice_step *step = add_step(g, advise_word(g, p->steps[i].text));
        if (p->steps[i].place != NO_PLACE)
            advise_place(g, step, own_provider(g), (enum provider_place)p->steps[i].place);
    }
}

/* ---- a failure */

static struct span failure_arrived(struct advising *g)
{
    size_t bad = advise_count(g, false), good = advise_count(g, true);
    if (!good)
        return advise_word(g, "No. It was not delivered, and it is not tried again.");
    const struct span with[] = {advise_number(g, bad), advise_number(g, bad + good)};
    return advise_say(
        g,
        words_plural(g->language, "Not to everybody: %1 of the %2 recipients did not get it.",
                     "Not to everybody: %1 of the %2 recipients did not get it.", bad),
        with, 2);
}

/* Of those who did not get it. */
static size_t causes(const struct advice *a)
{
    size_t count = 0;
    while (count < a->group_count && !action_is_good(a->groups[count].action))
        count++;
    return count;
}

static void copy_steps(struct advice *a, const struct advice_group *from, size_t most)
{
    for (size_t i = 0; i < from->step_count && i < most; i++)
        a->steps[a->step_count++] = from->steps[i];
}

/* One cause: its own steps. Several: the first step of each, and for what it is. */
static void add_cause_steps(struct advising *g)
{
    struct advice *a = g->advice;
    if (causes(a) == 1) {
        copy_steps(a, &a->groups[0], MOST_STEPS);
        return;
    }
    for (size_t i = 0; i < a->group_count && a->step_count < MOST_STEPS; i++)
        if (a->groups[i].step_count) {
            copy_steps(a, &a->groups[i], 1);
            struct span *text = &a->steps[a->step_count - 1].text;
            /* TRANSLATORS: %1 is a heading such as "Inbox full", %2 a sentence that says what to
               do about it. */
            *text = SAY(g, "%1: %2", a->groups[i].headline, *text);
        }
}

static void tell_failure(struct advising *g)
{
    struct advice *a = g->advice;
    bool one = causes(a) == 1, none = causes(a) == 0;
    a->has_several_causes = causes(a) > 1;
    a->tone = TONE_TROUBLE;
    a->headline = one ? advise_headline(g) : advise_word(g, "Not delivered");
    a->summary = a->lead = advise_summary(g);
    a->arrived = failure_arrived(g);
    if (one) {
        a->summary = advise_join(g, a->summary, a->groups[0].sentence);
        a->arrived = advise_join(g, a->arrived, a->groups[0].sentence);
    }
    a->actor = none ? ACTOR_YOU : a->groups[0].actor;
    a->who = one || none
                 ? SAY(g, "%1.", advise_word(g, actor_words(a->actor)))
                 : advise_word(g, "That differs from recipient to recipient; it stands with each.");
    if (none)
        add_step(g, advise_word(g, "Ask the recipient by another way whether it has arrived."));
    add_cause_steps(g);
}

/* ---- a delay, a success */

static int64_t latest_retry(const struct notice *n)
{
    int64_t latest = 0;
    for (size_t i = 0; i < n->recipient_count; i++)
        if (n->recipients[i].retry_until_ms > latest)
            latest = n->recipients[i].retry_until_ms;
    return latest;
}

static void tell_delay(struct advising *g)
{
    struct advice *a = g->advice;
    int64_t until = latest_retry(g->notice);
    a->tone = TONE_WAIT;
    a->headline = advise_word(g, "Delayed, and still being tried");
    a->arrived =
        until ? SAY(g, "Not yet. The mail server goes on trying until %1.", advise_time(g, until))
              : advise_word(g, "Not yet. The mail server goes on trying.");
    a->lead = advise_summary(g);
    a->summary = advise_join(g, a->lead,
                             until ? SAY(g,
                                         "The mail server goes on trying until %1; you need not "
                                         "do anything.",
                                         advise_time(g, until))
                                   : advise_word(g, "The mail server goes on trying; you need not "
                                                    "do anything."));
    if (a->group_count == 1 && a->groups[0].cause.cause != CAUSE_UNKNOWN)
        a->arrived = advise_join(g, a->arrived, a->groups[0].sentence);
    a->actor = ACTOR_NOBODY;
    a->who = advise_word(g, "Nobody, for now: you need not do anything.");
    add_step(g, advise_word(g, "Do not send it again: it might arrive twice."));
    add_step(g, advise_word(g, "If it is urgent, reach the recipient by another way."));
    if (a->group_count == 1 && a->groups[0].actor == ACTOR_RECIPIENT)
        copy_steps(a, &a->groups[0], 1);
    else
        add_step(g,
                 advise_word(g, "If it does not succeed, another notice will come, and tell why."));
}

static void tell_success(struct advising *g)
{
    struct advice *a = g->advice;
    enum notice_action action = a->group_count ? a->groups[0].action : ACTION_UNKNOWN;
    a->tone = TONE_CALM;
    a->summary = a->lead = advise_summary(g);
    a->actor = ACTOR_NOBODY;
    a->who = advise_word(g, "Nobody.");
    if (action == ACTION_RELAYED) {
        a->headline = advise_word(g, "Passed on");
        a->arrived = advise_word(g, "Probably. It was passed on to a server that does not confirm "
                                    "what becomes of it.");
    } else if (action == ACTION_EXPANDED) {
        a->headline = advise_word(g, "Passed on to a list");
        a->arrived = advise_word(g, "Yes, as far as can be known: the address is a list, and the "
                                    "message was passed on to its members.");
    } else {
        a->headline = advise_word(g, "Delivered");
        a->arrived = advise_word(g, "Yes. It is in the recipient's mailbox.");
    }
}

static void tell_true_notice(struct advising *g)
{
    if (g->notice->kind == NOTICE_SUCCESS)
        tell_success(g);
    else if (g->notice->kind == NOTICE_DELAY)
        tell_delay(g);
    else
        tell_failure(g);
    g->advice->sent = advise_whether_sent(g);
}

/* ---- */

static void add_what_would_settle(struct advising *g)
{
    enum verdict_class c = g->verdict->class;
    if (g->verdict->provenance != PROVENANCE_UNKNOWN ||
        (c != VERDICT_GENUINE && c != VERDICT_UNKNOWN))
        return;
    g->advice->settle =
        g->wishes->audience == AUDIENCE_OPERATOR
            ? advise_word(g, "To be sure, give --sent with the folder of sent mail, or --dkim-key "
                             "or --dns for the signature of your domain, or --me with your "
                             "addresses.")
            : advise_word(g,
                          "To be sure, look into your folder of sent messages: if the message is "
                          "there, this notice is about it.");
}

void notice_advise(struct advice *a, const struct notice *n, const struct verdict *v,
                   const struct advise_wishes *w, struct arena *arena)
{
    struct advising g = {a, n, v, w, w->language, arena, BUFFER_EMPTY};
    *a = (struct advice){0};
    const struct plan *p = advise_plan(n, v);
    if (v->class != VERDICT_PHISHING && v->class != VERDICT_NOT_A_BOUNCE)
        advise_groups(&g);
    if (p)
        follow_plan(&g, p);
    else
        tell_true_notice(&g);
    advise_reasons(&g);
    add_what_would_settle(&g);
    buffer_free(&g.scratch);
}
