#include "base/visible.h"
#include "bounce/advise_inside.h"

struct span advise_word(struct advising *g, const char *english)
{
    return span_of(words(g->language, english));
}

struct span advise_say(struct advising *g, const char *text, const struct span *with, size_t count)
{
    struct buffer out = BUFFER_EMPTY;
    words_fill(&out, text, with, count);
    struct span said = arena_copy(g->arena, buffer_span(&out));
    buffer_free(&out);
    return said;
}

struct span advise_join(struct advising *g, struct span one, struct span two)
{
    if (!one.len || !two.len)
        return one.len ? one : two;
    return arena_printf(g->arena, "%.*s%s%.*s", SPAN_F(one),
                        language_is_written_tight(g->language) ? "" : " ", SPAN_F(two));
}

struct span advise_shown(struct advising *g, struct span text, size_t most)
{
    struct buffer out = BUFFER_EMPTY;
    visible_add(&out, text, most);
    struct span shown = arena_copy(g->arena, buffer_span(&out));
    buffer_free(&out);
    return shown;
}

struct span advise_number(struct advising *g, size_t n)
{
    return arena_printf(g->arena, "%zu", n);
}

struct span advise_time(struct advising *g, int64_t time_ms)
{
    struct buffer out = BUFFER_EMPTY;
    words_add_time(&out, g->language, time_ms, g->wishes->offset_minutes);
    struct span shown = arena_copy(g->arena, buffer_span(&out));
    buffer_free(&out);
    return shown;
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
