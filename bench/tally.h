/* What became of each message: when its end was sent, when it was acknowledged, when it arrived.
 * A message carries its tag, so that it is known again at the other end. Times are ns. */
#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include "base/buffer.h"

struct moments {
    int64_t sent, acknowledged, arrived; /* 0: not */
};

struct tally {
    unsigned phase; /* the warm-up is 1, what is measured 2 */
    int64_t start, last_acknowledged, last_arrived;
    struct moments *messages; /* by id */
    size_t begun, room;
    size_t acknowledged, failed; /* with `begun` greater than their sum some wait for an answer */
    size_t both;                 /* acknowledged, and arrived */
    size_t repeated;             /* arrivals of what had arrived, or of another phase */
    struct buffer first_failure; /* in words */
};

void tally_start(struct tally *t, unsigned phase); /* forgets what was */
void tally_free(struct tally *t);

size_t tally_begin(struct tally *t); /* a new message: its id */
void tally_sent(struct tally *t, size_t id);
void tally_acknowledged(struct tally *t, size_t id);
void tally_failed(struct tally *t, struct span words);

/* The tag is a header field; it has the same length for every message. */
void tally_add_tag(struct buffer *out, const struct tally *t, size_t id);
void tally_arrived(struct tally *t, struct span text); /* `text`: at least the message's header */

size_t tally_lost(const struct tally *t); /* acknowledged, and not arrived */

/* From `sent` to the moment at `offset` in struct moments, over all that have both: us. */
struct quantiles {
    int64_t p50, p99; /* -1: there is none */
};
struct quantiles tally_latency(const struct tally *t, size_t offset);

#endif
