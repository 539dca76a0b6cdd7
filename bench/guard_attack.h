/* What somebody sends who has broken into an account, made up. */
#ifndef BENCH_GUARD_ATTACK_H
#define BENCH_GUARD_ATTACK_H

#include "guard_traffic.h"

struct attack {
    double an_hour;          /* recipients */
    double failures;         /* unknown users among strangers */
    double known;            /* recipients that the owner writes to */
    unsigned in_message;     /* recipients of one */
    double refused;          /* recipients whose server calls it spam */
    bool from_owners_client; /* malware on the owner's computer */
    bool from_many_networks; /* each message from another one */
    bool has_link;
    enum { TEXT_SAME, TEXT_VARIED, TEXT_UNIQUE } text;
};

enum attack_kind { ATTACK_STRANGERS, ATTACK_MIXED, ATTACK_KNOWN, ATTACK_QUIET };

/* One of its kind at that rate, by chance. ATTACK_QUIET: strangers, and nothing that stands out:
 * from the owner's own client, each text another, no link, few failures. */
struct attack attack_choose(enum attack_kind kind, double an_hour, struct chance *c);

#endif
