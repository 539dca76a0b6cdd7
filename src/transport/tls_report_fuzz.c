/* A place for reports is an address or a URL without blanks. A report of whatever was counted is
 * JSON that names its domain. What was counted of a session, and read again, is counted the same.
 */
#include "base/fuzz.h"

#include "mail/address.h"
#include "transport/session_row.h"

enum { MOST = 6 };

static void check_places(struct span text)
{
    struct arena a = ARENA_EMPTY;
    struct report_place places[MOST_REPORT_PLACES];
    size_t count = tls_report_places(&text, 1, places, &a);
    assert(count <= MOST_REPORT_PLACES);
    for (size_t i = 0; i < count; i++) {
        assert(!places[i].is_mail || address_check(places[i].at, false) == ADDRESS_OK);
        assert(places[i].is_mail || span_find_char(places[i].at, ' ') == SPAN_NOT_FOUND);
        assert(span_find_char(places[i].at, '\n') == SPAN_NOT_FOUND);
    }
    arena_clear(&a);
}

static void check_row(const struct session_count *s)
{
    struct buffer row = BUFFER_EMPTY, again = BUFFER_EMPTY;
    session_row(&row, s);
    const struct session_count got = session_of_row(buffer_span(&row));
    assert(got.result == s->result && span_equal(got.why, s->why));
    session_row(&again, &got);
    assert(span_equal(buffer_span(&row), buffer_span(&again)));
    buffer_free(&again);
    buffer_free(&row);
}

static void check_report(struct fuzz_input *in)
{
    struct session_count counts[MOST];
    struct tls_report r = {.domain = SPAN("example.com"),
                           .organization = SPAN("mail.example.org"),
                           .contact = SPAN("postmaster@example.org"),
                           .id = fuzz_line(in),
                           .end_ms = 86400000,
                           .counts = counts,
                           .count = fuzz_number(in, MOST)};
    for (size_t i = 0; i < r.count; i++) {
        counts[i] =
            (struct session_count){.policy = fuzz_text(in, 100),
                                   .result = (enum tls_result)fuzz_number(in, TLS_RESULTS - 1),
                                   .host = fuzz_text(in, 20),
                                   .address = fuzz_text(in, 20),
                                   .why = fuzz_text(in, 40),
                                   .count = fuzz_u64(in) >> 16};
        check_row(&counts[i]);
    }
    struct buffer document = BUFFER_EMPTY, organization = BUFFER_EMPTY;
    tls_report_write(&document, &r);
    fuzz_json_member(buffer_span(&document), "organization-name", &organization);
    assert(span_equal(buffer_span(&organization), r.organization));
    buffer_free(&organization);
    buffer_free(&document);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    struct fuzz_input in = fuzz_start(at, len);
    check_places(text);
    check_report(&in);
    fuzz_piece_free(text);
    return 0;
}
