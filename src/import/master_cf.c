#include "import/master_cf.h"

#include "base/memory.h"
#include "import/main_cf.h"

#include <stdlib.h>

enum { FIELDS_BEFORE_COMMAND = 5 /* private, unprivileged, chroot, wakeup, limit */ };

void master_cf_free(struct master_cf *m)
{
    free(m->services);
    *m = (struct master_cf){0};
}

static void parse_service(struct master_cf *m, struct span rest, struct arena *a)
{
    struct service s = {.name = span_word(&rest)};
    s.type = span_word(&rest);
    for (int i = 0; i < FIELDS_BEFORE_COMMAND; i++)
        span_word(&rest);
    s.command = span_word(&rest);
    s.arguments = span_trim(rest);
    if (!s.command.len)
        return;
    if (m->count == m->room) {
        m->room = m->room ? m->room * 2 : 32;
        m->services = memory_resize(m->services, m->room * sizeof *m->services);
    }
    m->services[m->count++] =
        (struct service){arena_copy(a, s.name), arena_copy(a, s.type), arena_copy(a, s.command),
                         arena_copy(a, s.arguments)};
}

void master_cf_parse(struct master_cf *m, struct span text, struct arena *a)
{
    struct buffer logical = BUFFER_EMPTY;
    size_t line = 0, first = 0;
    while (postfix_line(&text, &line, &logical, &first))
        parse_service(m, span_trim(buffer_span(&logical)), a);
    buffer_free(&logical);
}

const struct service *master_cf_find(const struct master_cf *m, struct span name)
{
    for (size_t i = 0; i < m->count; i++)
        if (span_equal(m->services[i].name, name) && !span_equal(m->services[i].type, SPAN("inet")))
            return &m->services[i];
    return NULL;
}

/* A word, or what stands in braces, without them. */
static struct span take_argument(struct span *rest)
{
    *rest = span_trim(*rest);
    if (!rest->len || rest->at[0] != '{')
        return span_word(rest);
    size_t depth = 0, i = 0;
    for (; i < rest->len; i++) {
        depth += rest->at[i] == '{';
        depth -= rest->at[i] == '}';
        if (!depth)
            break;
    }
    struct span inside = span_first(span_skip(*rest, 1), i - 1);
    *rest = span_skip(*rest, i + 1);
    return span_trim(inside);
}

bool service_next_option(struct span *rest, struct span *name, struct span *value)
{
    while ((*rest = span_trim(*rest)).len) {
        struct span word = span_word(rest), setting;
        if (!span_starts(word, SPAN("-o")))
            continue;
        setting = word.len > 2 ? span_skip(word, 2) : take_argument(rest);
        if (span_find_char(setting, '=') == SPAN_NOT_FOUND)
            continue;
        *value = setting;
        *name = span_trim(span_cut(value, '='));
        *value = span_trim(*value);
        return true;
    }
    return false;
}

bool service_option(const struct service *s, const char *name, struct span *value)
{
    struct span rest = s->arguments, found, text;
    bool is = false;
    while (service_next_option(&rest, &found, &text))
        if (span_equal(found, span_of(name))) {
            *value = text;
            is = true;
        }
    return is;
}
