#include "bounce/write_inside.h"

#include "base/visible.h"
#include "bounce/told_inside.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/encode.h"

#include <string.h>

enum {
    LONGEST_SUBJECT = 150,
    LONGEST_ADDRESS = 100, /* in the subject */
    LONGEST_MESSAGE_ID = 250,
    MOST_FAILED = 50, /* named in X-Failed-Recipients */
    LONGEST_FAILED = 320
};

/* A Message-ID that may stand in our header: "<…@…>" of printable ASCII without blanks. */
static bool is_message_id(struct span s)
{
    if (s.len < 5 || s.len > LONGEST_MESSAGE_ID || s.at[0] != '<' || s.at[s.len - 1] != '>')
        return false;
    for (size_t i = 1; i + 1 < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~' || s.at[i] == '<' || s.at[i] == '>')
            return false;
    return true;
}

/* ---- the subject */

static const char *words_for_one(const struct language *l, const struct outcome *o)
{
    switch (o->kind) {
    case OUTCOME_FAILED:
    case OUTCOME_DISCARDED:
        break;
    case OUTCOME_DELAYED:
        /* TRANSLATORS: in the subject; %1 is an address. */
        return words(l, "Not yet delivered to %1");
    case OUTCOME_DELIVERED:
        if (outcome_has_recovered(o))
            /* TRANSLATORS: in the subject; %1 is an address. */
            return words(l, "Delivered after all to %1");
        /* TRANSLATORS: in the subject; %1 is an address. */
        return words(l, "Delivered to %1");
    case OUTCOME_RELAYED:
    case OUTCOME_EXPANDED:
        if (outcome_has_recovered(o))
            /* TRANSLATORS: in the subject; %1 is an address. */
            return words(l, "Passed on after all for %1");
        /* TRANSLATORS: in the subject; %1 is an address. */
        return words(l, "Passed on for %1");
    }
    /* TRANSLATORS: in the subject; %1 is an address. */
    return words(l, "Not delivered to %1");
}

static const char *words_for_recovered(const struct language *l, bool is_delivered, size_t n)
{
    return is_delivered ? words_plural(l, "Delivered after all to %1 recipient",
                                       "Delivered after all to %1 recipients", n)
                        : words_plural(l, "Passed on after all for %1 recipient",
                                       "Passed on after all for %1 recipients", n);
}

static const char *words_for_many(const struct language *l, const struct outcome *o, size_t n)
{
    if (outcome_has_recovered(o))
        return words_for_recovered(l, o->kind == OUTCOME_DELIVERED, n);
    switch (o->kind) {
    case OUTCOME_FAILED:
    case OUTCOME_DISCARDED:
        break;
    case OUTCOME_DELAYED:
        return words_plural(l, "Not yet delivered to %1 recipient",
                            "Not yet delivered to %1 recipients", n);
    case OUTCOME_DELIVERED:
        return words_plural(l, "Delivered to %1 recipient", "Delivered to %1 recipients", n);
    case OUTCOME_RELAYED:
    case OUTCOME_EXPANDED:
        return words_plural(l, "Passed on for %1 recipient", "Passed on for %1 recipients", n);
    }
    return words_plural(l, "Not delivered to %1 recipient", "Not delivered to %1 recipients", n);
}

/* "Not delivered to bob@example.org" */
static void add_outcome(struct buffer *out, const struct report *r)
{
    enum outcome_kind worst = told_worst(r);
    size_t count = told_count(r, worst), i = 0;
    struct buffer what = BUFFER_EMPTY;
    while (r->recipients[i].outcome->kind != worst)
        i++;
    if (count == 1)
        visible_add(&what, told_recipient(r, i), LONGEST_ADDRESS);
    else
        buffer_printf(&what, "%zu", count);
    const struct span with[] = {buffer_span(&what)};
    const struct outcome *first = r->recipients[i].outcome;
    words_fill(out, r->language,
               count == 1 ? words_for_one(r->language, first)
                          : words_for_many(r->language, first, count),
               with, 1);
    buffer_free(&what);
}

/* "Not delivered to bob@example.org: Quarterly figures" */
static void add_subject(struct buffer *out, const struct report *r)
{
    struct buffer outcome = BUFFER_EMPTY, decoded = BUFFER_EMPTY, shown = BUFFER_EMPTY,
                  text = BUFFER_EMPTY;
    add_outcome(&outcome, r);
    encoded_words_decode(&decoded, r->original->subject);
    visible_add(&shown, buffer_span(&decoded), LONGEST_SUBJECT);
    const struct span with[] = {buffer_span(&outcome), buffer_span(&shown)};
    words_fill(&text, r->language, shown.len ? words(r->language, "%1: %2") : "%1", with, 2);
    buffer_add_text(out, "Subject: ");
    encoded_words_add(out, buffer_span(&text), sizeof "Subject: " - 1);
    buffer_add_text(out, "\r\n");
    buffer_free(&outcome);
    buffer_free(&decoded);
    buffer_free(&shown);
    buffer_free(&text);
}

/* ---- for machines */

/* As other mail systems have it, for programs that read no more than the header. */
static void add_failed(struct buffer *out, const struct report *r)
{
    size_t named = 0;
    for (size_t i = 0; i < r->recipient_count && named < MOST_FAILED; i++) {
        struct span address = told_recipient(r, i);
        if (r->recipients[i].outcome->kind != OUTCOME_FAILED || !address_is_ascii(address) ||
            address.len > LONGEST_FAILED)
            continue;
        buffer_add_text(out, named++ ? ",\r\n " : "X-Failed-Recipients: ");
        visible_add(out, address, LONGEST_FAILED);
    }
    if (named)
        buffer_add_text(out, "\r\n");
}

void header_add_parties(struct buffer *out, struct span hostname, struct span to)
{
    buffer_printf(out, "From: Mail Delivery Subsystem <mailer-daemon@%.*s>\r\nTo: <%.*s>\r\n",
                  SPAN_F(hostname), SPAN_F(to));
}

void header_add_names(struct buffer *out, struct span hostname, message_id id, int64_t now_ms,
                      int offset_minutes)
{
    buffer_add_text(out, "Date: ");
    date_add(out, now_ms, offset_minutes);
    buffer_add_text(out, "\r\nMessage-ID: <");
    message_id_add(out, id);
    buffer_printf(out, "@%.*s>\r\n", SPAN_F(hostname));
}

void header_add_machine(struct buffer *out, const struct language *l)
{
    const char *tag = language_tag(l);
    buffer_add_text(out, "Auto-Submitted: auto-replied\r\n"); /* RFC 3834 5, 3464 2 */
    buffer_printf(out, "Content-Language: %s%s\r\n", tag, strcmp(tag, "en") == 0 ? "" : ", en");
}

void report_header(struct buffer *out, const struct report *r)
{
    const struct span about = r->original->header_message_id;
    header_add_parties(out, r->hostname, r->to);
    add_subject(out, r);
    header_add_names(out, r->hostname, r->id, r->now_ms, r->offset_minutes);
    if (is_message_id(about))
        buffer_printf(out, "In-Reply-To: %.*s\r\nReferences: %.*s\r\n", SPAN_F(about),
                      SPAN_F(about));
    add_failed(out, r);
    header_add_machine(out, r->language);
}
