/* Languages are found by their tags; texts, plural forms, places and times are as each language
 * has them. That every text is translated is checked by po/update --check. */
#include "base/test.h"

#include "base/visible.h"
#include "bounce/tables.h"

#include <string.h>

static void languages_are_found_by_tag(void **state)
{
    static const struct {
        const char *tags, *found;
    } cases[] = {
        {"de", "de"},
        {"DE", "de"},
        {"de-AT", "de"},
        {"de_CH.UTF-8", "de"},
        {"fr-CA, fr;q=0.9, en;q=0.8", "fr"},
        {"pl, ja;q=0.5", "ja"},
        {" es ", "es"},
        {"en-GB, de", "en"},
        {"tlh", "en"},
        {"deutsch", "en"},
        {"d", "en"},
        {"", "en"},
        {",,;", "en"},
        {"C.UTF-8", "en"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(language_tag(language_find(span_of(cases[i].tags))), cases[i].found);
    assert_string_equal(language_tag(NULL), "en");
}

static void the_five_languages_are_there(void **state)
{
    static const char *const tags[] = {"en", "de", "es", "fr", "ja"};
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        assert_string_equal(language_tag(language_at(i)), tags[i]);
    assert_null(language_at(COUNT_OF(tags)));
}

static void texts_that_are_not_translated_are_english(void **state)
{
    const struct language *de = language_find(SPAN("de"));
    assert_string_equal(words(de, "Inbox full"), "Postfach voll");
    assert_string_equal(words(de, "No such text"), "No such text");
    assert_string_equal(words(NULL, "Inbox full"), "Inbox full");
    assert_string_equal(words(language_at(0), "Inbox full"), "Inbox full");
}

static void numbers_choose_the_form(void **state)
{
    static const char one[] = "%1 further recipient", many[] = "%1 further recipients";
    const struct language *de = language_find(SPAN("de")), *fr = language_find(SPAN("fr")),
                          *ja = language_find(SPAN("ja"));
    assert_string_equal(words_plural(NULL, one, many, 1), one);
    assert_string_equal(words_plural(NULL, one, many, 0), many);
    assert_string_equal(words_plural(de, one, many, 1), "%1 weiterer Empfänger");
    assert_string_equal(words_plural(de, one, many, 0), "%1 weitere Empfänger");
    assert_string_equal(words_plural(fr, one, many, 0), "%1 autre destinataire");
    assert_string_equal(words_plural(fr, one, many, 2), "%1 autres destinataires");
    assert_string_equal(words_plural(ja, one, many, 1), words_plural(ja, one, many, 7));
    assert_string_equal(words_plural(de, "not", "there", 2), "there");
}

static void places_are_filled(void **state)
{
    static const struct span with[] = {{"A", 1}, {"%1", 2}};
    static const struct {
        const char *text, *filled;
    } cases[] = {
        {"", ""},           {"plain", "plain"},      {"%1", "A"},      {"%2 %1", "%1 A"},
        {"100 %", "100 %"}, {"%0 %3 %%1", "%0  %A"}, {"%1%1x", "AAx"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        words_fill(&out, cases[i].text, with, COUNT_OF(with));
        assert_string_equal(buffer_text(&out), cases[i].filled);
        buffer_free(&out);
    }
}

static void times_are_written_as_the_language_does(void **state)
{
    static const struct {
        const char *tag;
        int offset;
        const char *text;
    } cases[] = {
        {"en", 60, "Tue 24 Nov 2026, 12:44 (UTC+1)"},
        {"en", 0, "Tue 24 Nov 2026, 11:44 (UTC)"},
        {"en", -210, "Tue 24 Nov 2026, 08:14 (UTC-3:30)"},
        {"de", 60, "Di., 24. November 2026, 12:44 Uhr (UTC+1)"},
        {"fr", 60, "mardi 24 novembre 2026 à 12:44 (UTC+1)"},
        {"es", 60, "martes 24 de noviembre de 2026, 12:44 (UTC+1)"},
        {"ja", 540, "2026年11月24日（火）20:44（UTC+9）"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        words_add_time(&out, language_find(span_of(cases[i].tag)), 1795520643000, cases[i].offset);
        assert_string_equal(buffer_text(&out), cases[i].text);
        buffer_free(&out);
    }
}

static unsigned places_in(const char *text)
{
    unsigned places = 0;
    for (; *text; text++)
        if (text[0] == '%' && text[1] >= '1' && text[1] <= '9')
            places |= 1u << (text[1] - '0');
    return places;
}

/* What the tables hold is whole: nothing empty, the same places, in order for the search. */
static void tables_are_whole(void **state)
{
    for (size_t i = 1; i < words_count; i++)
        assert_true(strcmp(words_english[i - 1], words_english[i]) < 0);
    for (size_t l = 1; l < languages_count; l++)
        for (size_t i = 0; i < words_count; i++) {
            const char *const *forms = languages[l].forms[i].forms;
            assert_non_null(forms[0]);
            for (size_t k = 0; k < 3 && forms[k]; k++) {
                assert_true(strlen(forms[k]) > 0 && utf8_is_valid(span_of(forms[k])));
                assert_int_equal(places_in(forms[k]), places_in(words_english[i]));
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(languages_are_found_by_tag),
        cmocka_unit_test(the_five_languages_are_there),
        cmocka_unit_test(texts_that_are_not_translated_are_english),
        cmocka_unit_test(numbers_choose_the_form),
        cmocka_unit_test(places_are_filled),
        cmocka_unit_test(times_are_written_as_the_language_does),
        cmocka_unit_test(tables_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
