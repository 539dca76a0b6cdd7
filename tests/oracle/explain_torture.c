/* Each message of a folder cut off at every place, and changed by chance: `explain` has an answer
 * to all of it (it asserts; build it with sanitizers).
 * Usage: explain_torture STEP MUTATIONS FILE|FOLDER... STEP 1: every truncation; more: every nth.
 */
#include "base/memory.h"
#include "cli/explain_trial.h"
#include "cli/mail_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* xorshift64: the same changes every time. */
static uint64_t chance(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t below(uint64_t *state, size_t n)
{
    return n ? (size_t)(chance(state) % n) : 0;
}

/* In memory of its own, so that a sanitizer sees what reads beyond its end. */
static enum notice_kind try_piece(struct span message)
{
    char *copy = memory_new(message.len);
    if (message.len)
        memcpy(copy, message.at, message.len);
    enum notice_kind kind = explain_try(span_make(copy, message.len), NULL);
    free(copy);
    return kind;
}

static void cut(struct buffer *b, size_t from, size_t n)
{
    size_t rest = b->len - from - n;
    memmove(b->at + from, b->at + from + n, rest);
    b->len -= n;
}

static void insert(struct buffer *b, size_t at, struct span piece)
{
    struct buffer after = BUFFER_EMPTY;
    buffer_add_span(&after, span_skip(buffer_span(b), at));
    b->len = at;
    buffer_add_span(b, piece);
    buffer_add_span(b, buffer_span(&after));
    buffer_free(&after);
}

static size_t line_at(const struct buffer *b, size_t at)
{
    while (at && b->at[at - 1] != '\n')
        at--;
    return at;
}

static void mutate(struct buffer *b, uint64_t *state)
{
    static const struct span pieces[] = {SPAN("\n"),
                                         SPAN("\r\n\r\n"),
                                         SPAN("\0"),
                                         SPAN("\xff"),
                                         SPAN("<"),
                                         SPAN("="),
                                         SPAN("--"),
                                         SPAN("=?utf-8?q?"),
                                         SPAN(": "),
                                         SPAN("@"),
                                         SPAN("\"'"),
                                         SPAN("550 5.1.1 "),
                                         SPAN("rfc822;"),
                                         SPAN("<a href=\"x"),
                                         SPAN("<!--"),
                                         SPAN("\033$B"),
                                         SPAN("Content-Type: multipart/mixed; boundary=x\n"),
                                         SPAN("(((((")};
    if (!b->len)
        return;
    size_t at = below(state, b->len), rest = b->len - at;
    size_t n = 1 + below(state, rest < 200 ? rest : 200);
    n = n > rest ? rest : n;
    switch (below(state, 6)) {
    case 0: /* other bytes */
        b->at[at] = (char)chance(state);
        break;
    case 1:
        cut(b, at, n);
        break;
    case 2:
        insert(b, at, pieces[below(state, sizeof pieces / sizeof *pieces)]);
        break;
    case 3: { /* a piece of it at another place */
        struct buffer piece = BUFFER_EMPTY;
        buffer_add(&piece, b->at + at, n);
        insert(b, below(state, b->len), buffer_span(&piece));
        buffer_free(&piece);
        break;
    }
    case 4: { /* a line less */
        size_t from = line_at(b, at), end = span_find_char(span_skip(buffer_span(b), from), '\n');
        cut(b, from, end == SPAN_NOT_FOUND ? b->len - from : end + 1);
        break;
    }
    default: /* one bit */
        b->at[at] = (char)(b->at[at] ^ (1 << below(state, 8)));
    }
}

static size_t torture(struct span message, size_t step, size_t mutations, uint64_t *state)
{
    size_t done = 0;
    struct buffer changed = BUFFER_EMPTY;
    for (size_t n = 0; n <= message.len; n += step, done++)
        try_piece(span_first(message, n));
    for (size_t i = 0; i < mutations; i++, done++) {
        buffer_clear(&changed);
        buffer_add_span(&changed, message);
        for (size_t k = 1 + below(state, 8); k--;)
            mutate(&changed, state);
        try_piece(buffer_span(&changed));
    }
    buffer_free(&changed);
    return done;
}

int main(int argc, char **argv)
{
    struct mail_file m = {0};
    struct error e;
    size_t messages = 0, done = 0;
    uint64_t state = 88172645463325252;
    if (argc < 4)
        return 2;
    size_t step = (size_t)strtoul(argv[1], NULL, 10),
           mutations = (size_t)strtoul(argv[2], NULL, 10);
    struct mail_files *files = mail_files_new(argv + 3, (size_t)argc - 3);
    for (int got; (got = mail_files_next(files, &m, &e)); messages++) {
        if (got < 0) {
            fprintf(stderr, "explain_torture: %s\n", e.text);
            return 1;
        }
        done += torture(buffer_span(&m.message), step ? step : 1, mutations, &state);
    }
    printf("%zu messages, %zu changed ones: each has an answer\n", messages, done);
    mail_files_free(&files);
    mail_file_free(&m);
    return messages == 0;
}
