/* Some notices return no Message-ID: are they about something that was sent lately? What was, as
 * the ledger of a server has it, is compared by recipients and subject. Pure but for what its
 * caller is asked. */
#ifndef PROVENANCE_LATELY_H
#define PROVENANCE_LATELY_H

#include "auth/return_tag.h"
#include "bounce/evidence.h"
#include "bounce/notice.h"

/* So long after a message has left a notice about it may come: as long as a signed return path is
 * good. */
enum { NOTICE_DAYS = RETURN_TAG_DAYS_VALID };
int64_t notice_begin_ms(int64_t came_ms); /* no message that it is about left before */

/* What was sent, in the form in which it is compared: whoever has to tell it again and again can
 * keep it. Each of these speaks for itself, so what is empty says nothing, and what was said once
 * need not be said of another message. */
struct lately_sent {
    struct span subject; /* by lately_subject() */
    struct span to;      /* a recipient, by lately_address() */
    bool is_plain;       /* it went, or may have gone, to another server under the sender's very
                            address */
};
struct span lately_subject(struct span field, struct arena *a); /* as in the header */
struct span lately_address(struct span address, struct arena *a);

typedef bool lately_fn(void *of, const struct lately_sent *s); /* false: it has seen enough */

struct lately_record {
    /* Tells `see` of all messages in the name of that address since then. More than that, of some
     * older one, does no harm: what it tells of can only keep a notice from being about another's.
     * False: not all of it is known, or was seen. */
    bool (*look)(void *arg, struct span sender, int64_t since_ms, lately_fn *see, void *of);
    void *arg;
};

struct lately_question {
    const struct notice *notice;
    const struct evidence *evidence;
    int64_t came_ms;  /* when the notice came */
    bool minds_plain; /* what may have left under its sender's own address may be it, too */
};

/* Is the message that the notice tells of none of those that were sent in the names of `me`? False:
 * one went to somebody whom the notice names, or its returned message, or has the same subject; or
 * not all of them are known. */
bool lately_is_none(const struct lately_record *r, const struct lately_question *q);

#endif
