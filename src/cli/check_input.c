/* What the checks take from the command line, alike for all. */
#include "cli/check.h"

#include "base/inet.h"
#include "mail/line_ends.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_MESSAGE = 256 << 20 };

bool check_take_client(const struct check *c, unsigned char client[16])
{
    return inet_parse(c->ip, client) ||
           complain(0, "\"%.*s\" is no address of a client: 192.0.2.1 or 2001:db8::1",
                    SPAN_F(c->ip));
}

struct span check_without_brackets(struct span s)
{
    if (s.len > 1 && s.at[0] == '<' && s.at[s.len - 1] == '>')
        return span_first(span_skip(s, 1), s.len - 2);
    return s;
}

bool check_read_message(const struct check *c, struct buffer *message)
{
    struct buffer text = BUFFER_EMPTY;
    bool is_input = span_equal(c->named, SPAN("-"));
    bool ok = is_input ? whole_file_take(STDIN_FILENO, LARGEST_MESSAGE, &text)
                       : whole_file_read(c->named.at, 0, LARGEST_MESSAGE, &text);
    if (ok)
        line_ends_to_crlf(message, buffer_span(&text));
    else
        complain(0, "%s can't be read: %s", is_input ? "standard input" : c->named.at,
                 errno == EFBIG ? "it is larger than 256 MB" : strerror(errno));
    buffer_free(&text);
    return ok;
}
