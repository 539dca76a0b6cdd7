/* Notices in free text. Most systems lay them out alike: words for the person; then each recipient
 * at the start of a line, with what is said of it behind it or below it; then the original. So the
 * strongest way of naming recipients that occurs in the text is taken for the way of this one:
 *
 *   1. a header field (X-Failed-Recipients: Exim, Gmail and others);
 *   2. lines that begin with an address;
 *   3. the commands of a transcript (">>> RCPT TO:<…>");
 *   4. a label or a phrase that an address follows ("delivering your mail to <…>");
 *   5. the only address there is that is not the sender's, nor a mail system's.
 *
 * What is said of a recipient stands there, or where a reply of a server names it; with one
 * recipient alone, also in the only reply. */
#include "bounce/read_inside.h"

#include "base/buffer.h"
#include "bounce/dialect_gate.h"
#include "bounce/free_text.h"
#include "mail/address.h"

#include <string.h>

struct dialect {
    struct reading *reading;
    struct span text;
    struct gate gate;
    bool takes_all; /* also who sent it, and mail systems: nobody else was found */
};

/* ---- who can't be meant */

static bool is_system(struct span address)
{
    static const char *const locals[] = {
        "postmaster", "mailer-daemon", "mailer_daemon", "maildaemon", "mail-daemon", "abuse",
        "hostmaster", "noreply",       "no-reply",      "support",    "helpdesk",    "webmaster"};
    struct span local = address_local(address);
    for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
        if (span_equal_nocase(local, span_of(locals[i])))
            return true;
    return false;
}

static bool stands_in(struct span list, struct span address)
{
    struct span found;
    size_t end;
    while (text_find_address(list, &found, &end)) {
        if (span_equal_nocase(found, address))
            return true;
        list = span_skip(list, end);
    }
    return false;
}

/* The sender of the original is whom the notice goes to. */
static bool is_sender(const struct dialect *d, struct span address)
{
    const struct notice *n = d->reading->notice;
    return stands_in(n->to, address) || stands_in(n->original.from, address) ||
           stands_in(n->from, address);
}

static bool may_be_recipient(const struct dialect *d, struct span address)
{
    return (d->takes_all || (!is_system(address) && !is_sender(d, address))) &&
           span_find_char(address_domain(address), '.') != SPAN_NOT_FOUND;
}

static struct notice_recipient *add_once(struct dialect *d, struct span address)
{
    struct notice_recipient *to = reading_find(d->reading, address);
    return to ? to : reading_add(d->reading, address);
}

/* ---- what is said */

static struct span keep(struct dialect *d, struct buffer *words)
{
    struct span kept = arena_copy(d->reading->arena, span_trim(buffer_span(words)));
    buffer_free(words);
    return kept;
}

enum { LONGEST_DIAGNOSTIC = 2000 };

static void add_words(struct buffer *words, struct span more)
{
    if (words->len && more.len)
        buffer_add_char(words, ' ');
    if (words->len < LONGEST_DIAGNOSTIC)
        buffer_add_span(words, span_first(more, LONGEST_DIAGNOSTIC));
}

/* How a line with a recipient begins. What begins otherwise below it is a part of its words. */
struct form {
    bool is_indented;
    char first;
    bool is_known;
};

static bool has_form(struct form *f, const struct text_line *line)
{
    char first = strchr("<\"'*-[(", line->content.at[0]) ? line->content.at[0] : 0;
    if (!f->is_known)
        *f = (struct form){line->indent > 0, first, true};
    return f->is_indented == (line->indent > 0) && f->first == first;
}

/* Behind an address, and in the lines below it, up to an empty line or the next address. Words that
 * stand below an empty line belong to it when nothing stood behind it. */
static struct span words_below(struct dialect *d, struct form *form, struct span rest_of_line,
                               struct span below)
{
    struct buffer words = BUFFER_EMPTY;
    struct text_line line;
    struct span address, rest;
    add_words(&words, rest_of_line);
    bool has_gap = false;
    while (text_next_line(&below, &line)) {
        if (text_is_empty(&line)) {
            if (words.len || has_gap)
                break;
            has_gap = true;
            continue;
        }
        if (text_is_rule(&line) || (text_leads_with_address(&line, &address, &rest) &&
                                    !text_reply_code(line.content) && has_form(form, &line)))
            break;
        add_words(&words, line.content);
    }
    return keep(d, &words);
}

/* ---- ways to name recipients */

/* Lines of a returned head ("To: …", "Subject: …") don't begin with an address. */
static size_t read_leading(struct dialect *d, bool only_known)
{
    struct span rest = d->text, address, behind;
    struct text_line line;
    size_t count = 0;
    struct form form = {0};
    while (text_next_line(&rest, &line)) {
        if (text_reply_code(line.content) || !text_leads_with_address(&line, &address, &behind) ||
            !may_be_recipient(d, address) || !has_form(&form, &line))
            continue;
        struct notice_recipient *to = reading_find(d->reading, address);
        if (!to && !only_known)
            to = reading_add(d->reading, address);
        if (to && !to->diagnostic.len)
            to->diagnostic = words_below(d, &form, behind, rest);
        count++;
    }
    return count;
}

static size_t read_failed_field(struct dialect *d)
{
    struct span field = survey_field(d->reading->survey, "X-Failed-Recipients", d->reading->arena);
    struct span address;
    size_t end, count = 0;
    while (text_find_address(field, &address, &end)) {
        add_once(d, address);
        field = span_skip(field, end);
        count++;
    }
    return count;
}

static size_t read_behind(struct dialect *d, const char *const *labels)
{
    struct span rest = d->text;
    struct text_line line;
    size_t count = 0;
    while (text_next_line(&rest, &line)) {
        if (span_find_char(line.content, '@') == SPAN_NOT_FOUND)
            continue;
        for (size_t i = 0; labels[i]; i++) {
            size_t at = text_find_nocase(line.content, labels[i]), end;
            struct span address, behind;
            if (at == SPAN_NOT_FOUND)
                continue;
            behind = span_skip(line.content, at + strlen(labels[i]));
            if (behind.len && ascii_is_alnum(behind.at[0])) /* a part of a longer word */
                continue;
            if (!text_find_address(behind, &address, &end) ||
                (size_t)(address.at - behind.at) > 12 || !may_be_recipient(d, address))
                continue;
            add_once(d, address);
            count++;
            break;
        }
    }
    return count;
}

/* "554 <alice@example.org>... 550 Host unknown": as the oldest transcripts have it. */
static size_t read_replies(struct dialect *d)
{
    struct span rest = d->text, address;
    struct text_line line;
    size_t count = 0, end;
    while (text_next_line(&rest, &line)) {
        struct span behind = span_trim(span_skip(line.content, 3));
        if (!text_reply_code(line.content) || !text_find_address(behind, &address, &end) ||
            address.at - behind.at > 12 || !may_be_recipient(d, address))
            continue;
        struct notice_recipient *to = add_once(d, address);
        size_t dots = span_find(behind, SPAN("... ")); /* behind them what the other server said */
        struct span inner = dots == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(behind, dots + 4);
        if (to && !to->diagnostic.len)
            to->diagnostic = text_reply_code(inner) ? inner : line.content;
        count++;
    }
    return count;
}

/* A name alone, below a line that announces it: a mailbox of the system that writes. */
static size_t read_local_name(struct dialect *d)
{
    struct span rest = d->text, address;
    struct text_line line, before = {.content = SPAN_NONE};
    size_t end;
    while (text_next_line(&rest, &line)) {
        bool is_announced = before.content.len && before.content.at[before.content.len - 1] == ':';
        bool is_name = line.content.len && line.content.len <= 64 && line.indent &&
                       span_find_char(line.content, ' ') == SPAN_NOT_FOUND &&
                       span_find_char(line.content, ':') == SPAN_NOT_FOUND;
        if (is_announced && is_name &&
            text_find_address(d->reading->notice->from, &address, &end)) {
            add_once(d, arena_printf(d->reading->arena, "%.*s@%.*s", SPAN_F(line.content),
                                     SPAN_F(address_domain(address))));
            return 1;
        }
        if (!text_is_empty(&line))
            before = line;
    }
    return 0;
}

static const char *const transcript[] = {"rcpt to:", "rcpt to ", NULL};
static const char *const labels[] = {"delivering your mail to",
                                     "delivered to:",
                                     "delivered to",
                                     "deliver to",
                                     "deliver mail to",
                                     "delivery to",
                                     "undeliverable to",
                                     "undeliverable:",
                                     "undeliverable address",
                                     "recipient:",
                                     "recipients:",
                                     "recipient address:",
                                     "recipient",
                                     "final-recipient:",
                                     "original-recipient:",
                                     "user unknown:",
                                     "unknown user:",
                                     "unknown user",
                                     "user:",
                                     "address:",
                                     "addresses:",
                                     "mailbox",
                                     "allowed size:",
                                     "invalid final delivery userid:",
                                     "your message to",
                                     "message to",
                                     "mail to",
                                     "sent to",
                                     "smtp=",
                                     "to:",
                                     "for:",
                                     "an:",
                                     "\u00e0 :",
                                     "destinataire",
                                     "empf\u00e4nger",
                                     "t=[",
                                     "\u0430\u0434\u0440\u0435\u0441",
                                     "\u5b9b\u5148",
                                     NULL};

static size_t read_any(struct dialect *d)
{
    struct span rest = d->text, address;
    size_t end, count = 0;
    while (!count && text_find_address(rest, &address, &end)) {
        rest = span_skip(rest, end);
        if (may_be_recipient(d, address)) {
            add_once(d, address);
            count++;
        }
    }
    return count;
}

/* To whom the original went, when it went to one alone. */
static size_t read_original_to(struct dialect *d)
{
    struct span to = d->reading->notice->original.to, address, second;
    size_t end;
    if (!text_find_address(to, &address, &end) ||
        text_find_address(span_skip(to, end), &second, &end))
        return 0;
    add_once(d, address);
    return 1;
}

static void find_recipients(struct dialect *d)
{
    if (read_replies(d) || read_behind(d, transcript))
        return;
    d->takes_all = true; /* somebody may write to himself, or to support@ */
    if (read_leading(d, false))
        return;
    d->takes_all = false;
    if (!read_behind(d, labels) && !read_local_name(d) && !read_any(d))
        read_original_to(d);
}

/* ---- replies that stand elsewhere */

/* A reply and its further lines, as one. */
static struct span reply_at(struct dialect *d, struct span from)
{
    struct buffer words = BUFFER_EMPTY;
    struct text_line line;
    int code = 0;
    while (text_next_line(&from, &line) && !text_is_empty(&line)) {
        size_t at = 0;
        int here = words.len ? text_reply_code(line.content) : text_find_reply(line.content, &at);
        if (words.len && (text_is_rule(&line) || (here && here != code)))
            break;
        if (span_starts(line.content, SPAN(">>>")) || span_starts(line.content, SPAN("...")))
            break;
        code = code ? code : here;
        add_words(&words, span_skip(line.content, words.len ? 0 : at));
    }
    return keep(d, &words);
}

/* The line with a reply in which this address stands; or the first reply below the command that
 * names it. */
static struct span reply_about(struct dialect *d, struct span address)
{
    struct span rest = d->text, found = SPAN_NONE;
    struct text_line line;
    bool is_named = false;
    while (rest.len) {
        struct span here = rest;
        size_t at;
        text_next_line(&rest, &line);
        bool names_it = stands_in(line.content, address);
        bool is_command = span_find_char(line.content, '@') != SPAN_NOT_FOUND &&
                          text_find_nocase(line.content, "rcpt to") != SPAN_NOT_FOUND;
        bool is_reply = text_find_reply(line.content, &at) != 0;
        if (is_reply && (names_it || is_named))
            return reply_at(d, here);
        if (names_it && is_command)
            is_named = true;
        else if (is_command)
            is_named = false;
    }
    return found;
}

static struct span only_reply(struct dialect *d)
{
    struct span rest = d->text;
    struct text_line line;
    size_t at;
    while (rest.len) {
        struct span here = rest;
        text_next_line(&rest, &line);
        if (text_find_reply(line.content, &at))
            return reply_at(d, here);
    }
    return SPAN_NONE;
}

static bool has_code(struct span words)
{
    size_t at;
    return text_find_reply(words, &at) != 0;
}

static void find_words(struct dialect *d)
{
    struct notice *n = d->reading->notice;
    for (size_t i = 0; i < n->recipient_count; i++) {
        struct notice_recipient *to = &n->recipients[i];
        struct span about = has_code(to->diagnostic) ? SPAN_NONE : reply_about(d, to->address);
        if (!about.len && n->recipient_count == 1 && !has_code(to->diagnostic))
            about = only_reply(d);
        if (about.len)
            to->diagnostic = about;
        read_codes(to, to->diagnostic);
        to->action = d->gate.is_delay ? ACTION_DELAYED : ACTION_FAILED;
    }
}

bool read_dialect(struct reading *r)
{
    struct dialect d = {.reading = r, .text = r->notice->text};
    dialect_look(&d.gate, r);
    if (!dialect_is_notice(&d.gate) && !r->signs.is_return &&
        !(r->signs.is_pasted && d.gate.has_words))
        return false;
    bool is_named = read_failed_field(&d) > 0;
    size_t leading = read_leading(&d, is_named);
    if (!is_named && !leading)
        find_recipients(&d);
    find_words(&d);
    return r->notice->recipient_count > 0;
}
