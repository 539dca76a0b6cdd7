/* Nothing is synced: the file is knowledge that can be had again by counting. After a power cut it
 * may tell too little or be torn; a torn one is seen, and the other is found wrong by the next
 * count, at the latest RECOUNT_MS after the first delivery (maildir_usage.c). */
#include "deliver/maildirsize.h"

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

enum { LARGEST = 5120 /* a larger one is made anew, says Maildir++ */ };

/* "1000S,10C" */
static bool limits_are(struct span line, struct maildir_amount limits)
{
    struct maildir_amount found = {0};
    while (line.len) {
        struct span one = span_trim(span_cut(&line, ','));
        uint64_t value;
        if (one.len < 2 || ascii_is_digit(one.at[one.len - 1]) ||
            !span_to_u64(span_first(one, one.len - 1), INT64_MAX, &value))
            return false;
        char kind = one.at[one.len - 1];
        if (kind == 'S')
            found.bytes = value;
        else if (kind == 'C')
            found.messages = value;
    }
    return found.bytes == limits.bytes && found.messages == limits.messages;
}

static bool add_number(struct span word, int64_t *sum)
{
    uint64_t value;
    bool is_less = span_starts(word, SPAN("-"));
    if (is_less)
        word = span_skip(word, 1);
    if (!span_to_u64(word, INT64_MAX, &value))
        return false;
    return !__builtin_add_overflow(*sum, is_less ? -(int64_t)value : (int64_t)value, sum);
}

bool maildirsize_parse(struct span text, struct maildir_amount limits, struct maildir_amount *sum)
{
    int64_t bytes = 0, messages = 0;
    if (text.len > LARGEST || !text.len || text.at[text.len - 1] != '\n' ||
        !limits_are(span_trim(span_cut(&text, '\n')), limits))
        return false;
    while (text.len) {
        struct span line = span_cut(&text, '\n');
        struct span first = span_word(&line), second = span_word(&line);
        if (!add_number(first, &bytes) || !add_number(second, &messages) || span_trim(line).len)
            return false;
    }
    *sum = (struct maildir_amount){(uint64_t)bytes, (uint64_t)messages};
    return bytes >= 0 && messages >= 0;
}

static const char *file_of(struct buffer *path, const char *box, const char *name)
{
    buffer_printf(path, "%s/%s", box, name);
    return buffer_text(path);
}

bool maildirsize_read(struct disk *d, const char *box, struct maildir_amount limits,
                      struct maildir_amount *sum, int64_t *modified_ns)
{
    struct buffer path = BUFFER_EMPTY;
    const char *file = file_of(&path, box, "maildirsize");
    char text[LARGEST + 1];
    struct disk_stat st;
    ssize_t len = -1;
    int handle = d->ops->open(d, file, O_RDONLY, 0);
    if (handle >= 0) {
        len = d->ops->read(d, handle, text, sizeof text, 0);
        d->ops->close(d, handle);
    }
    bool is_there = len >= 0 && d->ops->stat(d, file, &st) == 0;
    if (is_there)
        *modified_ns = st.modified_ns;
    buffer_free(&path);
    return is_there && maildirsize_parse(span_make(text, (size_t)len), limits, sum);
}

/* Appended in one write, so that it can't mix with another program's line. */
int maildirsize_append(struct disk *d, const char *box, struct maildir_amount came)
{
    struct buffer path = BUFFER_EMPTY, line = BUFFER_EMPTY;
    int handle = d->ops->open(d, file_of(&path, box, "maildirsize"), O_WRONLY | O_APPEND, 0);
    int result = handle < 0 ? handle : 0;
    if (handle >= 0) {
        buffer_printf(&line, "%" PRIu64 " %" PRIu64 "\n", came.bytes, came.messages);
        struct iovec piece = {line.at, line.len};
        result = d->ops->write(d, handle, &piece, 1, 0);
        d->ops->close(d, handle);
    }
    buffer_free(&path);
    buffer_free(&line);
    return result;
}

static void add_limits(struct buffer *out, struct maildir_amount limits)
{
    if (limits.bytes)
        buffer_printf(out, "%" PRIu64 "S", limits.bytes);
    if (limits.messages)
        buffer_printf(out, "%s%" PRIu64 "C", limits.bytes ? "," : "", limits.messages);
    buffer_add_char(out, '\n');
}

int maildirsize_write(struct disk *d, const char *box, struct maildir_amount limits,
                      struct maildir_amount held)
{
    struct buffer to = BUFFER_EMPTY, temporary = BUFFER_EMPTY, text = BUFFER_EMPTY;
    file_of(&temporary, box, "tmp/maildirsize.plainpost");
    d->ops->unlink(d, buffer_text(&temporary)); /* of an earlier self */
    int handle = d->ops->open(d, buffer_text(&temporary), O_WRONLY | O_CREAT | O_EXCL, 0600);
    int result = handle < 0 ? handle : 0;
    if (handle >= 0) {
        add_limits(&text, limits);
        buffer_printf(&text, "%" PRIu64 " %" PRIu64 "\n", held.bytes, held.messages);
        struct iovec piece = {text.at, text.len};
        result = d->ops->write(d, handle, &piece, 1, 0);
        d->ops->close(d, handle);
        if (result == 0)
            result = d->ops->rename(d, buffer_text(&temporary), file_of(&to, box, "maildirsize"));
        if (result < 0)
            d->ops->unlink(d, buffer_text(&temporary));
    }
    buffer_free(&to);
    buffer_free(&temporary);
    buffer_free(&text);
    return result;
}

int maildirsize_remove(struct disk *d, const char *box)
{
    struct buffer path = BUFFER_EMPTY;
    int result = d->ops->unlink(d, file_of(&path, box, "maildirsize"));
    buffer_free(&path);
    return result;
}
