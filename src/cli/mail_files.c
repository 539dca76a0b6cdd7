/* A stack of what is still to be read: a directory is replaced by its entries. Each carries its
 * share of the whole, for the progress. */
#include "cli/mail_files.h"

#include "base/memory.h"
#include "cli/outlook_file.h"
#include "mail/emlx.h"
#include "mail/mbox_read.h"
#include "mail/pasted.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 256 << 10, MOST_KEPT = 4 << 20 };

struct entry {
    char *path;
    double share;
    bool is_named; /* by the person, not found in a directory */
};

struct mail_files {
    struct entry *entries; /* the last one is next */
    size_t count, room;
    double done;
    /* The file that is open, if any. */
    struct entry open;
    int fd;
    struct buffer window; /* what was read and not given out */
    size_t given;         /* of the window */
    size_t seen;          /* how far the window was looked through for the message's end */
    size_t number;        /* of the message, from 1 */
    uint64_t size, read;  /* of the file; 0: not known */
    bool is_all, is_mbox, keeps_form;
};

void mail_file_free(struct mail_file *m)
{
    buffer_free(&m->name);
    buffer_free(&m->message);
}

/* ---- the stack */

static void push(struct mail_files *f, char *path, double share, bool is_named)
{
    if (f->count == f->room) {
        f->room = f->room ? f->room * 2 : 16;
        f->entries = memory_resize(f->entries, f->room * sizeof *f->entries);
    }
    f->entries[f->count++] = (struct entry){path, share, is_named};
}

static char *join(const char *directory, const char *name)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_add_text(&path, directory);
    if (path.len && path.at[path.len - 1] != '/')
        buffer_add_char(&path, '/');
    buffer_add_text(&path, name);
    return path.at;
}

struct mail_files *mail_files_new(char *const *names, size_t count)
{
    struct mail_files *f = memory_new(sizeof *f);
    f->fd = -1;
    for (size_t i = count; i--;)
        push(f, join("", names[i]), 1.0 / (double)count, true);
    return f;
}

static void close_file(struct mail_files *f)
{
    if (f->fd > 0)
        close(f->fd);
    f->fd = -1;
    free(f->open.path);
    f->done += f->open.share;
    f->open = (struct entry){0};
    if (f->window.cap > MOST_KEPT)
        buffer_free(&f->window);
    buffer_clear(&f->window);
    f->given = f->seen = f->number = 0;
}

void mail_files_free(struct mail_files **f)
{
    if (!*f)
        return;
    close_file(*f);
    buffer_free(&(*f)->window);
    while ((*f)->count)
        free((*f)->entries[--(*f)->count].path);
    free((*f)->entries);
    free(*f);
    *f = NULL;
}

void mail_files_keep_form(struct mail_files *f)
{
    f->keeps_form = true;
}

double mail_files_progress(const struct mail_files *f)
{
    double part = f->size ? (double)(f->read - (f->window.len - f->given)) / (double)f->size : 0;
    return f->done + f->open.share * (part < 1 ? part : 1);
}

/* ---- directories */

static bool is_directory_in(const char *directory, const char *name)
{
    struct stat st;
    char *path = join(directory, name);
    bool is = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    free(path);
    return is;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of a Maildir its messages, else what is not hidden; "tmp" holds what is not delivered yet. */
static bool is_wanted(const char *name, bool is_maildir)
{
    return is_maildir ? strcmp(name, "cur") == 0 || strcmp(name, "new") == 0 : name[0] != '.';
}

static bool push_directory(struct mail_files *f, const struct entry *e)
{
    bool is_maildir = is_directory_in(e->path, "cur") && is_directory_in(e->path, "new");
    DIR *d = opendir(e->path);
    char **names = NULL;
    size_t count = 0, room = 0;
    if (!d)
        return false;
    for (const struct dirent *found; (found = readdir(d));) {
        if (!is_wanted(found->d_name, is_maildir))
            continue;
        if (count == room) {
            room = room ? room * 2 : 64;
            names = memory_resize(names, room * sizeof *names);
        }
        names[count++] = join(e->path, found->d_name);
    }
    closedir(d);
    if (count)
        qsort(names, count, sizeof *names, by_name);
    else
        f->done += e->share;
    for (size_t i = count; i--;)
        push(f, names[i], e->share / (double)count, false);
    free(names);
    return true;
}

/* ---- files */

/* In a directory only files are read, and only directories are entered that are no links. */
static bool is_to_be_read(const struct entry *e, const struct stat *st)
{
    struct stat self;
    if (e->is_named)
        return true;
    if (S_ISDIR(st->st_mode))
        return lstat(e->path, &self) == 0 && S_ISDIR(self.st_mode);
    return S_ISREG(st->st_mode);
}

static bool read_chunk(struct mail_files *f)
{
    ssize_t n;
    do
        n = read(f->fd, buffer_reserve(&f->window, CHUNK), CHUNK);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return false;
    f->window.len += (size_t)n;
    f->window.at[f->window.len] = 0;
    f->read += (size_t)n;
    f->is_all = n == 0;
    return true;
}

static bool names_one_message(const char *path)
{
    return span_ends_nocase(span_of(path), SPAN(".eml"));
}

static bool open_file(struct mail_files *f, struct entry e, const struct stat *st)
{
    bool is_input = e.is_named && strcmp(e.path, "-") == 0;
    f->open = e;
    f->is_all = false;
    f->read = 0;
    f->size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;
    f->fd = is_input ? 0 : open(e.path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (f->fd < 0)
        return false;
    if (!read_chunk(f))
        return false;
    f->is_mbox = !names_one_message(e.path) && mbox_is_one(buffer_span(&f->window));
    if (!f->is_mbox && f->size > CHUNK && f->size <= LARGEST_MAIL_FILE) /* all at once */
        buffer_reserve(&f->window, (size_t)f->size);
    return true;
}

/* The next of the stack, if it is a file it is opened. */
static bool take_entry(struct mail_files *f)
{
    struct entry e = f->entries[--f->count];
    struct stat st;
    bool is_input = e.is_named && strcmp(e.path, "-") == 0;
    bool ok = (is_input ? fstat(0, &st) : stat(e.path, &st)) == 0;
    if (ok && is_to_be_read(&e, &st) && !S_ISDIR(st.st_mode))
        return open_file(f, e, &st);
    if (ok && !is_to_be_read(&e, &st))
        f->done += e.share;
    else if (ok)
        ok = push_directory(f, &e);
    if (ok)
        free(e.path);
    else
        f->open = e;
    return ok;
}

/* ---- messages */

static bool fill(struct mail_files *f, struct error *e)
{
    if (f->given >= f->window.len - f->given) { /* no less than what stays: linear in all */
        buffer_drop(&f->window, f->given);
        f->given = 0;
    }
    if (f->window.len - f->given > LARGEST_MAIL_FILE)
        return error_set(e, "%s: the message is larger than %d MB", f->open.path,
                         LARGEST_MAIL_FILE >> 20);
    return read_chunk(f) || error_system(e, errno, "%s", f->open.path);
}

static struct span ahead(const struct mail_files *f)
{
    return span_skip(buffer_span(&f->window), f->given);
}

static void name_file(const struct mail_files *f, struct mail_file *m)
{
    buffer_add_text(&m->name, f->open.path);
    m->path_length = m->name.len;
    m->number = f->number;
}

static int next_of_mbox(struct mail_files *f, struct mail_file *m, struct error *e)
{
    size_t length;
    while (!(length = mbox_message_length(ahead(f), f->is_all, &f->seen)) && !f->is_all)
        if (!fill(f, e))
            return -1;
    if (!length)
        return 0;
    mbox_message_add(&m->message, span_first(ahead(f), length));
    f->given += length;
    f->seen = 0;
    f->number++;
    bool is_only = f->number == 1 && f->is_all && !ahead(f).len;
    name_file(f, m);
    if (!is_only)
        buffer_printf(&m->name, ":%zu", f->number);
    return 1;
}

static void replace_message(struct mail_file *m, struct buffer *by)
{
    buffer_free(&m->message);
    m->message = *by;
}

/* What is text a person may have copied out of a mail program. */
static bool make_message(struct mail_file *m, struct error *e)
{
    struct span text = buffer_span(&m->message);
    const char *name =
        strcmp(buffer_text(&m->name), "-") ? buffer_text(&m->name) : "standard input";
    struct buffer made = BUFFER_EMPTY;
    if (!span_trim(text).len)
        return error_set(e, "%s: there is nothing in it", name);
    if (span_find_char(text, '\0') != SPAN_NOT_FOUND)
        return error_set(e, "%s: this is neither a message nor text", name);
    pasted_to_message(&made, text);
    replace_message(m, &made);
    return true;
}

/* Whatever the message came in, it comes out as one. */
static bool unwrap(const struct mail_files *f, struct mail_file *m, struct error *e)
{
    struct span text = buffer_span(&m->message), inner;
    struct buffer made = BUFFER_EMPTY;
    if (outlook_file_is_one(text)) {
        bool ok = outlook_file_read(&made, text, buffer_text(&m->name), e);
        replace_message(m, &made);
        return ok;
    }
    if (emlx_message(text, &inner)) {
        size_t before = (size_t)(inner.at - text.at);
        m->message.len = before + inner.len;
        buffer_drop(&m->message, before);
    } else if (!f->keeps_form && !pasted_is_message(text)) {
        return make_message(m, e);
    }
    return true;
}

static int only_message(struct mail_files *f, struct mail_file *m, struct error *e)
{
    if (f->number++)
        return 0;
    while (!f->is_all)
        if (!fill(f, e))
            return -1;
    name_file(f, m);
    struct buffer swap = m->message; /* its memory is used for the next one */
    m->message = f->window;
    f->window = swap;
    return unwrap(f, m, e) ? 1 : -1;
}

int mail_files_next(struct mail_files *f, struct mail_file *m, struct error *e)
{
    buffer_clear(&m->name);
    buffer_clear(&m->message);
    while (f->open.path || f->count) {
        if (!f->open.path && !take_entry(f)) {
            error_system(e, errno, "%s", f->open.path);
            close_file(f);
            return -1;
        }
        if (!f->open.path)
            continue;
        int got = f->is_mbox ? next_of_mbox(f, m, e) : only_message(f, m, e);
        if (got != 1)
            close_file(f);
        if (got)
            return got;
    }
    return 0;
}
