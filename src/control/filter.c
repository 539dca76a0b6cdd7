#include "control/filter.h"

#include "mail/address.h"

bool filter_is_empty(const struct filter *f)
{
    return !f->id_count && !f->from.len && !f->to.len && !f->destination.len && !f->cause.len &&
           !f->older_ms && !f->newer_ms && !f->is_held;
}

/* Without backtracking over more than the last star: in time of pattern times text. */
static bool glob(struct span pattern, struct span text)
{
    size_t p = 0, t = 0, star = SPAN_NOT_FOUND, from = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.len && (pattern.at[p] == '?' ||
                                       ascii_lower(pattern.at[p]) == ascii_lower(text.at[t]))) {
            p++;
            t++;
        } else if (star != SPAN_NOT_FOUND) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

bool filter_pattern(struct span pattern, struct span address)
{
    if (span_equal(pattern, SPAN("<>")))
        return !address.len;
    if (pattern.len && pattern.at[0] == '@')
        return glob(span_skip(pattern, 1), address_domain(address)) && address.len;
    return glob(pattern, address);
}

bool filter_destination(struct span pattern, struct span address, struct span destination)
{
    return glob(pattern, destination) || glob(pattern, address_domain(address)) ||
           (span_starts(destination, SPAN("mx:")) && glob(pattern, span_skip(destination, 3)));
}

bool filter_cause(struct span name, struct cause_found c)
{
    return span_equal_nocase(name, span_of(cause_name(c.cause))) ||
           (c.variant && span_equal_nocase(name, span_of(variant_name(c.variant))));
}

bool filter_knows_cause(struct span name)
{
    for (int c = 0; c < CAUSE_COUNT; c++)
        if (filter_cause(name, (struct cause_found){(enum cause)c, VARIANT_NONE}))
            return true;
    for (int v = 1; v < VARIANT_COUNT; v++)
        if (span_equal_nocase(name, span_of(variant_name((enum variant)v))))
            return true;
    return false;
}

bool filter_id(const struct filter *f, message_id id, int64_t now_ms)
{
    int64_t age = now_ms - (int64_t)(id / 1000); /* ids are times, in microseconds */
    bool is_named = !f->id_count;
    for (size_t i = 0; i < f->id_count && !is_named; i++)
        is_named = f->ids[i] == id;
    return is_named && (!f->older_ms || age >= f->older_ms) && (!f->newer_ms || age < f->newer_ms);
}

bool filter_message(const struct filter *f, const struct envelope *e, bool is_held)
{
    return (!f->has_owner || (e->has_owner && e->owner == f->owner)) &&
           (!f->from.len || filter_pattern(f->from, e->reverse_path)) && (!f->is_held || is_held);
}

bool filter_has_recipients(const struct filter *f)
{
    return f->to.len || f->destination.len || f->cause.len;
}

bool filter_recipient(const struct filter *f, const struct envelope *e, size_t recipient,
                      const struct outcome *last, struct span destination)
{
    struct span address = e->recipients[recipient].address;
    return (!f->to.len || filter_pattern(f->to, address)) &&
           (!f->destination.len || filter_destination(f->destination, address, destination)) &&
           (!f->cause.len || (last && filter_cause(f->cause, last->cause)));
}
