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

/* Of a message in the name of the address that is asked for, a recipient. `subject`: as in the
 * header, at most 200 bytes. `is_plain`: it went, or may have gone, to another server under that
 * very address. False: it has seen enough. */
typedef bool lately_fn(void *of, struct span subject, struct span to, bool is_plain);

struct lately_record {
    /* Calls `see` for each recipient of all messages since then. False: not all of it is known, or
     * was seen. */
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
