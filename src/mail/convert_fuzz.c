/* A hostile message is brought into the form that the first byte says. When that works: the
 * structure and the header are the same, each part decodes to the same octets, all can travel, and
 * doing it again changes nothing. */
#include "base/fuzz.h"

#include "mail/convert.h"
#include "mail/header.h"
#include "mail/mime.h"

enum { LONGEST_LINE = 998 };

static enum mail_form form;

/* ---- decoding, as a reader does it */

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void decode_quoted(struct buffer *out, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        bool is_code = s.at[i] == '=' && i + 2 < s.len;
        if (is_code && s.at[i + 1] == '\r' && s.at[i + 2] == '\n') {
            i += 2; /* a line that goes on */
        } else if (is_code && hex(s.at[i + 1]) >= 0 && hex(s.at[i + 2]) >= 0) {
            buffer_add_char(out, (char)(hex(s.at[i + 1]) * 16 + hex(s.at[i + 2])));
            i += 2;
        } else {
            buffer_add_char(out, s.at[i]);
        }
    }
}

static int base64_value(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

static void decode_base64(struct buffer *out, struct span s)
{
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < s.len && s.at[i] != '='; i++) {
        int value = base64_value(s.at[i]);
        if (value < 0)
            continue;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            buffer_add_char(out, (char)(bits >> count & 0xFF));
        }
    }
}

static void decode(struct buffer *out, const struct mime_entity *e)
{
    if (e->encoding == MIME_QUOTED)
        decode_quoted(out, e->body);
    else if (e->encoding == MIME_BASE64)
        decode_base64(out, e->body);
    else
        buffer_add_span(out, e->body);
}

/* ---- what must hold */

static void check_travels(struct span s, bool may_be_8bit, bool has_short_lines)
{
    size_t line = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool is_end = s.at[i] == '\r' && i + 1 < s.len && s.at[i + 1] == '\n';
        assert(is_end || (s.at[i] != '\r' && s.at[i] != '\n' && s.at[i] != '\0'));
        assert(may_be_8bit || form == FORM_8BIT || !(s.at[i] & 0x80));
        i += is_end;
        line = is_end ? 0 : line + 1;
        assert(!has_short_lines || line <= LONGEST_LINE);
    }
}

static bool is_ours(struct span name)
{
    return span_equal_nocase(name, SPAN("Content-Transfer-Encoding"));
}

/* The next field that is not about the encoding, without its line end. */
static bool next_field(struct header_iterator *it, struct span *field)
{
    struct header_field f;
    while (header_next(it, &f) > 0)
        if (!is_ours(f.name)) {
            *field = span_trim(f.whole);
            return true;
        }
    return false;
}

static void check_header(const struct mime_entity *was, const struct mime_entity *is)
{
    struct header_iterator old = header_start(was->header), new = header_start(is->header);
    struct span a, b;
    while (next_field(&old, &a)) {
        bool has_next = next_field(&new, &b);
        assert(has_next && span_equal(a, b));
    }
    while (next_field(&new, &b))
        assert((!was->has_version && span_equal(b, SPAN("MIME-Version: 1.0"))) ||
               (!was->has_type && span_starts(b, SPAN("Content-Type: text/plain; charset="))));
    check_travels(is->header, true, false);
}

static void check_leaf(const struct mime_entity *was, const struct mime_entity *is)
{
    struct buffer a = BUFFER_EMPTY, b = BUFFER_EMPTY;
    bool was_encoded = was->encoding >= MIME_QUOTED;
    decode(&a, was);
    decode(&b, is);
    if (was->encoding == MIME_BASE64 && is->encoding == MIME_BASE64) /* rubbish in it may go */
        assert(a.len == b.len);
    assert(span_equal(buffer_span(&a), buffer_span(&b)));
    check_travels(is->body, false, !was_encoded);
    assert(is->encoding != MIME_BINARY && (form == FORM_8BIT || is->encoding != MIME_8BIT));
    buffer_free(&a);
    buffer_free(&b);
}

static void check_entity(struct span was, struct span is, bool is_message_by_default, size_t depth);

static void check_parts(const struct mime_entity *was, const struct mime_entity *is, size_t depth)
{
    struct mime_pieces old = mime_pieces_start(was), new = mime_pieces_start(is);
    struct span a, b;
    enum mime_piece kind;
    while ((kind = mime_pieces_next(&old, &a)) != MIME_END) {
        enum mime_piece same = mime_pieces_next(&new, &b);
        assert(same == kind);
        if (kind == MIME_PART)
            check_entity(a, b, mime_is(was, "multipart", "digest"), depth + 1);
        else
            assert(span_equal(a, b) || (kind != MIME_DELIMITER && !b.len));
        check_travels(kind == MIME_PART ? SPAN_NONE : b, false, false);
    }
    assert(mime_pieces_next(&new, &b) == MIME_END);
}

static void check_entity(struct span was, struct span is, bool is_message_by_default, size_t depth)
{
    struct mime_entity a, b;
    mime_parse(was, is_message_by_default, &a);
    mime_parse(is, is_message_by_default, &b);
    assert(a.kind == b.kind && span_equal(a.subtype, b.subtype));
    check_header(&a, &b);
    bool is_whole = a.is_ambiguous || depth > 30 || a.kind == MIME_SIGNED ||
                    (a.encoding > MIME_BINARY && a.kind != MIME_LEAF);
    if (is_whole && (a.encoding == MIME_UNKNOWN || a.kind != MIME_MESSAGE))
        assert(span_equal(a.body, b.body));
    else if (a.kind == MIME_MULTIPART)
        check_parts(&a, &b, depth);
    else if (a.kind == MIME_MESSAGE && !is_whole)
        check_entity(a.body, b.body, false, depth + 1);
    else if (a.kind == MIME_LEAF)
        check_leaf(&a, &b);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct buffer once = BUFFER_EMPTY, twice = BUFFER_EMPTY;
    struct span why;
    form = fuzz_bool(&in) ? FORM_8BIT : FORM_7BIT;
    struct span message = fuzz_piece(in.rest);
    if (convert_message(&once, message, form, &why)) {
        check_entity(message, buffer_span(&once), false, 0);
        bool ok = convert_message(&twice, buffer_span(&once), form, &why);
        assert(ok && span_equal(buffer_span(&once), buffer_span(&twice)));
    } else {
        assert(why.len);
    }
    fuzz_piece_free(message);
    buffer_free(&once);
    buffer_free(&twice);
    return 0;
}
