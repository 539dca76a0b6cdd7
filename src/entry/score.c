/* Everything is asked at once; only what a list says in words waits for its answer that there is
 * something to say. What can't be found out counts nothing: a client is not to suffer for a DNS
 * that is dead. */
#include "entry/score.h"

#include "entry/inside.h"
#include "mail/address.h"

#include <stdlib.h>

const char *entry_fact_word(enum entry_fact f)
{
    static const char *const words[ENTRY_FACTS] = {
        [ENTRY_LISTED] = "listed",
        [ENTRY_NO_NAME] = "no-reverse-name",
        [ENTRY_UNCONFIRMED] = "reverse-name-unconfirmed",
        [ENTRY_GENERIC] = "generic-name",
        [ENTRY_HELLO_MALFORMED] = "hello-malformed",
        [ENTRY_HELLO_UNKNOWN] = "hello-unknown",
        [ENTRY_HELLO_OURS] = "hello-ours",
        [ENTRY_HELLO_OTHER_ADDRESS] = "hello-other-address",
    };
    return words[f];
}

bool entry_score(const struct options *o, const struct entry_client *c, struct lookups *l,
                 struct entry_score *score, struct arena *a)
{
    struct scoring s = {.options = o, .client = c, .lookups = l, .score = score, .arena = a};
    scoring_begin(&s);
    scoring_look_at_names(&s);
    scoring_ask_lists(&s);
    return !s.is_open;
}

/* ---- what follows from it */

bool entry_is_always_reached(struct span recipient)
{
    struct span local = address_local(recipient);
    return span_equal_nocase(local, SPAN("postmaster")) || span_equal_nocase(local, SPAN("abuse"));
}

enum entry_verdict entry_decide(const struct options *o, int points)
{
    if (o->entry.refuse_points && points >= (int)o->entry.refuse_points)
        return ENTRY_REFUSED;
    return o->entry.greylist_points && points >= (int)o->entry.greylist_points ? ENTRY_DOUBTFUL
                                                                               : ENTRY_WELCOME;
}

bool entry_is_used(const struct options *o)
{
    return o->entry.refuse_points || o->entry.greylist_points;
}

bool entry_is_about_sender(const struct options *o)
{
    for (size_t i = 0; i < o->entry.dns_list_count; i++)
        if (o->entry.dns_lists[i].about == DNS_LIST_SENDER)
            return true;
    return false;
}

void entry_score_add(struct buffer *out, const struct entry_score *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct entry_finding *f = &s->findings[i];
        struct span name = f->list ? f->list->name : span_of(entry_fact_word(f->fact));
        buffer_printf(out, "%s%.*s=%d", i ? " " : "", SPAN_F(name), f->points);
    }
}
