/* A message comes as lines up to a lone dot (DATA), or as chunks whose octets are counted (BDAT,
 * RFC 3030). What is wrong with it is found while it comes, and told when the client listens: at
 * its end, or at the end of a chunk. A chunk's octets are always read, also those of a chunk that
 * nobody wants, because the next command stands behind them. When a message that comes in chunks
 * is refused, the chunks behind that, which may be on their way already, get the same reply. */
#include "smtp/server_inside.h"

#include "mail/header.h"

#include <assert.h>

/* ---- limits */

struct reply server_too_large(struct server *s)
{
    return (struct reply){
        552, STATUS(5, 3, 4),
        arena_printf(&s->arena, "This message is too large: this server takes at most %llu bytes",
                     (unsigned long long)s->settings->max_message_size)};
}

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
        server_refuse_message(s, server_too_large(s));
}

/* RFC 3030 3: only such a message may hold NUL, and CR and LF that are no line end. */
static bool may_be_binary(const struct server *s)
{
    return s->transaction.parameters.body == BODY_BINARYMIME;
}

/* The header is text in any case, up to the empty line (RFC 3030 3). */
static bool has_binary_header(struct span message)
{
    struct dots_reader d = {0};
    size_t length = header_length(message);
    chunk_read(&d, span_first(message, length), NULL);
    return d.has_nul || d.has_bare_cr || d.has_bare_lf ||
           span_starts(span_skip(message, length), SPAN("\n"));
}

static struct reply fault_of_text(struct server *s)
{
    const struct dots_reader *d = &s->dots;
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
    return (struct reply){0};
}

/* What is wrong with the message that has come; code 0: nothing. */
static struct reply fault_of_message(struct server *s)
{
    struct span message = buffer_span(&s->transaction.message);
    struct reply fault = s->refusal;
    if (!fault.code && !may_be_binary(s))
        fault = fault_of_text(s);
    else if (!fault.code && has_binary_header(message))
        fault = REPLY(550, 5, 6, 0,
                      "The header of this message holds a NUL byte, or a CR or LF that is no line "
                      "end; only the parts of a message may be binary (RFC 3030)");
    if (!fault.code && header_count(message, "Received") > s->settings->max_hops)
        fault = REPLY(554, 5, 4, 6,
                      "This message has passed through too many servers; it probably "
                      "runs in a circle between two that forward to each other");
    return fault;
}

static void begin_message(struct server *s)
{
    s->dots = (struct dots_reader){0};
    s->refusal = (struct reply){0};
    s->header_is_over = false;
    s->header_length = s->header_seen = 0;
}

/* It is whole. */
static void end_message(struct server *s, struct buffer *out)
{
    const struct dots_reader *d = &s->dots;
    struct reply fault = fault_of_message(s);
    if (fault.code) {
        server_say(s, fault, out);
        server_end_transaction(s);
        return;
    }
    s->transaction.is_8bit = d->has_8bit;
    s->transaction.is_binary = d->has_nul || d->has_bare_cr || d->has_bare_lf ||
                               (may_be_binary(s) && d->longest_line > LONGEST_TEXT_LINE);
    s->wait = SERVER_WAITS_MESSAGE;
}

void server_refuse_message(struct server *s, struct reply why)
{
    assert(s->phase == PHASE_DATA || s->has_chunks);
    s->refusal = why;
    buffer_free(&s->transaction.message);
}

bool server_is_in_data(const struct server *s)
{
    bool comes = s->phase == PHASE_DATA || s->phase == PHASE_CHUNK || s->has_chunks;
    return comes && s->wait == SERVER_WAITS_INPUT;
}

/* ---- DATA */

static const struct reply no_recipient = REPLY(
    554, 5, 5, 1, "No recipient of this message was accepted; there is nobody to deliver it to");

void server_data(struct server *s, struct span rest, struct buffer *out)
{
    if (!s->transaction.recipient_count) {
        server_say(s, no_recipient, out);
    } else if (s->has_chunks) {
        server_say(s,
                   REPLY(503, 5, 5, 1,
                         "This message was begun with BDAT; please end it with BDAT and LAST, or "
                         "say RSET"),
                   out);
    } else if (may_be_binary(s)) {
        server_say(
            s,
            REPLY(503, 5, 5, 1, "A message with BODY=BINARYMIME must be sent by BDAT (RFC 3030 3)"),
            out);
    } else {
        reply_add(out, (struct reply){354, STATUS_NONE,
                                      SPAN("Go ahead; end with a dot on a line of its own")});
        s->phase = PHASE_DATA;
        begin_message(s);
    }
}

void server_take_data(struct server *s, struct span *input, struct buffer *out)
{
    bool is_dropped = s->refusal.code != 0;
    bool is_over = dots_read(&s->dots, input, is_dropped ? NULL : &s->transaction.message);
    if (!is_dropped)
        check_sizes(s);
    if (!is_over)
        return;
    s->phase = PHASE_COMMANDS;
    end_message(s, out);
}

/* ---- BDAT */

void server_lost_count(struct server *s, struct buffer *out)
{
    server_close_with(s,
                      REPLY(521, 5, 5, 4,
                            "Please say BDAT and the number of octets that follow: BDAT 1000, or "
                            "BDAT 1000 LAST. What follows can't be read without it; closing"),
                      out);
}

/* Why this chunk belongs to no message; code 0: it does. */
static struct reply fault_of_sequence(const struct server *s)
{
    if (!s->has_hello)
        return REPLY(503, 5, 5, 1, "Please say EHLO first");
    if (!s->has_mail)
        return REPLY(503, 5, 5, 1, "Please say MAIL FROM first: no message is begun");
    if (!s->transaction.recipient_count)
        return no_recipient;
    return (struct reply){0};
}

/* The chunk has come. */
static void end_chunk(struct server *s, struct buffer *out)
{
    s->phase = PHASE_COMMANDS;
    if (s->chunk_fault.code) {
        server_say(s, s->chunk_fault, out);
    } else if (s->is_last_chunk) {
        if (!s->refusal.code) {
            chunk_finish(&s->dots, &s->transaction.message, !may_be_binary(s));
            check_sizes(s);
        }
        end_message(s, out);
    } else if (s->refusal.code) {
        server_say(s, s->refusal, out);
    } else {
        reply_add(out, REPLY(250, 2, 0, 0, "That chunk is here; the next one, please"));
    }
}

static void begin_chunk(struct server *s, struct span words)
{
    s->is_last_chunk = span_equal_nocase(words, SPAN("LAST"));
    s->chunk_fault = fault_of_sequence(s);
    if (s->chunk_fault.code)
        return;
    if (!s->has_chunks)
        begin_message(s);
    s->has_chunks = true;
    if (s->refusal.code)
        return;
    if (words.len && !s->is_last_chunk)
        server_refuse_message(s, REPLY(501, 5, 5, 4,
                                       "Behind the number of octets BDAT takes nothing but LAST; "
                                       "the message is not taken"));
    else if (s->chunk_left > s->settings->max_message_size - s->transaction.message.len)
        server_refuse_message(s, server_too_large(s));
}

void server_bdat(struct server *s, struct span rest, struct buffer *out)
{
    if (!span_to_u64(span_word(&rest), UINT64_MAX / 2, &s->chunk_left)) {
        server_lost_count(s, out);
        return;
    }
    begin_chunk(s, span_trim(rest));
    s->phase = PHASE_CHUNK;
    if (!s->chunk_left)
        end_chunk(s, out);
}

void server_take_chunk(struct server *s, struct span *input, struct buffer *out)
{
    struct span piece =
        s->chunk_left < input->len ? span_first(*input, (size_t)s->chunk_left) : *input;
    *input = span_skip(*input, piece.len);
    s->chunk_left -= piece.len;
    if (!s->chunk_fault.code && !s->refusal.code) {
        chunk_read(&s->dots, piece, &s->transaction.message);
        check_sizes(s);
    }
    if (!s->chunk_left)
        end_chunk(s, out);
}
