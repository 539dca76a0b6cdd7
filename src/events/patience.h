/* How long to wait for somebody who does not take events, and when to say so. Pure. */
#ifndef EVENTS_PATIENCE_H
#define EVENTS_PATIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PATIENCE_BEHIND_MS = 60000, /* who is behind for so long is told of in the log */
    PATIENCE_MOST_EVENTS = 500  /* at a time */
};

struct patience {
    unsigned failures;    /* in a row */
    size_t most;          /* events to try next */
    int64_t behind_since; /* ms of a clock that only grows; 0: not behind */
    bool is_told;         /* that it is behind */
};

enum patience_say { SAY_NOTHING, SAY_BEHIND, SAY_AGAIN };

struct patience patience_start(void);

/* One attempt is over. Was it taken, and is there more that waits? Who does not take many gets
 * fewer at the next attempt: maybe it is only slow. */
enum patience_say patience_attempt(struct patience *p, int64_t now, bool is_taken, bool has_more);
/* Time has passed. */
enum patience_say patience_time(struct patience *p, int64_t now);

/* ms until the next attempt: 1 s, 2 s, 4 s, …, 5 minutes. */
int64_t patience_pause(const struct patience *p);

#endif
