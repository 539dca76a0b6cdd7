/* How many notices were kept out of a mailbox, or refused. */
#include "bounce/told_inside.h"

/* The book of what was refused is bounded: so they are "at least". */
static void tell_refused(struct told *t, const struct flood_digest *d)
{
    const struct span with[] = {told_number(t, d->count),
                                told_time(t, d->since_ms, d->offset_minutes)};
    const struct span from[] = {told_number(t, d->all_servers),
                                told_time(t, d->last_ms, d->offset_minutes)};
    const char *form = words_plural(
        t->language, /* TRANSLATORS: %1 is a number, %2 a time. */
        "Since %2 at least %1 of them has come. It was refused at once.",
        "Since %2 at least %1 of them have come. They were refused at once.", d->count);
    told_add(t, TOLD_PARAGRAPH, told_fill(t, form, with, 2));
    form =
        words_plural(t->language, /* TRANSLATORS: %1 is a number, %2 a time. */
                     "They are from at least %1 server. The last one came on %2.",
                     "They are from at least %1 servers. The last one came on %2.", d->all_servers);
    told_add(t, TOLD_PARAGRAPH, told_fill(t, form, from, 2));
}

void told_how_many(struct told *t, const struct flood_digest *d)
{
    uint64_t all = d->before + d->count;
    if (d->what == DIGEST_OF_REFUSALS) {
        tell_refused(t, d);
        return;
    }
    const struct span with[] = {told_number(t, all), told_time(t, d->since_ms, d->offset_minutes)};
    const char *form =
        words_plural(t->language, /* TRANSLATORS: %1 is a number, %2 a time. */
                     "Since %2 there was %1 of them. It was kept out of your inbox.",
                     "Since %2 there were %1 of them. They were kept out of your inbox.", all);
    told_add(t, TOLD_PARAGRAPH, told_fill(t, form, with, 2));
    if (!d->before)
        return;
    const struct span new[] = {told_number(t, d->count)};
    form = words_plural(t->language, "%1 of them is new since the last summary.",
                        "%1 of them are new since the last summary.", d->count);
    told_add(t, TOLD_PARAGRAPH, told_fill(t, form, new, 1));
}
