/* To whom the mail of an account goes on, kept as marks by which nobody can read to whom: enough to
 * tell, at another time, whether somebody new is among them. Pure. */
#ifndef GUARD_FORWARDING_H
#define GUARD_FORWARDING_H

#include "base/buffer.h"

enum { FORWARDING_MOST = 100 };

struct forwarding {
    size_t
        count; /* different ones; above FORWARDING_MOST it is a list, of which no marks are kept */
    uint64_t marks[FORWARDING_MOST]; /* in the order of their numbers */
};

/* `targets`: "thief@example.net", "|command", "/file"; in any order, letters in any case. `key` is
 * known to nobody outside. */
void forwarding_of(struct forwarding *f, uint64_t key, const struct span *targets, size_t count);

struct forwarding_news {
    size_t count; /* of the targets, those to whom it did not lead before */
    size_t first; /* of them */
};
/* What was a list before says nothing of anybody. */
struct forwarding_news forwarding_compare(const struct forwarding *before, uint64_t key,
                                          const struct span *targets, size_t count);

/* As it is kept: never empty, and the same for the same targets. Appended. */
void forwarding_write(struct buffer *out, const struct forwarding *f);
bool forwarding_read(struct forwarding *f, struct span kept);

#endif
