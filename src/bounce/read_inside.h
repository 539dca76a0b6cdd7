/* What the files that read notices share (read_*.c); not for others.
 *
 * A notice is read by the first that can: its machine-readable parts (read_report.c), else a
 * dialect (read_dialect.c: how a mail system words it). Both fill in recipients; then what was
 * returned is looked at (read_returned.c), what is still missing is taken from the text
 * (read_text.c), and each recipient gets its cause (read_cause.c). */
#ifndef BOUNCE_READ_INSIDE_H
#define BOUNCE_READ_INSIDE_H

#include "base/arena.h"
#include "bounce/notice.h"
#include "bounce/survey.h"

struct reading {
    const struct survey *survey;
    struct notice *notice;
    struct arena *arena;
    size_t room; /* of notice->recipients */
};

/* A new recipient, or NULL when there are too many. */
struct notice_recipient *reading_add(struct reading *r, struct span address);
/* The one of that address (final or original), or NULL. */
struct notice_recipient *reading_find(struct reading *r, struct span address);

/* read_report.c: RFC 3464, 6533. False: there is nothing that says anything of a recipient. */
bool read_report(struct reading *r);
/* The status and the code that stand in a text, if they do; what is set already stays. */
void read_codes(struct notice_recipient *to, struct span text);

/* read_returned.c: fills in notice->original from a returned part, or from what the text quotes;
 * cuts that off notice->text. */
void read_returned(struct reading *r);

/* read_dialect.c: notices in free text. False: no dialect knows it. */
bool read_dialect(struct reading *r);

/* read_kind.c: what it is, when all has been read; who wrote it. */
enum notice_kind read_kind(const struct reading *r);
const char *read_agent(const struct reading *r);

/* read_cause.c: of each recipient. */
void read_causes(struct reading *r);

#endif
