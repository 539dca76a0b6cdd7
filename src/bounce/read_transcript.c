/* Beside the fields of a report stands a text for people, and often it alone has the words of the
 * server that refused: "<alice@example.org>: host mx.example.org said: 550 …", "(reason: 550 …)",
 * "<<< 421". What follows a recipient's address, up to an empty line or the next recipient, is
 * about that recipient. */
#include "bounce/read_inside.h"

#include "base/map.h"
#include "bounce/report_values.h"
#include "mail/content.h"

#include <string.h>

enum { LONGEST_TRANSCRIPT = 1 << 20, LONGEST_ADDRESS = 320, LONGEST_WORDS = 2000 };

static bool is_wanting(const struct notice_recipient *to)
{
    return !to->code || !report_has_words(to->diagnostic);
}

static bool anybody_wants(const struct notice *n)
{
    for (size_t i = 0; i < n->recipient_count; i++)
        if (is_wanting(&n->recipients[i]))
            return true;
    return false;
}

static struct span lowered(char *room, struct span address)
{
    for (size_t i = 0; i < address.len; i++)
        room[i] = ascii_lower(address.at[i]);
    return span_make(room, address.len);
}

static void index_address(struct reading *r, struct map *m, struct span address, void *value)
{
    char room[LONGEST_ADDRESS];
    if (!address.len || address.len > sizeof room)
        return;
    struct span key = lowered(room, address);
    if (!map_get_text(m, key))
        map_set_text(m, arena_copy(r->arena, key), value);
}

static bool is_of_address(char c)
{
    return ascii_is_alnum(c) || (c & 0x80) || (c && strchr("!#$%&'*+-/=?^_`{|}~.@", c));
}

/* The recipient whose address stands in the line first; `*behind`: where the address ends. */
static struct notice_recipient *named_in(const struct map *m, struct span line, size_t *behind)
{
    size_t at = 0;
    for (;;) {
        size_t found = span_find_char(span_skip(line, at), '@');
        if (found == SPAN_NOT_FOUND)
            return NULL;
        size_t from = at + found, to = at + found;
        while (from > at && is_of_address(line.at[from - 1]))
            from--;
        while (to < line.len && is_of_address(line.at[to]))
            to++;
        at = to;
        while (to && (line.at[to - 1] == '.' || line.at[to - 1] == '\''))
            to--;
        char room[LONGEST_ADDRESS];
        struct span address = span_first(span_skip(line, from), to > from ? to - from : 0);
        void *hit = address.len && address.len <= sizeof room
                        ? map_get_text(m, lowered(room, address))
                        : NULL;
        *behind = to;
        if (hit)
            return hit;
        if (at >= line.len)
            return NULL;
    }
}

/* "(reason: 550 …)" , ">: 550 …", "... Deferred: …": the words alone. */
static struct span words_of(struct span chunk)
{
    chunk = span_trim(chunk);
    while (chunk.len && strchr(">:.,;)]\"' \t\r\n-", chunk.at[0]))
        chunk = span_skip(chunk, 1);
    if (span_starts_nocase(chunk, SPAN("(reason:"))) {
        chunk = span_trim(span_skip(chunk, 8));
        if (chunk.len && chunk.at[chunk.len - 1] == ')')
            chunk.len--;
    }
    return span_trim(chunk);
}

static void tell(struct reading *r, struct notice_recipient *to, struct span chunk)
{
    struct span words = words_of(chunk);
    if (!is_wanting(to) || !words.len)
        return;
    read_codes(to, words);
    if (!report_has_words(to->diagnostic) && report_has_words(words) && words.len < LONGEST_WORDS)
        to->diagnostic = content_field(words, r->arena);
}

static struct span next_line(struct span *rest)
{
    size_t lf = span_find_char(*rest, '\n');
    struct span line = span_first(*rest, lf == SPAN_NOT_FOUND ? rest->len : lf + 1);
    *rest = span_skip(*rest, line.len);
    return line;
}

static void walk(struct reading *r, const struct map *m, struct span text)
{
    struct notice_recipient *now = NULL;
    struct span chunk = SPAN_NONE;
    while (text.len) {
        size_t behind = 0;
        struct span line = next_line(&text);
        bool is_quoted = span_starts(line, SPAN(">")) && !span_starts(line, SPAN(">>>"));
        struct notice_recipient *to = is_quoted ? NULL : named_in(m, line, &behind);
        bool is_same = to && to == now;
        if (now && !is_same && (to || !span_trim(line).len)) {
            tell(r, now, chunk);
            now = NULL;
        }
        if (to && !is_same) {
            now = to;
            chunk = span_skip(line, behind);
            if (!chunk.len)
                chunk = (struct span){line.at + line.len, 0};
        } else if (now) {
            chunk.len = (size_t)(line.at + line.len - chunk.at);
        }
    }
    if (now)
        tell(r, now, chunk);
}

/* One recipient, and a line that is a reply: "<<< 550 …", "550 5.1.1 …". */
static void read_only_one(struct reading *r, struct span text)
{
    struct notice_recipient *to = &r->notice->recipients[0];
    while (text.len && !to->code) {
        struct span line = span_trim(next_line(&text));
        bool is_reply = span_starts(line, SPAN("<<<"));
        struct notice_recipient found = {.status = to->status};
        if (is_reply)
            line = span_trim(span_skip(line, 3));
        if (!line.len || (line.at[0] != '4' && line.at[0] != '5'))
            continue;
        read_codes(&found, span_first(line, 16));
        if (found.code && (is_reply || status_is_given(found.status)))
            tell(r, to, line);
    }
}

void read_transcript(struct reading *r)
{
    struct notice *n = r->notice;
    struct map m = MAP_EMPTY;
    struct span text = span_first(n->text, LONGEST_TRANSCRIPT);
    if (!anybody_wants(n) || !text.len)
        return;
    for (size_t i = 0; i < n->recipient_count; i++) {
        index_address(r, &m, n->recipients[i].address, &n->recipients[i]);
        index_address(r, &m, n->recipients[i].original, &n->recipients[i]);
    }
    walk(r, &m, text);
    map_free(&m);
    if (n->recipient_count == 1)
        read_only_one(r, text);
}
