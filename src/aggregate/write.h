/* Writes aggregate reports (RFC 9990), and the letter that carries one. Pure. */
#ifndef AGGREGATE_WRITE_H
#define AGGREGATE_WRITE_H

#include "aggregate/report.h"
#include "base/buffer.h"

/* Appends the document. What stands in it from outside may hold anything. */
void aggregate_write(struct buffer *out, const struct aggregate_report *r);

struct aggregate_letter {
    struct span from, to;   /* addresses */
    struct span message_id; /* without brackets */
    struct span receiver;   /* our name: a domain */
    unsigned part; /* of several reports on the same day and domain; 0: it is the only one */
    int64_t time_ms;
};

/* Appends the message (RFC 9990 2.6.2), with CRLF; `packed`: the document, by gzip_add. */
void aggregate_mail(struct buffer *out, const struct aggregate_report *r,
                    const struct aggregate_letter *l, struct span packed);

#endif
