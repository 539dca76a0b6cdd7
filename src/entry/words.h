/* What a client hears that is refused, or asked to come again, because of its points (score.h). The
 * words are for people: whoever runs that server, and the sender, who gets them in a bounce. ASCII;
 * lines parted by LF. Pure. */
#ifndef ENTRY_WORDS_H
#define ENTRY_WORDS_H

#include "entry/score.h"
#include "smtp/reply.h"

/* What is known in a line, without a dot at its end: "192.0.2.7 is on the list zen.example, which
 * says: …"; and what can be done about it; empty where it speaks for the client. */
void entry_finding_words(struct buffer *out, const struct entry_client *c,
                         const struct entry_finding *f);
void entry_finding_remedy(struct buffer *out, const struct entry_client *c,
                          const struct entry_finding *f);

/* 550 5.7.25 where its name in the reverse DNS is the main reason (RFC 7372), else 550 5.7.1. The
 * text is in `a`. `hostname`: at which postmaster is to be had. */
struct reply entry_refusal(const struct entry_client *c, const struct entry_score *s,
                           struct span recipient, struct span hostname, struct arena *a);

/* 451 4.7.1: come again in so many ms (RFC 6647 3). */
struct reply entry_wait(const struct entry_client *c, const struct entry_score *s,
                        struct span recipient, int64_t wait_ms, struct arena *a);

#endif
