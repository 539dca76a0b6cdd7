/* What is signed by them is good for some weeks: so of two secrets, which take turns each month,
 * none is gone too early. The file is watched like all others of a directory: a new secret counts
 * some seconds after it was written. A crash leaves the old file or the new one: that is written
 * under another name, synced, and renamed. */
#include "address/kept_secrets.h"

#include "sys/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 64 * 1024, SECRET = 24 /* bytes */, DAYS = 30, DAY = 86400 };

static void path_of(struct buffer *path, const struct secret_file *f)
{
    if (f->path.len)
        buffer_add_span(path, f->path);
    else
        buffer_printf(path, "%.*s/%s", SPAN_F(f->state), f->name);
}

/* ---- reading */

static bool read_all(const char *path, struct secret *text, struct signing_secrets *s,
                     struct arena *a, struct error *e)
{
    if (!secret_read(text, path, LARGEST, e))
        return false;
    return signing_secrets_read(s, secret_span(text), a) ||
           error_set(e, "there is no secret in %s: it takes one a line", path);
}

bool kept_secrets_read(const struct secret_file *f, struct secret *text, struct signing_secrets *s,
                       struct arena *a, struct file_marks *marks, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    path_of(&path, f);
    file_marks_add(marks, buffer_text(&path));
    *s = (struct signing_secrets){0};
    bool ok = access(buffer_text(&path), R_OK) != 0 || read_all(buffer_text(&path), text, s, a, e);
    buffer_free(&path);
    return ok;
}

/* The server puts a new one before the other when that is a month old. Of others' files nothing is
 * known but when they were written. */
int64_t kept_secrets_since(const struct secret_file *f, size_t count)
{
    struct buffer path = BUFFER_EMPTY;
    struct stat found;
    path_of(&path, f);
    bool is_there = stat(buffer_text(&path), &found) == 0;
    int64_t written = is_there ? found.st_mtim.tv_sec : clock_now_ms() / 1000;
    buffer_free(&path);
    return !f->path.len && count > 1 ? written - DAYS * DAY : written;
}

/* ---- keeping */

static void add_new(struct buffer *text)
{
    unsigned char bytes[SECRET];
    while (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        ;
    for (size_t i = 0; i < sizeof bytes; i++)
        buffer_printf(text, "%02x", bytes[i]);
    buffer_add_char(text, '\n');
    explicit_bzero(bytes, sizeof bytes);
}

static bool write_synced(const char *path, struct span text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && write(fd, text.at, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    if (fd >= 0 && close(fd))
        ok = false;
    return ok;
}

/* A new secret, and the one before it. */
static bool renew(const char *path, struct span before, struct error *e)
{
    struct buffer text = BUFFER_EMPTY, fresh = BUFFER_EMPTY;
    add_new(&text);
    buffer_add_span(&text, span_trim(span_cut(&before, '\n')));
    buffer_add_char(&text, '\n');
    buffer_printf(&fresh, "%s.new", path);
    bool ok = (write_synced(buffer_text(&fresh), buffer_span(&text)) &&
               rename(buffer_text(&fresh), path) == 0) ||
              error_system(e, errno, "cannot write %s", path);
    buffer_wipe(&text);
    buffer_free(&fresh);
    return ok;
}

static bool is_old(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && clock_now_ms() / 1000 - found.st_mtim.tv_sec > DAYS * DAY;
}

bool kept_secrets_renew(const struct secret_file *f, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    struct secret known;
    path_of(&path, f);
    const char *name = buffer_text(&path);
    bool is_own = !f->path.len, is_there = secret_read(&known, name, LARGEST, e);
    bool is_missing = !is_there && errno == ENOENT, ok = is_there;
    if (is_own && (is_missing || (is_there && is_old(name))))
        ok = renew(name, secret_span(&known), e);
    secret_free(&known);
    buffer_free(&path);
    return ok;
}
