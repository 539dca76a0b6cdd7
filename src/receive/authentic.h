/* What follows from who is found to be behind a message (auth/message_check.h): is it taken, what
 * the client is told, and whether its return path may be told of failures. Pure. */
#ifndef RECEIVE_AUTHENTIC_H
#define RECEIVE_AUTHENTIC_H

#include "auth/message_check.h"
#include "config/forwarder.h"
#include "outcome/envelope.h"
#include "smtp/reply.h"

enum authentic_ruling {
    AUTHENTIC_TAKEN,
    AUTHENTIC_NOT_YET, /* what would refuse it may only be a temporary failure */
    AUTHENTIC_REFUSED
};

/* By what the domains themselves want: those of its author (DMARC), or, where they say nothing,
 * that of its sender (SPF). */
enum authentic_ruling authentic_rule(const struct message_verdict *v);

/* Does it come through one of these, by its network, SPF, a signature, or the newest seal of an ARC
 * chain that holds? Then nothing of it is refused. */
bool authentic_is_passed_on(const struct message_verdict *v, const unsigned char client[16],
                            const struct forwarder *forwarders, size_t count);

/* To the client, of all but TAKEN: which check, which domain, what was found, and what its operator
 * can change; ASCII, of at most AUTHENTIC_MOST_LINES lines. Lives in `a`. */
enum { AUTHENTIC_MOST_LINES = 10 };
struct reply authentic_reply(enum authentic_ruling ruling, const struct message_verdict *v,
                             const unsigned char client[16], struct arena *a);

/* Is the return path that of whoever sent it? `is_passed_on`: then SPF is no proof against it. */
enum vouched authentic_vouches(const struct message_verdict *v, bool is_passed_on);

/* "SPF pass, DKIM pass example.org, DMARC pass": for the log and the story, printable. */
enum { AUTHENTIC_LONGEST_WORDS = 300 };
void authentic_add_words(struct buffer *out, const struct message_verdict *v);

#endif
