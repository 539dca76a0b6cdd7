/* All places of all phrases are found, and nothing else: by hand, and as one finds them one by one.
 */
#include "base/test.h"

#include "bounce/dialect_phrases.h"
#include "bounce/sign_words.h"

#include <string.h>

static size_t count_places(const struct phrase_set *set, struct span text, const char *phrase)
{
    struct phrase_scan scan = phrase_scan_start(set, text);
    const struct phrase *p;
    size_t count = 0;
    for (size_t at; phrase_next(&scan, &p, &at);)
        count += strcmp(p->text, phrase) == 0;
    return count;
}

static void phrases_are_found_everywhere(void **state)
{
    static const struct {
        const char *text;
        size_t count; /* of "bitcoin" */
    } cases[] = {
        {"bitcoin", 1},
        {"a bitcoin", 1},
        {"bitcoins for you", 1},
        {"bitcoin bitcoinbitcoin", 3},
        {"bitcoi", 0},
        {"itcoin", 0},
        {"bitbitcoin", 1},
        {"BITCOIN", 0},
        {"bitco in", 0},
        {"coin", 0},
        {"bit", 0},
        {"", 0},
        {"tcoinbitc", 0},
        {"bitcoi bitcoin", 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span text = span_of(cases[i].text);
        if (count_places(&phrase_set_text, text, "bitcoin") != cases[i].count)
            fail_msg("in: %s", cases[i].text);
    }
}

static void a_text_may_be_cut_on_the_way(void **state)
{
    struct phrase_scan scan = phrase_scan_start(&phrase_set_text, SPAN("a bitcoin, a bitcoin"));
    const struct phrase *p;
    size_t at;
    assert_true(phrase_next(&scan, &p, &at));
    assert_int_equal(at, 2);
    scan.text = span_first(scan.text, 2);
    assert_false(phrase_next(&scan, &p, &at));
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

/* Pieces of phrases, one behind the other: most begin, go on or end as a phrase does. */
static struct span random_text(const struct phrase_set *set, unsigned *seed, struct arena *a)
{
    struct buffer b = BUFFER_EMPTY;
    while (b.len < 300) {
        const struct phrase *p = &set->phrases[next_random(seed) % set->count];
        struct span piece = span_make(p->text, p->length);
        unsigned how = next_random(seed) % 4;
        if (how == 1)
            piece = span_skip(piece, next_random(seed) % p->length);
        if (how == 2)
            piece = span_first(piece, next_random(seed) % p->length);
        buffer_add_span(&b, piece);
        if (next_random(seed) % 2)
            buffer_add_char(&b, ' ');
    }
    return arena_keep(a, &b);
}

static size_t count_one_by_one(const struct phrase_set *set, struct span text)
{
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++)
        for (size_t at = 0; at < text.len; at++)
            count += span_starts(span_skip(text, at), span_of(set->phrases[i].text));
    return count;
}

static void check_set(const struct phrase_set *set, unsigned seed)
{
    struct arena a = ARENA_EMPTY;
    struct span text = random_text(set, &seed, &a);
    struct phrase_scan scan = phrase_scan_start(set, text);
    const struct phrase *p;
    size_t count = 0;
    for (size_t at; phrase_next(&scan, &p, &at); count++)
        assert_true(span_starts(span_skip(text, at), span_of(p->text)));
    if (count != count_one_by_one(set, text))
        fail_msg("%zu places in: %.*s", count, SPAN_F(text));
    arena_clear(&a);
}

static void all_are_found_as_one_by_one(void **state)
{
    static const struct phrase_set *const sets[] = {
        &phrase_set_subject,   &phrase_set_from,    &phrase_set_text,    &phrase_set_head,
        &phrase_set_reporting, &phrase_set_fields,  &phrase_set_mailer,  &phrase_set_received,
        &phrase_set_id,        &phrase_set_dialect, &phrase_set_original};
    for (size_t i = 0; i < COUNT_OF(sets); i++)
        for (unsigned seed = 0; seed < 20; seed++)
            check_set(sets[i], seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_are_found_everywhere),
        cmocka_unit_test(a_text_may_be_cut_on_the_way),
        cmocka_unit_test(all_are_found_as_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
