#include "receive/verdict.h"

#include "address/returns.h"
#include "base/visible.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/header.h"

enum { LONGEST_QUOTED = 300 /* bytes of the words of a next hop, or of a reason */ };

const struct reply verdict_no_memory =
    REPLY(452, 4, 3, 1,
          "This server is receiving as much mail as it can hold right now; please try again in a "
          "few minutes");

const struct reply verdict_full =
    REPLY(421, 4, 3, 2, "Too many connections at this moment; please try again in a few minutes");

struct unit {
    int64_t ms;
    const char *one, *name; /* "a minute", "minute" */
};

static const struct unit units[] = {{86400000, "a day", "day"},
                                    {3600000, "an hour", "hour"},
                                    {60000, "a minute", "minute"},
                                    {1000, "a second", "second"}};

/* "a minute", "each 90 seconds" */
static struct span period(int64_t ms, struct arena *a)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (ms == units[i].ms)
            return span_of(units[i].one);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (ms % units[i].ms == 0)
            return arena_printf(a, "each %lld %ss", (long long)(ms / units[i].ms), units[i].name);
    return arena_printf(a, "each %lld milliseconds", (long long)ms);
}

/* Rounded up: "35 seconds", "2 minutes" */
static struct span wait_words(int64_t ms, struct arena *a)
{
    const struct unit *u = ms > 2 * 3600000 ? &units[1] : ms > 2 * 60000 ? &units[2] : &units[3];
    long long count = (ms + u->ms - 1) / u->ms;
    return arena_printf(a, "%lld %s%s", count, u->name, count == 1 ? "" : "s");
}

struct reply verdict_limit(const struct client_refusal *why, struct span who, struct arena *a)
{
    static const char *const things[] = {[CLIENT_CONNECTION] = "connections",
                                         [CLIENT_MESSAGE] = "messages",
                                         [CLIENT_RECIPIENT] = "recipients"};
    const char *network = why->is_network ? "the network " : "";
    if (!why->is_rate)
        return (struct reply){
            421, STATUS(4, 7, 0),
            arena_printf(a,
                         "Too many connections from %s%.*s at a time; at most %llu are taken. "
                         "Please try again in a few minutes",
                         network, SPAN_F(who), (unsigned long long)why->sessions)};
    bool is_connection = why->event == CLIENT_CONNECTION;
    return (struct reply){
        is_connection ? 421 : 450, STATUS(4, 7, is_connection ? 0 : 1),
        arena_printf(a,
                     "Too many %s from %s%.*s; at most %llu %.*s are taken. Please try again in "
                     "%.*s",
                     things[why->event], network, SPAN_F(who), (unsigned long long)why->rate.count,
                     SPAN_F(period(why->rate.period_ms, a)), SPAN_F(wait_words(why->wait_ms, a)))};
}

static struct span shown_account(struct span account, struct arena *a)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, account, LONGEST_QUOTED);
    return arena_keep(a, &shown);
}

struct reply verdict_account_message(const struct account_limit *l, struct span account,
                                     struct span hostname, struct arena *a)
{
    return (struct reply){
        550, STATUS(5, 5, 3),
        arena_printf(a,
                     "This message has too many recipients: with the account %.*s one message may "
                     "go to at most %llu. A mailing list reaches more people; "
                     "postmaster@%.*s can help with one, or with the limit",
                     SPAN_F(shown_account(account, a)), (unsigned long long)l->message,
                     SPAN_F(hostname))};
}

struct reply verdict_account_rate(const struct account_refusal *why, struct span account,
                                  struct span hostname, struct arena *a)
{
    return (struct reply){
        450, STATUS(4, 7, 28),
        arena_printf(a,
                     "The account %.*s has reached its sending limit: at most %llu recipients "
                     "%.*s. Please send this again in %.*s. If you have not written to so many, "
                     "somebody else may know your password: change it now, and tell "
                     "postmaster@%.*s",
                     SPAN_F(shown_account(account, a)), (unsigned long long)why->rate.count,
                     SPAN_F(period(why->rate.period_ms, a)), SPAN_F(wait_words(why->wait_ms, a)),
                     SPAN_F(hostname))};
}

struct reply verdict_guess(bool is_network, int64_t wait_ms, struct arena *a)
{
    struct span wait = wait_words(wait_ms, a);
    struct span text =
        is_network
            ? arena_printf(
                  a,
                  "Too many wrong passwords have come from your network; nobody can log in "
                  "from it for %.*s. Please check the password in your mail program",
                  SPAN_F(wait))
            : arena_printf(a,
                           "Somebody is guessing the password of this account, so for now one can "
                           "log in only from where it has logged in before. Please try again from "
                           "there, or in %.*s",
                           SPAN_F(wait));
    return (struct reply){454, STATUS(4, 7, 0), text};
}

struct reply verdict_sender(const struct transaction *t, uint64_t memory_in_flight,
                            uint64_t memory_limit)
{
    if (memory_in_flight + t->parameters.size > memory_limit)
        return verdict_no_memory;
    return REPLY(250, 2, 1, 0, "Sender accepted");
}

const struct reply verdict_ask = {0};

static struct reply with_address(int code, struct status status, struct arena *a,
                                 struct span address, const char *words)
{
    struct span text = arena_printf(a, "<%.*s>: %s", SPAN_F(address), words);
    return (struct reply){code, status, text};
}

struct status verdict_refusal(const struct target *t, struct span *words)
{
    struct status status = STATUS(5, 7, 1);
    *words = t->why;
    status_parse(words, &status);
    status.class = 5;
    return status;
}

static struct reply refused_by_route(const struct target *t, struct span address, struct arena *a)
{
    struct span words;
    struct status status = verdict_refusal(t, &words);
    return with_address(550, status, a, address, arena_text(a, words));
}

/* "24 Nov 2026" */
static struct span day_of(int64_t time_ms, struct arena *a)
{
    struct buffer words = BUFFER_EMPTY;
    date_add_words(&words, time_ms, 0);
    struct span rest = buffer_span(&words), date = span_cut(&rest, ',');
    span_word(&date); /* the day of the week */
    date = arena_copy(a, span_trim(date));
    buffer_free(&words);
    return date;
}

struct span verdict_suppression(const struct suppression *s, struct arena *a)
{
    struct buffer why = BUFFER_EMPTY;
    visible_add(&why, s->why, LONGEST_QUOTED);
    struct span words = arena_printf(
        a,
        "is on this server's list of addresses that can't get mail, since %.*s: %s; please "
        "check the address, and if it is right and takes mail again, ask the people who run this "
        "server to take it off the list",
        SPAN_F(day_of(s->since_ms, a)), buffer_text(&why));
    buffer_free(&why);
    return words;
}

struct reply verdict_suppressed(const struct suppression *s, struct span address, struct arena *a)
{
    struct span text =
        arena_printf(a, "<%.*s> %.*s", SPAN_F(address), SPAN_F(verdict_suppression(s, a)));
    return (struct reply){550, STATUS(5, 1, 1), text};
}

const struct reply verdict_circle =
    REPLY(554, 5, 4, 6,
          "This message was delivered to the same address here before, and has come back: a "
          "forwarding of mail for that address leads in a circle. Whoever has set it up must "
          "correct it");

static bool was_delivered_to(struct span message, struct span address)
{
    struct header_iterator it = header_start(message);
    struct header_field f;
    while (header_next(&it, &f) > 0)
        if (span_equal_nocase(f.name, SPAN("Delivered-To")) &&
            address_equal(span_trim(f.value), address))
            return true;
    return false;
}

static bool is_here(const struct directory *d, struct span sender, struct span address)
{
    struct directory_alias alias;
    struct arena a = ARENA_EMPTY;
    bool found = directory_find(d, sender, address).kind == DESTINATION_MAILBOX ||
                 directory_alias_of(d, address, &alias, &a);
    arena_clear(&a);
    return found;
}

bool verdict_runs_in_circle(const struct directory *d, const struct transaction *t)
{
    struct span message = buffer_span(&t->message), value;
    if (!header_find(message, "Delivered-To", &value)) /* as nearly always */
        return false;
    for (size_t i = 0; i < t->recipient_count; i++) {
        struct span address = t->recipients[i].address;
        if (!was_delivered_to(message, address) || !is_here(d, t->reverse_path, address))
            return false;
    }
    return true;
}

static bool must_be_asked(const struct destination *to)
{
    return to->relay && to->relay->check == RELAY_ASK && to->target->kind != TARGET_DISCARD;
}

/* Of a sender whose mail we have sent on (SRS). Code 0: the address is none of these. */
static struct reply verdict_return(const struct directory *d, struct span sender,
                                   struct span address, struct arena *a)
{
    struct span to;
    switch (returns_find(d, address, &to, a)) {
    case SRS_IS_TRUE:
        if (!sender.len)
            return REPLY(250, 2, 1, 5, "Recipient accepted");
        return with_address(550, STATUS(5, 7, 1), a, address,
                            "this address takes only reports about mail that could not be "
                            "delivered, which come from the empty sender <>; please write to the "
                            "person's own address");
    case SRS_IS_FORGED:
        return with_address(550, STATUS(5, 1, 1), a, address,
                            "this server has made no such address (SRS): what signs it is not "
                            "right, or a part of it is lost");
    case SRS_IS_TOO_OLD:
        return with_address(550, STATUS(5, 1, 1), a, address,
                            "this address was made for reports about one message (SRS), and is "
                            "not good any more after three weeks");
    case SRS_IS_NONE:
        break;
    }
    return (struct reply){0};
}

/* Ours, with a tag. What an unknown secret has made may be one of ours all the same, whose secret
 * is lost: that is an address with an extension, like any other. */
static struct reply verdict_tag(const struct directory *d, struct span address, struct arena *a)
{
    struct return_tag tag;
    switch (returns_check(d, address, &tag, a)) {
    case RETURN_TAG_FORGED:
        return with_address(
            550, STATUS(5, 1, 1), a, address,
            arena_text(a,
                       arena_printf(a,
                                    "this server has made no such return path: what signs it "
                                    "is not right, or a part of it is lost; please write to %.*s",
                                    SPAN_F(tag.sender))));
    case RETURN_TAG_TOO_OLD:
        return with_address(
            550, STATUS(5, 1, 1), a, address,
            arena_text(a, arena_printf(a,
                                       "this address was made for reports about one message, and "
                                       "is not good any more after four weeks; please write to "
                                       "%.*s",
                                       SPAN_F(tag.sender))));
    case RETURN_TAG_NONE:
    case RETURN_TAG_TRUE:
    case RETURN_TAG_OTHER_SECRET:
        break;
    }
    return (struct reply){0};
}

struct span verdict_meant(const struct directory *d, struct span address, struct arena *a)
{
    struct return_tag tag;
    return returns_check(d, address, &tag, a) == RETURN_TAG_TRUE ? tag.sender : address;
}

struct reply verdict_recipient(const struct directory *d, const struct options *o, bool is_trusted,
                               struct span sender, struct span address, struct arena *a)
{
    struct directory_alias alias;
    struct reply of_return = verdict_return(d, sender, address, a);
    if (!of_return.code)
        of_return = verdict_tag(d, address, a);
    if (of_return.code)
        return of_return;
    address = verdict_meant(d, address, a);
    struct destination to = directory_find(d, sender, address);
    if ((is_trusted || to.is_ours) && directory_alias_of(d, address, &alias, a))
        return REPLY(250, 2, 1, 5, "Recipient accepted");
    switch (to.kind) {
    case DESTINATION_MAILBOX:
        return REPLY(250, 2, 1, 5, "Recipient accepted");
    case DESTINATION_NO_SUCH_USER:
        return with_address(550, STATUS(5, 1, 1), a, address,
                            "there is no mailbox with this address here; please check the "
                            "spelling, or ask the recipient for the right address");
    case DESTINATION_ROUTE:
        if (to.target->kind == TARGET_REFUSE)
            return refused_by_route(to.target, address, a);
        if (must_be_asked(&to))
            return verdict_ask;
        if (is_trusted || to.is_ours)
            return REPLY(250, 2, 1, 5, "Recipient accepted");
        break;
    case DESTINATION_NO_ROUTE:
        if (is_trusted)
            return with_address(550, STATUS(5, 4, 4), a, address,
                                "this server has no route to the domain of this address; please "
                                "check the part behind the @, or ask the operator to add a route");
        break;
    }
    struct span text = arena_printf(
        a,
        "<%.*s>: this server (%.*s) does not take mail for this domain from strangers; "
        "if you are its user, send through the server that your mail provider names",
        SPAN_F(address), SPAN_F(o->hostname));
    return (struct reply){550, STATUS(5, 7, 1), text};
}

/* ": it says: 550 5.1.1 No such user" */
static struct span words_of(const struct outcome *o, struct arena *a)
{
    struct buffer text = BUFFER_EMPTY, line = BUFFER_EMPTY;
    outcome_add_reply(&text, o, LONGEST_QUOTED);
    for (size_t i = 0; i < text.len; i++)
        buffer_add_char(&line, text.at[i] == '\n' ? ' ' : text.at[i]);
    struct span words = arena_copy(a, buffer_span(&line));
    buffer_free(&text);
    buffer_free(&line);
    return words;
}

static struct reply refused_by_next_hop(const struct outcome *o, struct span address,
                                        struct arena *a)
{
    struct status status = o->status.class == 5 ? o->status : STATUS(5, 1, 1);
    const char *words =
        o->is_remote
            ? arena_text(a,
                         arena_printf(a,
                                      "the server that mail for this address goes to, %.*s, does "
                                      "not take it. Its words: %.*s",
                                      SPAN_F(o->host), SPAN_F(words_of(o, a))))
            : arena_text(a, arena_printf(a, "mail for this address can't be delivered: %.*s",
                                         SPAN_F(o->words)));
    return with_address(550, status, a, address, words);
}

static struct reply unknown_to_us(const struct outcome *o, struct span address, struct arena *a)
{
    struct status status = o->status.class == 4 ? o->status : STATUS(4, 4, 1);
    const char *words = arena_text(
        a, arena_printf(a,
                        "the server that mail for this address goes to, %.*s, can't be asked right "
                        "now whether it takes it. Please try again later. %s: %.*s",
                        SPAN_F(o->host), o->is_remote ? "Its words" : "The reason",
                        SPAN_F(words_of(o, a))));
    return with_address(450, status, a, address, words);
}

struct reply verdict_too_many_members(const struct envelope *e, const struct options *o,
                                      struct arena *a)
{
    struct span text = arena_printf(
        a,
        "This message is for %zu recipients, by way of lists of this server, and that is more than "
        "it can take with a message of this size. Nothing was taken. Please tell postmaster@%.*s, "
        "who "
        "can divide a list, or allow more (segment-size)",
        e->recipient_count, SPAN_F(o->hostname));
    return (struct reply){552, STATUS(5, 3, 4), text};
}

struct reply verdict_answered(const struct directory *d, bool is_trusted, struct span address,
                              const struct outcome *o, struct arena *a)
{
    struct destination to = directory_find(d, SPAN_NONE, address);
    bool takes_unknown = is_trusted || (to.relay && to.relay->accepts_unknown);
    if (o->kind == OUTCOME_FAILED)
        return refused_by_next_hop(o, address, a);
    if (o->kind == OUTCOME_DELAYED && !takes_unknown)
        return unknown_to_us(o, address, a);
    return REPLY(250, 2, 1, 5, "Recipient accepted");
}

/* An alias may lead to several, so its members are left to their delivery. */
struct verdict_room verdict_room_of(const struct directory *d, struct span sender,
                                    struct span address, struct arena *a)
{
    struct directory_alias alias;
    struct destination to = directory_find(d, sender, address);
    bool has_quota =
        to.kind == DESTINATION_MAILBOX && (to.mailbox->quota_bytes || to.mailbox->quota_messages);
    if (!has_quota || directory_alias_of(d, address, &alias, a))
        return (struct verdict_room){SPAN_NONE, 0};
    return (struct verdict_room){to.mailbox->name, to.mailbox->quota_bytes};
}

/* Line ends take two bytes on the way and one in the mailbox; and what a client says of the size
 * is an estimate: mail that may just fit is for the delivery to decide. A message is never smaller
 * than SMALLEST, with our own fields. */
enum { SMALLEST = 512 };

static uint64_t least_size(uint64_t told)
{
    uint64_t least = told - told / 8;
    return least > SMALLEST ? least : SMALLEST;
}

struct reply verdict_room(const struct options *o, const struct verdict_room *r, uint64_t room,
                          struct span address, uint64_t size, struct arena *a)
{
    uint64_t least = least_size(size);
    if (r->quota && least > r->quota && size)
        return with_address(552, STATUS(5, 2, 3), a, address,
                            "this message is larger than all of the recipient's mailbox may be; "
                            "please send it in another way, or in parts");
    if (room == ROOM_AMPLE || least <= room)
        return REPLY(250, 2, 1, 5, "Recipient accepted");
    if (o->full_mailbox == FULL_MAILBOX_TEMPORARY)
        return with_address(452, STATUS(4, 2, 2), a, address,
                            "the recipient's mailbox is full; please try again later, when "
                            "something in it has been deleted");
    return with_address(552, STATUS(5, 2, 2), a, address,
                        "the recipient's mailbox is full and has no room for this message until "
                        "something in it is deleted");
}
