/* A question is a row of steps; each step tells the filter one thing, and waits for its answer,
 * unless the filter said at the start that it gives none, or does not want to hear of it. */
#include "milter/dialogue_inside.h"

#include "base/memory.h"
#include "mail/header.h"

#include <assert.h>
#include <stdlib.h>

enum {
    LARGEST_ANSWER = 1024 * 1024 + 64, /* octets of a packet */
    MOST_OUT = 256 * 1024,             /* octets that pile up before they must be sent */
    OLDEST_VERSION = 2,
    KNOWS_DATA = 4 /* the version since which there is that step */
};

struct dialogue *dialogue_new(size_t most)
{
    struct dialogue *c = memory_new(sizeof *c);
    c->most = most;
    c->step = STEP_NONE;
    return c;
}

void dialogue_free(struct dialogue **dialogue)
{
    struct dialogue *c = *dialogue;
    *dialogue = NULL;
    if (!c)
        return;
    buffer_free(&c->input);
    buffer_free(&c->client);
    buffer_free(&c->helo);
    changes_free(&c->changes);
    arena_clear(&c->lists);
    arena_clear(&c->arena);
    arena_clear(&c->client_arena);
    free(c);
}

enum milter_verdict dialogue_verdict(const struct dialogue *c)
{
    return c->verdict;
}

struct reply dialogue_reply(const struct dialogue *c)
{
    return c->reply;
}

const char *dialogue_failure(const struct dialogue *c)
{
    return c->failure.text;
}

const struct changes *dialogue_changes(const struct dialogue *c)
{
    return &c->changes;
}

static enum dialogue_wait end(struct dialogue *c, enum milter_verdict verdict)
{
    c->verdict = verdict;
    c->step = STEP_NONE;
    c->waits = false;
    c->facts = NULL;
    return DIALOGUE_HAS_ANSWER;
}

void dialogue_fail(struct dialogue *c, const char *why)
{
    if (why != c->failure.text)
        error_set(&c->failure, "%s", why);
    end(c, MILTER_FAILED);
}

static enum dialogue_wait fail(struct dialogue *c)
{
    dialogue_fail(c, c->failure.text);
    return DIALOGUE_HAS_ANSWER;
}

/* ---- the row of steps */

/* Behind the step at hand: the same one while there is more of it. */
static enum step next_step(const struct dialogue *c)
{
    switch (c->step) {
    case STEP_NEGOTIATE:
        return STEP_CONNECT;
    case STEP_CONNECT:
        return STEP_HELO;
    case STEP_HELO:
        return STEP_MAIL;
    case STEP_DATA:
    case STEP_HEADER:
    case STEP_END_OF_HEADER:
    case STEP_BODY:
        return (enum step)(c->step + 1);
    case STEP_MAIL:
    case STEP_RCPT:
    case STEP_END:
    case STEP_NONE:
        break;
    }
    return STEP_NONE;
}

static bool client_is_known(const struct dialogue *c, struct span client)
{
    return c->is_connected && span_equal(buffer_span(&c->client), client);
}

/* Is the step over already, or is there nothing to say of it? Else notes what is told by it. */
static bool is_done(struct dialogue *c, struct header_field *field)
{
    const struct milter_facts *f = c->facts;
    switch (c->step) {
    case STEP_NEGOTIATE:
        return c->is_negotiated;
    case STEP_CONNECT:
        if (c->is_connected)
            return true;
        c->is_connected = true;
        return false;
    case STEP_HELO:
        if (c->is_greeted && span_equal(buffer_span(&c->helo), f->helo))
            return true;
        c->is_greeted = true;
        buffer_clear(&c->helo);
        buffer_add_span(&c->helo, f->helo);
        return false;
    case STEP_MAIL:
        c->is_in_message = true;
        return false;
    case STEP_HEADER: {
        int more = header_next(&c->fields, field);
        if (more > 0)
            return false;
        c->body = c->fields.rest;
        if (span_starts(c->body, SPAN("\r\n")))
            c->body = span_skip(c->body, 2);
        return true;
    }
    case STEP_BODY:
        return !c->body.len;
    case STEP_RCPT:
    case STEP_DATA:
    case STEP_END_OF_HEADER:
    case STEP_END:
    case STEP_NONE:
        break;
    }
    return false;
}

static bool repeats(enum step step)
{
    return step == STEP_HEADER || step == STEP_BODY;
}

/* Tells one thing after the other, until the filter must answer. */
static enum dialogue_wait run(struct dialogue *c, struct buffer *out)
{
    while (c->step != STEP_NONE) {
        const struct step_kind *kind = &dialogue_steps[c->step];
        struct header_field field = {0};
        if (out->len > MOST_OUT)
            return DIALOGUE_WAITS_ROOM;
        if (is_done(c, &field)) {
            c->step = next_step(c);
            continue;
        }
        bool is_told = !(c->steps & kind->no);
        if (c->step == STEP_NEGOTIATE) {
            dialogue_say_negotiation(out);
        } else {
            dialogue_say_macros(c, out);
            if (is_told)
                dialogue_say_step(c, &field, out);
        }
        if (is_told && !(c->steps & kind->silent)) {
            c->waits = true;
            return DIALOGUE_WAITS_FILTER;
        }
        if (c->step == STEP_BODY && !is_told)
            c->body = SPAN_NONE;
        if (!repeats(c->step))
            c->step = next_step(c);
    }
    return end(c, MILTER_TAKES);
}

enum dialogue_wait dialogue_go_on(struct dialogue *c, struct buffer *out)
{
    return c->step == STEP_NONE ? DIALOGUE_HAS_ANSWER : run(c, out);
}

static enum dialogue_wait begin(struct dialogue *c, const struct milter_facts *f, enum step step,
                                struct buffer *out)
{
    assert(c->step == STEP_NONE && c->verdict != MILTER_FAILED);
    changes_free(&c->changes);
    if (c->client_is_over)
        return end(c, c->reply.code ? MILTER_REFUSES : MILTER_TAKES);
    arena_clear(&c->arena);
    c->reply = (struct reply){0};
    if (c->is_over && step != STEP_NEGOTIATE)
        return end(c, c->verdict);
    c->facts = f;
    c->step = step;
    return run(c, out);
}

/* The message before may have got no end, and the client may be another one. */
enum dialogue_wait dialogue_mail(struct dialogue *c, const struct milter_facts *f,
                                 struct buffer *out)
{
    struct buffer client = BUFFER_EMPTY;
    dialogue_say_client(f, &client);
    if (c->is_in_message)
        packet_add(out, MILTER_ABORT);
    if (c->is_connected && !client_is_known(c, buffer_span(&client))) {
        packet_add(out, MILTER_QUIT_NEXT);
        c->is_connected = c->is_greeted = c->client_is_over = false;
        arena_clear(&c->client_arena);
        c->reply = (struct reply){0};
    }
    buffer_free(&c->client);
    c->client = client;
    c->is_in_message = c->is_over = false;
    return begin(c, f, STEP_NEGOTIATE, out);
}

enum dialogue_wait dialogue_rcpt(struct dialogue *c, const struct milter_facts *f,
                                 struct buffer *out)
{
    return begin(c, f, STEP_RCPT, out);
}

enum dialogue_wait dialogue_message(struct dialogue *c, const struct milter_facts *f,
                                    struct buffer *out)
{
    c->fields = header_start(f->message);
    return begin(c, f, STEP_DATA, out);
}

void dialogue_quit(struct dialogue *c, struct buffer *out)
{
    if (c->verdict == MILTER_FAILED || !c->is_negotiated)
        return;
    if (c->is_in_message)
        packet_add(out, MILTER_ABORT);
    packet_add(out, MILTER_QUIT);
}

/* ---- what is answered */

static bool take_macro_lists(struct dialogue *c, struct span data)
{
    uint32_t stage;
    struct span names;
    while (data.len) {
        if (!packet_take_u32(&data, &stage) || !packet_take_text(&data, &names))
            return false;
        if (stage >= MILTER_STAGES) /* one that we do not know has nothing to tell */
            continue;
        c->macros[stage] = arena_copy(&c->lists, names);
        c->has_macros[stage] = true;
    }
    return true;
}

static bool take_negotiation(struct dialogue *c, const struct packet *p)
{
    struct span data = p->data;
    uint32_t version, actions, steps;
    if (p->kind != MILTER_NEGOTIATE)
        return error_set(&c->failure, "does not speak the milter protocol: it began with \"%c\"",
                         p->kind > ' ' && p->kind <= '~' ? p->kind : '?');
    if (!packet_take_u32(&data, &version) || !packet_take_u32(&data, &actions) ||
        !packet_take_u32(&data, &steps) || !take_macro_lists(c, data))
        return error_set(&c->failure, "gave an answer to the negotiation that is malformed");
    if (version < OLDEST_VERSION || version > MILTER_VERSION)
        return error_set(&c->failure,
                         "speaks version %lu of the milter protocol; this server speaks %d to %d",
                         (unsigned long)version, OLDEST_VERSION, MILTER_VERSION);
    if (actions & ~(uint32_t)MILTER_ALL_ACTIONS || steps & ~(uint32_t)MILTER_ALL_STEPS)
        return error_set(&c->failure,
                         "wants what this server did not offer (actions 0x%lx, steps 0x%lx)",
                         (unsigned long)actions, (unsigned long)steps);
    c->steps = steps | (version < KNOWS_DATA ? (uint32_t)MILTER_NO_DATA : 0);
    c->changes.has_leading_space = steps & MILTER_LEADING_SPACE;
    c->is_negotiated = true;
    return true;
}

static bool is_about_client(enum step step)
{
    return step == STEP_CONNECT || step == STEP_HELO;
}

/* What is refused is the client with all that may come from it, a recipient, or the message. */
static enum dialogue_wait refuse(struct dialogue *c, struct reply reply)
{
    bool is_client = is_about_client(c->step) || reply.code == 421;
    reply.text = arena_copy(is_client ? &c->client_arena : &c->arena, reply.text);
    c->reply = reply;
    c->client_is_over |= is_client;
    if (c->step == STEP_END)
        c->is_in_message = false;
    c->is_over |= c->step != STEP_RCPT;
    changes_free(&c->changes);
    return end(c, MILTER_REFUSES);
}

static enum dialogue_wait leave_alone(struct dialogue *c, enum milter_verdict verdict)
{
    c->client_is_over |= is_about_client(c->step);
    c->is_over = true;
    if (c->step == STEP_END)
        c->is_in_message = false;
    if (verdict == MILTER_DISCARDS)
        changes_free(&c->changes);
    return end(c, verdict);
}

static void make_harmless(struct buffer *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '%' && i + 1 < text.len && text.at[i + 1] == '%')
            i++; /* Sendmail formats by these words; libmilter has filters double it */
        bool is_plain = (text.at[i] >= ' ' && text.at[i] <= '~') || text.at[i] == '\n';
        buffer_add_char(out, is_plain ? text.at[i] : '?');
    }
}

static bool read_reply(struct span data, struct reply *reply, struct buffer *words)
{
    struct reply_parser parser = {0};
    struct buffer lines = BUFFER_EMPTY;
    struct span text;
    bool is_well = packet_take_text(&data, &text) && !data.len;
    if (is_well)
        buffer_add_span(&lines, span_trim(text));
    buffer_add_text(&lines, "\r\n");
    struct span rest = buffer_span(&lines);
    is_well = is_well && reply_parse(&parser, &rest, reply) == REPLY_DONE && !rest.len &&
              reply->code >= 400;
    if (is_well) {
        bool is_permanent = reply_is_permanent(*reply);
        make_harmless(words, reply->text);
        reply->text = buffer_span(words);
        if (reply->status.class != (is_permanent ? 5 : 4))
            reply->status = is_permanent ? STATUS(5, 7, 1) : STATUS(4, 7, 1);
    }
    buffer_free(&lines);
    reply_parser_free(&parser);
    return is_well;
}

static enum dialogue_wait take_reply(struct dialogue *c, const struct packet *p)
{
    struct reply reply;
    struct buffer words = BUFFER_EMPTY;
    enum dialogue_wait wait;
    if (read_reply(p->data, &reply, &words)) {
        wait = refuse(c, reply);
    } else {
        error_set(&c->failure, "answered %s with a reply that is none of SMTP",
                  dialogue_steps[c->step].words);
        wait = fail(c);
    }
    buffer_free(&words);
    return wait;
}

static enum dialogue_wait not_allowed(struct dialogue *c, const struct packet *p)
{
    char shown = p->kind > ' ' && p->kind <= '~' ? p->kind : '?';
    error_set(&c->failure, "answered %s with \"%c\"%s, which is not allowed there",
              dialogue_steps[c->step].words, shown, p->data.len ? " and data" : "");
    return fail(c);
}

static enum dialogue_wait take_plain(struct dialogue *c, const struct packet *p, struct buffer *out)
{
    static const struct reply rejected = REPLY(
        550, 5, 7, 1, "This message is not taken here: a filter of this server has refused it");
    static const struct reply for_now = REPLY(
        451, 4, 7, 1, "A filter of this server does not take this now; please try again later");
    static const struct reply closing = REPLY(
        421, 4, 7, 0, "A filter of this server has ended this session; please try again later");
    bool is_client = is_about_client(c->step);
    switch (p->kind) {
    case MILTER_CONTINUE:
        if (c->step == STEP_END)
            return leave_alone(c, MILTER_TAKES);
        if (!repeats(c->step))
            c->step = next_step(c);
        return run(c, out);
    case MILTER_ACCEPT:
        return leave_alone(c, MILTER_TAKES);
    case MILTER_REJECT:
        return refuse(c, rejected);
    case MILTER_TEMPFAIL:
        return refuse(c, for_now);
    case MILTER_SHUT_DOWN:
        return refuse(c, closing);
    case MILTER_DISCARD:
        return is_client ? not_allowed(c, p) : leave_alone(c, MILTER_DISCARDS);
    case MILTER_CONNECTION_FAILS:
        return c->step == STEP_CONNECT ? refuse(c, for_now) : not_allowed(c, p);
    case MILTER_SKIP:
        if (c->step != STEP_BODY || !(c->steps & MILTER_MAY_SKIP))
            return not_allowed(c, p);
        c->step = STEP_END;
        return run(c, out);
    default:
        return not_allowed(c, p);
    }
}

static enum dialogue_wait take_answer(struct dialogue *c, const struct packet *p,
                                      struct buffer *out)
{
    if (c->step == STEP_NEGOTIATE) {
        if (!take_negotiation(c, p))
            return fail(c);
        c->waits = false;
        return run(c, out);
    }
    if (c->step == STEP_END && changes_is_change(p->kind))
        return changes_take(&c->changes, p, c->most, &c->failure) ? DIALOGUE_WAITS_FILTER : fail(c);
    if (p->kind == MILTER_REPLY)
        return take_reply(c, p);
    if (p->data.len)
        return not_allowed(c, p);
    if (p->kind == MILTER_PROGRESS)
        return DIALOGUE_WAITS_FILTER;
    c->waits = false;
    return take_plain(c, p, out);
}

/* What comes before it was asked for. */
static enum dialogue_wait speaks_unasked(struct dialogue *c)
{
    error_set(&c->failure, "spoke without having been asked");
    return fail(c);
}

enum dialogue_wait dialogue_input(struct dialogue *c, struct span input, struct buffer *out)
{
    struct packet p;
    enum dialogue_wait wait = c->waits               ? DIALOGUE_WAITS_FILTER
                              : c->step == STEP_NONE ? DIALOGUE_HAS_ANSWER
                                                     : DIALOGUE_WAITS_ROOM;
    if (c->verdict == MILTER_FAILED)
        return DIALOGUE_HAS_ANSWER;
    buffer_add_span(&c->input, input);
    struct span rest = buffer_span(&c->input);
    while (c->waits) {
        enum packet_result result = packet_next(&rest, LARGEST_ANSWER, &p);
        if (result == PACKET_MORE)
            break;
        if (result == PACKET_BAD) {
            error_set(&c->failure, "does not speak the milter protocol: a packet of its has an "
                                   "impossible length");
            wait = fail(c);
        } else {
            wait = take_answer(c, &p, out);
        }
    }
    if (!c->waits && rest.len && c->verdict != MILTER_FAILED)
        wait = speaks_unasked(c);
    buffer_drop(&c->input, c->input.len - rest.len);
    return wait;
}
