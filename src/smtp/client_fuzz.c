/* Messages for a hostile server. The first lines of an input say how the session goes, and give the
 * envelope; then come the server's replies, up to a line "--", and behind it the body. Whatever the
 * server says, each recipient has a result, only commands and one body at a time are sent, and a
 * recipient counts as served only when all of the body went before; a question sends none. Where it
 * is to log in, nothing goes out before that. */
#include "base/fuzz.h"

#include "mail/address.h"
#include "smtp/client.h"
#include "smtp/dots.h"

enum { MOST_RECIPIENTS = 3, MOST_MESSAGES = 3 };

struct script {
    size_t recipient_count, message_count, step;
    bool is_lmtp, can_t_be_formed, follows;
    enum client_tls tls;
    bool logs_in, gives_up_login;
    bool breaks_lines; /* the replies come line by line, in pieces; else all that there is */
    struct client_message message;
    struct span recipients[MOST_RECIPIENTS];
    struct rcpt_parameters parameters[MOST_RECIPIENTS];
    struct span server, body;
};

struct session {
    const struct script *script;
    struct client *client;
    struct buffer out, wire, told; /* of one call; a body as it is sent; all results */
    bool has_body;                 /* of this message, to its end */
    bool is_chunk;                 /* it goes by BDAT */
    struct client_message *next;   /* NULL: this is the last one */
    bool is_followed;              /* the next one has begun already */
};

static const struct parameter_offer all = {.size = true,
                                           .body = true,
                                           .binary = true,
                                           .smtputf8 = true,
                                           .dsn = true,
                                           .mt_priority = true,
                                           .max_priority = 9,
                                           .deliverby = true};

/* What no server of ours would have taken is not in an envelope. */
static struct span address_or(struct span line, bool is_utf8, struct span other)
{
    return address_check(line, is_utf8) == ADDRESS_OK ? line : other;
}

static bool is_command_line(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < ' ')
            return false;
    return true;
}

static struct script read_script(struct fuzz_input in)
{
    struct fuzz_input how = {fuzz_line(&in)};
    struct script s = {.recipient_count = 1 + fuzz_number(&how, MOST_RECIPIENTS - 1),
                       .message_count = 1 + fuzz_number(&how, MOST_MESSAGES - 1),
                       .breaks_lines = fuzz_bool(&how),
                       .step = 1 + fuzz_number(&how, 100)};
    struct client_message *m = &s.message;
    struct reply problem;
    m->is_8bit = fuzz_bool(&how);
    s.is_lmtp = fuzz_bool(&how);
    s.can_t_be_formed = fuzz_bool(&how);
    m->is_question = fuzz_bool(&how);
    s.follows = fuzz_bool(&how);
    s.tls = (enum client_tls)fuzz_number(&how, CLIENT_TLS_ALWAYS);
    s.logs_in = fuzz_bool(&how);
    s.gives_up_login = fuzz_bool(&how);
    struct span mail = fuzz_line(&in), rcpt = fuzz_line(&in);
    if (!is_command_line(mail) || !mail_parameters_parse(mail, &all, &m->parameters, &problem))
        m->parameters = (struct mail_parameters){.envid = SPAN_NONE};
    m->time_left = m->parameters.by_ms; /* it is 0 o'clock */
    bool is_utf8 = m->parameters.smtputf8;
    m->reverse_path = address_or(fuzz_line(&in), is_utf8, SPAN_NONE);
    for (size_t i = 0; i < s.recipient_count; i++) {
        s.recipients[i] = address_or(fuzz_line(&in), is_utf8, SPAN("bob@example.net"));
        if (!is_command_line(rcpt) ||
            !rcpt_parameters_parse(rcpt, &all, &s.parameters[i], &problem))
            s.parameters[i] = (struct rcpt_parameters){.orcpt = SPAN_NONE};
    }
    size_t cut = span_find(in.rest, SPAN("\n--\n"));
    s.server = cut == SPAN_NOT_FOUND ? in.rest : span_first(in.rest, cut + 1);
    s.body = cut == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(in.rest, cut + 4);
    m->size = s.body.len;
    m->recipient_count = s.recipient_count;
    return s;
}

/* ---- what is sent */

static bool is_command(struct span line)
{
    static const struct span verbs[] = {SPAN("EHLO us.example.org"),
                                        SPAN("HELO us.example.org"),
                                        SPAN("LHLO us.example.org"),
                                        SPAN("STARTTLS"),
                                        SPAN("MAIL FROM:<"),
                                        SPAN("RCPT TO:<"),
                                        SPAN("BDAT "),
                                        SPAN("AUTH PLAIN"),
                                        SPAN("c2VjcmV0"),
                                        SPAN("DATA"),
                                        SPAN("RSET"),
                                        SPAN("QUIT")};
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (span_starts(line, verbs[i]))
            return (i >= 4 && i <= 6) || line.len == verbs[i].len;
    return span_equal(line, SPAN(".")); /* nobody was accepted, and yet it wants data */
}

static void check_commands(const struct session *s)
{
    struct span rest = buffer_span(&s->out);
    bool must_be_secure = s->script->tls == CLIENT_TLS_ALWAYS && !client_is_secure(s->client);
    while (rest.len) {
        struct span line = span_cut(&rest, '\n');
        assert(!must_be_secure || !span_starts(line, SPAN("MAIL")));
        assert(s->script->logs_in || !span_starts(line, SPAN("AUTH")));
        assert(!s->script->logs_in || client_is_logged_in(s->client) ||
               !span_starts(line, SPAN("MAIL")));
        assert(line.len && line.at[line.len - 1] == '\r');
        line.len--;
        assert(line.len + 2 <= 1200 && is_command(line));
        for (size_t i = 0; i < line.len; i++)
            assert((unsigned char)line.at[i] >= ' ' && line.at[i] != 0x7F);
    }
}

/* As the server reads it: it ends where we end it, and is the body. */
static void check_body(const struct session *s)
{
    struct dots_reader d = {0};
    struct buffer read = BUFFER_EMPTY;
    struct span rest = buffer_span(&s->wire), body = s->script->body;
    if (s->is_chunk) { /* its octets were counted */
        assert(span_equal(rest, body));
        return;
    }
    assert(dots_read(&d, &rest, &read) && !rest.len);
    struct span tail = span_skip(buffer_span(&read), body.len);
    assert(span_starts(buffer_span(&read), body));
    assert(!tail.len || span_equal(tail, SPAN("\r\n")));
    buffer_free(&read);
}

static enum client_wait send_body(struct session *s)
{
    enum client_wait wait = CLIENT_WAITS_BODY;
    struct span rest = s->script->body;
    buffer_clear(&s->wire);
    do {
        struct span piece = span_first(rest, s->script->step);
        rest = span_skip(rest, s->script->step);
        wait = client_body(s->client, piece, !rest.len, &s->wire);
    } while (rest.len);
    assert(wait == CLIENT_WAITS_INPUT);
    check_body(s);
    s->has_body = true;
    return wait;
}

/* ---- the results */

static void tell_results(struct session *s, const struct client_message *m)
{
    for (size_t i = 0; i < m->recipient_count; i++) {
        const struct client_result *r = &m->results[i];
        assert(r->is_decided && (!r->reply.code || (r->reply.code >= 200 && r->reply.code < 600)));
        assert(*client_stage_words(r->stage));
        if (reply_is_positive(r->reply))
            assert(r->reply.code < 300 &&
                   (m->is_question ? r->stage == STAGE_RCPT && !s->has_body
                                   : r->stage == STAGE_MESSAGE && s->has_body));
        buffer_printf(&s->told, "%d %d ", r->reply.code, r->stage);
        buffer_add_span(&s->told, r->reply.text);
    }
    buffer_add_char(&s->told, '\n');
}

static void check_server_name(const struct client *c)
{
    struct span name = client_server_name(c);
    assert(name.len <= 255);
    for (size_t i = 0; i < name.len; i++)
        assert((unsigned char)name.at[i] > ' ' && name.at[i] != 0x7F);
}

/* ---- the session */

static struct span next_piece(const struct script *script, struct span server)
{
    size_t lf = span_find_char(server, '\n');
    if (!script->breaks_lines)
        return server;
    return span_first(span_first(server, script->step), lf == SPAN_NOT_FOUND ? lf : lf + 1);
}

static bool ends_with_bdat(struct span commands)
{
    struct span last = SPAN_NONE;
    while (commands.len)
        last = span_cut(&commands, '\n');
    return span_starts(last, SPAN("BDAT "));
}

static enum client_wait log_in(struct session *s)
{
    struct span word = SPAN("c2VjcmV0");
    if (s->script->gives_up_login)
        return client_no_login(s->client, REPLY(0, 4, 3, 5, "there is no password"));
    switch (client_login(s->client)) {
    case CLIENT_LOGIN_BEGINS:
        return client_auth(s->client, SPAN("PLAIN"), NULL, &s->out);
    case CLIENT_LOGIN_RESPONDS:
        return client_respond(s->client, word, &s->out);
    case CLIENT_LOGIN_ACCEPTED:
        return client_logged_in(s->client, &s->out);
    case CLIENT_LOGIN_REFUSED:
        break;
    }
    struct reply why = client_refusal(s->client);
    assert(why.code >= 400);
    return client_no_login(s->client, (struct reply){0, STATUS(4, 3, 5), why.text});
}

/* Until the message is done. Takes from `*server`, which breaks off at its end. */
static enum client_wait finish(struct session *s, enum client_wait wait, struct span *server)
{
    while (wait == CLIENT_WAITS_BODY || wait == CLIENT_WAITS_FORM || wait == CLIENT_WAITS_TLS ||
           wait == CLIENT_WAITS_LOGIN || (wait == CLIENT_WAITS_INPUT && server->len)) {
        check_commands(s);
        s->is_chunk = ends_with_bdat(buffer_span(&s->out));
        buffer_clear(&s->out);
        if (wait == CLIENT_WAITS_TLS) {
            assert(s->script->tls != CLIENT_TLS_NEVER && !client_is_secure(s->client));
            wait = client_secured(s->client, &s->out);
            continue;
        }
        if (wait == CLIENT_WAITS_LOGIN) {
            assert(s->script->logs_in && !client_is_logged_in(s->client));
            wait = log_in(s);
            continue;
        }
        if (wait == CLIENT_WAITS_FORM) { /* the script's body stands for the converted one */
            wait = s->script->can_t_be_formed
                       ? client_unformed(s->client, REPLY(0, 5, 6, 3, "it is signed"))
                       : client_formed(s->client, s->script->body.len,
                                       client_form(s->client) == FORM_8BIT, &s->out);
            continue;
        }
        if (wait == CLIENT_WAITS_BODY) {
            wait = send_body(s);
            s->is_followed = s->next && client_follow(s->client, s->next, &s->out);
            continue;
        }
        struct span piece = fuzz_piece(next_piece(s->script, *server)), rest = piece;
        wait = client_input(s->client, &rest, &s->out);
        assert(!rest.len || wait == CLIENT_DONE || wait == CLIENT_DONE_CLOSED ||
               wait == CLIENT_WAITS_FORM);
        *server = span_skip(*server, piece.len - rest.len);
        fuzz_piece_free(piece);
    }
    if (wait == CLIENT_WAITS_INPUT)
        wait = client_broken(s->client, REPLY(0, 4, 4, 2, "the connection broke"));
    check_commands(s);
    buffer_clear(&s->out);
    return wait;
}

static void hold(const struct script *script, struct buffer *told)
{
    struct session s = {.script = script,
                        .client = client_new(SPAN("us.example.org"), script->is_lmtp)};
    struct span server = script->server;
    client_set_tls(s.client, script->tls);
    if (script->logs_in)
        client_wants_login(s.client);
    enum client_wait wait = CLIENT_READY;
    struct client_result results[MOST_MESSAGES][MOST_RECIPIENTS];
    struct client_message m[MOST_MESSAGES];
    for (size_t i = 0; i < script->message_count; i++) {
        m[i] = script->message;
        m[i].recipients = script->recipients;
        m[i].recipient_parameters = script->parameters;
        m[i].results = results[i];
    }
    for (size_t i = 0; i < script->message_count && wait != CLIENT_DONE_CLOSED; i++) {
        bool has_begun = s.is_followed;
        s.next = script->follows && i + 1 < script->message_count ? &m[i + 1] : NULL;
        s.has_body = s.is_followed = false;
        wait = has_begun ? client_waits(s.client) : client_start(s.client, &m[i], &s.out);
        wait = finish(&s, wait, &server);
        assert(wait == CLIENT_DONE || wait == CLIENT_DONE_CLOSED);
        tell_results(&s, &m[i]);
        check_server_name(s.client);
    }
    client_quit(s.client, &s.out);
    check_commands(&s);
    client_free(&s.client);
    buffer_free(&s.out);
    buffer_free(&s.wire);
    *told = s.told;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct script script = read_script(fuzz_start(at, len));
    struct buffer told, told_in_lines;
    hold(&script, &told);
    if (script.breaks_lines) { /* a reply that comes before its time is another session */
        script.step = SIZE_MAX;
        hold(&script, &told_in_lines);
        assert(span_equal(buffer_span(&told), buffer_span(&told_in_lines)));
        buffer_free(&told_in_lines);
    }
    buffer_free(&told);
    return 0;
}
