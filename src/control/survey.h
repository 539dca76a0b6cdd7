/* What waits in the queue, counted: by destination and by cause, and the oldest. Counting reads all
 * of the queue, so it is done when somebody looks, by workers, a moment at a time, and again only
 * after a while that is long compared with the time that it took. */
#ifndef CONTROL_SURVEY_H
#define CONTROL_SURVEY_H

#include "base/map.h"
#include "control/server.h"

struct survey_counts {
    size_t messages, recipients, held, untried;
    int64_t oldest_ms; /* when it was accepted; 0: there is none */
    size_t causes[CAUSE_COUNT][VARIANT_COUNT];
    struct map places; /* struct survey_place */
};

struct survey {
    struct control_settings settings;
    struct loop *loop;
    struct work work;
    bool is_busy, has_counts, has_ended;
    struct survey_counts counts, next; /* as told; being made */
    message_id *ids;
    size_t count, at;
    void *routes;
    int64_t began, ended; /* monotonic ms */
};

void survey_init(struct survey *s, const struct control_settings *settings, struct loop *loop);
void survey_end(struct survey *s); /* the workers get nothing more to do */
void survey_free(struct survey *s);

/* A line of JSON: the flow, the queue, destinations. In the scheduler's thread. */
void survey_look(struct survey *s, struct queue *q, struct buffer *out);

#endif
