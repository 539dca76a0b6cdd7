/* Words and comments are taken one after the other. The client's address stands in a comment behind
 * "from", in brackets or alone; of several comments the last one with an address counts, for a
 * client may have a comment in the name by which it greets. For the same reason a comment begins
 * only behind a blank: no greeting has one. */
#include "mail/received.h"

#include "base/inet.h"
#include "mail/date.h"
#include "mail/header.h"

enum { LONGEST_VALUE = 4096, LONGEST_HOST = 255 };

enum clause { CLAUSE_NONE, CLAUSE_FROM, CLAUSE_BY, CLAUSE_ID, CLAUSE_FOR, CLAUSE_OTHER };

struct reading {
    struct received *received;
    struct span rest;
    enum clause clause;
    bool has_word; /* the clause has its own word */
};

/* ---- a client */

/* "192.0.2.7", "IPv6:2001:db8::1" */
static bool take_address(struct span text, unsigned char address[16])
{
    if (span_starts_nocase(text, SPAN("IPv6:")))
        text = span_skip(text, 5);
    return inet_parse(text, address);
}

/* "[192.0.2.7]" at the start of the text, whatever follows. */
static bool take_bracketed(struct span text, unsigned char address[16])
{
    size_t end = span_find_char(text, ']');
    return text.len && text.at[0] == '[' && end != SPAN_NOT_FOUND &&
           take_address(span_first(span_skip(text, 1), end - 1), address);
}

static bool is_name(struct span word)
{
    bool has_dot = false;
    for (size_t i = 0; i < word.len; i++) {
        has_dot |= word.at[i] == '.';
        if (!ascii_is_alnum(word.at[i]) && word.at[i] != '-' && word.at[i] != '.' &&
            word.at[i] != '_')
            return false;
    }
    return has_dot && word.len <= LONGEST_HOST;
}

static struct span without_dot(struct span name)
{
    return name.len && name.at[name.len - 1] == '.' ? span_first(name, name.len - 1) : name;
}

/* "helo=client.example" of Exim, "HELO client.example" of qmail: what stands before the comment
 * comes from the DNS. */
static bool take_greeting(struct received *r, struct span word, struct span rest)
{
    static const struct span names[] = {SPAN("helo="), SPAN("ehlo=")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_starts_nocase(word, names[i])) {
            r->name = is_name(r->helo) ? r->helo : SPAN_NONE;
            r->helo = span_skip(word, names[i].len);
            return true;
        }
    if (!span_equal_nocase(word, SPAN("HELO")) && !span_equal_nocase(word, SPAN("EHLO")))
        return false;
    r->name = is_name(r->helo) ? r->helo : SPAN_NONE;
    r->helo = span_word(&rest);
    return true;
}

/* "mail.example.net [192.0.2.7]", "192.0.2.7", "[192.0.2.7] helo=x", "HELO x" */
static void take_client(struct received *r, struct span comment)
{
    struct span rest = comment, name = SPAN_NONE;
    bool is_found = false;
    for (struct span word = span_word(&rest); word.len; word = span_word(&rest)) {
        unsigned char address[16];
        if (take_greeting(r, word, rest))
            return;
        if (is_found)
            continue;
        size_t at = span_find_char(word, '@'), bracket = span_find_char(word, '[');
        struct span place =
            bracket == SPAN_NOT_FOUND ? span_skip(word, at + 1) : span_skip(word, bracket);
        if (at == SPAN_NOT_FOUND && bracket == SPAN_NOT_FOUND)
            place = word;
        if (take_bracketed(place, address) || take_address(place, address)) {
            r->has_address = is_found = true;
            r->name = name.len ? name : r->name;
            memcpy(r->address, address, sizeof address);
        } else if (is_name(word)) {
            name = without_dot(word);
        }
    }
}

/* ---- words and comments */

/* Behind "(", to the ")" that closes it, or all of it. */
static struct span take_comment(struct span *rest)
{
    size_t depth = 1, i = 0;
    while (i < rest->len && depth) {
        depth += rest->at[i] == '(';
        depth -= rest->at[i] == ')';
        i += rest->at[i] == '\\' && i + 1 < rest->len ? 2 : 1;
    }
    struct span inside = span_first(*rest, depth ? i : i - 1);
    *rest = span_skip(*rest, i);
    return inside;
}

static void take_word(struct reading *g, struct span word)
{
    struct received *r = g->received;
    enum clause next = span_equal_nocase(word, SPAN("from"))  ? CLAUSE_FROM
                       : span_equal_nocase(word, SPAN("by"))  ? CLAUSE_BY
                       : span_equal_nocase(word, SPAN("id"))  ? CLAUSE_ID
                       : span_equal_nocase(word, SPAN("for")) ? CLAUSE_FOR
                                                              : CLAUSE_NONE;
    bool begins = g->clause == CLAUSE_NONE || g->has_word;
    if (begins) {
        g->clause = next == CLAUSE_NONE ? CLAUSE_OTHER : next;
        g->has_word = next == CLAUSE_NONE;
        return;
    }
    g->has_word = true;
    if (g->clause == CLAUSE_FROM && !r->helo.len && !r->by.len) {
        r->helo = span_first(word, LONGEST_HOST);
        r->has_address = take_bracketed(word, r->address);
    } else if (g->clause == CLAUSE_BY && !r->by.len) {
        r->by = span_first(without_dot(word), LONGEST_HOST);
    } else if (g->clause == CLAUSE_ID && !r->id.len) {
        r->id = span_first(word, LONGEST_HOST);
    } else if (g->clause == CLAUSE_FOR && !r->to.len) {
        bool is_path = word.at[0] == '<' && word.at[word.len - 1] == '>' && word.len > 2;
        r->to = is_path ? span_first(span_skip(word, 1), word.len - 2) : word;
    }
}

static void take_next(struct reading *g)
{
    size_t n = 0;
    if (g->rest.at[0] == '(') {
        g->rest = span_skip(g->rest, 1);
        struct span comment = take_comment(&g->rest);
        if (g->clause == CLAUSE_FROM) {
            take_client(g->received, comment);
            g->has_word = true;
        }
        return;
    }
    while (n < g->rest.len && g->rest.at[n] != ' ' && g->rest.at[n] != '\t')
        n++;
    struct span word = span_first(g->rest, n);
    g->rest = span_skip(g->rest, n);
    take_word(g, word);
}

/* The date stands behind the last ";". */
static struct span cut_date(struct span *value)
{
    for (size_t i = value->len; i > 0; i--)
        if (value->at[i - 1] == ';') {
            struct span date = span_skip(*value, i);
            *value = span_first(*value, i - 1);
            return date;
        }
    return SPAN_NONE;
}

void received_parse(struct received *r, struct span value, struct arena *a)
{
    struct buffer line = BUFFER_EMPTY;
    int offset;
    *r = (struct received){
        .helo = SPAN_NONE, .name = SPAN_NONE, .by = SPAN_NONE, .id = SPAN_NONE, .to = SPAN_NONE};
    header_unfold(&line, span_first(value, LONGEST_VALUE));
    struct reading g = {.received = r, .rest = arena_keep(a, &line)};
    if (!date_parse(span_trim(cut_date(&g.rest)), &r->time_ms, &offset))
        r->time_ms = 0;
    while ((g.rest = span_trim(g.rest)).len)
        take_next(&g);
}
