#include "outcome/envelope.h"

#include "mail/address.h"

#include <string.h>

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* Crockford: no i, l, o, u */

void message_id_add(struct buffer *out, message_id id)
{
    char text[MESSAGE_ID_DIGITS];
    for (size_t i = MESSAGE_ID_DIGITS; i--; id >>= 5)
        text[i] = digits[id & 31];
    buffer_add(out, text, sizeof text);
}

bool message_id_parse(struct span text, message_id *id)
{
    message_id value = 0;
    if (text.len != MESSAGE_ID_DIGITS)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        size_t digit =
            span_find_char(SPAN("0123456789abcdefghjkmnpqrstvwxyz"), ascii_lower(text.at[i]));
        if (digit == SPAN_NOT_FOUND)
            return false;
        value = value << 5 | digit;
    }
    *id = value;
    return true;
}

struct span envelope_reverse_path(const struct envelope *e, size_t recipient)
{
    struct span own = e->recipients[recipient].reverse_path;
    return own.len ? own : e->reverse_path;
}

size_t envelope_told_as(const struct envelope *e, size_t recipient)
{
    while (e->recipients[recipient].parent && !e->recipients[recipient].reverse_path.len)
        recipient = e->recipients[recipient].parent - 1;
    return recipient;
}

/* The drop folder says of its client "local user alice (uid 1000)"; no client of SMTP has an owner.
 */
struct span envelope_account(const struct envelope *e)
{
    struct span rest = e->client_name;
    if (e->origin != ORIGIN_SMTP)
        return SPAN_NONE;
    if (e->login.len)
        return e->login;
    if (!e->has_owner || !span_starts(rest, SPAN("local user ")))
        return SPAN_NONE;
    rest = span_skip(rest, strlen("local user "));
    if (rest.at[0] != '(')
        return span_word(&rest);
    rest = span_skip(rest, 1);
    return span_cut(&rest, ')');
}

bool envelope_is_sent_on(const struct envelope *e, size_t recipient)
{
    return e->recipients[recipient].parent && !e->recipients[recipient].reverse_path.len;
}

bool envelope_is_in_circle(const struct envelope *e, size_t recipient)
{
    struct span address = e->recipients[recipient].address;
    for (size_t i = e->recipients[recipient].parent; i; i = e->recipients[i - 1].parent)
        if (address_equal(e->recipients[i - 1].address, address))
            return true;
    return false;
}

bool envelope_is_notice(const struct envelope *e)
{
    return e->origin == ORIGIN_NOTIFICATION || e->origin == ORIGIN_TO_POSTMASTER;
}

static bool tells_anybody(const struct envelope *e, size_t recipient, bool is_failure)
{
    bool is_forged = e->vouched == VOUCHED_AGAINST && !e->recipients[recipient].reverse_path.len;
    return envelope_reverse_path(e, recipient).len && !envelope_is_notice(e) &&
           (!is_forged || is_failure);
}

bool envelope_wants(const struct envelope *e, size_t recipient, enum notify what)
{
    unsigned notify = e->recipients[recipient].parameters.notify;
    if (!tells_anybody(e, recipient, what == NOTIFY_FAILURE))
        return false;
    return notify ? (notify & what) != 0 : what == NOTIFY_FAILURE || what == NOTIFY_DELAY;
}

bool envelope_tells_of_expansion(const struct envelope *e, size_t recipient)
{
    if (!e->recipients[recipient].is_expanded || !envelope_wants(e, recipient, NOTIFY_SUCCESS))
        return false;
    for (size_t i = recipient + 1; i < e->recipient_count; i++)
        if (e->recipients[i].parent == recipient + 1 &&
            e->recipients[i].parameters.notify & NOTIFY_SUCCESS)
            return false;
    return true;
}

bool envelope_is_unwatched(const struct envelope *e, const struct outcome *o)
{
    return o->kind == OUTCOME_RELAYED && !o->keeps_deadline && e->parameters.by == BY_NOTIFY &&
           o->time_ms < e->parameters.by_ms;
}

/* RFC 2852 4.1.4: that it was passed on, whether success was asked for or not. */
static bool wants_trace(const struct envelope *e, size_t recipient, const struct outcome *o)
{
    return (e->parameters.by_trace || envelope_is_unwatched(e, o)) &&
           tells_anybody(e, recipient, false) &&
           !(e->recipients[recipient].parameters.notify & NOTIFY_NEVER);
}

bool envelope_wants_to_hear(const struct envelope *e, size_t recipient, const struct outcome *o)
{
    switch (o->kind) {
    case OUTCOME_FAILED:
        return envelope_wants(e, recipient, NOTIFY_FAILURE);
    case OUTCOME_DELAYED:
        return envelope_wants(e, recipient, NOTIFY_DELAY);
    case OUTCOME_DELIVERED:
        return envelope_wants(e, recipient, NOTIFY_SUCCESS);
    case OUTCOME_RELAYED:
        return (!o->is_passed_on && envelope_wants(e, recipient, NOTIFY_SUCCESS)) ||
               wants_trace(e, recipient, o);
    case OUTCOME_EXPANDED:
        return envelope_tells_of_expansion(e, recipient);
    case OUTCOME_DISCARDED:
        break;
    }
    return false;
}

void envelope_copy(struct envelope *to, const struct envelope *from, struct arena *a)
{
    *to = *from;
    to->reverse_path = arena_copy(a, from->reverse_path);
    to->parameters.envid = arena_copy(a, from->parameters.envid);
    to->client_name = arena_copy(a, from->client_name);
    to->authentication = arena_copy(a, from->authentication);
    to->judged_by = arena_copy(a, from->judged_by);
    to->login = arena_copy(a, from->login);
    to->client_address = arena_copy(a, from->client_address);
    to->header_message_id = arena_copy(a, from->header_message_id);
    to->subject = arena_copy(a, from->subject);
    to->recipients = arena_new(a, from->recipient_count * sizeof *to->recipients);
    for (size_t i = 0; i < from->recipient_count; i++) {
        to->recipients[i] = from->recipients[i];
        to->recipients[i].address = arena_copy(a, from->recipients[i].address);
        to->recipients[i].parameters.orcpt = arena_copy(a, from->recipients[i].parameters.orcpt);
        to->recipients[i].reverse_path = arena_copy(a, from->recipients[i].reverse_path);
        to->recipients[i].action = arena_copy(a, from->recipients[i].action);
    }
}
