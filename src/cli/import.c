/* plainpost import postfix: what src/import makes of another server's files is written beside each
 * other, never over anything that is there, and checked as the server would read it. */
#include "cli/commands.h"

#include "address/directory.h"
#include "import/import.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_FILE = 64 * 1024 * 1024, NAME_WIDTH = 28, LINE_WIDTH = 96, LONGEST_NAME = 256 };

static const char how[] =
    "use it as: plainpost import postfix [DIRECTORY] [--to DIRECTORY] [--root DIRECTORY] [--force] "
    "[--dry-run]";

struct wish {
    const char *from, *to, *root;
    bool is_forced, is_dry;
};

/* ---- reading */

static bool read_into(int fd, struct buffer *text)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return false;
    if (S_ISREG(about.st_mode))
        return whole_file_take(fd, LARGEST_FILE, text);
    errno = S_ISDIR(about.st_mode) ? EISDIR : EINVAL;
    return false;
}

static bool read_file(void *arg, const char *path, struct buffer *text, struct error *e)
{
    const struct wish *w = arg;
    struct buffer name = BUFFER_EMPTY;
    buffer_printf(&name, "%s%s", w->root, path);
    int fd = open(buffer_text(&name), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool ok = fd >= 0 && read_into(fd, text);
    if (!ok)
        error_system(e, errno, "cannot read %s", buffer_text(&name));
    if (fd >= 0)
        close(fd);
    buffer_free(&name);
    return ok;
}

/* ---- writing */

static bool write_file(const struct wish *w, const char *name, const struct buffer *text)
{
    struct buffer path = BUFFER_EMPTY, new = BUFFER_EMPTY;
    buffer_printf(&path, "%s/%s", w->to, name);
    buffer_printf(&new, "%s.new", buffer_text(&path));
    const char *at = buffer_text(&path), *part = buffer_text(&new);
    unlink(part);
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && whole_file_put(fd, buffer_span(text));
    ok = ok && (w->is_forced ? rename(part, at) : link(part, at)) == 0;
    if (!ok && errno == EEXIST)
        complain(1, "%s is there already; --force writes over it, --to names another directory",
                 at);
    else if (!ok)
        complain(1, "cannot write %s: %s", at, strerror(errno));
    if (fd >= 0)
        close(fd);
    unlink(part);
    buffer_free(&path);
    buffer_free(&new);
    return ok;
}

static bool is_free(const struct wish *w, const char *name)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%s/%s", w->to, name);
    bool is = w->is_forced || access(buffer_text(&path), F_OK) != 0;
    if (!is)
        complain(1, "%s is there already; --force writes over it, --to names another directory",
                 buffer_text(&path));
    buffer_free(&path);
    return is;
}

static bool write_files(const struct wish *w, const struct import *i)
{
    if (!is_free(w, "plainpost.conf") || !is_free(w, "users") ||
        (i->aliases.len && !is_free(w, "aliases")))
        return false;
    if (mkdir(w->to, 0755) != 0 && errno != EEXIST) {
        complain(1, "cannot make the directory %s: %s", w->to, strerror(errno));
        return false;
    }
    return write_file(w, "users", &i->users) &&
           (!i->aliases.len || write_file(w, "aliases", &i->aliases)) &&
           write_file(w, "plainpost.conf", &i->config);
}

/* As the server would read what has been written. */
static bool check_files(const struct wish *w, const struct import *i, struct error *e)
{
    struct options o;
    struct file_marks marks = {0};
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%s/plainpost.conf", w->to);
    bool ok = options_parse(&o, buffer_text(&path), buffer_span(&i->config), e);
    buffer_free(&path);
    if (!ok)
        return false;
    struct directory *d = directory_load(&o, &marks, e);
    ok = d != NULL;
    directory_unref(&d);
    file_marks_free(&marks);
    options_free(&o);
    return ok;
}

/* ---- telling */

static void print_note(const struct import_note *n)
{
    int column = printf("  %-*.*s", NAME_WIDTH, SPAN_F(n->about));
    struct span rest = n->words, word;
    if (n->about.len >= NAME_WIDTH)
        column = LINE_WIDTH;
    while ((word = span_word(&rest)).len) {
        if (column + 1 + (int)word.len > LINE_WIDTH && column > NAME_WIDTH + 2)
            column = printf("\n%*s", NAME_WIDTH + 2, "") - 1;
        column += printf(" %.*s", SPAN_F(word));
    }
    putchar('\n');
}

static void print_notes(const struct import *i)
{
    static const char *const headings[] = {
        [IMPORT_CARRIED] = "Carried over",
        [IMPORT_LOST] = "Not carried over, and what to do instead",
        [IMPORT_UNNEEDED] = "Does not matter here",
    };
    for (int fate = 0; fate < IMPORT_FATES; fate++) {
        size_t count = 0;
        for (size_t n = 0; n < i->count; n++) {
            if ((int)i->notes[n].fate != fate)
                continue;
            if (!count++)
                printf("\n%s:\n", headings[fate]);
            print_note(&i->notes[n]);
        }
    }
}

static int finish(const struct wish *w, const struct import *i)
{
    struct error e;
    if (w->is_dry) {
        printf("\nNothing was written (--dry-run).\n");
        return 0;
    }
    if (!write_files(w, i))
        return 1;
    printf("\nWrote %s/plainpost.conf, %s/users%s%s%s.\n", w->to, w->to, i->aliases.len ? ", " : "",
           i->aliases.len ? w->to : "", i->aliases.len ? "/aliases" : "");
    fflush(stdout);
    if (!check_files(w, i, &e))
        return complain(1, "before plainpost can run with them, this must be put right: %s",
                        e.text);
    printf(
        "They are fine: plainpost -c %s/plainpost.conf serve would run with them. Read them, make\n"
        "the directories that plainpost.conf names (state, mailboxes, drop), and stop Postfix\n"
        "before plainpost takes its port.\n",
        w->to);
    return 0;
}

static int import(const struct wish *w)
{
    char host[LONGEST_NAME] = "";
    struct import i;
    struct error e;
    int status = 1;
    gethostname(host, sizeof host - 1);
    struct import_source source = {read_file, (void *)(uintptr_t)w, w->from, w->to, span_of(host)};
    if (import_postfix(&i, &source, &e)) {
        printf("Read %s%s/main.cf: %zu settings.\n", w->root, w->from, i.settings);
        print_notes(&i);
        status = finish(w, &i);
    } else {
        complain(1, "%s", e.text);
    }
    import_free(&i);
    return status;
}

/* "DIR/" → "DIR"; a path that begins with a slash. NULL: it is too long or there is no directory.
 */
static const char *whole_path(const char *path, struct arena *a)
{
    char here[4096] = "";
    struct span s = span_of(path);
    while (s.len > 1 && s.at[s.len - 1] == '/')
        s.len--;
    if (s.at[0] == '/')
        return arena_text(a, s);
    return getcwd(here, sizeof here) ? arena_text(a, arena_printf(a, "%s/%.*s", here, SPAN_F(s)))
                                     : NULL;
}

static bool parse(const struct invocation *i, struct wish *w)
{
    bool has_from = false;
    for (int n = 2; n < i->argc; n++) {
        const char *word = i->argv[n];
        bool has_next = n + 1 < i->argc && i->argv[n + 1][0];
        if (strcmp(word, "--force") == 0)
            w->is_forced = true;
        else if (strcmp(word, "--dry-run") == 0)
            w->is_dry = true;
        else if (strcmp(word, "--to") == 0 && has_next)
            w->to = i->argv[++n];
        else if (strcmp(word, "--root") == 0 && has_next)
            w->root = i->argv[++n];
        else if (word[0] == '-' || !word[0] || has_from)
            return false;
        else {
            w->from = word;
            has_from = true;
        }
    }
    return i->argc > 1 && strcmp(i->argv[1], "postfix") == 0;
}

int import_main(const struct invocation *i)
{
    struct wish w = {"/etc/postfix", "/etc/plainpost", "", false, false};
    struct arena a = ARENA_EMPTY;
    if (!parse(i, &w))
        return complain(2, "%s", how);
    w.from = w.root[0] ? w.from : whole_path(w.from, &a);
    w.to = whole_path(w.to, &a);
    int status = w.from && w.to ? import(&w) : complain(1, "cannot tell where this directory is");
    arena_clear(&a);
    return status;
}
