/* What was sent lately in the name of one address, as lately.h compares it: so that for each of
 * many notices only what is new has to be read. Pure.
 *
 * A message is kept when nothing more becomes of it, so it is never old. Of its words each is kept
 * once, with the latest message that had it: whatever speaks against calling a notice another's is
 * told of until that message is too old. */
#ifndef PROVENANCE_LATELY_KEPT_H
#define PROVENANCE_LATELY_KEPT_H

#include "base/map.h"
#include "provenance/lately.h"

struct lately_message {
    uint64_t id;
    size_t rows;
};

struct lately_kept {                 /* starts as all zeros */
    struct lately_message *messages; /* by their ids */
    size_t count, cap;
    struct map subjects, recipients;
    struct lately_word *words; /* all of both */
    uint64_t plain_id;         /* the latest that may have gone plain; 0: none */
    struct arena arena;
};

void lately_kept_free(struct lately_kept *k);          /* it is empty then */
size_t lately_kept_bytes(const struct lately_kept *k); /* what it takes */

/* Keeps what was sent with that message. `id`: not 0; the later a message came, the larger. */
void lately_kept_note(struct lately_kept *k, uint64_t id, const struct lately_sent *s);
/* All of that message was noted. `rows`: what lately_kept_rows() tells of it; not 0. */
void lately_kept_add(struct lately_kept *k, uint64_t id, size_t rows);
size_t lately_kept_rows(const struct lately_kept *k, uint64_t id); /* 0: it is not known */

/* Tells `see` what is kept of the messages from that id on. False: it has seen enough. */
bool lately_kept_see(const struct lately_kept *k, uint64_t since_id, lately_fn *see, void *of);

#endif
