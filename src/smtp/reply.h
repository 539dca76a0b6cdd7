/* An SMTP reply: RFC 5321 4.2, RFC 2034. A value; also what a failure of our own becomes (a
 * connection that broke is a reply with code 0 and our own words), so that there is one failure
 * path. */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "smtp/status.h"

struct reply {
    int code;             /* 200–599; 0: no reply came, the text is ours */
    struct status status; /* STATUS_NONE when none was given */
    struct span text;     /* without codes; lines parted by LF; may be empty */
};

#define REPLY(c, cls, sub, det, words)                                                             \
    ((struct reply){(c), {(cls), (sub), (det)}, {"" words, sizeof(words) - 1}})

static inline bool reply_is_positive(struct reply r)
{
    return r.code >= 200 && r.code < 400;
}
static inline bool reply_is_temporary(struct reply r)
{
    return r.code < 200 || (r.code >= 400 && r.code < 500);
}
static inline bool reply_is_permanent(struct reply r)
{
    return r.code >= 500;
}

/* Write it as a server sends it: every line with the code (and the enhanced code when it is given),
 * CRLF at the end of each. Text is cut so that no line is over 512 octets; controls in it become
 * "?". */
void reply_add(struct buffer *out, struct reply r);

/* Read replies from a stream that comes in pieces. */
struct reply_parser {
    struct buffer line; /* an unfinished line */
    struct buffer text; /* of the lines so far */
    int code;
    struct status status;
    bool in_reply;
    size_t total; /* bytes of this reply so far */
};

enum reply_result {
    REPLY_MORE,     /* all input was taken, the reply is not whole yet */
    REPLY_DONE,     /* `*r` holds it; it borrows from the parser until the next call */
    REPLY_MALFORMED /* not SMTP, codes that differ between lines, or over 64 KiB: close the
                       connection */
};

/* Takes bytes from `*input` up to the end of one reply. A line may end in LF alone; what follows
 * the code is kept verbatim, also bytes that are not ASCII. "250" without text is a reply. On
 * REPLY_MALFORMED the line in question is in `r->text`. */
enum reply_result reply_parse(struct reply_parser *p, struct span *input, struct reply *r);
void reply_parser_free(struct reply_parser *p);

#endif
