/* plainpost explain: what does this notice say, is it honest, and what is to be done? */
#include "bounce/read.h"
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

static bool explain_file(const char *path)
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
        explain_json(&line, span_of(path), &n, &v);
        puts(buffer_text(&line));
    }
    arena_clear(&a);
    buffer_free(&message);
    buffer_free(&line);
    return ok;
}

int explain_main(const struct invocation *i)
{
    bool ok = true;
    for (int at = 1; at < i->argc; at++)
        if (strcmp(i->argv[at], "--json") != 0)
            ok &= explain_file(i->argv[at]);
    return ok ? 0 : EX_NOINPUT;
}
