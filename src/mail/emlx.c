#include "mail/emlx.h"

#include "mail/header.h"

bool emlx_message(struct span file, struct span *message)
{
    enum { LONGEST_LINE = 24, LARGEST = 1 << 30 };
    struct span rest = file, line;
    uint64_t length;
    if (span_find_char(span_first(file, LONGEST_LINE), '\n') == SPAN_NOT_FOUND)
        return false;
    line = span_cut(&rest, '\n');
    if (!span_to_u64(span_trim(line), LARGEST, &length) || length > rest.len)
        return false;
    struct header_iterator it = header_start(rest);
    struct header_field f;
    if (header_next(&it, &f) <= 0)
        return false;
    *message = span_first(rest, (size_t)length);
    return true;
}
