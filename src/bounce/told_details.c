/* Which message it was, and all that was said about it: complete, and verbatim. */
#include "bounce/told_inside.h"

#include "base/visible.h"
#include "bounce/meeting.h"
#include "mail/encode.h"
#include "mail/header.h"
#include "outcome/limit_said.h"

enum {
    LONGEST_FIELD = 200,
    DETAILED = 20, /* recipients */
    FEW = 3,       /* as many of them get all words of the last reply … */
    MOST_WORDS = 2000,
    FEWER_WORDS = 500, /* … and where there are more, and in earlier attempts, these */
    MOST_EARLIER = 10, /* attempts of each of few, */
    FEWER_EARLIER = 2  /* and of more */
};

static const char *say(const struct told *t, const char *english)
{
    return words(t->language, english);
}

/* ---- the message */

static void tell_field(struct told *t, const char *label, struct span message, const char *name)
{
    struct span value;
    struct buffer text = BUFFER_EMPTY, decoded = BUFFER_EMPTY;
    if (header_find(message, name, &value)) {
        header_unfold(&text, value);
        encoded_words_decode(&decoded, buffer_span(&text));
        told_add_row(t, label, told_shown(t, buffer_span(&decoded), LONGEST_FIELD));
    }
    buffer_free(&text);
    buffer_free(&decoded);
}

static struct span size_words(struct told *t, uint64_t bytes)
{
    return bytes < 1000000 ? arena_printf(t->arena, "%.1f KB", (double)bytes / 1e3)
                           : arena_printf(t->arena, "%.1f MB", (double)bytes / 1e6);
}

static bool is_about(const struct report_recipient *it, enum cause cause, enum variant variant)
{
    struct cause_found c = it->outcome->cause;
    return c.cause == cause && (variant == VARIANT_NONE || c.variant == variant);
}

/* The smallest limit that the servers have said, of those that explain it; 0: none. `actual` is
 * what they would not take. */
static uint64_t said(const struct report *r, enum cause cause, enum variant variant,
                     uint64_t (*limit_said)(struct span words), uint64_t actual)
{
    uint64_t least = 0;
    for (size_t i = 0; i < r->recipient_count; i++) {
        if (!is_about(&r->recipients[i], cause, variant))
            continue;
        uint64_t limit = limit_said(r->recipients[i].outcome->words);
        if (limit && limit < actual && (!least || limit < least))
            least = limit;
    }
    return least;
}

static bool is_any_about(const struct report *r, enum cause cause, enum variant variant)
{
    for (size_t i = 0; i < r->recipient_count; i++)
        if (is_about(&r->recipients[i], cause, variant))
            return true;
    return false;
}

/* Where it is the matter. */
static void tell_size(struct told *t, const struct report *r)
{
    uint64_t size = r->original->size;
    if (!size || !is_any_about(r, CAUSE_MESSAGE_TOO_LARGE, VARIANT_NONE))
        return;
    uint64_t limit = said(r, CAUSE_MESSAGE_TOO_LARGE, VARIANT_NONE, limit_said_of_size, size);
    told_add_row(t, say(t, "Size"), size_words(t, size));
    if (limit)
        /* TRANSLATORS: the largest size of a message that a server takes; a size follows. */
        told_add_row(t, say(t, "Largest allowed"), size_words(t, limit));
}

/* Likewise. Those that aliases lead to are not known to who is told. */
static void tell_recipients(struct told *t, const struct report *r)
{
    size_t count = 0;
    while (count < r->original->recipient_count && !r->original->recipients[count].parent)
        count++;
    uint64_t limit = said(r, CAUSE_TOO_MANY, VARIANT_RECIPIENTS, limit_said_of_recipients, count);
    if (!limit)
        return;
    told_add_row(t, say(t, "Number of recipients"), told_number(t, count));
    /* TRANSLATORS: how many recipients a server allows; a number follows. */
    told_add_row(t, say(t, "Most allowed"), told_number(t, (size_t)limit));
}

void told_message(struct told *t, const struct report *r, const struct notice_original *o)
{
    told_add(t, TOLD_GROUP, SPAN_NONE);
    told_add_words(t, TOLD_HEADING, say(t, "The message"));
    tell_field(t, say(t, "Subject"), r->message, "Subject");
    tell_field(t, say(t, "To"), r->message, "To");
    told_add_row(t, say(t, "Date"), told_time(t, r->original->accepted_ms, r->offset_minutes));
    tell_size(t, r);
    tell_recipients(t, r);
    if (!o->meeting.len)
        return;
    told_add_row(t, say(t, "Invitation"), told_shown(t, o->meeting, LONGEST_FIELD));
    if (o->meeting_ms)
        told_add_row(t, say(t, "Time of the meeting"),
                     told_time(t, o->meeting_ms, r->offset_minutes));
}

/* ---- the attempts */

/* "RCPT TO" of "in reply to RCPT TO": commands have the same name in all languages. */
static struct span command_of(struct span stage)
{
    static const struct span before = SPAN("in reply to ");
    struct span command = span_starts(stage, before) ? span_skip(stage, before.len) : SPAN_NONE;
    return command.len && command.at[0] >= 'A' && command.at[0] <= 'Z' ? command : SPAN_NONE;
}

static struct span server_of(struct told *t, const struct outcome *o)
{
    buffer_clear(&t->scratch);
    outcome_add_server(&t->scratch, o);
    return arena_copy(t->arena, buffer_span(&t->scratch));
}

static struct span who_said(struct told *t, struct span hostname, struct span when,
                            const struct outcome *o)
{
    if (!o->is_remote)
        /* TRANSLATORS: %1 is a time, %2 the name of a mail server; its words follow. */
        return SAY(t, "%1: %2 noted:", when, hostname);
    struct span server = server_of(t, o), command = command_of(o->stage);
    /* TRANSLATORS: %1 is a time, %2 a mail server, %3 a command of SMTP, as "RCPT TO"; the server's
       words follow. */
    return command.len ? SAY(t, "%1: The response from %2 to %3 was:", when, server, command)
                       : SAY(t, "%1: The response from %2 was:", when, server);
}

void told_attempt(struct told *t, struct span hostname, int offset_minutes, const struct outcome *o,
                  size_t most)
{
    struct span when = told_time(t, o->time_ms, offset_minutes);
    buffer_clear(&t->scratch);
    if (o->kind != OUTCOME_EXPANDED) /* its words are the list's */
        outcome_add_reply(&t->scratch, o, most);
    struct span reply = span_trim(arena_copy(t->arena, buffer_span(&t->scratch)));
    if (!reply.len) {
        told_add_row(t, say(t, "Last attempt"), when);
        return;
    }
    told_add(t, TOLD_PARAGRAPH, who_said(t, hostname, when, o));
    told_add(t, TOLD_VERBATIM, reply);
    if (o->tls != OUTCOME_TLS_UNKNOWN)
        told_add_row(t, say(t, "Encryption"), span_of(outcome_tls_words(o)));
}

static void tell_attempts(struct told *t, const struct report *r, size_t i)
{
    const struct report_recipient *it = &r->recipients[i];
    bool are_few = r->recipient_count <= FEW;
    size_t count = it->earlier_count, most = are_few ? MOST_EARLIER : FEWER_EARLIER;
    if (r->recipient_count > 1)
        told_add_address(t, TOLD_SUBHEADING, told_recipient(r, i));
    for (size_t k = count > most ? count - most : 0; k < count; k++)
        told_attempt(t, r->hostname, r->offset_minutes, &it->earlier[k], FEWER_WORDS);
    told_attempt(t, r->hostname, r->offset_minutes, it->outcome,
                 are_few ? MOST_WORDS : FEWER_WORDS);
}

struct span told_queue_id(struct told *t, const struct report *r)
{
    buffer_clear(&t->scratch);
    message_id_add(&t->scratch, r->original->id);
    return arena_copy(t->arena, buffer_span(&t->scratch));
}

void told_details(struct told *t, const struct report *r)
{
    told_add_words(t, TOLD_DETAILS, say(t, "Details"));
    for (size_t i = 0; i < r->recipient_count && i < DETAILED; i++)
        tell_attempts(t, r, i);
    told_add_row(t, say(t, "Queue id"), told_queue_id(t, r));
    told_add_row(t, say(t, "Reporting server"), told_shown(t, r->hostname, LONGEST_FIELD));
}
