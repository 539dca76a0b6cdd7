/* For the files that find out what is known of a client. */
#ifndef ENTRY_INSIDE_H
#define ENTRY_INSIDE_H

#include "entry/score.h"

struct scoring {
    const struct options *options;
    const struct entry_client *client;
    struct lookups *lookups;
    struct entry_score *score;
    struct arena *arena;
    bool is_open; /* something is still to be answered */
};

/* ---- scoring.c */

void scoring_begin(struct scoring *s); /* with an empty score */
/* What is so, if it counts anything. */
struct entry_finding *scoring_add(struct scoring *s, enum entry_fact fact, int points,
                                  struct span about);
/* NULL: not known yet, and it is open; or never known, and that is noted for `name`. */
const struct dns_answer *scoring_ask(struct scoring *s, struct span name, enum dns_type type,
                                     const struct dns_list *list);

void scoring_note_unknown(struct scoring *s, struct span name, struct span why, bool is_of_list);

void scoring_look_at_names(struct scoring *s); /* names.c */
void scoring_ask_lists(struct scoring *s);     /* lists.c */

#endif
