#include "provenance/own_tag.h"

#include "bounce/judge_inside.h"
#include "mail/address.h"
#include "mail/header.h"

enum {
    MOST_ASKED = 50 /* recipients of a notice */,
    MOST_ABOVE = 5 /* domains above that of a recipient */,
    MOST_TRACE = 50 /* fields on top of a message */
};

/* What is asked about one notice. */
struct looking {
    const struct tag_record *record;
    const struct notice *notice;
    const struct return_tag *tag;
    struct arena *arena;
    bool has_failed;
    struct span message_id; /* of what it names, without "<>" */
};

static bool ask(struct looking *l, struct span to, struct tag_told *told)
{
    const struct tag_question q = {.queue_id = l->tag->is_steady ? SPAN_NONE : l->tag->id,
                                   .sender = l->tag->sender,
                                   .to = to,
                                   .day = l->tag->day};
    *told = (struct tag_told){0};
    l->has_failed |= !l->record->ask(l->record->arg, &q, told, l->arena);
    return told->recipients && !l->has_failed;
}

/* A steady one was made for its domain. */
static bool went_to(struct looking *l, struct span address, struct tag_told *told)
{
    const struct tag_record *r = l->record;
    if (!address.len || (l->tag->is_steady && !r->is_for(r->arg, l->tag, address_domain(address))))
        return false;
    return ask(l, address, told);
}

/* Inside of a house bob@example.org may be bob@host.example.org. */
static bool went_to_host_of(struct looking *l, struct span address, struct tag_told *told)
{
    struct span local = address_local(address), domain = address_domain(address);
    for (size_t i = 0; i < MOST_ABOVE && !l->has_failed; i++) {
        size_t dot = span_find_char(domain, '.');
        domain = dot == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(domain, dot + 1);
        if (span_find_char(domain, '.') == SPAN_NOT_FOUND)
            return false;
        struct span above = arena_printf(l->arena, "%.*s@%.*s", SPAN_F(local), SPAN_F(domain));
        if (went_to(l, above, told))
            return true;
    }
    return false;
}

/* Some systems name no more than a mailbox: "userx: no matches". */
static bool names_an_address(const struct notice *n)
{
    for (size_t i = 0; i < n->recipient_count; i++)
        if (address_domain(n->recipients[i].address).len ||
            address_domain(n->recipients[i].original).len)
            return true;
    return false;
}

/* Where the notice names nobody's address, there is no doubt of a message that went to one alone.
 */
static bool went_to_named(struct looking *l, struct tag_told *told)
{
    const struct notice *n = l->notice;
    if (!names_an_address(n))
        return !l->tag->is_steady && ask(l, SPAN_NONE, told) && told->recipients == 1;
    for (size_t i = 0; i < n->recipient_count && i < MOST_ASKED && !l->has_failed; i++)
        if (went_to(l, n->recipients[i].address, told) ||
            went_to(l, n->recipients[i].original, told))
            return true;
    return n->recipient_count == 1 && went_to_host_of(l, n->recipients[0].address, told);
}

static struct span without_brackets(struct span text)
{
    bool has = text.len > 1 && text.at[0] == '<' && text.at[text.len - 1] == '>';
    return has ? span_first(span_skip(text, 1), text.len - 2) : text;
}

static bool is_of_another(const struct looking *l, struct span message_id)
{
    struct span returned = l->notice->original.message_id;
    return !l->tag->is_steady && returned.len && message_id.len &&
           !span_equal(returned, message_id);
}

static enum tag_verdict weigh(struct looking *l, struct span address)
{
    struct tag_told told = {0};
    size_t uses;
    bool is_to = went_to_named(l, &told);
    l->message_id = without_brackets(told.message_id);
    if (l->has_failed)
        return TAG_NOT_ASKED;
    if (!is_to)
        return TAG_OTHER_RECIPIENT;
    if (is_of_another(l, l->message_id))
        return TAG_OTHER_MESSAGE;
    if (!l->record->count_uses(l->record->arg, address, &uses))
        return TAG_NOT_ASKED;
    return uses > told.recipients * OWN_TAG_USES ? TAG_WORN_OUT : TAG_COUNTS;
}

static enum tag_verdict verdict_of(enum return_tag_answer answer, struct looking *l,
                                   struct span address)
{
    switch (answer) {
    case RETURN_TAG_NONE:
        break;
    case RETURN_TAG_TRUE:
        return weigh(l, address);
    case RETURN_TAG_TOO_OLD:
        return TAG_TOO_OLD;
    case RETURN_TAG_OTHER_SECRET:
        return TAG_OTHER_SECRET;
    case RETURN_TAG_FORGED:
        return TAG_FORGED;
    }
    return TAG_NONE;
}

enum tag_verdict provenance_by_tag(struct evidence *e, const struct tag_record *r,
                                   const struct notice *n, struct span address, struct arena *a)
{
    struct return_tag tag;
    struct looking l = {.record = r, .notice = n, .tag = &tag, .arena = a};
    enum return_tag_answer answer = r->check(r->arg, address, &tag, a);
    if (answer == RETURN_TAG_NONE || (e->me_count && !judge_my_address(e, tag.sender).len))
        return TAG_NONE;
    enum tag_verdict v = verdict_of(answer, &l, address);
    if (v == TAG_FORGED)
        e->own_tag = ANSWER_NO;
    if (v != TAG_COUNTS)
        return v;
    e->own_tag = ANSWER_YES;
    e->sent_to = ANSWER_YES;
    if (tag.is_steady)
        return v;
    e->tagged = tag.id;
    e->tagged_message_id = l.message_id;
    if (e->is_sent == ANSWER_UNKNOWN && !n->original.message_id.len)
        e->is_sent = ANSWER_YES;
    return v;
}

/* ---- to whom it came */

static bool is_of_delivery(struct span name)
{
    static const struct span names[] = {SPAN("Delivered-To"), SPAN("X-Original-To"),
                                        SPAN("Envelope-To")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_equal_nocase(name, names[i]))
            return true;
    return false;
}

/* A server that keeps the mailboxes gets what we hand on by LMTP, and adds its own on top. */
static bool is_of_sender(const struct header_field *f)
{
    return span_equal_nocase(f->name, SPAN("Received")) &&
           span_find(f->value, SPAN("with LMTP")) == SPAN_NOT_FOUND;
}

struct span own_tag_address(struct span message, struct arena *a)
{
    struct header_iterator it = header_start(message);
    struct header_field f;
    struct return_tag tag;
    for (size_t i = 0; i < MOST_TRACE && header_next(&it, &f) > 0 && !is_of_sender(&f); i++) {
        struct span address = without_brackets(span_trim(f.value));
        if (is_of_delivery(f.name) && return_tag_parse(&tag, address, a))
            return address;
    }
    return SPAN_NONE;
}

/* "from … by … with … id 1k18vnm3nvg;" */
static struct span id_of_received(struct span value, struct arena *a)
{
    struct buffer unfolded = BUFFER_EMPTY;
    header_unfold(&unfolded, value);
    struct span rest = arena_keep(a, &unfolded), word = span_word(&rest);
    while (word.len && !span_equal_nocase(word, SPAN("by")))
        word = span_word(&rest);
    while (word.len && !span_equal_nocase(word, SPAN("id")))
        word = span_word(&rest);
    word = span_word(&rest);
    return span_first(word, span_find_char(word, ';'));
}

struct own_delivery own_delivery_of(struct span message, struct arena *a)
{
    struct own_delivery found = {0};
    struct header_iterator it = header_start(message);
    struct header_field f;
    for (size_t i = 0; i < MOST_TRACE && header_next(&it, &f) > 0; i++) {
        if (is_of_sender(&f))
            return (struct own_delivery){found.mailbox, id_of_received(f.value, a)};
        if (!found.mailbox.len && span_equal_nocase(f.name, SPAN("Delivered-To")))
            found.mailbox = without_brackets(span_trim(f.value));
    }
    return found;
}
