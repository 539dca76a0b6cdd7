#include "mail/submission.h"

#include "base/visible.h"
#include "mail/address.h"
#include "mail/address_list.h"
#include "mail/date.h"
#include "mail/encode.h"
#include "mail/header.h"
#include "mail/line_ends.h"

#include <string.h>

/* Is the line at `start` a dot alone? */
static bool is_lone_dot(struct span text, size_t start, bool is_all)
{
    struct span rest = span_skip(text, start);
    return span_starts(rest, SPAN(".\n")) || span_starts(rest, SPAN(".\r\n")) ||
           (is_all && (span_equal(rest, SPAN(".")) || span_equal(rest, SPAN(".\r"))));
}

size_t submission_end(struct span text, size_t seen, bool is_all)
{
    enum { LONGEST_BEFORE = 3 }; /* "\n.\r" may have been seen, and not known for what it is */
    size_t at = seen > LONGEST_BEFORE ? seen - LONGEST_BEFORE : 0;
    if (!at && is_lone_dot(text, 0, is_all))
        return 0;
    for (size_t lf; (lf = span_find_char(span_skip(text, at), '\n')) != SPAN_NOT_FOUND;) {
        at += lf + 1;
        if (is_lone_dot(text, at, is_all))
            return at;
    }
    return SPAN_NOT_FOUND;
}

void submission_normal(struct buffer *out, struct span text)
{
    if (span_starts(text, SPAN("From ")) || span_starts(text, SPAN(">From ")))
        span_cut(&text, '\n');
    line_ends_to_crlf(out, text);
}

/* ---- fields */

static bool is_one_of(struct span name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_equal_nocase(name, span_of(names[i])))
            return true;
    return false;
}

static bool is_left_out(struct span name)
{
    static const char *const names[] = {"Bcc", "Resent-Bcc", "Return-Path"};
    return is_one_of(name, names, sizeof names / sizeof *names);
}

static bool has_addresses(struct span name)
{
    static const char *const names[] = {
        "From",        "Sender",        "Reply-To",  "To",        "Cc",
        "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Disposition-Notification-To"};
    return is_one_of(name, names, sizeof names / sizeof *names);
}

/* What one block of Resent- fields may hold. They are put in front of a message, so the newest
 * block is the first, and ends where one of its fields comes again (RFC 5322 3.6.6). */
enum resent {
    RESENT_FROM,
    RESENT_DATE,
    RESENT_MESSAGE_ID,
    RESENT_SENDER,
    RESENT_TO,
    RESENT_CC,
    RESENT_BCC,
    NOT_RESENT
};

static enum resent resent_kind(struct span name)
{
    static const char *const names[] = {"Resent-From",   "Resent-Date", "Resent-Message-ID",
                                        "Resent-Sender", "Resent-To",   "Resent-Cc",
                                        "Resent-Bcc"};
    size_t i = 0;
    while (i < NOT_RESENT && !span_equal_nocase(name, span_of(names[i])))
        i++;
    return (enum resent)i;
}

struct resent_block {
    struct header_iterator it;
    unsigned seen; /* a bit for each enum resent */
};

/* The next field of the newest block. */
static bool resent_next(struct resent_block *b, struct header_field *field, enum resent *kind)
{
    while (header_next(&b->it, field) > 0) {
        *kind = resent_kind(field->name);
        if (*kind == NOT_RESENT)
            continue;
        if (b->seen & 1u << *kind)
            return false;
        b->seen |= 1u << *kind;
        return true;
    }
    return false;
}

/* ---- recipients */

static bool is_known(const struct submission_recipients *r, struct span address)
{
    for (size_t i = 0; i < r->count; i++)
        if (address_equal(r->addresses[i], address))
            return true;
    return false;
}

static bool add_recipient(struct submission_recipients *r, struct span address, struct arena *a,
                          struct error *e)
{
    if (is_known(r, address))
        return true;
    if (r->count == r->most)
        return error_set(e, "a message may have at most %zu recipients here (max-recipients)",
                         r->most);
    if (r->count == r->room) {
        struct span *before = r->addresses;
        r->room = r->room ? r->room * 2 : 16;
        r->addresses = arena_new(a, r->room * sizeof *r->addresses);
        if (r->count)
            memcpy(r->addresses, before, r->count * sizeof *before);
    }
    r->addresses[r->count++] = address;
    return true;
}

static bool not_readable(struct span at, struct error *e)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, span_trim(at), 100);
    error_set(e, "this is no address: %s", buffer_text(&shown));
    buffer_free(&shown);
    return false;
}

bool submission_add_list(struct submission_recipients *r, struct span list, struct arena *a,
                         struct error *e)
{
    struct address_list l = address_list_start(list);
    struct listed_address found;
    int result;
    while ((result = address_list_next(&l, &found, a)) > 0) {
        struct span address = found.address;
        if (!found.has_domain)
            address = arena_printf(a, "%.*s@%.*s", SPAN_F(address), SPAN_F(r->hostname));
        if (!found.has_domain && address_check(address, true) != ADDRESS_OK)
            return not_readable(found.address, e);
        if (!add_recipient(r, address, a, e))
            return false;
    }
    return result == 0 || not_readable(l.rest, e);
}

static bool add_field(struct submission_recipients *r, const struct header_field *field,
                      struct arena *a, struct error *e)
{
    struct error why;
    return submission_add_list(r, field->value, a, &why) ||
           error_set(e, "in %.*s: %s", SPAN_F(span_first(field->name, 60)), why.text);
}

bool submission_add_header(struct submission_recipients *r, struct span message, struct arena *a,
                           struct error *e)
{
    static const char *const names[] = {"To", "Cc", "Bcc"};
    struct resent_block block = {.it = header_start(message)};
    struct header_field field;
    enum resent kind;
    while (resent_next(&block, &field, &kind))
        if (kind >= RESENT_TO && !add_field(r, &field, a, e))
            return false;
    if (block.seen)
        return true;
    struct header_iterator it = header_start(message);
    while (header_next(&it, &field) > 0)
        if (is_one_of(field.name, names, 3) && !add_field(r, &field, a, e))
            return false;
    return true;
}

/* ---- writing */

static bool is_printable_ascii(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < ' ' || s.at[i] > '~')
            return false;
    return true;
}

/* A name in front of an address: as words, quoted, or encoded. */
static void add_name(struct buffer *out, struct span name, size_t column)
{
    bool is_plain = true;
    if (!is_printable_ascii(name)) {
        encoded_words_add(out, name, column);
        return;
    }
    for (size_t i = 0; i < name.len; i++)
        is_plain =
            is_plain && (ascii_is_alnum(name.at[i]) || strchr(" !#$%&'*+-/^_`{|}~", name.at[i]));
    if (is_plain) {
        buffer_add_span(out, name);
        return;
    }
    buffer_add_char(out, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '"' || name.at[i] == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, name.at[i]);
    }
    buffer_add_char(out, '"');
}

static void add_from(struct buffer *out, const char *field, const struct submitter *s)
{
    struct span name = span_trim(s->name);
    buffer_printf(out, "%s: ", field);
    if (name.len && utf8_is_valid(name)) {
        add_name(out, name, strlen(field) + 2);
        buffer_printf(out, " <%.*s>\r\n", SPAN_F(s->address));
    } else {
        buffer_printf(out, "%.*s\r\n", SPAN_F(s->address));
    }
}

static void add_date(struct buffer *out, const char *field, const struct submitter *s)
{
    buffer_printf(out, "%s: ", field);
    date_add(out, s->now_ms, s->offset_minutes);
    buffer_add_text(out, "\r\n");
}

static void add_message_id(struct buffer *out, const char *field, const struct submitter *s)
{
    buffer_printf(out, "%s: <%llx.%llx@%.*s>\r\n", field, (unsigned long long)s->now_ms,
                  (unsigned long long)s->random, SPAN_F(s->hostname));
}

static void add_missing(struct buffer *out, struct span message, bool is_resent,
                        const struct submitter *s)
{
    struct resent_block block = {.it = header_start(message)};
    struct header_field field;
    enum resent kind;
    while (is_resent && resent_next(&block, &field, &kind))
        ;
    if (block.seen) {
        if (!(block.seen & 1u << RESENT_FROM))
            add_from(out, "Resent-From", s);
        if (!(block.seen & 1u << RESENT_DATE))
            add_date(out, "Resent-Date", s);
        if (!(block.seen & 1u << RESENT_MESSAGE_ID))
            add_message_id(out, "Resent-Message-ID", s);
    }
    if (!header_count(message, "From"))
        add_from(out, "From", s);
    if (!header_count(message, "Date"))
        add_date(out, "Date", s);
    if (!header_count(message, "Message-ID"))
        add_message_id(out, "Message-ID", s);
}

/* The field as it stands, but that addresses get their domain. */
static void add_qualified(struct buffer *out, const struct header_field *field,
                          struct span hostname)
{
    struct arena a = ARENA_EMPTY;
    struct address_list l = address_list_start(field->value);
    struct listed_address found;
    const char *at = field->whole.at;
    while (address_list_next(&l, &found, &a) > 0) {
        if (found.has_domain)
            continue;
        buffer_add(out, at, (size_t)(found.end - at));
        buffer_printf(out, "@%.*s", SPAN_F(hostname));
        at = found.end;
    }
    buffer_add(out, at, (size_t)(field->whole.at + field->whole.len - at));
    arena_clear(&a);
}

void submission_complete(struct buffer *out, struct span message, bool is_resent,
                         const struct submitter *s)
{
    struct header_iterator it = header_start(message);
    struct header_field field;
    add_missing(out, message, is_resent, s);
    while (header_next(&it, &field) > 0) {
        if (is_left_out(field.name))
            continue;
        if (has_addresses(field.name))
            add_qualified(out, &field, s->hostname);
        else
            buffer_add_span(out, field.whole);
    }
    if (!span_starts(it.rest, SPAN("\r\n")))
        buffer_add_text(out, "\r\n");
    buffer_add_span(out, it.rest);
}
