#include "outcome/envelope.h"

void envelope_copy(struct envelope *to, const struct envelope *from, struct arena *a)
{
    *to = *from;
    to->reverse_path = arena_copy(a, from->reverse_path);
    to->parameters.envid = arena_copy(a, from->parameters.envid);
    to->client_name = arena_copy(a, from->client_name);
    to->client_address = arena_copy(a, from->client_address);
    to->header_message_id = arena_copy(a, from->header_message_id);
    to->subject = arena_copy(a, from->subject);
    to->recipients = arena_new(a, from->recipient_count * sizeof *to->recipients);
    for (size_t i = 0; i < from->recipient_count; i++) {
        to->recipients[i] = from->recipients[i];
        to->recipients[i].address = arena_copy(a, from->recipients[i].address);
        to->recipients[i].parameters.orcpt = arena_copy(a, from->recipients[i].parameters.orcpt);
    }
}
