/* Some notices return no Message-ID: are they about something that was sent lately? What was, as
 * the ledger of a server has it, is compared by recipients and subject. Pure but for what its
 * caller is asked. */
#ifndef PROVENANCE_LATELY_H
#define PROVENANCE_LATELY_H

#include "auth/return_tag.h"
#include "bounce/judge.h"

/* So long after a message has left a notice about it may come: as long as a signed return path is
 * good. */
enum { NOTICE_DAYS = RETURN_TAG_DAYS_VALID };
int64_t notice_begin_ms(int64_t came_ms); /* no message that it is about left before */

/* Of a message in the name of the address that is asked for, a recipient. `subject`: as in the
 * header, at most 200 bytes. `is_plain`: it went, or may have gone, to another server under that
 * very address. */
typedef void lately_fn(void *of, struct span subject, struct span to, bool is_plain);

struct lately_record {
    /* Calls `see` for each recipient of all messages since then. False: not all of it is known. */
    bool (*look)(void *arg, struct span sender, int64_t since_ms, lately_fn *see, void *of);
    void *arg;
};

struct lately {
    bool is_all;   /* all that was sent in the names of `e->me` was looked through */
    bool is_like;  /* some of it went to somebody whom the notice names, or its returned message,
                      or has the same subject */
    bool is_plain; /* some of it may have left under its sender's own address */
};

/* `came_ms`: when the notice came. */
struct lately provenance_lately(const struct lately_record *r, const struct notice *n,
                                const struct evidence *e, int64_t came_ms);

#endif
