/* Whatever stands in another server's files: what comes out of them is read by plainpost without a
 * fault, and each setting is told of. */
#include "base/fuzz.h"

#include "address/aliases.h"
#include "address/directory.h"
#include "base/visible.h"
#include "import/import.h"

#include <stdio.h>
#include <string.h>

/* The input is what the files hold, one after the other, parted by a line of "%". */
enum { MOST_FILES = 8 };

struct files {
    struct span at[MOST_FILES];
};

static const char *const paths[MOST_FILES] = {
    "/etc/postfix/main.cf", "/etc/postfix/master.cf", "/etc/passwd",   "/etc/postfix/virtual",
    "/etc/postfix/boxes",   "/etc/aliases",           "/etc/mailname", "/etc/postfix/transport"};

static bool read_piece(void *arg, const char *path, struct buffer *text, struct error *e)
{
    const struct files *f = arg;
    for (size_t i = 0; i < MOST_FILES; i++)
        if (strcmp(path, paths[i]) == 0) {
            buffer_add_span(text, f->at[i]);
            return true;
        }
    return error_set(e, "cannot read %s", path);
}

static void check(bool ok, const struct error *e)
{
    if (!ok)
        fputs(e->text, stderr);
    assert(ok);
}

static void check_outcome(const struct import *i, struct files *f)
{
    struct options o;
    struct error e;
    check(options_parse(&o, "plainpost.conf", buffer_span(&i->config), &e), &e);
    struct directory *d = directory_parse("users", buffer_span(&i->users), &o, &e);
    check(d, &e);
    directory_unref(&d);
    struct arena a = ARENA_EMPTY;
    struct aliases aliases = {.arena = &a, .read = read_piece, .arg = f};
    check(aliases_parse(&aliases, "aliases", buffer_span(&i->aliases), &e), &e);
    map_free(&aliases.by_name);
    arena_clear(&a);
    options_free(&o);
    for (size_t n = 0; n < i->count; n++)
        assert(utf8_is_valid(i->notes[n].words) && i->notes[n].about.len && i->notes[n].words.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct files f = {0};
    struct span rest = span_make(at, len);
    struct import i;
    struct error e;
    for (size_t n = 0; n < MOST_FILES; n++) {
        size_t end = span_find(rest, SPAN("%\n"));
        f.at[n] = span_first(rest, end);
        rest = end == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(rest, end + 2);
    }
    struct import_source source = {read_piece, &f, "/etc/postfix", "/etc/plainpost",
                                   SPAN("mx.test")};
    if (import_postfix(&i, &source, &e))
        check_outcome(&i, &f);
    import_free(&i);
    return 0;
}
