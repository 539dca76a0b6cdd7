/* A line that says that the original follows, in words that many systems share; or else the header
 * itself, which begins with fields that only a header has, one below the other. */
#include "bounce/dialect_original.h"

#include "bounce/dialect_phrases.h"
#include "bounce/free_text.h"
#include "bounce/spotted.h"
#include "mail/header.h"

enum { LONGEST_SIGN = 120, LONGEST_HEADER = 1 << 16 };

/* Fields with which a message begins. */
static bool is_field_of_message(struct span name)
{
    static const struct span names[] = {SPAN("Received"),
                                        SPAN("Return-Path"),
                                        SPAN("From"),
                                        SPAN("To"),
                                        SPAN("Subject"),
                                        SPAN("Date"),
                                        SPAN("Message-ID"),
                                        SPAN("MIME-Version"),
                                        SPAN("Content-Type"),
                                        SPAN("Delivered-To"),
                                        SPAN("DKIM-Signature"),
                                        SPAN("X-Received"),
                                        SPAN("Sender"),
                                        SPAN("Reply-To"),
                                        SPAN("X-Mailer"),
                                        SPAN("User-Agent"),
                                        SPAN("X-Originating-IP"),
                                        SPAN("ARC-Seal"),
                                        SPAN("Envelope-To"),
                                        SPAN("X-Envelope-From"),
                                        SPAN("References"),
                                        SPAN("In-Reply-To"),
                                        SPAN("Cc"),
                                        SPAN("Importance"),
                                        SPAN("X-Priority"),
                                        SPAN("Content-Transfer-Encoding"),
                                        SPAN("Errors-To"),
                                        SPAN("Authentication-Results"),
                                        SPAN("X-Google-Smtp-Source"),
                                        SPAN("X-Apparently-To"),
                                        SPAN("X-Google-DKIM-Signature")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_equal_nocase(name, names[i]))
            return true;
    return false;
}

/* Most lines are no fields: seen without looking at what follows. */
static bool may_be_field(struct span text)
{
    for (size_t i = 0; i < text.len && i < 40; i++) {
        if (text.at[i] == ':')
            return i > 1 && is_field_of_message(span_first(text, i));
        if (!ascii_is_alnum(text.at[i]) && text.at[i] != '-')
            return false;
    }
    return false;
}

/* How many fields of a message stand here one below the other, and does one of them say by whom or
 * how it came? */
static size_t count_fields(struct span text, bool *is_header)
{
    struct header_iterator it = header_start(span_first(text, LONGEST_HEADER));
    struct header_field f;
    size_t known = 0, all = 0;
    *is_header = false;
    while (all < 40 && header_next(&it, &f) > 0) {
        all++;
        known += is_field_of_message(f.name);
        *is_header |= span_equal_nocase(f.name, SPAN("Received")) ||
                      span_equal_nocase(f.name, SPAN("Message-ID")) ||
                      span_equal_nocase(f.name, SPAN("Return-Path")) ||
                      span_equal_nocase(f.name, SPAN("MIME-Version"));
    }
    return known * 2 >= all ? known : 0;
}

static bool begins_header(struct span text)
{
    bool is_header;
    size_t count = count_fields(text, &is_header);
    return count >= 3 && is_header;
}

/* Behind a line that announces it: fewer fields will do. */
static bool begins_announced_header(struct span text)
{
    bool is_header;
    return may_be_field(text) && count_fields(text, &is_header) >= 1;
}

/* ---- announced */

/* From a line that announces it on: blank lines and rules, another line of words, the header. */
static bool find_header(struct span text, size_t from, size_t *message)
{
    struct span rest = span_skip(text, from);
    struct text_line line;
    int words = 0;
    for (int n = 0; n < 6 && words < 2; n++) {
        size_t at = text.len - rest.len;
        if (begins_announced_header(rest)) {
            *message = at;
            return true;
        }
        if (!text_next_line(&rest, &line))
            return false;
        words += !text_is_empty(&line) && !text_is_rule(&line);
    }
    return false;
}

/* The line around `at` says that the original follows, and it does. */
static bool is_announced_at(struct span text, size_t at, size_t *from, size_t *message)
{
    struct text_line line;
    size_t start = at;
    while (start && at - start < LONGEST_SIGN && text.at[start - 1] != '\n')
        start--;
    struct span rest = span_skip(text, start);
    text_next_line(&rest, &line);
    if (line.whole.len >= LONGEST_SIGN)
        return false;
    size_t next = text.len - rest.len;
    if (!find_header(text, next, message)) {
        if (!text_is_rule(&line))
            return false;
        *message = next;
    }
    *from = start;
    return true;
}

/* The first place where it is announced. */
static bool find_announced(const struct spotted *s, struct span text, size_t *from, size_t *message)
{
    enum { MOST_TRIES = 5000 };
    struct phrase_scan scan =
        phrase_scan_start(&phrase_set_original, span_first(s->text, text.len));
    const struct phrase *sign;
    bool is_found = false;
    size_t at, start, header;
    for (int tries = 0; tries < MOST_TRIES && phrase_next(&scan, &sign, &at);) {
        if (!spotted_is_whole(s, at, at + sign->length))
            continue;
        tries++;
        if (is_announced_at(text, at, &start, &header)) {
            is_found = true;
            *from = start;
            *message = header;
            scan.text = span_first(scan.text, start);
        }
    }
    return is_found;
}

/* ---- not announced */

/* The first line before `end` with which the header of a message begins. */
static bool find_bare(struct span text, size_t end, size_t *from)
{
    enum { MOST_PLACES = 200 };
    struct span rest = span_first(text, end);
    struct text_line line;
    for (size_t places = 0; rest.len && places < MOST_PLACES;) {
        size_t at = end - rest.len;
        text_next_line(&rest, &line);
        if (!may_be_field(line.whole))
            continue;
        places++;
        if (begins_header(span_skip(text, at))) {
            *from = at;
            return true;
        }
    }
    return false;
}

bool dialect_find_original(const struct spotted *s, struct span text, size_t *from, size_t *message)
{
    size_t bare;
    text = span_first(text, s->text.len);
    bool is_announced = find_announced(s, text, from, message);
    if (find_bare(text, is_announced ? *from : text.len, &bare)) {
        *from = *message = bare;
        return true;
    }
    return is_announced;
}
