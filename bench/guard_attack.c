#include "guard_attack.h"

struct attack attack_choose(enum attack_kind kind, double an_hour, struct chance *c)
{
    static const double failures[] = {0.01, 0.03, 0.05, 0.10, 0.20};
    static const unsigned in_message[] = {1, 1, 1, 5, 20, 50, 100};
    struct attack a = {
        .an_hour = an_hour,
        .failures = failures[chance_below(c, 5)],
        .in_message = in_message[chance_below(c, 7)],
        .refused = chance_between(c, 0, 0.05),
        .from_owners_client = chance_is(c, 0.2),
        .from_many_networks = chance_is(c, 0.3),
        .has_link = chance_is(c, 0.7),
    };
    double text = chance_part(c);
    a.text = text < 0.5 ? TEXT_SAME : text < 0.8 ? TEXT_VARIED : TEXT_UNIQUE;
    switch (kind) {
    case ATTACK_STRANGERS:
        break;
    case ATTACK_MIXED:
        a.known = 0.5;
        break;
    case ATTACK_KNOWN:
        a.known = 1;
        break;
    case ATTACK_QUIET:
        a.from_owners_client = true;
        a.from_many_networks = a.has_link = false;
        a.text = TEXT_UNIQUE;
        a.failures = 0.01;
        a.refused = 0;
        break;
    }
    if (an_hour < 50 && a.in_message > an_hour / 2)
        a.in_message = 1; /* a message in hours would be another attack */
    return a;
}
