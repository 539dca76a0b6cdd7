/* Commands are lines, and are looked up in one table; between DATA's 354 and the lone dot
 * everything goes through dots_read. What is wrong with a message is found while it comes and told
 * at its end, since that is when the client listens. */
#include "smtp/server.h"

#include "base/memory.h"
#include "mail/address.h"
#include "mail/header.h"
#include "smtp/dots.h"

#include <assert.h>
#include <stdlib.h>

enum phase { PHASE_COMMANDS, PHASE_DATA };

struct server {
    const struct server_settings *settings;
    enum server_wait wait;
    enum phase phase;
    bool is_trusted, is_extended, has_hello, has_mail;
    bool discards_line; /* the command line is too long: read to its end */
    struct buffer line; /* a command line of which only the beginning has come */
    struct buffer client_name;
    struct arena arena; /* of the transaction */
    struct transaction transaction;
    struct server_recipient asked;
    size_t recipient_room;
    struct dots_reader dots;
    struct reply refusal; /* of the message that comes; code 0: none yet */
    bool header_is_over;
    size_t header_length, header_seen; /* of its whole lines so far; of what was looked at */
    size_t errors, messages;
};

typedef void command_fn(struct server *s, struct span rest, struct buffer *out);

static command_fn hello, extended_hello, mail, rcpt, data, rset, noop, vrfy, help, quit;

/* The protocol on one screen: RFC 5321 4.1.4 says what must have come before. */
static const struct command {
    const char *verb;
    command_fn *run;
    bool needs_hello, needs_mail;
    bool takes_words; /* else anything behind the verb is an error */
} commands[] = {
    {"EHLO", extended_hello, false, false, true},
    {"HELO", hello, false, false, true},
    {"MAIL", mail, true, false, true},
    {"RCPT", rcpt, true, true, true},
    {"DATA", data, true, true, false},
    {"RSET", rset, false, false, false},
    {"NOOP", noop, false, false, true},
    {"VRFY", vrfy, false, false, true},
    {"HELP", help, false, false, true},
    {"QUIT", quit, false, false, false},
};

static const struct parameter_offer offer_to[] = {
    [false] = {.size = true, .body = true, .smtputf8 = true, .dsn = false},
    [true] = {.size = true, .body = true, .smtputf8 = true, .dsn = true},
};

/* ---- replies */

static void end_transaction(struct server *s)
{
    buffer_free(&s->transaction.message);
    arena_clear(&s->arena);
    s->transaction = (struct transaction){.reverse_path = SPAN_NONE};
    s->recipient_room = 0;
    s->has_mail = false;
}

static void close_with(struct server *s, struct reply why, struct buffer *out)
{
    reply_add(out, why);
    end_transaction(s);
    s->wait = SERVER_WAITS_CLOSE;
}

/* Every reply that is the fault of the client counts: who makes too many is not talking SMTP. */
static void say(struct server *s, struct reply r, struct buffer *out)
{
    reply_add(out, r);
    if (reply_is_permanent(r) && ++s->errors >= s->settings->max_errors)
        close_with(s,
                   REPLY(421, 4, 7, 0,
                         "Too many errors in this session; closing. Please look "
                         "at the replies above"),
                   out);
}

/* ---- commands */

static bool take_client_name(struct server *s, struct span rest, struct buffer *out)
{
    struct span name = span_trim(rest);
    bool ok = name.len > 0 && name.len <= 255;
    for (size_t i = 0; i < name.len && ok; i++)
        ok = (unsigned char)name.at[i] > ' ' && name.at[i] != 0x7F;
    if (!ok) {
        say(s, REPLY(501, 5, 5, 4, "Please say your host name: EHLO client.example.org"), out);
        return false;
    }
    end_transaction(s);
    buffer_free(&s->client_name);
    buffer_add_span(&s->client_name, name);
    s->has_hello = true;
    return true;
}

static void hello(struct server *s, struct span rest, struct buffer *out)
{
    if (!take_client_name(s, rest, out))
        return;
    s->is_extended = false;
    reply_add(out, (struct reply){250, STATUS_NONE, s->settings->hostname});
}

static void extended_hello(struct server *s, struct span rest, struct buffer *out)
{
    if (!take_client_name(s, rest, out))
        return;
    s->is_extended = true;
    buffer_printf(out,
                  "250-%.*s\r\n250-PIPELINING\r\n250-SIZE %llu\r\n250-8BITMIME\r\n%s"
                  "250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 HELP\r\n",
                  SPAN_F(s->settings->hostname), (unsigned long long)s->settings->max_message_size,
                  s->is_trusted ? "250-DSN\r\n" : "");
}

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

static struct reply too_large(struct server *s)
{
    return (struct reply){
        552, STATUS(5, 3, 4),
        arena_printf(&s->arena, "This message is too large: this server takes at most %llu bytes",
                     (unsigned long long)s->settings->max_message_size)};
}

static void mail(struct server *s, struct span rest, struct buffer *out)
{
    struct transaction *t = &s->transaction;
    struct reply problem;
    struct span path;
    if (s->has_mail) {
        say(s, REPLY(503, 5, 5, 1, "A message is already begun; finish it, or say RSET first"),
            out);
        return;
    }
    if (s->settings->max_messages && s->messages >= s->settings->max_messages) {
        close_with(s,
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
        say(s, address_reply(result, true), out);
        return;
    }
    if (!mail_parameters_parse(rest, &offer_to[s->is_trusted], &t->parameters, &problem)) {
        say(s, problem, out);
        return;
    }
    if (t->parameters.size > s->settings->max_message_size) {
        say(s, too_large(s), out);
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
        say(s, address_reply(result, false), out);
        return;
    }
    if (s->transaction.recipient_count >= s->settings->max_recipients) {
        say(s,
            REPLY(452, 4, 5, 3,
                  "That is as many recipients as one message may have here; "
                  "please send it to the others as another message"),
            out);
        return;
    }
    struct rcpt_parameters parameters;
    if (!rcpt_parameters_parse(rest, &offer_to[s->is_trusted], &parameters, &problem)) {
        say(s, problem, out);
        return;
    }
    s->asked.address = arena_copy(&s->arena, path);
    s->asked.parameters = parameters;
    s->asked.parameters.orcpt = arena_copy(&s->arena, parameters.orcpt);
    s->wait = SERVER_WAITS_RECIPIENT;
}

static void data(struct server *s, struct span rest, struct buffer *out)
{
    if (!s->transaction.recipient_count) {
        say(s,
            REPLY(554, 5, 5, 1,
                  "No recipient of this message was accepted; there is nobody to "
                  "deliver it to"),
            out);
        return;
    }
    reply_add(out, (struct reply){354, STATUS_NONE,
                                  SPAN("Go ahead; end with a dot on a line of "
                                       "its own")});
    s->phase = PHASE_DATA;
    s->dots = (struct dots_reader){0};
    s->refusal = (struct reply){0};
    s->header_is_over = false;
    s->header_length = s->header_seen = 0;
}

static void rset(struct server *s, struct span rest, struct buffer *out)
{
    end_transaction(s);
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
        say(s, REPLY(501, 5, 5, 4, "Please say an address: VRFY user@example.org"), out);
}

static void help(struct server *s, struct span rest, struct buffer *out)
{
    reply_add(out,
              REPLY(214, 2, 0, 0,
                    "This is plainpost, a mail server. It knows EHLO, HELO, MAIL, RCPT, DATA,\n"
                    "RSET, NOOP, VRFY, HELP and QUIT, as RFC 5321 describes them."));
}

static void quit(struct server *s, struct span rest, struct buffer *out)
{
    close_with(s, REPLY(221, 2, 0, 0, "Goodbye"), out);
}

/* ---- lines */

static void run_command(struct server *s, const struct command *c, struct span rest,
                        struct buffer *out)
{
    if (c->needs_hello && !s->has_hello)
        say(s, REPLY(503, 5, 5, 1, "Please say EHLO first"), out);
    else if (c->needs_mail && !s->has_mail)
        say(s, REPLY(503, 5, 5, 1, "Please say MAIL FROM first: no message is begun"), out);
    else if (!c->takes_words && span_trim(rest).len)
        say(s, REPLY(501, 5, 5, 4, "This command takes nothing behind it"), out);
    else
        c->run(s, rest, out);
}

static void take_line(struct server *s, struct span line, struct buffer *out)
{
    if (!line.len || line.at[line.len - 1] != '\r') {
        say(s, REPLY(500, 5, 5, 2, "That line ended in LF alone; SMTP lines end in CR LF"), out);
        return;
    }
    line.len--;
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.at[i] < ' ' && line.at[i] != '\t') {
            say(s,
                REPLY(500, 5, 5, 2,
                      "That line holds a control character; please send plain "
                      "text commands"),
                out);
            return;
        }
    struct span rest = line, verb = span_word(&rest);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (span_equal_nocase(verb, span_of(commands[i].verb))) {
            run_command(s, &commands[i], rest, out);
            return;
        }
    say(s,
        REPLY(500, 5, 5, 1,
              "This server does not know that command; HELP lists those that it "
              "knows"),
        out);
}

/* Take one command line, or what has come of it. */
static void take_command(struct server *s, struct span *input, struct buffer *out)
{
    size_t lf = span_find_char(*input, '\n');
    size_t n = lf == SPAN_NOT_FOUND ? input->len : lf + 1;
    struct span piece = span_first(*input, n);
    *input = span_skip(*input, n);
    if (s->line.len + n > s->settings->max_command_line || s->discards_line) {
        s->discards_line = lf == SPAN_NOT_FOUND; /* it is read to its end */
        buffer_free(&s->line);
        if (!s->discards_line)
            say(s, REPLY(500, 5, 5, 2, "That line is too long for a command"), out);
        return;
    }
    if (lf == SPAN_NOT_FOUND) {
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
    buffer_free(&whole);
}

/* ---- message data */

/* Go over the lines of the header that have come since the last time. It ends before the first
 * line that is neither a field nor the rest of one, as header_length sees it. What is beyond the
 * limit of a message is not looked at: had it come in small pieces it would not be here. */
static void follow_header(struct server *s)
{
    struct span message =
        span_first(buffer_span(&s->transaction.message), (size_t)s->settings->max_message_size);
    struct span rest = span_skip(message, s->header_length);
    bool has_line = span_find_char(span_skip(message, s->header_seen), '\n') != SPAN_NOT_FOUND;
    s->header_seen = message.len;
    if (!has_line) /* an endless line is not read again for each piece of it */
        return;
    for (size_t lf; !s->header_is_over && (lf = span_find_char(rest, '\n')) != SPAN_NOT_FOUND;) {
        struct span line = span_first(rest, lf + 1);
        bool is_folded = s->header_length && (line.at[0] == ' ' || line.at[0] == '\t');
        struct header_iterator it = header_start(line);
        struct header_field field;
        s->header_is_over = !is_folded && header_next(&it, &field) <= 0;
        if (!s->header_is_over)
            s->header_length += line.len;
        rest = span_skip(rest, line.len);
    }
}

/* A message that is over both limits is told of one, the same one in whatever pieces it comes. */
static void check_sizes(struct server *s)
{
    const struct server_settings *limits = s->settings;
    follow_header(s);
    if (s->header_length > limits->max_header_size &&
        limits->max_header_size < limits->max_message_size)
        server_refuse_message(s,
                              REPLY(552, 5, 3, 4,
                                    "The header of this message is too large; please send it with "
                                    "fewer recipients in To and Cc, or fewer header fields"));
    else if (s->transaction.message.len > limits->max_message_size)
        server_refuse_message(s, too_large(s));
}

/* What is wrong with the message that has come; code 0: nothing. */
static struct reply fault_of_message(struct server *s)
{
    const struct dots_reader *d = &s->dots;
    struct span message = buffer_span(&s->transaction.message);
    if (s->refusal.code)
        return s->refusal;
    if (d->has_nul)
        return REPLY(550, 5, 6, 0,
                     "This message holds a NUL byte, which mail can't carry; please "
                     "send what holds it as an attachment");
    if (d->has_bare_cr || d->has_bare_lf)
        return REPLY(550, 5, 6, 0,
                     "This message has a line that does not end in CR LF but in CR "
                     "or LF alone; the sending program must write CR LF (RFC 5321 "
                     "2.3.8)");
    if (d->longest_line + 2 > s->settings->max_text_line)
        return (struct reply){
            550, STATUS(5, 6, 0),
            arena_printf(&s->arena,
                         "This message has a line of %zu characters; at most %zu are taken here. "
                         "The sending program should encode it (quoted-printable or base64)",
                         d->longest_line, s->settings->max_text_line - 2)};
    if (header_count(message, "Received") > s->settings->max_hops)
        return REPLY(554, 5, 4, 6,
                     "This message has passed through too many servers; it probably "
                     "runs in a circle between two that forward to each other");
    return (struct reply){0};
}

static void take_data(struct server *s, struct span *input, struct buffer *out)
{
    bool is_dropped = s->refusal.code != 0;
    bool is_over = dots_read(&s->dots, input, is_dropped ? NULL : &s->transaction.message);
    if (!is_dropped)
        check_sizes(s);
    if (!is_over)
        return;
    s->phase = PHASE_COMMANDS;
    s->transaction.is_8bit = s->dots.has_8bit;
    struct reply fault = fault_of_message(s);
    if (fault.code) {
        say(s, fault, out);
        end_transaction(s);
        return;
    }
    s->wait = SERVER_WAITS_MESSAGE;
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
    end_transaction(*s);
    buffer_free(&(*s)->line);
    buffer_free(&(*s)->client_name);
    free(*s);
    *s = NULL;
}

void server_greet(struct server *s, const struct reply *refusal, struct buffer *out)
{
    if (refusal)
        close_with(s, *refusal, out);
    else
        buffer_printf(out, "220 %.*s ESMTP plainpost\r\n", SPAN_F(s->settings->hostname));
}

enum server_wait server_input(struct server *s, struct span *input, struct buffer *out)
{
    while (input->len && s->wait == SERVER_WAITS_INPUT) {
        if (s->phase == PHASE_DATA)
            take_data(s, input, out);
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

enum server_wait server_answer(struct server *s, struct reply answer, struct buffer *out)
{
    enum server_wait asked = s->wait;
    assert(asked == SERVER_WAITS_SENDER || asked == SERVER_WAITS_RECIPIENT ||
           asked == SERVER_WAITS_MESSAGE);
    s->wait = SERVER_WAITS_INPUT;
    if (answer.code == 421) {
        close_with(s, answer, out);
        return s->wait;
    }
    bool is_yes = reply_is_positive(answer);
    say(s, answer, out);
    if (s->wait == SERVER_WAITS_CLOSE)
        return s->wait;
    if (asked == SERVER_WAITS_RECIPIENT && is_yes)
        keep_recipient(s);
    if (asked == SERVER_WAITS_SENDER && is_yes)
        s->has_mail = true;
    if (asked == SERVER_WAITS_MESSAGE && is_yes)
        s->messages++;
    if (asked == SERVER_WAITS_MESSAGE || (asked == SERVER_WAITS_SENDER && !is_yes))
        end_transaction(s);
    return s->wait;
}

enum server_wait server_end(struct server *s, struct reply why, struct buffer *out)
{
    if (s->wait != SERVER_WAITS_CLOSE)
        close_with(s, why, out);
    return s->wait;
}

void server_refuse_message(struct server *s, struct reply why)
{
    assert(s->phase == PHASE_DATA);
    s->refusal = why;
    buffer_free(&s->transaction.message);
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

struct span server_client_name(const struct server *s)
{
    return buffer_span(&s->client_name);
}

bool server_is_extended(const struct server *s)
{
    return s->is_extended;
}

bool server_is_in_data(const struct server *s)
{
    return s->phase == PHASE_DATA && s->wait == SERVER_WAITS_INPUT;
}
