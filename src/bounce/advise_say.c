#include "base/visible.h"
#include "bounce/advise_inside.h"

struct span advise_word(struct advising *g, const char *english)
{
    return span_of(words(g->language, english));
}

struct span advise_say(struct advising *g, const char *text, const struct span *with, size_t count)
{
    buffer_clear(&g->scratch);
    words_fill(&g->scratch, g->language, text, with, count);
    return arena_copy(g->arena, buffer_span(&g->scratch));
}

struct span advise_join(struct advising *g, struct span one, struct span two)
{
    if (!one.len || !two.len)
        return one.len ? one : two;
    buffer_clear(&g->scratch);
    buffer_add_span(&g->scratch, one);
    buffer_add_text(&g->scratch, language_is_written_tight(g->language) ? "" : " ");
    buffer_add_span(&g->scratch, two);
    return arena_copy(g->arena, buffer_span(&g->scratch));
}

struct span advise_shown(struct advising *g, struct span text, size_t most)
{
    buffer_clear(&g->scratch);
    visible_add_field(&g->scratch, text, most);
    return arena_copy(g->arena, buffer_span(&g->scratch));
}

struct span advise_number(struct advising *g, size_t n)
{
    return arena_printf(g->arena, "%zu", n);
}

struct span advise_time(struct advising *g, int64_t time_ms)
{
    buffer_clear(&g->scratch);
    words_add_time(&g->scratch, g->language, time_ms, g->wishes->offset_minutes);
    return arena_copy(g->arena, buffer_span(&g->scratch));
}

void advise_place(struct advising *g, struct advice_step *step, const struct provider *p,
                  enum provider_place place)
{
    /* TRANSLATORS: these name a link to a page of a mail provider; %1 is its name, as Gmail. */
    static const char *const names[] = {[PLACE_FORWARDING] = WORDS("Forwarding at %1"),
                                        [PLACE_SESSIONS] = WORDS("Devices and sessions at %1"),
                                        [PLACE_PHISHING] = WORDS("Reporting tricks at %1"),
                                        [PLACE_STORAGE] = WORDS("Room in the mailbox at %1"),
                                        [PLACE_SENDERS] = WORDS("Rules of %1 for senders")};
    if (!p || !p->places[place])
        return;
    step->link = span_of(p->places[place]);
    step->where = SAY(g, names[place], span_of(p->name));
}
