/* What an account was seen with lately (clients, networks, links, texts), since when, and how often
 * since then. A short array; what was idle longest makes room. Pure. */
#ifndef GUARD_SEEN_H
#define GUARD_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEEN_SITTING = 60 /* minutes of idleness that end one */, SEEN_MOST = 1000000 };

struct seen {
    uint64_t what;                      /* 0: free */
    uint32_t first_minute, last_minute; /* since 1970; a first of 0: from of old */
    /* In this sitting: since it was idle for long. Both up to SEEN_MOST. */
    uint32_t recipients, copies; /* of a client, copies: new recipients */
};

/* The entry of `what`, which is not 0; one that differs in at most `distance` bits will do. A new
 * one has first_minute = last_minute = `minute`. */
struct seen *seen_at(struct seen *all, size_t count, uint64_t what, unsigned distance,
                     uint32_t minute);
/* The same, without making one: NULL. */
const struct seen *seen_find(const struct seen *all, size_t count, uint64_t what,
                             unsigned distance);
bool seen_is_new(const struct seen *s, uint32_t minute, uint32_t for_minutes);
void seen_count(struct seen *s, size_t recipients, size_t copies);

#endif
