/* A line is the hash of a place and a day; a later line counts, and at each start the file is
 * written anew without what is too old. */
#include "login/places.h"

#include "base/buffer.h"
#include "sys/log.h"
#include "sys/secret.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { LARGEST = 64 * 1024 * 1024, DIGITS = 16 };

static const char *path_of(struct buffer *b, struct span state, const char *name)
{
    buffer_clear(b);
    buffer_printf(b, "%.*s/%s", SPAN_F(state), name);
    return buffer_text(b);
}

static bool write_file(const char *path, int flags, struct span text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
    bool ok = fd >= 0 && write(fd, text.at, text.len) == (ssize_t)text.len;
    if (ok && !(flags & O_APPEND))
        ok = fsync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return ok;
}

static bool replace_file(struct span state, const char *name, struct span text, struct error *e)
{
    struct buffer path = BUFFER_EMPTY, fresh = BUFFER_EMPTY;
    path_of(&path, state, name);
    buffer_printf(&fresh, "%s.new", buffer_text(&path));
    bool ok = write_file(buffer_text(&fresh), O_TRUNC, text) &&
              rename(buffer_text(&fresh), buffer_text(&path)) == 0;
    if (!ok)
        error_system(e, errno, "cannot write %s", buffer_text(&path));
    buffer_free(&path);
    buffer_free(&fresh);
    return ok;
}

bool places_secret(struct span state, unsigned char secret[LOGIN_SECRET], struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    bool ok = secret_of_chance(path_of(&path, state, "login-secret"), secret, LOGIN_SECRET, e);
    buffer_free(&path);
    return ok;
}

static bool read_hash(struct span text, uint64_t *place)
{
    *place = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool is_letter = c >= 'a' && c <= 'f';
        if (!is_letter && !ascii_is_digit(c))
            return false;
        *place = *place << 4 | (uint64_t)(is_letter ? c - 'a' + 10 : c - '0');
    }
    return text.len == DIGITS;
}

static void add_line(struct buffer *out, uint64_t place, unsigned day)
{
    buffer_printf(out, "%016llx %u\n", (unsigned long long)place, day);
}

bool places_load(struct span state, struct guessing *g, unsigned today, struct error *e)
{
    struct buffer path = BUFFER_EMPTY, text = BUFFER_EMPTY, kept = BUFFER_EMPTY;
    uint64_t place, number;
    unsigned day;
    path_of(&path, state, "login-places");
    bool ok = whole_file_read(buffer_text(&path), 0, LARGEST, &text) || errno == ENOENT;
    if (!ok)
        error_system(e, errno, "cannot read %s", buffer_text(&path));
    for (struct span rest = buffer_span(&text); ok && rest.len;) {
        struct span line = span_cut(&rest, '\n'), hash = span_word(&line);
        if (read_hash(hash, &place) && span_to_u64(span_trim(line), today, &number) &&
            number + PLACES_KEPT_DAYS >= today)
            guessing_add_place(g, place, (unsigned)number);
    }
    for (size_t i = 0; guessing_next_place(g, &i, &place, &day);)
        add_line(&kept, place, day);
    ok = ok && replace_file(state, "login-places", buffer_span(&kept), e);
    buffer_free(&path);
    buffer_free(&text);
    buffer_free(&kept);
    return ok;
}

void places_note(struct span state, uint64_t place, unsigned day)
{
    struct buffer path = BUFFER_EMPTY, line = BUFFER_EMPTY;
    path_of(&path, state, "login-places");
    add_line(&line, place, day);
    if (!write_file(buffer_text(&path), O_APPEND, buffer_span(&line)))
        log_message(LOG_LEVEL_WARNING, "place-forgotten",
                    "cannot write to %s, so after the next start a login's network is not known",
                    buffer_text(&path));
    buffer_free(&path);
    buffer_free(&line);
}
