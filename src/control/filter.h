/* Which messages, and which of their recipients, are meant. Pure. All that is said must hold. */
#ifndef CONTROL_FILTER_H
#define CONTROL_FILTER_H

#include "outcome/envelope.h"
#include "outcome/outcome.h"

struct filter {
    message_id *ids; /* one of them, unless there are none */
    size_t id_count;
    struct span from, to;       /* patterns, see below; empty: anybody */
    struct span destination;    /* a destination or a domain, with * and ?; empty: any */
    struct span cause;          /* the name of a cause or a variant; empty: any */
    int64_t older_ms, newer_ms; /* in the queue for at least, for less than this; 0: any time */
    bool is_held;               /* only those on hold */
    bool has_owner;             /* only what this user has handed in */
    uint32_t owner;
};

/* A person has said nothing (whose mail may be seen is not his to say). */
bool filter_is_empty(const struct filter *f);

/* "alice@example.org", "@example.org" (all of the domain), or anything with * and ?; "<>" is the
 * null reverse-path. Without regard to ASCII case. */
bool filter_pattern(struct span pattern, struct span address);
/* A destination's name, its domain without "mx:", or the recipient's domain. */
bool filter_destination(struct span pattern, struct span address, struct span destination);
/* "inbox-full", "greylisted" */
bool filter_cause(struct span name, struct cause_found c);
bool filter_knows_cause(struct span name);

/* What can be told by the id alone. */
bool filter_id(const struct filter *f, message_id id, int64_t now_ms);
/* And by the envelope. */
bool filter_message(const struct filter *f, const struct envelope *e, bool is_held);
/* Does it choose among recipients? Then each is asked for. */
bool filter_has_recipients(const struct filter *f);
/* `last`: NULL, or the newest outcome. */
bool filter_recipient(const struct filter *f, const struct envelope *e, size_t recipient,
                      const struct outcome *last, struct span destination);

#endif
