/* plainpost explain: what does this notice say, is it honest, and what is to be done? */
#include "bounce/read.h"
#include "bounce/render.h"
#include "cli/commands.h"
#include "cli/explain_json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static bool read_file(const char *path, struct buffer *text)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!f)
        return false;
    for (size_t n = 1; n;) {
        char *room = buffer_reserve(text, 65536);
        n = fread(room, 1, 65536, f);
        text->len += n;
    }
    bool ok = !ferror(f);
    if (f != stdin)
        fclose(f);
    return ok;
}

struct wishes {
    bool json, html, letter;
    struct render_wishes render;
};

static void say(struct buffer *out, const char *path, const struct notice *n,
                const struct verdict *v, const struct wishes *w, struct arena *arena)
{
    struct advice a;
    struct render_wishes render = w->render;
    const struct advise_wishes advise = {.language = render.language, .audience = render.audience};
    if (w->json) {
        explain_json(out, span_of(path), n, v);
        return;
    }
    render.file = span_of(path);
    notice_advise(&a, n, v, &advise, arena);
    if (w->html)
        render_html(out, n, v, &a, &render);
    else if (w->letter)
        render_letter(out, n, v, &a, &render);
    else
        render_text(out, n, v, &a, &render);
}

static bool explain_file(const char *path, const struct wishes *w)
{
    struct buffer message = BUFFER_EMPTY, line = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct notice n;
    struct survey s;
    struct verdict v;
    const struct evidence nothing = {0};
    bool ok = read_file(path, &message);
    if (!ok) {
        complain(0, "%s: %s", path, strerror(errno));
    } else {
        notice_read(&n, &s, buffer_span(&message), &a);
        notice_judge(&v, &n, &s, &nothing, &a);
        notice_settle(&n, &v);
        say(&line, path, &n, &v, w, &a);
        puts(buffer_text(&line));
    }
    arena_clear(&a);
    buffer_free(&message);
    buffer_free(&line);
    return ok;
}

static bool take_option(const char *option, struct wishes *w)
{
    if (strcmp(option, "--json") == 0)
        return w->json = true;
    if (strcmp(option, "--html") == 0)
        return w->html = true;
    if (strcmp(option, "--letter") == 0)
        return w->letter = true;
    if (strncmp(option, "--lang=", 7) == 0) {
        w->render.language = language_find(span_of(option + 7));
        return true;
    }
    return false;
}

int explain_main(const struct invocation *i)
{
    bool ok = true;
    struct wishes w = {0};
    for (int at = 1; at < i->argc; at++)
        if (!take_option(i->argv[at], &w))
            ok &= explain_file(i->argv[at], &w);
    return ok ? 0 : EX_NOINPUT;
}
