#include "bounce/flood_digest.h"

#include "bounce/flood.h"
#include "bounce/flood_table.h"
#include "bounce/told_inside.h"
#include "bounce/write_inside.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/encode.h"

struct flood_digest flood_digest_start(struct arena *a)
{
    return (struct flood_digest){
        .arena = a, .lines = arena_new(a, FLOOD_MOST_LINES * sizeof(struct flood_line))};
}

static struct span server_of(const struct envelope *e, struct arena *a)
{
    if (!e->client_address.len)
        return arena_copy(a, e->client_name);
    return arena_printf(a, "%.*s%s[%.*s]", SPAN_F(e->client_name), e->client_name.len ? " " : "",
                        SPAN_F(e->client_address));
}

void flood_digest_add(struct flood_digest *d, const struct envelope *e, size_t recipient)
{
    d->count++;
    d->made_up += judged_is_unproven(e->recipients[recipient].judged);
    d->last_ms = e->accepted_ms > d->last_ms ? e->accepted_ms : d->last_ms;
    if (!d->since_ms || e->accepted_ms < d->since_ms)
        d->since_ms = e->accepted_ms;
    if (d->line_count < FLOOD_MOST_LINES)
        d->lines[d->line_count++] =
            (struct flood_line){.id = e->id,
                                .time_ms = e->accepted_ms,
                                .server = server_of(e, d->arena),
                                .subject = arena_copy(d->arena, e->subject)};
}

/* ---- the message */

static const char *subject_of(const struct flood_digest *d, uint64_t all)
{
    if (d->what == DIGEST_OF_MISUSE)
        return words_plural(
            d->language, /* TRANSLATORS: in the subject; %1 is a number, %2 a day. */
            "%1 notice about mail that somebody else sent through your account, since %2",
            "%1 notices about mail that somebody else sent through your account, since %2", all);
    return words_plural(d->language, /* TRANSLATORS: in the subject; %1 is a number, %2 a day. */
                        "%1 notice about mail that you did not send, since %2",
                        "%1 notices about mail that you did not send, since %2", all);
}

/* "409 notices about mail that you did not send, since Tue 24 Nov 2026" */
static void add_subject(struct buffer *out, const struct flood_digest *d)
{
    struct told t = {.language = d->language, .arena = d->arena};
    uint64_t all = d->before + d->count;
    const struct span with[] = {told_number(&t, all), told_day(&t, d->since_ms, d->offset_minutes)};
    const char *form = subject_of(d, all);
    buffer_add_text(out, "Subject: ");
    encoded_words_add(out, told_fill(&t, form, with, 2), sizeof "Subject: " - 1);
    buffer_add_text(out, "\r\n");
    buffer_free(&t.scratch);
}

static void add_thread(struct buffer *out, const struct flood_digest *d)
{
    struct buffer first = BUFFER_EMPTY;
    if (!d->first)
        return;
    message_id_add(&first, d->first);
    buffer_printf(out, "In-Reply-To: <%s@%.*s>\r\nReferences: <%s@%.*s>\r\n", buffer_text(&first),
                  SPAN_F(d->hostname), buffer_text(&first), SPAN_F(d->hostname));
    buffer_free(&first);
}

static const char *table_name(enum digest_of what)
{
    return what == DIGEST_OF_MISUSE     ? "misuse-notices.csv"
           : what == DIGEST_OF_REFUSALS ? "refused-notices.csv"
                                        : "forged-notices.csv";
}

static void write_message(struct buffer *out, const struct flood_digest *d)
{
    struct digest_body body = DIGEST_BODY_EMPTY;
    struct told told;
    flood_digest_tell(&told, d);
    flood_table_write(&body.table, d);
    digest_body_make(&body, &told, d->id);
    header_add_parties(out, d->hostname, d->mailbox);
    add_subject(out, d);
    header_add_names(out, d->hostname, d->id, d->now_ms, d->offset_minutes);
    add_thread(out, d);
    header_add_machine(out, d->language);
    digest_body_add(out, &body, table_name(d->what), !address_is_ascii(d->mailbox));
    digest_body_free(&body);
}

void flood_digest_write(struct envelope *e, struct buffer *message, const struct flood_digest *d,
                        uint64_t until)
{
    size_t before = message->len;
    const struct digest_names names = {d->id, d->now_ms, until};
    write_message(message, d);
    digest_envelope(e, span_skip(buffer_span(message), before), d->mailbox, &names, d->arena);
    e->digest_of = d->what;
}
