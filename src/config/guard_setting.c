#include "config/guard_setting.h"

bool guard_setting_parse(const struct span *words, size_t count, struct guard_setting *s,
                         struct arena *a, struct error *problem)
{
    struct guard_limits tried = limits_usual();
    struct error why;
    if (count != 2)
        return error_set(problem, "behind guard-limit stand the name of a limit and its value: "
                                  "guard-limit new-hour 60; \"plainpost guard limits\" lists them");
    if (!limits_set(&tried, words[0], words[1], &why))
        return error_set(problem, "guard-limit: %s", why.text);
    *s = (struct guard_setting){arena_copy(a, words[0]), arena_copy(a, words[1])};
    return true;
}

void guard_setting_print(struct buffer *out, const struct guard_setting *s)
{
    buffer_printf(out, "%.*s %.*s", SPAN_F(s->name), SPAN_F(s->value));
}

struct guard_limits guard_settings_limits(const struct guard_setting *s, size_t count)
{
    struct guard_limits l = limits_usual();
    struct error none;
    for (size_t i = 0; i < count; i++)
        limits_set(&l, s[i].name, s[i].value, &none);
    return l;
}
