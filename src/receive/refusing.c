/* What was refused goes to the log, and into the book of refusals, where an operator finds it when
 * somebody asks what became of his mail. */
#include "receive/inside.h"

#include "base/inet.h"
#include "outcome/counts.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/tally.h"

enum { MOST_NOTED = 10 /* recipients of a message */ };

/* In a line. */
static void add_in_line(struct buffer *line, struct span words)
{
    struct buffer text = BUFFER_EMPTY;
    for (size_t i = 0; i < words.len; i++)
        buffer_add_char(&text, words.at[i] == '\n' ? ' ' : words.at[i]);
    log_line_text(line, "words", buffer_span(&text));
    buffer_free(&text);
}

static void log_it(const struct session *s, struct span client, struct span to, struct reply reply)
{
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "refused");
    log_line_text(line, "client", client);
    if (to.len)
        log_line_text(line, "to", to);
    if (s->judging.filter.len)
        log_line_text(line, "filter", s->judging.filter);
    if (s->judging.why.len)
        log_line_text(line, "points", s->judging.why);
    if (s->judging.words.len)
        log_line_text(line, "authentication", s->judging.words);
    log_line_number(line, "code", reply.code);
    add_in_line(line, reply.text);
    log_end();
}

/* ---- the book */

static void note_one(const struct session *s, struct refusal *what, struct span to)
{
    unsigned char address[16];
    struct refusal_book *book = s->receiver->house->settings.refusals;
    net_address_bytes(&s->peer, address);
    struct network network = clients_network(s->entrance->clients, address);
    bool is_of_unknown = what->code == 550 && span_equal(what->status, SPAN("5.1.1"));
    what->recipient = to;
    if (!refusal_book_note(book, what, network.address, is_of_unknown))
        tally_add(COUNT_REFUSALS_NOT_KEPT, 1);
}

static void note_recipients(const struct session *s, struct refusal *what)
{
    const struct transaction *t = server_transaction(s->server);
    const struct span *flooded = s->judging.flooded;
    for (size_t i = 0; i < t->recipient_count && i < MOST_NOTED; i++) {
        struct buffer why = BUFFER_EMPTY;
        if (flooded && flooded[i].len) {
            buffer_printf(&why, "%.*s%.*s", SPAN_F(refusal_flood), SPAN_F(flooded[i]));
            what->why = buffer_span(&why);
        }
        note_one(s, what, t->recipients[i].address);
        buffer_free(&why);
    }
}

static void note(const struct session *s, struct span client, struct span to, struct reply reply)
{
    struct buffer status = BUFFER_EMPTY, why = BUFFER_EMPTY;
    enum server_wait wait = server_waits(s->server);
    bool has_sender = judging_is_about(wait);
    status_add(&status, reply.status);
    if (s->judging.filter.len)
        buffer_printf(&why, "filter %.*s", SPAN_F(s->judging.filter));
    else
        buffer_add_span(&why, s->judging.why.len ? s->judging.why : s->judging.words);
    struct refusal what = {
        .first_ms = clock_now_ms(),
        .count = 1,
        .client = client,
        .hello = server_client_name(s->server),
        .has_sender = has_sender,
        .sender = has_sender ? server_transaction(s->server)->reverse_path : SPAN_NONE,
        .code = reply.code,
        .status = buffer_span(&status),
        .words = reply.text,
        .why = buffer_span(&why),
    };
    what.last_ms = what.first_ms;
    if (wait == SERVER_WAITS_MESSAGE)
        note_recipients(s, &what);
    else
        note_one(s, &what, to);
    buffer_free(&status);
    buffer_free(&why);
}

/* The book has it as people write it. */
static void add_bare_client(struct buffer *out, const struct session *s)
{
    unsigned char address[16];
    net_address_bytes(&s->peer, address);
    if (s->front && s->front->hides_client)
        buffer_add_text(out, "unknown");
    else
        inet_add(out, address);
}

void session_note_refusal(const struct session *s, struct span to, struct reply reply)
{
    struct buffer client = BUFFER_EMPTY;
    arrival_add_client(&client, s);
    log_it(s, buffer_span(&client), to, reply);
    buffer_clear(&client);
    add_bare_client(&client, s);
    if (s->receiver->house->settings.refusals)
        note(s, buffer_span(&client), to, reply);
    buffer_free(&client);
}
