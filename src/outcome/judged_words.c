#include "outcome/judged_words.h"

#include "base/visible.h"

enum { LONGEST_ADDRESS = 254, LONGEST_REASONS = 500, MOST_TOLD = 10 };

/* Of those that the sender named; NULL: none. */
static const struct recipient *first_judged(const struct envelope *e)
{
    for (size_t i = 0; i < e->recipient_count && !e->recipients[i].parent; i++)
        if (e->recipients[i].judged.is)
            return &e->recipients[i];
    return NULL;
}

/* Has the one of this index a verdict that is not that of the first? */
static bool differs(const struct envelope *e, size_t i, const struct recipient *first)
{
    const struct recipient *r = &e->recipients[i];
    return !r->parent && r->judged.is && !judged_is_same(r->judged, first->judged);
}

static bool differ(const struct envelope *e, const struct recipient *first)
{
    for (size_t i = 0; i < e->recipient_count; i++)
        if (differs(e, i, first))
            return true;
    return false;
}

static void add_one(struct buffer *out, const struct recipient *r, bool is_named)
{
    buffer_printf(out, ", judged %s", verdict_name(r->judged.class));
    if (is_named) {
        buffer_add_text(out, " for ");
        visible_add(out, r->address, LONGEST_ADDRESS);
    }
    if (r->judged.confidence == CONFIDENCE_UNKNOWN)
        return;
    buffer_printf(
        out, " (%s%s%s)",
        r->judged.confidence == CONFIDENCE_VERY_LIKELY ? "very likely"
                                                       : confidence_name(r->judged.confidence),
        r->judged.provenance == PROVENANCE_UNKNOWN ? "" : ", ",
        r->judged.provenance == PROVENANCE_UNKNOWN ? "" : provenance_name(r->judged.provenance));
}

void judged_add_words(struct buffer *out, const struct envelope *e)
{
    const struct recipient *first = first_judged(e);
    if (!first)
        return;
    bool differs_any = differ(e, first);
    add_one(out, first, differs_any);
    if (e->judged_by.len) {
        buffer_add_text(out, ": ");
        visible_add(out, e->judged_by, LONGEST_REASONS);
    }
    for (size_t i = 0, told = 0; differs_any && i < e->recipient_count && told < MOST_TOLD; i++)
        if (differs(e, i, first)) {
            add_one(out, &e->recipients[i], true);
            told++;
        }
}

static void add_members(struct json *j, struct judged one)
{
    json_text(j, "class", span_of(verdict_name(one.class)));
    json_text(j, "confidence", span_of(confidence_name(one.confidence)));
    json_text(j, "provenance", span_of(provenance_name(one.provenance)));
}

void judged_add_json(struct json *j, const struct envelope *e)
{
    const struct recipient *first = first_judged(e);
    if (!first)
        return;
    struct span reasons = e->judged_by;
    json_member_object(j, "judged");
    add_members(j, first->judged);
    json_member_array(j, "because");
    while (reasons.len)
        json_element_text(j, span_trim(span_cut(&reasons, ',')));
    json_end(j);
    if (differ(e, first)) {
        json_member_array(j, "others");
        for (size_t i = 0, told = 0; i < e->recipient_count && told < MOST_TOLD; i++) {
            if (!differs(e, i, first))
                continue;
            json_object(j);
            json_text(j, "recipient", e->recipients[i].address);
            add_members(j, e->recipients[i].judged);
            json_end(j);
            told++;
        }
        json_end(j);
    }
    json_end(j);
}
