/* Commands that are under way stand in a queue, oldest first, and each reply answers the oldest.
 * With PIPELINING several are under way, without it one. */
#include "smtp/client_inside.h"

#include "base/memory.h"
#include "mail/address.h"

#include <assert.h>
#include <stdlib.h>

struct client *client_new(struct span our_hostname, bool is_lmtp)
{
    struct client *c = memory_new(sizeof *c);
    c->hostname = our_hostname;
    c->is_lmtp = is_lmtp;
    c->arena = &c->texts[0];
    return c;
}

void client_free(struct client **c)
{
    if (!*c)
        return;
    reply_parser_free(&(*c)->parser);
    buffer_free(&(*c)->server_name);
    buffer_free(&(*c)->tls_is_for);
    buffer_free(&(*c)->mechanisms);
    buffer_free(&(*c)->challenge);
    for (size_t i = 0; i < 2; i++)
        arena_clear(&(*c)->texts[i]);
    free(*c);
    *c = NULL;
}

void client_wants_another(struct client *c)
{
    c->wants_another = true;
}

/* ---- sending */

/* The n-th command of the envelope: MAIL, then every RCPT, then DATA (unless it goes by BDAT); RSET
 * ends a question. */
static void add_command(struct client *c, size_t n, struct buffer *out)
{
    if (n == 0)
        client_add_mail(c, out);
    else if (n <= c->message->recipient_count)
        client_add_rcpt(c, n - 1, out);
    else
        buffer_add_text(out, c->message->is_question ? "RSET\r\n" : "DATA\r\n");
}

static void send_envelope(struct client *c, struct buffer *out)
{
    size_t until = c->has_pipelining ? client_envelope_length(c) : c->commands_sent + 1;
    while (c->commands_sent < until)
        add_command(c, c->commands_sent++, out);
}

static bool needs_form(const struct client *c)
{
    const struct client_message *m = c->message;
    bool is_binary = m->parameters.body == BODY_BINARYMIME;
    return (is_binary && !client_goes_in_chunk(c)) ||
           (m->is_8bit && !is_binary && !c->has_8bitmime);
}

static enum client_wait begin_envelope(struct client *c, struct buffer *out)
{
    struct reply why;
    if (client_is_impossible(c, &why)) {
        client_decide_rest(c, why, STAGE_MAIL);
        return client_message_done(c, true);
    }
    c->phase = PHASE_ENVELOPE;
    send_envelope(c, out);
    return CLIENT_WAITS_INPUT;
}

static enum client_wait begin_message(struct client *c, struct buffer *out)
{
    client_begin_count(c, 0);
    if (!needs_form(c))
        return begin_envelope(c, out);
    c->phase = PHASE_FORM;
    return CLIENT_WAITS_FORM;
}

enum mail_form client_form(const struct client *c)
{
    return c->has_8bitmime ? FORM_8BIT : FORM_7BIT;
}

enum client_wait client_formed(struct client *c, uint64_t size, bool is_8bit, struct buffer *out)
{
    struct client_message *m = c->message;
    assert(c->phase == PHASE_FORM);
    m->size = size;
    m->is_8bit = is_8bit;
    m->is_binary = false;
    m->parameters.body = is_8bit && c->has_8bitmime ? BODY_8BITMIME : BODY_UNSTATED;
    return begin_envelope(c, out);
}

enum client_wait client_unformed(struct client *c, struct reply why)
{
    assert(c->phase == PHASE_FORM);
    client_decide_rest(c, why, STAGE_MAIL);
    return client_message_done(c, true);
}

static void forget_results(struct client_message *m)
{
    for (size_t i = 0; i < m->recipient_count; i++)
        m->results[i] = (struct client_result){.is_decided = false};
}

bool client_follow(struct client *c, struct client_message *m, struct buffer *out)
{
    struct client_message *now = c->message;
    struct reply why;
    if (c->phase != PHASE_FINAL || c->is_lone_dot || !c->has_pipelining || c->next ||
        m->is_question)
        return false;
    c->message = m;
    bool ok = !needs_form(c) && !client_goes_in_chunk(c) && !client_is_impossible(c, &why);
    for (size_t n = 0; ok && n < client_envelope_length(c); n++)
        add_command(c, n, out);
    c->message = now;
    if (!ok)
        return false;
    forget_results(m);
    c->next = m;
    return true;
}

enum client_wait client_start(struct client *c, struct client_message *m, struct buffer *out)
{
    assert(!c->message && m->recipient_count && c->phase != PHASE_CLOSED);
    arena_clear(c->arena);
    c->message = m;
    forget_results(m);
    return c->phase == PHASE_READY ? begin_message(c, out) : CLIENT_WAITS_INPUT;
}

/* ---- replies */

static struct reply ourselves(struct client *c)
{
    return (struct reply){
        0, STATUS(5, 4, 6),
        arena_printf(c->arena,
                     "the server that the domain names answers with the name of this one (%.*s): "
                     "the message would run in a circle",
                     SPAN_F(c->hostname))};
}

static enum client_wait say_hello(struct client *c, struct buffer *out)
{
    c->phase = PHASE_EHLO;
    buffer_printf(out, c->is_lmtp ? "LHLO %.*s\r\n" : "EHLO %.*s\r\n", SPAN_F(c->hostname));
    return CLIENT_WAITS_INPUT;
}

static enum client_wait greeting(struct client *c, struct reply r, struct buffer *out)
{
    if (r.code < 200 || r.code >= 300)
        return client_give_up(c, r, STAGE_GREETING);
    struct span text = r.text, line = span_cut(&text, '\n'), name = span_word(&line);
    if (domain_is_valid(name, true, true))
        buffer_add_span(&c->server_name, name);
    if (c->wants_another && span_equal_nocase(name, c->hostname))
        return client_give_up(c, ourselves(c), STAGE_GREETING);
    return say_hello(c, out);
}

static void take_extension(struct client *c, struct span line)
{
    struct span keyword = span_word(&line);
    if (span_equal_nocase(keyword, SPAN("PIPELINING")))
        c->has_pipelining = true;
    else if (span_equal_nocase(keyword, SPAN("8BITMIME")))
        c->has_8bitmime = true;
    else if (span_equal_nocase(keyword, SPAN("SMTPUTF8")))
        c->has_smtputf8 = true;
    else if (span_equal_nocase(keyword, SPAN("CHUNKING")))
        c->has_chunking = true;
    else if (span_equal_nocase(keyword, SPAN("BINARYMIME")))
        c->has_binarymime = true;
    else if (span_equal_nocase(keyword, SPAN("DSN")))
        c->has_dsn = true;
    else if (span_equal_nocase(keyword, SPAN("MT-PRIORITY")))
        c->has_mt_priority = true;
    else if (span_equal_nocase(keyword, SPAN("STARTTLS")))
        c->has_starttls = true;
    else if (span_starts_nocase(keyword, SPAN("AUTH")))
        client_take_mechanisms(c, keyword, line);
    else if (span_equal_nocase(keyword, SPAN("REQUIRETLS")))
        c->has_requiretls = true;
    else if (span_equal_nocase(keyword, SPAN("DELIVERBY"))) {
        c->has_deliverby = true;
        struct span min_by = span_word(&line); /* behind a comma there may be more, some day */
        if (!span_to_u64(span_cut(&min_by, ','), 999999999, &c->min_by))
            c->min_by = 0;
    } else if (span_equal_nocase(keyword, SPAN("SIZE"))) {
        c->has_size = true;
        if (!span_to_u64(span_word(&line), UINT64_MAX / 2, &c->size_limit))
            c->size_limit = 0;
    }
}

static enum client_wait hello_accepted(struct client *c, struct buffer *out)
{
    if (client_lacks_requiretls(c))
        return client_leaves(c, out);
    if (c->wants_login && !c->is_logged_in)
        return client_begin_login(c);
    c->phase = PHASE_READY;
    return c->message ? begin_message(c, out) : CLIENT_READY;
}

/* Somebody has the wrong port: that is no reason to give the mail back. */
static enum client_wait not_lmtp(struct client *c, struct reply r)
{
    struct span words =
        arena_printf(c->arena, "the server does not speak LMTP; it answered LHLO with: %d %.*s",
                     r.code, SPAN_F(span_first(r.text, 200)));
    return client_give_up(c, (struct reply){0, STATUS(4, 3, 5), words}, STAGE_HELLO);
}

static enum client_wait hello(struct client *c, struct reply r, struct buffer *out)
{
    if (c->is_lmtp && reply_is_permanent(r))
        return not_lmtp(c, r);
    if (c->phase == PHASE_EHLO && reply_is_permanent(r)) { /* a server of before 1995 */
        c->phase = PHASE_HELO;
        buffer_printf(out, "HELO %.*s\r\n", SPAN_F(c->hostname));
        return CLIENT_WAITS_INPUT;
    }
    if (r.code < 200 || r.code >= 300)
        return client_give_up(c, r, STAGE_HELLO);
    if (c->phase == PHASE_EHLO) {
        struct span rest = r.text;
        span_cut(&rest, '\n'); /* its name */
        while (rest.len)
            take_extension(c, span_cut(&rest, '\n'));
    }
    return client_wants_tls(c) ? client_begin_tls(c, out) : hello_accepted(c, out);
}

static void forget_offers(struct client *c)
{
    c->has_pipelining = c->has_size = c->has_8bitmime = c->has_smtputf8 = c->has_dsn = false;
    c->has_chunking = c->has_binarymime = c->has_starttls = c->has_requiretls = false;
    c->has_mt_priority = c->has_deliverby = false;
    c->min_by = 0;
    buffer_clear(&c->mechanisms);
    c->size_limit = 0;
}

enum client_wait client_secured(struct client *c, struct buffer *out)
{
    assert(c->phase == PHASE_TLS);
    c->tls = CLIENT_TLS_IS_ON;
    forget_offers(c);
    return say_hello(c, out);
}

enum client_wait client_logged_in(struct client *c, struct buffer *out)
{
    assert(c->phase == PHASE_LOGIN && c->login == CLIENT_LOGIN_ACCEPTED);
    c->is_logged_in = true;
    return hello_accepted(c, out);
}

/* The envelope came to nothing, and the server must forget it. */
static enum client_wait reset(struct client *c, struct buffer *out)
{
    c->phase = PHASE_RESET;
    buffer_add_text(out, "RSET\r\n");
    return CLIENT_WAITS_INPUT;
}

static enum client_wait reply_to_data(struct client *c, struct reply r, struct buffer *out)
{
    if (r.code == 354) {
        c->phase = PHASE_BODY;
        if (c->accepted)
            return CLIENT_WAITS_BODY;
        if (c->is_lmtp) /* nobody would get a reply to the dot */
            return client_message_done(c, false);
        /* The server wants data though nobody was accepted: give it none (RFC 2920 3.1). */
        c->is_lone_dot = true;
        c->phase = PHASE_FINAL;
        buffer_add_text(out, ".\r\n");
        return CLIENT_WAITS_INPUT;
    }
    if (reply_is_positive(r)) /* DATA is answered with 354 or a refusal, with nothing else */
        return client_not_smtp(c, r.text);
    client_decide_rest(c, r, STAGE_DATA);
    return reset(c, out);
}

static bool reply_to_mail(struct client *c, struct reply r)
{
    c->has_mail = reply_is_positive(r);
    if (!c->has_mail)
        client_decide_rest(c, r, STAGE_MAIL);
    return c->has_mail;
}

static void reply_to_rcpt(struct client *c, size_t i, struct reply r)
{
    struct client_result *result = &c->message->results[i];
    if (reply_is_positive(r) && !c->message->is_question)
        c->accepted += !result->is_decided;
    else if (!result->is_decided)
        *result = (struct client_result){client_keep_reply(c, r), STAGE_RCPT, true};
}

static enum client_wait begin_chunk(struct client *c, struct buffer *out)
{
    buffer_printf(out, "BDAT %llu LAST\r\n", (unsigned long long)c->message->size);
    c->phase = PHASE_BODY;
    return CLIENT_WAITS_BODY;
}

static enum client_wait envelope(struct client *c, struct reply r, struct buffer *out)
{
    size_t n = c->replies_seen++;
    size_t count = c->message->recipient_count;
    if (n == 0) {
        if (!reply_to_mail(c, r) && !c->has_pipelining)
            return reset(c, out);
    } else if (n <= count) {
        reply_to_rcpt(c, n - 1, r);
        if (n == count && !c->accepted && (!c->has_pipelining || client_goes_in_chunk(c)))
            return reset(c, out);
        if (n == count && client_goes_in_chunk(c))
            return begin_chunk(c, out);
    } else if (c->message->is_question) {
        return client_message_done(c, r.code >= 200 && r.code < 300);
    } else {
        return reply_to_data(c, r, out);
    }
    if (!c->has_pipelining)
        send_envelope(c, out);
    return CLIENT_WAITS_INPUT;
}

/* RFC 2033 4.2: the replies come in the order of the recipients that were accepted. */
static enum client_wait final_of_one(struct client *c, struct reply r)
{
    size_t i = 0;
    while (c->message->results[i].is_decided)
        i++;
    c->message->results[i] = (struct client_result){client_keep_reply(c, r), STAGE_MESSAGE, true};
    return --c->accepted ? CLIENT_WAITS_INPUT : client_message_done(c, true);
}

static enum client_wait final(struct client *c, struct reply r)
{
    if (c->is_lmtp)
        return final_of_one(c, r);
    if (!c->is_lone_dot)
        client_decide_rest(c, r, STAGE_MESSAGE);
    return client_message_done(c, true);
}

/* "Go on" answers DATA, and AUTH in its own way. */
static bool is_out_of_place(const struct client *c, struct reply r)
{
    bool answers_auth = c->phase == PHASE_AUTH && r.code == 334;
    bool answers_data = c->phase == PHASE_ENVELOPE && !c->message->is_question &&
                        c->replies_seen + 1 == client_envelope_length(c) &&
                        !client_goes_in_chunk(c);
    return r.code >= 300 && r.code < 400 && !answers_data && !answers_auth;
}

static enum client_wait take_reply(struct client *c, struct reply r, struct buffer *out)
{
    if (is_out_of_place(c, r))
        return client_not_smtp(c, r.text);
    if (r.code == 421 && c->phase != PHASE_GREETING)
        return client_give_up(c, r, client_stage_of(c));
    switch (c->phase) {
    case PHASE_GREETING:
        return greeting(c, r, out);
    case PHASE_EHLO:
    case PHASE_HELO:
        return hello(c, r, out);
    case PHASE_STARTTLS:
        if (r.code != 220 && c->tls == CLIENT_TLS_IF_OFFERED) /* nothing has begun */
            return hello_accepted(c, out);
        return client_tls_reply(c, r);
    case PHASE_AUTH:
        return client_auth_reply(c, r);
    case PHASE_ENVELOPE:
        return envelope(c, r, out);
    case PHASE_BODY: /* it can't wait for the end: it will not take the message */
        return reply_is_positive(r) ? client_not_smtp(c, r.text)
                                    : client_give_up(c, r, STAGE_MESSAGE);
    case PHASE_FINAL:
        return final(c, r);
    case PHASE_RESET:
        return client_message_done(c, r.code >= 200 && r.code < 300);
    case PHASE_READY:
    case PHASE_TLS:
    case PHASE_LOGIN:
    case PHASE_FORM:
    case PHASE_CLOSED:
        break;
    }
    c->phase = PHASE_CLOSED; /* words that nobody asked for */
    return CLIENT_DONE_CLOSED;
}

enum client_wait client_waits(const struct client *c)
{
    switch (c->phase) {
    case PHASE_READY:
        return CLIENT_READY;
    case PHASE_TLS:
        return CLIENT_WAITS_TLS;
    case PHASE_LOGIN:
        return CLIENT_WAITS_LOGIN;
    case PHASE_FORM:
        return CLIENT_WAITS_FORM;
    case PHASE_BODY:
        return CLIENT_WAITS_BODY;
    case PHASE_CLOSED:
        return CLIENT_DONE_CLOSED;
    case PHASE_GREETING:
    case PHASE_EHLO:
    case PHASE_HELO:
    case PHASE_STARTTLS:
    case PHASE_AUTH:
    case PHASE_ENVELOPE:
    case PHASE_FINAL:
    case PHASE_RESET:
        break;
    }
    return CLIENT_WAITS_INPUT;
}

enum client_wait client_input(struct client *c, struct span *input, struct buffer *out)
{
    enum client_wait wait = client_waits(c);
    while (input->len && wait != CLIENT_DONE && wait != CLIENT_DONE_CLOSED &&
           wait != CLIENT_WAITS_FORM && wait != CLIENT_WAITS_TLS && wait != CLIENT_WAITS_LOGIN) {
        struct reply r;
        switch (reply_parse(&c->parser, input, &r)) {
        case REPLY_MORE:
            return wait;
        case REPLY_MALFORMED:
            return client_not_smtp(c, r.text);
        case REPLY_DONE:
            wait = take_reply(c, r, out);
            break;
        }
    }
    if (wait == CLIENT_WAITS_TLS && input->len)
        wait = client_said_too_much(c);
    if (wait == CLIENT_WAITS_LOGIN && input->len) /* it is our turn */
        wait = client_not_smtp(c, *input);
    return wait;
}

enum client_wait client_body(struct client *c, struct span piece, bool last, struct buffer *out)
{
    assert(c->phase == PHASE_BODY);
    if (client_goes_in_chunk(c))
        buffer_add_span(out, piece);
    else
        dots_write(&c->dots, piece, out);
    if (!last)
        return CLIENT_WAITS_BODY;
    if (!client_goes_in_chunk(c))
        dots_finish(&c->dots, out);
    c->phase = PHASE_FINAL;
    return CLIENT_WAITS_INPUT;
}

enum client_wait client_broken(struct client *c, struct reply why)
{
    return client_give_up(c, why, client_stage_of(c));
}

void client_quit(struct client *c, struct buffer *out)
{
    if (c->phase != PHASE_CLOSED)
        buffer_add_text(out, "QUIT\r\n");
    c->phase = PHASE_CLOSED;
}

struct span client_server_name(const struct client *c)
{
    return buffer_span(&c->server_name);
}

bool client_server_has_dsn(const struct client *c)
{
    return c->has_dsn;
}

bool client_server_has_deliverby(const struct client *c)
{
    return c->has_deliverby;
}
