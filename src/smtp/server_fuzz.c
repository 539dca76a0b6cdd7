/* A whole session of a hostile client, once byte by byte and once in pieces: what we reply and what
 * we take must be the same. The first line of an input says how the session goes: who is trusted,
 * what limits there are, what the driver answers and where the pieces end; the rest is what the
 * client sends. */
#include "base/fuzz.h"

#include "mail/address.h"
#include "mail/header.h"
#include "smtp/server.h"

enum { ANSWERS = 8, STEPS = 4 };

struct script {
    struct server_settings settings;
    bool is_trusted, may_xclient, has_login;
    uint8_t answers[ANSWERS];
    size_t steps[STEPS];
    struct span client;
};

struct session {
    const struct script *script;
    struct server *server;
    struct buffer replies, messages; /* all of them */
    size_t asked;
    /* As we follow it, byte by byte: */
    bool is_in_data, is_in_auth;
    uint64_t chunk_left;
    struct buffer line;
};

static struct script read_script(struct fuzz_input in)
{
    struct fuzz_input how = {fuzz_line(&in)};
    struct script s = {.settings = {.hostname = SPAN("mx.example.org"),
                                    .max_message_size = 3000,
                                    .max_command_line = 512,
                                    .max_text_line = 1000,
                                    .max_recipients = 3,
                                    .max_hops = 2},
                       .client = in.rest};
    uint8_t rights = fuzz_byte(&how);
    s.is_trusted = rights & 1;
    s.may_xclient = rights & 2;
    s.has_login = rights & 4;
    s.settings.max_errors = 1 + fuzz_number(&how, 7);
    s.settings.max_messages = fuzz_number(&how, 3);
    s.settings.max_header_size = fuzz_bool(&how) ? 4000 : 1000;
    s.settings.offers_tls = rights & 4;
    s.settings.requires_tls = (rights & 12) == 12;
    for (size_t i = 0; i < ANSWERS; i++)
        s.answers[i] = fuzz_byte(&how) & 7;
    for (size_t i = 0; i < STEPS; i++)
        s.steps[i] = 1 + fuzz_number(&how, 255);
    return s;
}

/* ---- what the driver asks for */

static void check_address(struct span address, bool may_be_utf8)
{
    assert(span_equal_nocase(address, SPAN("postmaster")) ||
           address_check(address, may_be_utf8) == ADDRESS_OK);
}

static void check_message(const struct script *script, const struct transaction *t)
{
    struct span m = buffer_span(&t->message), rest = m;
    bool is_8bit = false;
    assert(t->recipient_count >= 1 && t->recipient_count <= script->settings.max_recipients);
    for (size_t i = 0; i < t->recipient_count; i++)
        check_address(t->recipients[i].address, t->parameters.smtputf8);
    assert(m.len <= script->settings.max_message_size);
    assert(header_length(m) <= script->settings.max_header_size ||
           script->settings.max_header_size >= script->settings.max_message_size);
    assert(header_count(m, "Received") <= script->settings.max_hops);
    bool is_text = t->parameters.body != BODY_BINARYMIME;
    assert(is_text ? !t->is_binary : true);
    if (!is_text) {
        assert(span_find_char(span_first(m, header_length(m)), '\0') == SPAN_NOT_FOUND);
        return;
    }
    while (rest.len) {
        size_t end = span_find(rest, SPAN("\r\n"));
        assert(end != SPAN_NOT_FOUND && end + 2 <= script->settings.max_text_line);
        for (size_t i = 0; i < end; i++) {
            assert(rest.at[i] && rest.at[i] != '\r' && rest.at[i] != '\n');
            is_8bit |= (rest.at[i] & 0x80) != 0;
        }
        rest = span_skip(rest, end + 2);
    }
    assert(t->is_8bit == is_8bit);
}

static void note_message(struct session *s)
{
    const struct transaction *t = server_transaction(s->server);
    check_message(s->script, t);
    buffer_printf(&s->messages, "\nfrom %.*s %.*s %d:", SPAN_F(t->reverse_path),
                  SPAN_F(t->parameters.envid), t->parameters.ret);
    for (size_t i = 0; i < t->recipient_count; i++)
        buffer_printf(&s->messages, " %.*s %.*s %u", SPAN_F(t->recipients[i].address),
                      SPAN_F(t->recipients[i].parameters.orcpt),
                      t->recipients[i].parameters.notify);
    buffer_add_span(&s->messages, buffer_span(&t->message));
}

/* The words of a refusal may hold what the client said, as those of the directory do. */
static struct reply answer_for(struct session *s, struct span words)
{
    switch (s->script->answers[s->asked++ % ANSWERS]) {
    case 1:
        return REPLY(450, 4, 2, 0, "Not now");
    case 2:
        return (struct reply){550, STATUS(5, 1, 1), words};
    case 3:
        return REPLY(421, 4, 3, 0, "Not here");
    case 4:
        return (struct reply){251, STATUS_NONE, words};
    case 5:
        return REPLY(554, 5, 7, 1, "No\nand no again\n");
    default:
        return REPLY(250, 2, 0, 0, "Yes");
    }
}

static void answer_auth(struct session *s)
{
    const struct server_auth *a = server_asked_auth(s->server);
    assert(span_equal_nocase(a->mechanism, SPAN("PLAIN")) ||
           span_equal_nocase(a->mechanism, SPAN("LOGIN")));
    assert(s->script->has_login && a->response.len <= SERVER_LONGEST_AUTH);
    assert(a->has_response || (a->is_first && !a->fault.code));
    if (a->fault.code) {
        server_answer(s->server, a->fault, &s->replies);
        return;
    }
    struct reply r = answer_for(s, SPAN_NONE);
    if (r.code == 250) {
        server_challenge(s->server, SPAN("Zm9v"), &s->replies);
        return;
    }
    server_answer(s->server, r, &s->replies);
    if (reply_is_positive(r))
        server_set_login(s->server, SERVER_LOGIN_DONE, SPAN_NONE);
}

static void answer(struct session *s)
{
    struct transaction *t = server_transaction(s->server);
    struct span words = SPAN_NONE;
    if (server_waits(s->server) == SERVER_WAITS_AUTH) {
        answer_auth(s);
        return;
    }
    switch (server_waits(s->server)) {
    case SERVER_WAITS_SENDER:
        if (t->reverse_path.len)
            check_address(t->reverse_path, t->parameters.smtputf8);
        words = t->reverse_path;
        break;
    case SERVER_WAITS_RECIPIENT:
        words = server_asked_recipient(s->server)->address;
        check_address(words, t->parameters.smtputf8);
        break;
    case SERVER_WAITS_CLIENT:
        assert(s->script->may_xclient && !t->reverse_path.len);
        words = server_asked_client(s->server)->at[XCLIENT_HELO].text;
        break;
    case SERVER_WAITS_TLS:
        assert(s->script->settings.offers_tls && !server_is_secure(s->server));
        server_secured(s->server);
        return;
    case SERVER_WAITS_MESSAGE:
        note_message(s);
        break;
    case SERVER_WAITS_AUTH:
    case SERVER_WAITS_INPUT:
    case SERVER_WAITS_CLOSE:
        abort();
    }
    server_answer(s->server, answer_for(s, words), &s->replies);
}

/* ---- the session */

static void feed(struct session *s, struct span bytes)
{
    struct span piece = fuzz_piece(bytes), rest = piece;
    for (;;) {
        enum server_wait wait = server_input(s->server, &rest, &s->replies);
        assert(wait == server_waits(s->server) && (wait != SERVER_WAITS_INPUT || !rest.len));
        if (wait == SERVER_WAITS_INPUT || wait == SERVER_WAITS_CLOSE)
            break;
        answer(s);
    }
    fuzz_piece_free(piece);
}

/* How many replies stand in `s`, each of them well formed. */
static size_t count_replies(struct span s)
{
    size_t count = 0;
    struct span code = SPAN_NONE; /* of the reply that is not over */
    while (s.len) {
        size_t end = span_find(s, SPAN("\r\n"));
        assert(end != SPAN_NOT_FOUND && end >= 4 && end + 2 <= 512);
        struct span line = span_first(s, end);
        for (size_t i = 0; i < line.len; i++)
            assert((unsigned char)line.at[i] >= ' ' && line.at[i] != 0x7F);
        assert(line.at[0] >= '2' && line.at[0] <= '5' && ascii_is_digit(line.at[1]) &&
               ascii_is_digit(line.at[2]) && (line.at[3] == ' ' || line.at[3] == '-'));
        assert(!code.len || span_starts(line, code));
        code = line.at[3] == '-' ? span_first(line, 3) : SPAN_NONE;
        count += line.at[3] == ' ';
        s = span_skip(s, end + 2);
    }
    assert(!code.len);
    return count;
}

static struct span without_end(struct span line)
{
    while (line.len && (line.at[line.len - 1] == '\r' || line.at[line.len - 1] == '\n'))
        line.len--;
    return line;
}

/* The octets that a line promises: of a BDAT that is understood. */
static uint64_t chunk_of(struct span line)
{
    uint64_t octets = 0;
    if (!span_equal_nocase(span_word(&line), SPAN("BDAT")) ||
        !span_to_u64(span_word(&line), UINT64_MAX / 2, &octets))
        return 0;
    return octets;
}

/* How many replies the client must get now. */
static size_t replies_due(struct session *s, char c)
{
    if (s->chunk_left)
        return --s->chunk_left == 0;
    buffer_add_char(&s->line, c);
    if (s->is_in_data || c != '\n')
        return 0;
    s->chunk_left = s->is_in_auth ? 0 : chunk_of(without_end(buffer_span(&s->line)));
    s->is_in_auth = false;
    buffer_clear(&s->line);
    return s->chunk_left == 0;
}

/* A command line gets one reply, but a BDAT gets it behind its octets; and so does DATA at its end;
 * nothing else does. Only the last reply may be followed by the words that close the session. */
static void feed_and_count(struct session *s, struct span byte)
{
    size_t before = s->replies.len;
    size_t want = replies_due(s, byte.at[0]);
    feed(s, byte);
    struct span said = span_skip(buffer_span(&s->replies), before);
    size_t count = count_replies(said);
    bool is_closed = server_waits(s->server) == SERVER_WAITS_CLOSE;
    if (s->is_in_data) {
        want = count > 0;
        s->is_in_data = !want;
        buffer_clear(&s->line);
    } else {
        s->is_in_data = count && span_starts(said, SPAN("354"));
        s->is_in_auth |= count && span_starts(said, SPAN("334"));
    }
    assert(s->is_in_data || s->chunk_left ? server_is_in_data(s->server) || is_closed : true);
    assert(count == want || (is_closed && want && count == 2) ||
           (is_closed && span_starts(said, SPAN("521"))));
}

static struct session session_start(const struct script *script)
{
    struct session s = {.script = script,
                        .server = server_new(&script->settings, script->is_trusted)};
    server_set_rights(s.server, script->is_trusted, script->may_xclient);
    if (script->has_login)
        server_set_login(s.server, SERVER_LOGIN_OFFERED, SPAN("PLAIN LOGIN"));
    server_greet(s.server, NULL, &s.replies);
    return s;
}

static void session_end(struct session *s)
{
    server_end(s->server, REPLY(421, 4, 4, 2, "Too slow"), &s->replies);
    assert(server_waits(s->server) == SERVER_WAITS_CLOSE);
    server_free(&s->server);
    buffer_free(&s->line);
    count_replies(buffer_span(&s->replies));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct script script = read_script(fuzz_start(at, len));
    struct session bytes = session_start(&script), pieces = session_start(&script);
    for (struct span rest = script.client; rest.len; rest = span_skip(rest, 1))
        if (server_waits(bytes.server) == SERVER_WAITS_INPUT)
            feed_and_count(&bytes, span_first(rest, 1));
    size_t turn = 0;
    for (struct span rest = script.client; rest.len;) {
        size_t step = script.steps[turn++ % STEPS], line = span_find_char(rest, '\n');
        if (script.settings.offers_tls &&
            line < step) /* what is behind STARTTLS ends the session */
            step = line + 1;
        if (server_waits(pieces.server) == SERVER_WAITS_INPUT)
            feed(&pieces, span_first(rest, step));
        rest = span_skip(rest, step);
    }
    session_end(&bytes);
    session_end(&pieces);
    assert(span_equal(buffer_span(&bytes.replies), buffer_span(&pieces.replies)));
    assert(span_equal(buffer_span(&bytes.messages), buffer_span(&pieces.messages)));
    buffer_free(&bytes.replies);
    buffer_free(&bytes.messages);
    buffer_free(&pieces.replies);
    buffer_free(&pieces.messages);
    return 0;
}
