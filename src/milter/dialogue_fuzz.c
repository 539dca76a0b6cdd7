/* A filter that says whatever it likes, in pieces. It can't get a message out of shape, nor an
 * answer that is none. */
#include "base/fuzz.h"

#include "mail/address.h"
#include "mail/header.h"
#include "milter/dialogue.h"

static const char message[] =
    "From: a@example.org\r\nSubject: one\r\n two\r\nSubject: three\r\n\r\n"
    "A body\r\nof two lines\r\n";

static void check_message(struct span text)
{
    struct header_iterator it = header_start(text);
    struct header_field f;
    int result;
    while ((result = header_next(&it, &f)) > 0)
        assert(f.name.len && span_ends_nocase(f.whole, SPAN("\r\n")));
    assert(result == 0);
    for (size_t i = 0; i < text.len; i++)
        assert(text.at[i] && (text.at[i] != '\n' || (i && text.at[i - 1] == '\r')) &&
               (text.at[i] != '\r' || (i + 1 < text.len && text.at[i + 1] == '\n')));
}

static void check_changes(const struct dialogue *c)
{
    struct server_recipient recipients[] = {{.address = SPAN("a@example.org")},
                                            {.address = SPAN("b@example.org")}};
    struct transaction t = {
        .reverse_path = SPAN("c@example.org"), .recipients = recipients, .recipient_count = 2};
    struct arena a = ARENA_EMPTY;
    struct error why = {0};
    buffer_add_text(&t.message, message);
    bool is_well = changes_apply(dialogue_changes(c), &t, &a, &why);
    assert(is_well == !why.text[0]);
    if (!is_well)
        assert(span_equal(buffer_span(&t.message), span_of(message)) && t.recipient_count == 2);
    check_message(buffer_span(&t.message));
    assert(!t.reverse_path.len || address_check(t.reverse_path, true) == ADDRESS_OK);
    for (size_t i = 0; i < t.recipient_count; i++)
        assert(address_check(t.recipients[i].address, true) == ADDRESS_OK);
    buffer_free(&t.message);
    arena_clear(&a);
}

static void check_answer(const struct dialogue *c)
{
    struct reply r = dialogue_reply(c);
    switch (dialogue_verdict(c)) {
    case MILTER_TAKES:
        check_changes(c);
        break;
    case MILTER_REFUSES:
        assert(r.code >= 400 && r.code <= 599 && r.status.class == r.code / 100);
        for (size_t i = 0; i < r.text.len; i++)
            assert(r.text.at[i] == '\n' || (r.text.at[i] >= ' ' && r.text.at[i] <= '~'));
        break;
    case MILTER_DISCARDS:
        break;
    case MILTER_FAILED:
        assert(dialogue_failure(c)[0]);
        break;
    }
}

static void check_output(const struct buffer *out)
{
    struct span rest = buffer_span(out);
    struct packet p;
    while (rest.len)
        assert(packet_next(&rest, SIZE_MAX, &p) == PACKET_DONE);
}

/* False: the filter has said all. */
static bool answer(struct dialogue *c, enum dialogue_wait wait, struct fuzz_input *in,
                   struct buffer *out)
{
    while (wait != DIALOGUE_HAS_ANSWER) {
        check_output(out);
        buffer_clear(out);
        if (wait == DIALOGUE_WAITS_ROOM) {
            wait = dialogue_go_on(c, out);
        } else {
            struct span said = fuzz_piece(fuzz_text(in, 200));
            if (!said.len && !in->rest.len) {
                fuzz_piece_free(said);
                return false;
            }
            wait = dialogue_input(c, said, out);
            fuzz_piece_free(said);
        }
    }
    check_output(out);
    buffer_clear(out);
    check_answer(c);
    return dialogue_verdict(c) != MILTER_FAILED;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct buffer out = BUFFER_EMPTY;
    struct dialogue *c = dialogue_new(4096);
    struct milter_facts f = {.client_name = SPAN_NONE,
                             .family = '4',
                             .client_address = SPAN("192.0.2.1"),
                             .helo = SPAN("laptop.test"),
                             .reverse_path = SPAN("c@example.org"),
                             .mail_parameters = SPAN_NONE,
                             .recipient = SPAN("a@example.org"),
                             .rcpt_parameters = SPAN_NONE,
                             .message = span_of(message)};
    bool goes_on = true;
    for (int messages = 0; goes_on && messages < 4; messages++) {
        f.port = (uint16_t)fuzz_number(&in, 1);
        goes_on = answer(c, dialogue_mail(c, &f, &out), &in, &out);
        if (!goes_on || dialogue_verdict(c) == MILTER_REFUSES)
            continue;
        goes_on = answer(c, dialogue_rcpt(c, &f, &out), &in, &out) &&
                  answer(c, dialogue_message(c, &f, &out), &in, &out);
    }
    dialogue_free(&c);
    buffer_free(&out);
    return 0;
}
