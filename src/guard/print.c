#include "guard/print.h"

#include <xxhash.h>

enum {
    LONGEST_NAME = 512,
    LONGEST_WORD = 64,
    SHINGLE = 3,
    PLANES = 11 /* 2^11 > PRINT_MOST_WORDS */
};

uint64_t print_name(uint64_t key, char kind, struct span name)
{
    char lower[1 + LONGEST_NAME];
    size_t len = name.len < LONGEST_NAME ? name.len : LONGEST_NAME;
    lower[0] = kind;
    for (size_t i = 0; i < len; i++)
        lower[1 + i] = ascii_lower(name.at[i]);
    uint64_t print = XXH3_64bits_withSeed(lower, 1 + len, key);
    return print ? print : 1;
}

struct printing {
    uint64_t planes[PLANES]; /* bit k of how many shingles have each bit set: 64 counters at once */
    uint64_t words[SHINGLE]; /* the latest ones */
    size_t count;
};

static void vote(struct printing *p, uint64_t shingle)
{
    for (int k = 0; k < PLANES && shingle; k++) {
        uint64_t carry = p->planes[k] & shingle;
        p->planes[k] ^= shingle;
        shingle = carry;
    }
}

/* The bits that more than half of the shingles have. */
static uint64_t majority(const struct printing *p)
{
    size_t shingles = p->count - (SHINGLE - 1);
    uint64_t print = 0;
    for (int bit = 0; bit < 64; bit++) {
        size_t count = 0;
        for (int k = 0; k < PLANES; k++)
            count |= (size_t)(p->planes[k] >> bit & 1) << k;
        print |= (uint64_t)(2 * count > shingles) << bit;
    }
    return print;
}

static bool is_number_or_link(struct span word)
{
    for (size_t i = 0; i < word.len; i++)
        if (ascii_is_digit(word.at[i]))
            return true;
    return span_find(word, SPAN("://")) != SPAN_NOT_FOUND || span_starts_nocase(word, SPAN("www."));
}

static void take_letters(struct printing *p, const char *letters, size_t len)
{
    if (!len)
        return;
    for (int i = 0; i + 1 < SHINGLE; i++)
        p->words[i] = p->words[i + 1];
    p->words[SHINGLE - 1] = XXH3_64bits(letters, len);
    if (++p->count >= SHINGLE)
        vote(p, XXH3_64bits(p->words, sizeof p->words));
}

/* The length of a character that is written without spaces around words (U+3000 to U+DFFF: Chinese,
 * Japanese, Korean); 0: it is none. */
static size_t is_word_alone(struct span s)
{
    unsigned char lead = (unsigned char)s.at[0];
    return lead >= 0xE3 && lead <= 0xED && s.len >= 3 ? 3 : 0;
}

/* Its letters, without what stands around and between them. */
static void take_word(struct printing *p, struct span word)
{
    char letters[LONGEST_WORD];
    size_t len = 0;
    if (is_number_or_link(word))
        return;
    while (word.len && p->count < PRINT_MOST_WORDS) {
        size_t alone = is_word_alone(word);
        if (alone) {
            take_letters(p, letters, len);
            take_letters(p, word.at, alone);
            len = 0;
        } else if (len < LONGEST_WORD &&
                   (ascii_is_alpha(word.at[0]) || (unsigned char)word.at[0] >= 0x80)) {
            letters[len++] = ascii_lower(word.at[0]);
        }
        word = span_skip(word, alone ? alone : 1);
    }
    take_letters(p, letters, len);
}

uint64_t print_text(struct span text)
{
    struct printing p = {.count = 0};
    while (text.len && p.count < PRINT_MOST_WORDS) {
        struct span line = span_cut(&text, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        if (span_equal(line, SPAN("-- ")))
            break;
        if (line.len && line.at[0] == '>')
            continue;
        for (struct span word; (word = span_word(&line)).len && p.count < PRINT_MOST_WORDS;)
            take_word(&p, word);
    }
    if (p.count < PRINT_LEAST_WORDS)
        return 0;
    uint64_t print = majority(&p);
    return print ? print : 1;
}
