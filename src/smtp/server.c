/* Commands are lines, and are looked up in one table. The message is server_message.c's. */
#include "base/memory.h"
#include "mail/address.h"
#include "smtp/server_inside.h"

#include <assert.h>
#include <stdlib.h>

static command_fn mail, rcpt, rset, noop, vrfy, help, not_http, quit;

/* The protocol on one screen: RFC 5321 4.1.4 says what must have come before. */
static const struct command {
    const char *verb;
    command_fn *run;
    bool needs_hello, needs_mail;
    bool takes_words;   /* else anything behind the verb is an error */
    bool ends_group;    /* nothing may follow before it is answered (RFC 2920 3.1) */
    bool can_be_behind; /* more may follow even without PIPELINING: its own octets, or nothing that
                           matters */
} commands[] = {
    {"EHLO", server_extended_hello, false, false, true, true, false},
    {"HELO", server_hello, false, false, true, true, false},
    {"MAIL", mail, true, false, true, false, false},
    {"RCPT", rcpt, true, true, true, false, false},
    {"DATA", server_data, true, true, false, true, false},
    {"BDAT", server_bdat, false, false, true, false, true}, /* says itself what must have come */
    {"RSET", rset, false, false, false, false, false},
    {"NOOP", noop, false, false, true, true, false},
    {"VRFY", vrfy, false, false, true, true, false},
    {"HELP", help, false, false, true, false, false},
    {"QUIT", quit, false, false, false, false, true},
    {"STARTTLS", server_starttls, false, false, false, true, false},
    {"AUTH", server_auth, true, false, true, true, false},
    {"XCLIENT", server_xclient, false, false, true, false, false},
    /* A web browser that was led here speaks for somebody else. */
    {"GET", not_http, false, false, true, false, true},
    {"POST", not_http, false, false, true, false, true},
    {"PUT", not_http, false, false, true, false, true},
    {"HEAD", not_http, false, false, true, false, true},
    {"OPTIONS", not_http, false, false, true, false, true},
    {"CONNECT", not_http, false, false, true, false, true},
};

/* ---- commands */

/* What stands behind "FROM:" or "TO:"; a blank behind the colon is a common fault, and harmless. */
static bool take_keyword(struct span *rest, const char *keyword)
{
    *rest = span_trim(*rest);
    if (!span_starts_nocase(*rest, span_of(keyword)))
        return false;
    *rest = span_trim(span_skip(*rest, span_of(keyword).len));
    return true;
}

static struct reply address_reply(enum address_result result, bool is_sender)
{
    switch (result) {
    case ADDRESS_TOO_LONG:
        return is_sender ? REPLY(501, 5, 1, 7,
                                 "That sender address is too long: at most 64 "
                                 "characters before the @ and 255 behind it")
                         : REPLY(501, 5, 1, 3,
                                 "That recipient address is too long: at most 64 "
                                 "characters before the @ and 255 behind it");
    case ADDRESS_NEEDS_UTF8:
        return REPLY(553, 5, 6, 7,
                     "That address is not in ASCII; please say SMTPUTF8 in MAIL FROM "
                     "to send to or from it");
    case ADDRESS_OK:
    case ADDRESS_MALFORMED:
        break;
    }
    return is_sender ? REPLY(501, 5, 1, 7,
                             "That is not a sender address; please write it as MAIL "
                             "FROM:<user@example.org>, or MAIL FROM:<> for a notice")
                     : REPLY(501, 5, 1, 3,
                             "That is not a recipient address; please write it as "
                             "RCPT TO:<user@example.org>");
}

/* SMTPUTF8 stands behind the address that needs it. */
static bool says_utf8(struct span rest)
{
    for (struct span word; (word = span_word(&rest)).len;)
        if (span_equal_nocase(word, SPAN("SMTPUTF8")))
            return true;
    return false;
}

/* Why this client may not begin a message yet; code 0: it may. */
static struct reply fault_before_mail(const struct server *s)
{
    if (s->settings->requires_tls && !s->is_secure)
        return s->settings->awaits_certificate
                   ? server_awaits_certificate
                   : REPLY(530, 5, 7, 0,
                           "Must issue a STARTTLS command first: here mail is taken over "
                           "encrypted connections alone");
    if (s->login == SERVER_LOGIN_NEEDS_TLS)
        return REPLY(530, 5, 7, 0,
                     "Please turn on encryption (TLS) in your mail program, then log in: here "
                     "mail is taken from users of this server alone");
    if (s->login == SERVER_LOGIN_OFFERED)
        return REPLY(530, 5, 7, 0,
                     "Please log in first: here mail is taken from users of this server alone. "
                     "Your mail program has a setting for it (authentication, user name and "
                     "password)");
    return (struct reply){0};
}

static void mail(struct server *s, struct span rest, struct buffer *out)
{
    struct transaction *t = &s->transaction;
    struct reply problem = fault_before_mail(s);
    struct span path;
    if (problem.code) {
        server_say(s, problem, out);
        return;
    }
    if (s->has_chunks && s->refusal.code) /* it was told, and begins anew without RSET */
        server_end_transaction(s);
    if (s->has_mail) {
        server_say(s,
                   REPLY(503, 5, 5, 1, "A message is already begun; finish it, or say RSET first"),
                   out);
        return;
    }
    if (s->settings->max_messages && s->messages >= s->settings->max_messages) {
        server_close_with(s,
                          REPLY(421, 4, 7, 0,
                                "That is as many messages as one connection may carry; "
                                "please connect again for the next"),
                          out);
        return;
    }
    bool has_keyword = take_keyword(&rest, "FROM:");
    enum address_result result =
        has_keyword ? address_parse_path(&rest, says_utf8(rest), &path) : ADDRESS_MALFORMED;
    if (result == ADDRESS_OK && path.len && !address_domain(path).len)
        result = ADDRESS_MALFORMED; /* "<postmaster>" alone is for recipients (RFC 5321 4.1.1.3) */
    if (result != ADDRESS_OK) {
        server_say(s, address_reply(result, true), out);
        return;
    }
    const struct parameter_offer offer = server_offers(s);
    if (!mail_parameters_parse(rest, &offer, &t->parameters, &problem)) {
        server_say(s, problem, out);
        return;
    }
    if (t->parameters.size > s->settings->max_message_size) {
        server_say(s, server_too_large(s), out);
        arena_clear(&s->arena);
        return;
    }
    t->reverse_path = arena_copy(&s->arena, path);
    t->parameters.envid = arena_copy(&s->arena, t->parameters.envid);
    s->wait = SERVER_WAITS_SENDER;
}

static void rcpt(struct server *s, struct span rest, struct buffer *out)
{
    struct reply problem;
    struct span path = SPAN_NONE;
    bool has_keyword = take_keyword(&rest, "TO:");
    enum address_result result =
        has_keyword ? address_parse_path(&rest, s->transaction.parameters.smtputf8, &path)
                    : ADDRESS_MALFORMED;
    if (result == ADDRESS_OK && !path.len)
        result = ADDRESS_MALFORMED; /* nobody is reached by the null path */
    if (result != ADDRESS_OK) {
        server_say(s, address_reply(result, false), out);
        return;
    }
    if (s->has_chunks) {
        server_say(s,
                   REPLY(503, 5, 5, 1,
                         "The message has begun: recipients stand before it. Please send the rest "
                         "of it, or say RSET"),
                   out);
        return;
    }
    if (s->transaction.recipient_count >= s->settings->max_recipients) {
        server_say(s,
                   REPLY(452, 4, 5, 3,
                         "That is as many recipients as one message may have here; "
                         "please send it to the others as another message"),
                   out);
        return;
    }
    struct rcpt_parameters parameters;
    const struct parameter_offer offer = server_offers(s);
    if (!rcpt_parameters_parse(rest, &offer, &parameters, &problem)) {
        server_say(s, problem, out);
        return;
    }
    s->asked.address = arena_copy(&s->arena, path);
    s->asked.parameters = parameters;
    s->asked.parameters.orcpt = arena_copy(&s->arena, parameters.orcpt);
    s->wait = SERVER_WAITS_RECIPIENT;
}

static void rset(struct server *s, struct span rest, struct buffer *out)
{
    server_end_transaction(s);
    reply_add(out, REPLY(250, 2, 0, 0, "Forgotten; ready for another message"));
}

static void noop(struct server *s, struct span rest, struct buffer *out)
{
    reply_add(out, REPLY(250, 2, 0, 0, "Here I am"));
}

static void vrfy(struct server *s, struct span rest, struct buffer *out)
{
    if (span_trim(rest).len)
        reply_add(out, REPLY(252, 2, 5, 0,
                             "This server does not tell; send the message, and it "
                             "will be delivered or answered"));
    else
        server_say(s, REPLY(501, 5, 5, 4, "Please say an address: VRFY user@example.org"), out);
}

static void help(struct server *s, struct span rest, struct buffer *out)
{
    reply_add(
        out, REPLY(214, 2, 0, 0,
                   "This is plainpost, a mail server. It knows EHLO, HELO, MAIL, RCPT, DATA,\n"
                   "RSET, NOOP, VRFY, HELP and QUIT, as RFC 5321 describes them, BDAT (RFC 3030),\n"
                   "and STARTTLS (RFC 3207) where EHLO offers it."));
}

static void not_http(struct server *s, struct span rest, struct buffer *out)
{
    server_close_with(
        s, REPLY(554, 5, 5, 1, "This is a mail server, which speaks SMTP and not HTTP; closing"),
        out);
}

static void quit(struct server *s, struct span rest, struct buffer *out)
{
    server_close_with(s, REPLY(221, 2, 0, 0, "Goodbye"), out);
}

/* ---- lines */

/* Who does not wait for replies was not told whether he may speak on, and does not listen: programs
 * that send spam are like that, and so are others into which somebody has put SMTP commands. */
static bool is_too_early(const struct server *s, const struct command *c)
{
    return s->settings->refuses_early_talk && s->has_more && !c->can_be_behind &&
           (c->ends_group || !s->is_extended);
}

static void run_command(struct server *s, const struct command *c, struct span rest,
                        struct buffer *out)
{
    if (is_too_early(s, c))
        server_close_with(s, server_spoke_too_early, out);
    else if (c->needs_hello && !s->has_hello)
        server_say(s, REPLY(503, 5, 5, 1, "Please say EHLO first"), out);
    else if (c->needs_mail && !s->has_mail)
        server_say(s, REPLY(503, 5, 5, 1, "Please say MAIL FROM first: no message is begun"), out);
    else if (!c->takes_words && span_trim(rest).len)
        server_say(s, REPLY(501, 5, 5, 4, "This command takes nothing behind it"), out);
    else
        c->run(s, rest, out);
}

/* What is wrong with the line whatever its command; code 0: nothing. Without its LF. */
static struct reply fault_of_line(struct span line)
{
    if (!line.len || line.at[line.len - 1] != '\r')
        return REPLY(500, 5, 5, 2, "That line ended in LF alone; SMTP lines end in CR LF");
    for (size_t i = 0; i + 1 < line.len; i++)
        if ((unsigned char)line.at[i] < ' ' && line.at[i] != '\t')
            return REPLY(500, 5, 5, 2,
                         "That line holds a control character; please send plain text commands");
    return (struct reply){0};
}

static bool is_bdat(struct span line)
{
    return span_equal_nocase(span_word(&line), SPAN("BDAT"));
}

static void take_line(struct server *s, struct span line, struct buffer *out)
{
    struct reply fault = fault_of_line(line);
    if (s->phase == PHASE_AUTH) {
        server_take_response(s, fault.code ? SPAN_NONE : span_first(line, line.len - 1), fault);
        return;
    }
    if (fault.code) {
        if (is_bdat(line))
            server_lost_count(s, out);
        else
            server_say(s, fault, out);
        return;
    }
    line.len--;
    struct span rest = line, verb = span_word(&rest);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (span_equal_nocase(verb, span_of(commands[i].verb))) {
            run_command(s, &commands[i], rest, out);
            return;
        }
    server_say(s,
               REPLY(500, 5, 5, 1,
                     "This server does not know that command; HELP lists those that it "
                     "knows"),
               out);
}

/* A first response stands in the line of AUTH. */
static size_t longest_line(const struct server *s)
{
    size_t usual = s->settings->max_command_line;
    bool may_log_in = s->login == SERVER_LOGIN_OFFERED;
    return may_log_in && usual < SERVER_LONGEST_AUTH ? SERVER_LONGEST_AUTH : usual;
}

/* It is read to its end. Its beginning says whether octets stand behind it. */
static void take_long_line(struct server *s, struct span piece, bool is_over, struct buffer *out)
{
    if (!s->discards_line) {
        size_t max = longest_line(s);
        buffer_add_span(&s->line, span_first(piece, max));
        s->is_long_bdat = is_bdat(span_first(buffer_span(&s->line), max));
        buffer_wipe(&s->line);
    }
    s->discards_line = !is_over;
    if (is_over && s->phase == PHASE_AUTH)
        server_take_response(
            s, SPAN_NONE, REPLY(500, 5, 5, 6, "That line is too long for a login; it is given up"));
    else if (is_over && s->is_long_bdat)
        server_lost_count(s, out);
    else if (is_over)
        server_say(s, REPLY(500, 5, 5, 2, "That line is too long for a command"), out);
}

/* Take one command line, or what has come of it. */
static void take_command(struct server *s, struct span *input, struct buffer *out)
{
    size_t lf = span_find_char(*input, '\n');
    size_t n = lf == SPAN_NOT_FOUND ? input->len : lf + 1;
    struct span piece = span_first(*input, n);
    *input = span_skip(*input, n);
    s->has_more = input->len > 0;
    if (s->line.len + n > longest_line(s) || s->discards_line) {
        take_long_line(s, piece, lf != SPAN_NOT_FOUND, out);
        return;
    }
    if (lf == SPAN_NOT_FOUND) {
        if (s->login == SERVER_LOGIN_OFFERED) /* it may be a secret, which leaves no copies */
            buffer_reserve(&s->line, SERVER_LONGEST_AUTH);
        buffer_add_span(&s->line, piece);
        return;
    }
    if (!s->line.len) { /* as nearly always: the line came whole */
        take_line(s, span_first(piece, n - 1), out);
        return;
    }
    struct buffer whole = s->line;
    s->line = BUFFER_EMPTY;
    buffer_add(&whole, piece.at, n - 1);
    take_line(s, buffer_span(&whole), out);
    buffer_wipe(&whole);
}

/* ---- the driver's side */

struct server *server_new(const struct server_settings *settings, bool trusted)
{
    struct server *s = memory_new(sizeof *s);
    s->settings = settings;
    s->is_trusted = trusted;
    return s;
}

void server_free(struct server **s)
{
    if (!*s)
        return;
    server_end_transaction(*s);
    server_auth_free(*s);
    buffer_wipe(&(*s)->line);
    buffer_free(&(*s)->client_name);
    server_front_end_free(&(*s)->front_end);
    free(*s);
    *s = NULL;
}

void server_set_time(struct server *s, int64_t now_ms)
{
    s->now_ms = now_ms;
}

enum server_wait server_input(struct server *s, struct span *input, struct buffer *out)
{
    while (input->len && s->wait == SERVER_WAITS_INPUT) {
        if (s->phase == PHASE_DATA)
            server_take_data(s, input, out);
        else if (s->phase == PHASE_CHUNK)
            server_take_chunk(s, input, out);
        else
            take_command(s, input, out);
    }
    return s->wait;
}

static void keep_recipient(struct server *s)
{
    struct transaction *t = &s->transaction;
    if (t->recipient_count == s->recipient_room) {
        size_t room = s->recipient_room ? s->recipient_room * 2 : 4;
        struct server_recipient *more = arena_new(&s->arena, room * sizeof *more);
        for (size_t i = 0; i < t->recipient_count; i++)
            more[i] = t->recipients[i];
        t->recipients = more;
        s->recipient_room = room;
    }
    t->recipients[t->recipient_count++] = s->asked;
}

/* RFC 6710 4.1: the number comes first. */
static struct reply lowered_reply(struct server *s)
{
    return (struct reply){250, STATUS(2, 3, 6),
                          arena_printf(&s->arena,
                                       "%d is the priority of this message: nothing more urgent is "
                                       "taken from this client",
                                       s->transaction.parameters.priority)};
}

enum server_wait server_answer(struct server *s, struct reply answer, struct buffer *out)
{
    enum server_wait asked = s->wait;
    assert(asked == SERVER_WAITS_SENDER || asked == SERVER_WAITS_RECIPIENT ||
           asked == SERVER_WAITS_CLIENT || asked == SERVER_WAITS_AUTH ||
           asked == SERVER_WAITS_MESSAGE);
    s->wait = SERVER_WAITS_INPUT;
    if (answer.code == 421) {
        server_close_with(s, answer, out);
        return s->wait;
    }
    bool is_yes = reply_is_positive(answer);
    if (asked == SERVER_WAITS_CLIENT && is_yes) {
        server_begin_anew(s, out);
        return s->wait;
    }
    if (asked == SERVER_WAITS_SENDER && is_yes && s->transaction.parameters.is_lowered)
        answer = lowered_reply(s);
    server_say(s, answer, out);
    if (asked == SERVER_WAITS_AUTH)
        server_auth_free(s);
    if (s->wait == SERVER_WAITS_CLOSE)
        return s->wait;
    if (asked == SERVER_WAITS_RECIPIENT && is_yes)
        keep_recipient(s);
    if (asked == SERVER_WAITS_SENDER && is_yes)
        s->has_mail = true;
    if (asked == SERVER_WAITS_MESSAGE && is_yes)
        s->messages++;
    if (asked == SERVER_WAITS_MESSAGE || (asked == SERVER_WAITS_SENDER && !is_yes))
        server_end_transaction(s);
    return s->wait;
}

enum server_wait server_end(struct server *s, struct reply why, struct buffer *out)
{
    if (s->wait != SERVER_WAITS_CLOSE)
        server_close_with(s, why, out);
    return s->wait;
}

enum server_wait server_waits(const struct server *s)
{
    return s->wait;
}

const struct server_recipient *server_asked_recipient(const struct server *s)
{
    assert(s->wait == SERVER_WAITS_RECIPIENT);
    return &s->asked;
}

struct transaction *server_transaction(struct server *s)
{
    return &s->transaction;
}
