/* One notice about many messages: what is told when so many fail or wait that a notice for each
 * would be a flood. It is no delivery status notification (RFC 3464 tells of one message): for
 * people it is a text and a card, for programs a table is attached. Pure. */
#ifndef BOUNCE_NOTICE_DIGEST_H
#define BOUNCE_NOTICE_DIGEST_H

#include "base/arena.h"
#include "bounce/words.h"
#include "outcome/envelope.h"
#include "outcome/outcome.h"

/* A recipient that did not get it; texts in the digest's arena. */
struct digest_line {
    message_id id;
    struct span recipient, subject; /* as they came */
    struct outcome outcome;         /* FAILED or DELAYED */
};

/* Those of whom the same is to be said. */
struct digest_group {
    enum outcome_kind kind;
    const struct cause_text *text;
    size_t count;
    int64_t first_ms, last_ms;
    struct digest_line sample; /* the first of them */
};

struct notice_digest {
    struct span hostname, to; /* ours; who is told */
    bool is_for_postmaster;   /* in place of senders who can't be told */
    message_id id;            /* the digest's own */
    int64_t now_ms;
    int offset_minutes;
    const struct language *language; /* NULL: English */

    struct arena *arena;
    size_t failed, delayed; /* recipients, each message's under the address that its sender used */
    size_t messages;        /* those with a failure */
    size_t lost;            /* those of them that are notices of ours */
    size_t waiting;         /* those without */
    int64_t first_ms, last_ms; /* of the failures; where there are none, of all */
    struct digest_group *groups;
    size_t group_count;
    struct digest_line *lines; /* the first DIGEST_MOST_LINES */
    size_t line_count;
    struct digest_counting *counting; /* while it is put together */
};

enum { DIGEST_MOST_LINES = 1000 };

/* Empty, to be put together in `a`; what stands above the arena is for the caller to fill in. */
struct notice_digest notice_digest_start(struct arena *a);
/* One more recipient; all those of a message one behind the other. */
void notice_digest_add(struct notice_digest *d, const struct envelope *e, size_t recipient,
                       const struct outcome *o);
void notice_digest_end(struct notice_digest *d); /* frees what is not in the arena */

/* Append the complete message, and say in what envelope it goes (spans of `e` in the digest's
 * arena): it tells of all that was owed until that event of the ledger. */
void notice_digest_write(struct envelope *e, struct buffer *message, const struct notice_digest *d,
                         uint64_t until);

#endif
