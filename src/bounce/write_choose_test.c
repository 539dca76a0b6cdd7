/* Language and form, by what is set and by the header of the original. */
#include "base/test.h"

#include "bounce/own_texts.h"
#include "bounce/write.h"

static void the_header_chooses_language_and_form(void **state)
{
    static const struct {
        const char *header, *language;
        bool is_plain;
    } cases[] = {
        {"Subject: x\r\n", "fr", false},
        {"Content-Language: de\r\n", "de", false},
        {"Content-Language: tlh, ja-JP, de\r\n", "ja", false},
        {"Content-Language: en-GB\r\n", "en", false}, /* what is spoken is not what is unknown */
        {"Content-Language: tlh\r\n", "fr", false},
        {"Content-Language: tlh\r\nAccept-Language: es;q=0.9\r\n", "es", false},
        {"Accept-Language: de-AT,\r\n en;q=0.5\r\n", "de", false},
        {"Accept-Language: de\r\nContent-Language: es\r\n", "es", false},
        {"content-language:DE\r\n", "de", false},
        {"Content-Language: dexter\r\n", "fr", false},
        {"Content-Language:\r\nAccept-Language: ,,\r\n", "fr", false},
        {"List-Id: <l.example.org>\r\n", "fr", true},
        {"Precedence: bulk\r\n", "fr", true},
        {"Precedence: List \r\n", "fr", true},
        {"Precedence: junk\r\n", "fr", true},
        {"Precedence: first-class\r\n", "fr", false},
        {"Auto-Submitted: auto-generated\r\n", "fr", true},
        {"Auto-Submitted: auto-replied; x=y\r\n", "fr", true},
        {"Auto-Submitted: No\r\n", "fr", false},
        {"Auto-Submitted: no; x=y\r\n", "fr", false},
        {"Subject: x\r\n\r\nContent-Language: de\r\nList-Id: x\r\n", "fr", false},
        {"", "fr", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct report r = {.message = span_of(cases[i].header)};
        report_choose(&r, &(struct report_wishes){.standard = language_find(SPAN("fr"))});
        if (strcmp(language_tag(r.language), cases[i].language) != 0 ||
            r.is_plain != cases[i].is_plain)
            fail_msg("\"%s\": %s, %d", cases[i].header, language_tag(r.language), r.is_plain);
    }
    struct report r = {.message = SPAN("Subject: x\r\n")};
    report_choose(&r, &(struct report_wishes){0});
    assert_null(r.language);
}

/* For the sender, by the message, for the domain, for all. */
static void what_is_nearest_counts(void **state)
{
    static const struct {
        const char *of_sender, *header, *of_domain, *standard, *chosen;
    } cases[] = {
        {"it", "Content-Language: de\r\n", "fr", "es", "it"},
        {NULL, "Content-Language: de\r\n", "fr", "es", "de"},
        {NULL, "Accept-Language: ja\r\n", "fr", "es", "ja"},
        {NULL, "Accept-Language: tlh\r\n", "fr", "es", "fr"},
        {NULL, "", NULL, "es", "es"},
        {NULL, "", "fr", NULL, "fr"},
        {NULL, "", NULL, NULL, "en"},
    };
    struct own_texts *texts = own_texts_new();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct report r = {.message = span_of(cases[i].header)};
        struct report_wishes w = {.of_sender = language_known(span_of(cases[i].of_sender)),
                                  .of_domain = language_known(span_of(cases[i].of_domain)),
                                  .standard = language_known(span_of(cases[i].standard))};
        report_choose(&r, &w);
        assert_string_equal(language_tag(r.language), cases[i].chosen);
        w.texts = texts;
        report_choose(&r, &w);
        assert_string_equal(language_tag(r.language), cases[i].chosen);
        assert_ptr_equal(r.language,
                         own_texts_language(texts, language_find(span_of(cases[i].chosen))));
    }
    own_texts_unref(&texts);
}

/* The message was written by somebody else. */
static void what_the_message_says_is_not_said_of_postmaster(void **state)
{
    struct report r = {.message = SPAN("Content-Language: de\r\nAuto-Submitted: auto-replied\r\n"),
                       .is_for_postmaster = true};
    struct report_wishes w = {.standard = language_find(SPAN("fr"))};
    report_choose(&r, &w);
    assert_string_equal(language_tag(r.language), "fr");
    assert_false(r.is_plain);
    w.of_sender = language_find(SPAN("it"));
    report_choose(&r, &w);
    assert_string_equal(language_tag(r.language), "it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_chooses_language_and_form),
        cmocka_unit_test(what_is_nearest_counts),
        cmocka_unit_test(what_the_message_says_is_not_said_of_postmaster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
