/* What the files that advise share (advise*.c); not for others. */
#ifndef BOUNCE_ADVISE_INSIDE_H
#define BOUNCE_ADVISE_INSIDE_H

#include "base/arena.h"
#include "bounce/advise.h"
#include "bounce/providers.h"

struct advising {
    struct advice *advice;
    const struct notice *notice;
    const struct verdict *verdict;
    const struct advise_wishes *wishes;
    const struct language *language;
    struct arena *arena;
    struct buffer scratch; /* of the functions below that make a text */
};

/* A text in their language, with what is filled in. */
#define SAY(g, english, ...)                                                                       \
    advise_say((g), words((g)->language, english), (const struct span[]){__VA_ARGS__},             \
               sizeof((const struct span[]){__VA_ARGS__}) / sizeof(struct span))
struct span advise_say(struct advising *g, const char *text, const struct span *with, size_t count);
struct span advise_word(struct advising *g, const char *english); /* nothing to fill in */
/* Two sentences one behind the other; either may be empty. */
struct span advise_join(struct advising *g, struct span one, struct span two);
/* What comes from the mail, made harmless and bounded. */
struct span advise_shown(struct advising *g, struct span text, size_t most);
struct span advise_number(struct advising *g, size_t n);
struct span advise_time(struct advising *g, int64_t time_ms);

enum { NO_PLACE = -1 };

struct plan {
    enum advice_tone tone;
    const char *headline, *summary, *arrived;
    const char *sent; /* NULL: the question does not arise; "": advise_whether_sent() */
    const char *who;
    enum actor actor;
    struct {
        const char *text;
        int place; /* enum provider_place: of their own provider, or NO_PLACE */
    } steps[MOST_STEPS_OF_ALL];
};

/* advise_plans.c. NULL: a true notice, told by its causes. */
const struct plan *advise_plan(const struct notice *n, const struct verdict *v);

/* Give a step the provider's page of that kind, if there is one. */
void advise_place(struct advising *g, struct advice_step *step, const struct provider *p,
                  enum provider_place place);

/* As whoever sent the mail knows the recipient. */
struct span recipient_as_sent(const struct notice_recipient *r);

/* advise_groups.c: who shares which cause, with its sentence and steps. */
void advise_groups(struct advising *g);
size_t advise_count(const struct advising *g, bool is_good); /* recipients who got it, or not */
/* advise_checks.c: for operators, what to look at for that cause. */
void advise_checks(struct advising *g, struct advice_group *group);
/* advise_sentences.c: the summary of a true notice, and whether they sent the message. */
struct span advise_summary(struct advising *g);
struct span advise_headline(struct advising *g); /* "Inbox full: bob@example.org" */
struct span advise_whether_sent(struct advising *g);
/* advise_reasons.c: the verdict's facts in words. */
void advise_reasons(struct advising *g);

#endif
