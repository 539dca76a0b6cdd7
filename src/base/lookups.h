/* What a check wants to know from the DNS. Pure: it asks nobody (sys/resolve.h does).
 *
 * A check is a function that decides from what is known, and is called again from its start when
 * more is known:
 *
 *     while (!spf_check(&request, &lookups, &verdict, arena))
 *         answer what is open, one lookup at least; arena_clear(arena)
 *
 * It gets answers by lookups_get, and where that has none yet, the question is open from then on;
 * the check goes on as far as it gets without it, so that questions are open together, and returns
 * false. Known answers never change, so each call comes further than the one before. Checks of one
 * message may share their lookups: nothing is asked twice. How many questions a check may have is
 * its own to limit; MOST_LOOKUPS is the end for all. */
#ifndef BASE_LOOKUPS_H
#define BASE_LOOKUPS_H

#include "base/dns.h"

enum { MOST_LOOKUPS = 1000 };

struct lookups_question {
    struct span name; /* labels and dots without a dot at the end, NUL-terminated; no byte is
                         escaped: any may be there but NUL */
    enum dns_type type;
    bool is_taken; /* somebody asks it */
    bool is_answered;
    struct dns_answer answer;
    struct lookups_question *next;
};

/* Starts as all zeros. */
struct lookups {
    struct lookups_question *first, *last;
    size_t count;
    struct arena arena; /* holds all of it */
};

void lookups_free(struct lookups *l);

/* NULL: not known yet, and now open. The answer lives as long as `l`. Letters may have any case,
 * and a dot may stand at the end. What can't be a name in the DNS (a label is empty, or longer than
 * 63 bytes; more than 253 bytes; a NUL) is not there: DNS_NO_NAME, without a question. */
const struct dns_answer *lookups_get(struct lookups *l, struct span name, enum dns_type type);

/* The next question that is open and not taken, which is taken now; NULL: there is none. */
struct lookups_question *lookups_take(struct lookups *l);

/* An answer, which is copied. A second answer to the same question is dropped. */
void lookups_answer(struct lookups *l, struct lookups_question *one,
                    const struct dns_answer *answer);

/* All that are open are answered with DNS_FAILED: the time is over. `why`: in words. */
void lookups_give_up(struct lookups *l, struct span why);

#endif
