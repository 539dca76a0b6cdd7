/* Whatever the message holds, the report about it is one, says nothing of ours that it doesn't mean
 * to, and does not show who got it. */
#include "base/fuzz.h"

#include "abuse/letter.h"
#include "bounce/read.h"
#include "mail/header.h"

static const struct span me[] = {SPAN("ann@example.org")};
static const struct span ours[] = {SPAN("mx.example.org")};

static void look_at(struct span letter, struct arena *a)
{
    static const char *const names[] = {"From",       "To",           "Subject",     "Date",
                                        "Message-ID", "MIME-Version", "Content-Type"};
    struct header_iterator it = header_start(letter);
    struct header_field f;
    struct notice n;
    struct survey s;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert(header_next(&it, &f) == 1);
        assert(span_equal(f.name, span_of(names[i])));
    }
    assert(header_next(&it, &f) == 0);
    notice_read(&n, &s, letter, a);
    assert(n.kind == NOTICE_FEEDBACK_REPORT);
    assert(s.part_count >= 3);
    assert(span_find(s.parts[1].text, SPAN("Feedback-Type: fraud\r\n")) == 0);
    assert(span_find(s.parts[1].text, me[0]) == SPAN_NOT_FOUND);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span message = fuzz_piece(span_make(at, len));
    struct arena a = ARENA_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct lookups l = {0};
    struct complaint c;
    struct contacts found;
    const struct complaint_request r = {.message = message,
                                        .ours = {ours, len % 2, NULL, SPAN_NONE},
                                        .me = me,
                                        .me_count = 1,
                                        .hostname = ours[0]};
    bool is_done =
        complaint_read(&c, &r, &l, &a) && contacts_find(&found, &c, COMPLAINT_FRAUD, NULL, &l, &a);
    assert(is_done && c.reader_count > 0);
    assert(!c.origin.has_address || c.origin.trust != ORIGIN_UNKNOWN);
    const struct redaction hidden = {SPAN("key"), c.readers, c.reader_count};
    const struct letter letter = {.complaint = &c,
                                  .contacts = &found,
                                  .from = SPAN("desk@example.org"),
                                  .hostname = ours[0],
                                  .agent = SPAN("plainpost/1.0"),
                                  .now_ms = 1795773600000,
                                  .random = 0xABC,
                                  .redaction = &hidden};
    letter_write_arf(&out, &letter);
    look_at(buffer_span(&out), &a);
    buffer_free(&out);
    lookups_free(&l);
    arena_clear(&a);
    fuzz_piece_free(message);
    return 0;
}
