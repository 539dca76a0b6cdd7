/* What is known of the message that a notice tells of, besides what the notice says. Values; spans
 * borrow. */
#ifndef BOUNCE_EVIDENCE_H
#define BOUNCE_EVIDENCE_H

#include "base/span.h"

enum answer { ANSWER_UNKNOWN, ANSWER_YES, ANSWER_NO };

/* What the caller knows besides the notice. All zeros: nothing. */
struct evidence {
    int64_t now_ms;        /* 0: not known */
    const struct span *me; /* addresses of whoever got the notice; empty: not told */
    size_t me_count;
    enum answer is_sent;  /* is the original's Message-ID among what they sent? NO: all that they
                             sent was looked through */
    enum answer sent_to;  /* … and did it go to a recipient whom the notice names? */
    enum answer wrote_to; /* did they ever write to one? For notices that return no Message-ID */
    enum answer own_signature;     /* the DKIM signature of one of their domains over the returned
                                      header: YES holds, NO was made for another message
                                      (provenance/own_signature.h) */
    struct span own_domain;        /* that signed it */
    enum answer own_tag;           /* a signed return path of ours: it is in the notice's recipient
                                      (provenance/own_tag.h) */
    struct span tagged;            /* the queue id of the message that it names; may be empty, */
    struct span tagged_message_id; /* and its Message-ID, without "<>"; likewise */
    bool account_is_suspect;       /* it sends like a spammer (room account) */
};

#endif
