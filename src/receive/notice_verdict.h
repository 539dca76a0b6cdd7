/* For this room only: what follows from the verdict about a notice that comes: what its header
 * gets, whether it is refused, and what the client is told. Pure. */
#ifndef RECEIVE_NOTICE_VERDICT_H
#define RECEIVE_NOTICE_VERDICT_H

#include "bounce/judge.h"
#include "config/domain_policy.h"
#include "smtp/reply.h"

#define NOTICE_VERDICT_FIELD SPAN("Notice-Verdict")

/* What speaks for the verdict: "sent, names-recipient". */
void notice_verdict_add_reasons(struct buffer *out, const struct verdict *v);

/* The whole field, folded, with CRLF at its end: doc/judging.md has its grammar. `server`: who says
 * so; `reasons` as above. */
void notice_verdict_add_field(struct buffer *out, struct span server, struct judged j,
                              struct span reasons);

/* One for all recipients; where they differ: a verdict that says nothing. None of them is judged:
 * `is` is false. */
struct judged notice_verdict_of_all(const struct judged *all, size_t count);

/* Is it to be refused, where that is wanted? Never what may be true: a trick that is certain, or a
 * notice about mail that has not left from here, as all that has left is known. */
bool notice_verdict_refuses(struct judged j);

/* To the client, of what is refused; ASCII lines in `a`. `postmaster`: whom a person can ask. */
struct reply notice_verdict_reply(const struct verdict *v, struct span recipient,
                                  struct span postmaster, struct arena *a);

#endif
