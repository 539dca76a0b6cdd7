/* Mail programs write into messages what was read, and may change the empty lines at their ends. So
 * a message is known again by all of it but that. */
#include "cli/moving_mbox.h"

#include "mail/header.h"
#include "mail/mbox_read.h"

#include <inttypes.h>
#include <xxhash.h>

struct span moving_next_message(struct span *rest)
{
    size_t seen = 0;
    struct span found = span_first(*rest, mbox_message_length(*rest, true, &seen));
    *rest = span_skip(*rest, found.len);
    return found;
}

static bool changes_by_reading(struct span name)
{
    static const char *const names[] = {"Status",         "X-Status",         "X-Keywords",
                                        "X-UID",          "X-IMAP",           "X-IMAPbase",
                                        "Lines",          "X-Mozilla-Status", "X-Mozilla-Status2",
                                        "X-Mozilla-Keys", "Content-Length"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_equal_nocase(name, span_of(names[i])))
            return true;
    return false;
}

static void add_header(struct buffer *out, struct span *message)
{
    bool is_left_out = false;
    while (message->len) {
        struct span line = span_cut(message, '\n');
        bool is_end = !span_trim(line).len;
        if (is_end || (line.at[0] != ' ' && line.at[0] != '\t')) {
            size_t colon = span_find_char(line, ':');
            is_left_out = colon != SPAN_NOT_FOUND && changes_by_reading(span_first(line, colon));
        }
        if (!is_left_out) {
            buffer_add_span(out, line);
            buffer_add_char(out, '\n');
        }
        if (is_end)
            return;
    }
}

struct span moving_identity(struct span found, struct arena *a)
{
    struct buffer all = BUFFER_EMPTY, same = BUFFER_EMPTY;
    mbox_message_add(&all, found);
    struct span message = buffer_span(&all);
    add_header(&same, &message);
    buffer_add_span(&same, span_trim(message));
    XXH128_hash_t h = XXH3_128bits(buffer_text(&same), same.len);
    buffer_free(&all);
    buffer_free(&same);
    return arena_printf(a, "%016" PRIx64 "%016" PRIx64, (uint64_t)h.high64, (uint64_t)h.low64);
}

static bool ends_with_empty_line(struct span text)
{
    size_t n = text.len;
    return n >= 2 && text.at[n - 1] == '\n' &&
           (text.at[n - 2] == '\n' || (n >= 3 && text.at[n - 2] == '\r' && text.at[n - 3] == '\n'));
}

void moving_add_message(struct pieces *p, struct span found)
{
    struct iovec *last = p->count ? &p->list[p->count - 1] : NULL;
    struct span before = last ? span_make(last->iov_base, last->iov_len) : SPAN_NONE;
    if (before.len && before.at[before.len - 1] != '\n')
        pieces_add(p, SPAN("\n\n"));
    else if (before.len && !ends_with_empty_line(before))
        pieces_add(p, SPAN("\n"));
    pieces_add(p, found);
}
