/* Language and form, by the header of the original. */
#include "base/test.h"

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
        report_choose(&r, language_find(SPAN("fr")));
        if (strcmp(language_tag(r.language), cases[i].language) != 0 ||
            r.is_plain != cases[i].is_plain)
            fail_msg("\"%s\": %s, %d", cases[i].header, language_tag(r.language), r.is_plain);
    }
    struct report r = {.message = SPAN("Subject: x\r\n")};
    report_choose(&r, NULL);
    assert_null(r.language);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_chooses_language_and_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
