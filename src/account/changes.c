/* What changes about an account besides its mail. Where its mail goes on is read now and then, from
 * the tables of aliases and from .forward files, and compared with what was read before; the marks
 * of that are in the book, so a change while no server ran is seen, too. The first look at an
 * account is no change. What is remembered is written in the step that writes the change down: so
 * after a crash either both are there, or the next look finds the change again. That the owner is
 * owed a letter is part of that step, too. */
#include "account/inside.h"

#include "base/memory.h"
#include "base/visible.h"
#include "guard/forwarding.h"
#include "sys/clock.h"

#include <stdlib.h>

enum { LONGEST_SHOWN = 320 };

/* ---- a change is written down, told, and weighed */

struct change {
    enum account_deed deed;
    struct span by, why;
    bool is_sign;
    const struct account_owed *owed; /* what its owner is to be told; */
    size_t owed_count;               /* 0: nothing */
};

static void note(struct accounts *a, struct account *account, const struct change *c,
                 struct account_order *order)
{
    const struct account_line line = {.time_ms = clock_now_ms(),
                                      .what = span_of(account_deed_word(c->deed)),
                                      .by = c->by,
                                      .why = c->why};
    struct account_change written = {.line = &line};
    struct guard_verdict v = {.level = GUARD_GREEN};
    struct arena arena = ARENA_EMPTY;
    if (c->owed_count && a->settings.mode != ACCOUNTS_OFF)
        written.owed_to = a->settings.owner(a->settings.arg, account->name, &arena);
    if (written.owed_to.len) {
        written.owed = c->owed;
        written.owed_count = c->owed_count;
    }
    a->changes += c->is_sign;
    if (c->is_sign && a->settings.mode != ACCOUNTS_OFF)
        account_hear(a, account, NEWS_CHANGED, &v);
    account_decide(a, account, &written, order);
    account_tell(a, account,
                 (struct account_news){
                     .deed = c->deed, .by = c->by, .why = c->why, .owed_to = written.owed_to});
    account_follow(a, account, &v);
    arena_clear(&arena);
}

/* ---- where its mail goes on */

/* A reading; what it leads to is copied. */
struct forwarding_step {
    struct account_step step;
    enum forwarding_source source;
    struct span *to;
    size_t count;
    struct arena arena;
};

static void drop_forwarding(struct account_step *step)
{
    struct forwarding_step *s = LIST_ENTRY(step, struct forwarding_step, step);
    arena_clear(&s->arena);
    free(s);
}

/* Written with its counters: but one that has never sent has none. */
static void remember(struct account *account, enum forwarding_source source, struct span kept)
{
    buffer_clear(&account->forwarding[source]);
    buffer_add_span(&account->forwarding[source], kept);
    account->is_looked_at[source] = true;
    account->is_dirty |= account->is_known;
}

static void add_target(struct buffer *out, struct span to)
{
    char first = to.len ? to.at[0] : 0;
    buffer_add_text(out, first == '|' ? "the command " : first == '/' ? "the file " : "");
    visible_add(out, first == '|' ? span_trim(span_skip(to, 1)) : to, LONGEST_SHOWN);
}

/* Of those that are new, those by which mail leaves here. */
static size_t find_owed(struct accounts *a, const struct forwarding_step *s,
                        const struct forwarding *before, struct account_owed *owed)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        if (forwarding_compare(before, a->settings.key, &s->to[i], 1).count &&
            a->settings.leads_away(a->settings.arg, s->source, s->to[i]))
            owed[count++] = (struct account_owed){
                .part = PART_FORWARDING, .target = s->to[i], .since_ms = clock_now_ms()};
    return count;
}

static void note_forwarding(struct accounts *a, struct account *account, struct forwarding_step *s,
                            const struct forwarding *before, struct forwarding_news news)
{
    struct account_owed *owed = arena_new(&s->arena, s->count * sizeof *owed);
    struct buffer why = BUFFER_EMPTY;
    buffer_add_text(&why, "its mail goes to ");
    add_target(&why, s->to[news.first]);
    buffer_add_text(&why, news.count > 1 ? " and others now" : " now");
    const struct change c = {.deed = ACCOUNT_CHANGED,
                             .by = forwarding_source_name(s->source),
                             .why = buffer_span(&why),
                             .is_sign = true,
                             .owed = owed,
                             .owed_count = find_owed(a, s, before, owed)};
    note(a, account, &c, NULL);
    buffer_free(&why);
}

static void run_forwarding(struct accounts *a, struct account *account, struct account_step *step)
{
    struct forwarding_step *s = LIST_ENTRY(step, struct forwarding_step, step);
    struct span kept = buffer_span(&account->forwarding[s->source]);
    struct buffer now = BUFFER_EMPTY;
    struct forwarding f, before;
    struct forwarding_news news = {0};
    forwarding_of(&f, a->settings.key, s->to, s->count);
    forwarding_write(&now, &f);
    if (!span_equal(kept, buffer_span(&now))) {
        if (account->is_known && forwarding_read(&before, kept))
            news = forwarding_compare(&before, a->settings.key, s->to, s->count);
        remember(account, s->source, buffer_span(&now));
        if (news.count)
            note_forwarding(a, account, s, &before, news);
    }
    buffer_free(&now);
    drop_forwarding(step);
}

void accounts_hear_forwarding(struct accounts *a, struct span account,
                              enum forwarding_source source, const struct span *to, size_t count)
{
    if (a->is_ending || a->settings.mode == ACCOUNTS_OFF)
        return;
    struct forwarding_step *s = memory_new(sizeof *s);
    *s = (struct forwarding_step){
        .step = {.run = run_forwarding, .drop = drop_forwarding}, .source = source, .count = count};
    s->to = arena_new(&s->arena, (count + 1) * sizeof *s->to);
    for (size_t i = 0; i < count; i++)
        s->to[i] = arena_copy(&s->arena, to[i]);
    account_with(a, account, &s->step);
}

void accounts_keep_aliases(struct accounts *a, const struct account_forwarding *at, size_t count)
{
    if (a->is_ending || a->settings.mode == ACCOUNTS_OFF || !count)
        return;
    for (size_t i = 0; i < count; i++) {
        struct account *account = map_get_text(&a->map, at[i].name);
        if (account)
            remember(account, FORWARDING_ALIASES, at[i].kept);
    }
    account_keep_aliases(a, at, count);
}

/* ---- what somebody says */

struct said_step {
    struct account_step step;
    struct account_order *order;
    enum account_part part;
};

static void run_said(struct accounts *a, struct account *account, struct account_step *step)
{
    static const char *const words[] = {
        [PART_FORWARDING] = "its forwarding was changed",
        [PART_FILTERS] = "its filters were changed",
        [PART_PASSWORD] = "its password was changed",
    };
    const struct said_step *s = LIST_ENTRY(step, struct said_step, step);
    struct account_order *o = s->order;
    bool is_password = s->part == PART_PASSWORD;
    const struct account_owed owed = {.part = s->part, .since_ms = clock_now_ms()};
    struct buffer why = BUFFER_EMPTY;
    buffer_printf(&why, "%s%s%.*s", words[s->part], o->why.len ? ": " : "", SPAN_F(o->why));
    const struct change c = {.deed = is_password ? ACCOUNT_PASSWORD : ACCOUNT_CHANGED,
                             .by = o->by,
                             .why = buffer_span(&why),
                             .is_sign = !is_password,
                             .owed = &owed,
                             .owed_count = 1};
    note(a, account, &c, o);
    buffer_free(&why);
    free(step);
}

static void drop_said(struct account_step *step)
{
    free(LIST_ENTRY(step, struct said_step, step)); /* who said it is gone, too */
}

void accounts_order_change(struct accounts *a, struct account_order *o, enum account_part part)
{
    struct said_step *s = memory_new(sizeof *s);
    *s = (struct said_step){{.run = run_said, .drop = drop_said}, o, part};
    account_with(a, o->account, &s->step);
}
