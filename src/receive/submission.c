/* What those who have logged in may send, and what their messages lack (RFC 6409 6, 8). */
#include "mail/submission.h"
#include "base/visible.h"
#include "mail/address.h"
#include "mail/address_list.h"
#include "mail/header.h"
#include "receive/inside.h"
#include "sys/chance.h"
#include "sys/clock.h"

enum { LONGEST_SHOWN = 320 };

static bool is_his(const struct session *s, struct span address)
{
    return gate_may_send(s->entrance->gate, login_of(s), address);
}

/* `where`: "as the sender of the envelope", "in From". */
static struct reply not_his(const struct session *s, struct span address, const char *where,
                            struct arena *a)
{
    struct buffer shown = BUFFER_EMPTY, login = BUFFER_EMPTY;
    visible_add(&shown, address, LONGEST_SHOWN);
    visible_add(&login, login_of(s), LONGEST_SHOWN);
    struct span text = arena_printf(
        a,
        "<%s> stands %s, and %s, as whom you have logged in, may not send as this address. Please "
        "choose your own address as the sender in your mail program, or ask postmaster@%.*s to "
        "allow it",
        buffer_text(&shown), where, buffer_text(&login), SPAN_F(s->entrance->server.hostname));
    buffer_free(&shown);
    buffer_free(&login);
    return (struct reply){550, STATUS(5, 7, 1), text};
}

struct reply submission_sender(const struct session *s, struct span address, struct arena *a)
{
    if (address.len && !is_his(s, address)) /* the null path is for notices, of whoever */
        return not_his(s, address, "as the sender of the envelope", a);
    return REPLY(250, 2, 1, 0, "Sender accepted");
}

/* Code 0: all of them are his. */
static struct reply fault_of_field(const struct session *s, const struct header_field *f,
                                   const char *where, struct arena *a)
{
    struct address_list list = address_list_start(f->value);
    struct listed_address found;
    int result;
    while ((result = address_list_next(&list, &found, a)) > 0) {
        struct span address = found.address;
        if (!found.has_domain) /* as it will be completed */
            address =
                arena_printf(a, "%.*s@%.*s", SPAN_F(address), SPAN_F(s->entrance->server.hostname));
        if (!is_his(s, address))
            return not_his(s, address, where, a);
    }
    if (result < 0)
        return REPLY(550, 5, 6, 0,
                     "The sender in this message (From or Sender) can't be read; please check the "
                     "address that your mail program has for you");
    return (struct reply){0};
}

static struct reply fault_of_senders(const struct session *s, struct span message, struct arena *a)
{
    struct header_iterator it = header_start(message);
    struct header_field f;
    struct reply fault = {0};
    while (!fault.code && header_next(&it, &f) > 0) {
        bool is_from = span_equal_nocase(f.name, SPAN("From"));
        if (is_from || span_equal_nocase(f.name, SPAN("Sender")))
            fault = fault_of_field(s, &f, is_from ? "in From" : "in Sender", a);
    }
    return fault;
}

/* For a message without From; empty: there is none. */
static struct span own_address(const struct session *s, const struct transaction *t)
{
    struct span login = login_of(s);
    bool is_address = address_check(login, false) == ADDRESS_OK;
    bool has_ascii_path = address_is_ascii(t->reverse_path);
    return is_address ? login : has_ascii_path ? t->reverse_path : SPAN_NONE;
}

enum judgement judge_submission(struct session *s, struct arena *a, struct reply *reply)
{
    struct transaction *t = server_transaction(s->server);
    struct span message = buffer_span(&t->message);
    struct buffer complete = BUFFER_EMPTY;
    if (!s->entrance->at->is_submission)
        return JUDGE_TAKES;
    int64_t now = clock_now_ms();
    const struct submitter who = {.hostname = s->entrance->server.hostname,
                                  .address = own_address(s, t),
                                  .name = SPAN_NONE,
                                  .now_ms = now,
                                  .offset_minutes = clock_offset_minutes(now),
                                  .random = random_number()};
    struct reply fault = fault_of_senders(s, message, a);
    if (!fault.code && !who.address.len && !header_count(message, "From"))
        fault = REPLY(550, 5, 6, 0, "This message has no sender (From); please give it one");
    if (fault.code) {
        *reply = fault;
        return JUDGE_REFUSES;
    }
    submission_complete(&complete, message, false, &who);
    buffer_free(&t->message);
    t->message = complete;
    return JUDGE_TAKES;
}
