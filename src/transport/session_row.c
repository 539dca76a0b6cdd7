/* A line for each: result, host, address, source; the rest is in words. */
#include "transport/session_row.h"

static void add_line(struct buffer *out, struct span value)
{
    buffer_add_span(out, span_cut(&value, '\n'));
    buffer_add_char(out, '\n');
}

void session_row(struct buffer *out, const struct session_count *s)
{
    add_line(out, span_of(tls_result_name(s->result)));
    add_line(out, s->host);
    add_line(out, s->address);
    add_line(out, s->source);
    buffer_add_span(out, s->why);
}

static enum tls_result result_of(struct span name)
{
    for (int r = 0; r < TLS_RESULTS; r++)
        if (span_equal(name, span_of(tls_result_name((enum tls_result)r))))
            return (enum tls_result)r;
    return TLS_RESULT_OTHER;
}

struct session_count session_of_row(struct span row)
{
    struct session_count s = {.policy = SPAN_NONE, .result = result_of(span_cut(&row, '\n'))};
    s.host = span_cut(&row, '\n');
    s.address = span_cut(&row, '\n');
    s.source = span_cut(&row, '\n');
    s.why = row;
    return s;
}
