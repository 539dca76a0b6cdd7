#include "events/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <xxhash.h>

enum { LARGEST = 16 * 1024 };

static struct span directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return span_make(path, (size_t)(slash - path));
}

bool place_path(struct disk *d, struct span state, const struct event_sink *s, struct buffer *path,
                struct error *e)
{
    struct buffer name = BUFFER_EMPTY, parent = BUFFER_EMPTY;
    buffer_add_span(&parent, state);
    buffer_printf(path, "%.*s/events", SPAN_F(state));
    int made = d->ops->mkdir(d, buffer_text(path), 0700);
    if (!made)
        made = d->ops->sync_directory(d, buffer_text(&parent));
    event_sink_print(&name, s);
    bool ok = !made || made == -EEXIST ||
              error_system(e, -made, "cannot make the directory %s", buffer_text(path));
    buffer_printf(path, "/%016llx", (unsigned long long)XXH3_64bits(name.at, name.len));
    buffer_free(&parent);
    buffer_free(&name);
    return ok;
}

int place_load(struct disk *d, const char *path, uint64_t *number, struct error *e)
{
    char text[LARGEST];
    int file = d->ops->open(d, path, O_RDONLY, 0);
    ssize_t len = file < 0 ? file : d->ops->read(d, file, text, sizeof text, 0);
    if (file >= 0)
        d->ops->close(d, file);
    if (len == -ENOENT)
        return 0;
    if (len < 0) {
        error_system(e, (int)-len, "cannot read %s", path);
        return -1;
    }
    struct span rest = span_make(text, (size_t)len);
    if (span_to_u64(span_word(&rest), INT64_MAX, number))
        return 1;
    error_set(e,
              "%s does not begin with the number of an event; remove it, and events are told "
              "from now on",
              path);
    return -1;
}

/* Under another name, with its contents on the disk. */
static int write_new(struct disk *d, const char *path, struct span text)
{
    int file = d->ops->open(d, path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file < 0)
        return file;
    const struct iovec piece = {(void *)(uintptr_t)text.at, text.len};
    int result = d->ops->write(d, file, &piece, 1, 0);
    if (!result)
        result = d->ops->sync(d, file);
    d->ops->close(d, file);
    return result;
}

bool place_save(struct disk *d, const char *path, const struct event_sink *s, uint64_t number,
                struct error *e)
{
    struct buffer text = BUFFER_EMPTY, fresh = BUFFER_EMPTY, directory = BUFFER_EMPTY;
    buffer_printf(&text, "%llu ", (unsigned long long)number);
    event_sink_print(&text, s);
    buffer_add_char(&text, '\n');
    buffer_printf(&fresh, "%s.new", path);
    buffer_add_span(&directory, directory_of(path));
    int result = write_new(d, buffer_text(&fresh), buffer_span(&text));
    if (!result)
        result = d->ops->rename(d, buffer_text(&fresh), path);
    if (!result)
        result = d->ops->sync_directory(d, buffer_text(&directory));
    buffer_free(&text);
    buffer_free(&fresh);
    buffer_free(&directory);
    return !result || error_system(e, -result, "cannot write %s", path);
}
