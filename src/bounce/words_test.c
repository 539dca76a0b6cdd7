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
        {"pt-BR, ja;q=0.5", "pt"},
        {"tlh, ja;q=0.5", "ja"},
        {"zh-CN", "zh"},
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

static void the_twelve_languages_are_there(void **state)
{
    static const char *const tags[] = {"en", "ar", "de", "es", "fr", "it",
                                       "ja", "nl", "pl", "pt", "ru", "zh"};
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

/* The numbers at which the forms change, in the languages that have more than two. */
static void many_forms_are_chosen_among(void **state)
{
    static const struct {
        const char *tag;
        uint64_t numbers[8];
        const char *forms; /* of each number: which one, by its order in the PO file */
    } cases[] = {
        {"ar", {0, 1, 2, 3, 10, 11, 100, 103}, "01233453"},
        {"pl", {0, 1, 2, 4, 5, 12, 22, 101}, "20112212"},
        {"ru", {0, 1, 2, 4, 5, 11, 21, 112}, "20112202"},
    };
    static const char one[] = "%1 further recipient", many[] = "%1 further recipients";
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t k = 0; k < COUNT_OF(cases[i].numbers); k++) {
            const struct language *l = language_find(span_of(cases[i].tag));
            const char *form = words(l, one);
            for (int further = cases[i].forms[k] - '0'; further > 0; further--)
                form += strlen(form) + 1;
            assert_true(*form);
            assert_string_equal(words_plural(l, one, many, cases[i].numbers[k]), form);
        }
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
        words_fill(&out, NULL, cases[i].text, with, COUNT_OF(with));
        assert_string_equal(buffer_text(&out), cases[i].filled);
        buffer_free(&out);
    }
}

/* Without the isolates an address in an Arabic sentence would be taken apart. */
static void what_is_filled_in_keeps_its_order(void **state)
{
    static const struct span with[] = {{"a@b", 3}, {"", 0}};
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; language_at(i); i++) {
        bool is_arabic = strcmp(language_tag(language_at(i)), "ar") == 0;
        buffer_clear(&out);
        words_fill(&out, language_at(i), "%2<%1> %3", with, COUNT_OF(with));
        assert_int_equal(language_is_right_to_left(language_at(i)), is_arabic);
        assert_string_equal(buffer_text(&out), is_arabic ? "\u200F<\u2068a@b\u2069> " : "<a@b> ");
    }
    buffer_free(&out);
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
        {"ar", 180,
         "\u200F\u2068الثلاثاء\u2069، \u206824\u2069 \u2068نوفمبر\u2069 \u20682026\u2069، "
         "\u206814:44\u2069 (\u2068UTC+3\u2069)"},
        {"it", 60, "martedì 24 novembre 2026 alle 12:44 (UTC+1)"},
        {"nl", 60, "dinsdag 24 november 2026 om 12:44 uur (UTC+1)"},
        {"pl", 60, "wt. 24 listopada 2026, 12:44 (UTC+1)"},
        {"pt", 0, "ter., 24 de novembro de 2026, 11:44 (UTC)"},
        {"ru", 180, "вт, 24 ноября 2026, 14:44 (UTC+3)"},
        {"zh", 480, "2026年11月24日周二 19:44（UTC+8）"},
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
            const char *form = languages[l].texts[i];
            assert_true(form && *form);
            for (; *form; form += strlen(form) + 1) {
                assert_true(utf8_is_valid(span_of(form)));
                assert_int_equal(places_in(form), places_in(words_english[i]));
            }
        }
}

/* "--sent" would be read as "sent--" where nothing isolates it. */
static void options_keep_their_order(void **state)
{
    for (size_t l = 1; l < languages_count; l++)
        for (size_t i = 0; i < words_count && language_is_right_to_left(&languages[l]); i++)
            for (struct span rest = span_of(languages[l].texts[i]);;) {
                size_t at = span_find(rest, SPAN("--"));
                if (at == SPAN_NOT_FOUND)
                    break;
                assert_true(at >= 3 && span_starts(span_skip(rest, at - 3), SPAN("\u2066")));
                rest = span_skip(rest, at + 2);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(languages_are_found_by_tag),
        cmocka_unit_test(the_twelve_languages_are_there),
        cmocka_unit_test(texts_that_are_not_translated_are_english),
        cmocka_unit_test(numbers_choose_the_form),
        cmocka_unit_test(many_forms_are_chosen_among),
        cmocka_unit_test(places_are_filled),
        cmocka_unit_test(what_is_filled_in_keeps_its_order),
        cmocka_unit_test(times_are_written_as_the_language_does),
        cmocka_unit_test(tables_are_whole),
        cmocka_unit_test(options_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
