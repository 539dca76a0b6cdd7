/* The order is that of the questions a sender has: did it arrive, why not, who must act, what
 * exactly; then which message it was; the details come last, complete and in the server's own
 * words. */
#include "bounce/text.h"

#include "base/visible.h"
#include "mail/date.h"
#include "mail/header.h"

#include <string.h>

enum {
    COLUMNS = 76,
    MOST_WORDS = 2000,
    MOST_NAMES = 20,
    LONGEST_ADDRESS = 320,
    LONGEST_SUBJECT = 200
};

/* Columns that UTF-8 text takes, one a character: near enough for wrapping. */
static size_t columns(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.at[i] & 0xC0) != 0x80;
    return n;
}

void text_wrap(struct buffer *out, const char *first, const char *indent, struct span text)
{
    size_t at = strlen(first);
    bool is_start = true;
    buffer_add_text(out, first);
    for (struct span word; (word = span_word(&text)).len; is_start = false) {
        size_t need = columns(word) + !is_start;
        if (!is_start && at + need > COLUMNS) {
            buffer_printf(out, "\n%s", indent);
            at = strlen(indent);
            is_start = true;
            need--;
        }
        buffer_printf(out, "%s%.*s", is_start ? "" : " ", SPAN_F(word));
        at += need;
    }
    buffer_add_char(out, '\n');
}

static void wrap_text(struct buffer *out, const char *first, const char *indent, const char *text)
{
    text_wrap(out, first, indent, span_of(text));
}

static struct span address_of(const struct report *r, size_t i)
{
    return r->original->recipients[r->recipients[i].recipient].address;
}

static const struct cause_text *words_for(const struct report *r, size_t i)
{
    return cause_text(r->recipients[i].outcome->cause);
}

static void add_address(struct buffer *out, struct span address)
{
    visible_add(out, address, LONGEST_ADDRESS);
}

/* ---- one cause, and the recipients that share it */

static bool is_first_of_its_cause(const struct report *r, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (words_for(r, k) == words_for(r, i))
            return false;
    return true;
}

static void add_attempts(struct buffer *out, const struct report *r, size_t i)
{
    struct buffer line = BUFFER_EMPTY;
    const struct report_recipient *it = &r->recipients[i];
    buffer_printf(&line, "It was tried %u time%s in ", it->attempts, it->attempts == 1 ? "" : "s");
    duration_add_words(&line, it->outcome->time_ms - r->original->accepted_ms);
    buffer_add_text(&line, "; no further attempt will be made.");
    text_wrap(out, "", "", buffer_span(&line));
    buffer_free(&line);
}

static void add_steps(struct buffer *out, const struct cause_text *t)
{
    buffer_add_text(out, "\nWhat to do:\n");
    for (size_t i = 0; i < 3 && t->steps[i] && t->steps[i][0]; i++) {
        char number[8] = {' ', (char)('1' + i), '.', ' '};
        wrap_text(out, number, "    ", t->steps[i]);
    }
}

static void add_cause(struct buffer *out, const struct report *r, size_t first)
{
    const struct cause_text *t = words_for(r, first);
    for (size_t i = first; i < r->recipient_count; i++)
        if (words_for(r, i) == t) {
            buffer_add_text(out, "  ");
            add_address(out, address_of(r, i));
            buffer_add_char(out, '\n');
        }
    struct buffer sentence = BUFFER_EMPTY;
    buffer_printf(&sentence, "%s. %s", t->headline, t->sentence);
    buffer_add_char(out, '\n');
    text_wrap(out, "", "", buffer_span(&sentence));
    buffer_free(&sentence);
    if (r->recipients[first].outcome->is_expired)
        add_attempts(out, r, first);
    buffer_printf(out, "\nWho can act: %s.\n", actor_words(t->actor));
    add_steps(out, t);
}

/* ---- the rest */

static void add_received(struct buffer *out, const struct report *r)
{
    if (!r->received_count)
        return;
    struct buffer line = BUFFER_EMPTY;
    buffer_add_text(&line, r->received_count == 1 ? "This recipient did get it: "
                                                  : "These recipients did get it: ");
    for (size_t i = 0; i < r->received_count && i < MOST_NAMES; i++) {
        buffer_add_text(&line, i ? ", " : "");
        add_address(&line, r->received[i]);
    }
    if (r->received_count > MOST_NAMES)
        buffer_printf(&line, " and %zu more", r->received_count - MOST_NAMES);
    buffer_add_char(&line, '.');
    buffer_add_char(out, '\n');
    text_wrap(out, "", "", buffer_span(&line));
    buffer_free(&line);
}

static void add_field(struct buffer *out, const char *label, const char *name, struct span message)
{
    struct span value;
    struct buffer text = BUFFER_EMPTY, shown = BUFFER_EMPTY;
    if (header_find(message, name, &value)) {
        header_unfold(&text, value);
        visible_add(&shown, buffer_span(&text), LONGEST_SUBJECT);
        text_wrap(out, label, "            ", buffer_span(&shown));
    }
    buffer_free(&text);
    buffer_free(&shown);
}

static void add_message(struct buffer *out, const struct report *r)
{
    struct buffer time = BUFFER_EMPTY;
    buffer_add_text(out, "\nYour message\n");
    add_field(out, "  Subject:  ", "Subject", r->message);
    add_field(out, "  To:       ", "To", r->message);
    date_add_words(&time, r->original->accepted_ms, r->offset_minutes);
    text_wrap(out, "  Accepted: ", "            ", buffer_span(&time));
    buffer_free(&time);
}

static void add_remote_words(struct buffer *out, const struct outcome *o)
{
    struct buffer shown = BUFFER_EMPTY;
    outcome_add_reply(&shown, o, MOST_WORDS);
    struct span rest = buffer_span(&shown);
    while (rest.len)
        text_wrap(out, "    ", "      ", span_cut(&rest, '\n'));
    buffer_free(&shown);
}

static void add_details(struct buffer *out, const struct report *r)
{
    struct buffer line = BUFFER_EMPTY;
    buffer_add_text(out, "\nDetails for the people who run your mail\n");
    for (size_t i = 0; i < r->recipient_count; i++) {
        const struct outcome *o = r->recipients[i].outcome;
        buffer_clear(&line);
        add_address(&line, address_of(r, i));
        buffer_add_text(&line, ": ");
        date_add_words(&line, o->time_ms, r->offset_minutes);
        if (o->is_remote) {
            buffer_add_text(&line, ", the response from ");
            outcome_add_server(&line, o);
            buffer_printf(&line, " %.*s was:", SPAN_F(o->stage));
        } else {
            buffer_printf(&line, ", %.*s noted:", SPAN_F(r->hostname));
        }
        text_wrap(out, "  ", "  ", buffer_span(&line));
        add_remote_words(out, o);
    }
    buffer_clear(&line);
    buffer_add_text(&line, "  Queue id: ");
    message_id_add(&line, r->original->id);
    buffer_printf(&line, " on %.*s\n", SPAN_F(r->hostname));
    buffer_add_span(out, buffer_span(&line));
    buffer_free(&line);
}

void report_text(struct buffer *out, const struct report *r)
{
    size_t causes = 0;
    buffer_add_text(out, r->recipient_count == 1
                             ? "Your message was not delivered to\n\n"
                             : "Your message was not delivered to these recipients:\n\n");
    for (size_t i = 0; i < r->recipient_count; i++)
        if (is_first_of_its_cause(r, i)) {
            if (causes++)
                buffer_add_text(out, "\nNor was it delivered to\n\n");
            add_cause(out, r, i);
        }
    add_received(out, r);
    add_message(out, r);
    add_details(out, r);
}
