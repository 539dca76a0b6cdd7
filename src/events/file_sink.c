/* A crash in the middle may leave a part of a line at the end. It is cut off before anything is
 * added: what it was part of is told again, as a whole. */
#include "events/file_sink.h"

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { PIECE = 4096 };

/* Where the last whole line ends; below 0: -errno. */
static int64_t end_of_lines(struct disk *d, int file, uint64_t size)
{
    char piece[PIECE];
    while (size) {
        uint64_t from = size > PIECE ? size - PIECE : 0;
        ssize_t got = d->ops->read(d, file, piece, (size_t)(size - from), from);
        if (got < 0)
            return got;
        for (ssize_t i = got; i > 0; i--)
            if (piece[i - 1] == '\n')
                return (int64_t)from + i;
        size = from;
    }
    return 0;
}

static int sync_name(struct disk *d, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct buffer directory = BUFFER_EMPTY;
    if (slash)
        buffer_add(&directory, path, slash == path ? 1 : (size_t)(slash - path));
    else
        buffer_add_char(&directory, '.');
    int result = d->ops->sync_directory(d, buffer_text(&directory));
    buffer_free(&directory);
    return result;
}

/* 0, or -errno; then it is as it was, but for a torn end. */
static int add(struct disk *d, int file, const char *path, struct span lines, uint64_t size)
{
    const struct iovec piece = {(void *)(uintptr_t)lines.at, lines.len};
    int64_t end = end_of_lines(d, file, size);
    int result = end < 0 ? (int)end : 0;
    if (!result && (uint64_t)end < size)
        result = d->ops->truncate(d, file, (uint64_t)end);
    if (result)
        return result;
    result = d->ops->write(d, file, &piece, 1, (uint64_t)end);
    if (!result)
        result = d->ops->sync(d, file);
    if (!result)
        return end ? 0 : sync_name(d, path);
    d->ops->truncate(d, file, (uint64_t)end);
    return result;
}

bool file_sink_add(struct disk *d, const char *path, struct span lines, struct error *e)
{
    struct disk_stat st;
    int file = d->ops->open(d, path, O_RDWR | O_CREAT | O_APPEND, 0640);
    if (file < 0)
        return error_system(e, -file, "cannot open %s", path);
    int result = d->ops->stat_open(d, file, &st);
    bool is_file = result || st.is_file;
    if (!result && is_file)
        result = add(d, file, path, lines, st.size);
    d->ops->close(d, file);
    if (!is_file)
        return error_set(e, "%s is not a file", path);
    return !result || error_system(e, -result, "cannot write to %s", path);
}
