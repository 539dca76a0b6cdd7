/* Every reply has a cause, with words for people; neither case nor the number of blanks matters.
 * The first line of an input gives the codes, the rest is what the server said. */
#include "base/fuzz.h"

#include "outcome/cause.h"

enum { LONGEST = 4096 };

static void check_text(struct cause_found found)
{
    assert(found.cause < CAUSE_COUNT && found.variant <= VARIANT_STORAGE);
    const struct cause_text *t = cause_text(found);
    assert(t && *t->name && *t->headline && *t->sentence && *t->steps[0]);
    assert(*cause_name(found.cause) && variant_name(found.variant) && *actor_words(t->actor));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The same words, written another way. */
static void rewrite(struct span words, struct buffer *out)
{
    for (size_t i = 0; i < words.len; i++) {
        char c = words.at[i];
        if (is_blank(c))
            buffer_add_text(out, i % 2 ? "\r\n \t" : "  ");
        else
            buffer_add_char(out, c >= 'a' && c <= 'z' && i % 3 ? (char)(c - 'a' + 'A') : c);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct span line = fuzz_line(&in);
    uint64_t code = 0;
    struct status status = STATUS_NONE;
    struct span word = span_word(&line);
    if (!span_to_u64(word, 999, &code))
        code = 0;
    status_parse(&line, &status);
    struct span words = fuzz_piece(in.rest);
    struct cause_found found = cause_find((int)code, status, words);
    check_text(found);
    struct buffer other = BUFFER_EMPTY;
    rewrite(words, &other);
    if (other.len <= LONGEST) { /* only so much of a text is looked at */
        struct cause_found again = cause_find((int)code, status, buffer_span(&other));
        assert(found.cause == again.cause && found.variant == again.variant);
    }
    buffer_free(&other);
    fuzz_piece_free(words);
    return 0;
}
