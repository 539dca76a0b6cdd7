/* An address is good for three weeks, and a failure may be reported some days after that was made:
 * so of two secrets, which take turns each month, none is gone too early. The file is watched like
 * all others of a directory: a new secret counts some seconds after it was written. */
#include "address/returns.h"
#include "address/directory_inside.h"

#include "base/memory.h"
#include "sys/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 64 * 1024, SECRET = 24 /* bytes */, DAYS = 30, DAY = 86400 };

static void path_of(struct buffer *path, const struct options *o)
{
    if (o->srs_secrets.len)
        buffer_add_span(path, o->srs_secrets);
    else
        buffer_printf(path, "%.*s/srs-secrets", SPAN_F(o->state));
}

/* ---- what a directory has */

static bool read_secrets(struct directory *d, const char *path, struct error *e)
{
    if (!secret_read(&d->secrets, path, LARGEST, e))
        return false;
    return srs_read_secrets(&d->srs, secret_span(&d->secrets), &d->arena) ||
           error_set(e, "there is no secret in %s: it takes one a line", path);
}

/* Who may not read it can still say where mail goes, but for reports to these addresses: commands,
 * which others may run. */
bool returns_load(struct directory *d, const struct options *o, struct file_marks *marks,
                  struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    bool ok = true;
    d->srs = (struct srs){.domain = o->srs};
    if (o->srs.len) {
        path_of(&path, o);
        file_marks_add(marks, buffer_text(&path));
        ok = access(buffer_text(&path), R_OK) != 0 || read_secrets(d, buffer_text(&path), e);
    }
    buffer_free(&path);
    return ok;
}

static int64_t now_s(void)
{
    return clock_now_ms() / 1000;
}

bool returns_sender(const struct directory *d, struct span sender, struct span *address,
                    struct arena *a)
{
    return d->srs.secret_count && srs_forward(&d->srs, sender, now_s(), address, a);
}

enum srs_answer returns_find(const struct directory *d, struct span address, struct span *sender,
                             struct arena *a)
{
    return d->srs.secret_count ? srs_reverse(&d->srs, address, now_s(), sender, a) : SRS_IS_NONE;
}

/* ---- the file */

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
    return stat(path, &found) == 0 && now_s() - found.st_mtim.tv_sec > DAYS * DAY;
}

bool returns_keep_secrets(const struct options *o, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    struct secret known;
    if (!o->srs.len)
        return true;
    path_of(&path, o);
    const char *name = buffer_text(&path);
    bool is_own = !o->srs_secrets.len, is_there = secret_read(&known, name, LARGEST, e);
    bool is_missing = !is_there && errno == ENOENT, ok = is_there;
    if (is_own && (is_missing || (is_there && is_old(name))))
        ok = renew(name, secret_span(&known), e);
    secret_free(&known);
    buffer_free(&path);
    return ok;
}
