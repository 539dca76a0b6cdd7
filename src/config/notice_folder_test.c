#include "base/test.h"

#include "config/options.h"

#include <string.h>

static const struct {
    const char *lines, *printed, *problem;
} cases[] = {
    {"file-notices phishing .Junk", "phishing .Junk", ""},
    {"file-notices not-yours .Notices.Forged", "not-yours .Notices.Forged", ""},
    {"file-notices unknown \".Not sure\"", "unknown \".Not sure\"", ""},
    {"file-notices", "", "for example: file-notices phishing .Junk"},
    {"file-notices phishing", "", "file-notices takes two words"},
    {"file-notices phishing .a .b", "", "file-notices takes two words"},
    {"file-notices fishing .Junk", "", "\"fishing\" is nothing that a notice is found to be"},
    {"file-notices phishing Junk", "", "\"Junk\" is no folder of a Maildir"},
    {"file-notices phishing .", "", "is no folder"},
    {"file-notices phishing ..", "", "is no folder"},
    {"file-notices phishing .a..b", "", "is no folder"},
    {"file-notices phishing .a.", "", "is no folder"},
    {"file-notices phishing .a/b", "", "is no folder"},
    {"file-notices phishing .\xc3\xa4", "", "is no folder"},
    {"file-notices phishing .a\nfile-notices phishing .b", "", "there already is a file-notices"},
};

static void lines_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error e = {""};
        struct buffer again = BUFFER_EMPTY;
        if (options_parse(&o, "test.conf", span_of(cases[i].lines), &e)) {
            notice_folder_print(&again, &o.notices.folders[o.notices.folder_count - 1]);
            options_free(&o);
        }
        if (strcmp(buffer_text(&again), cases[i].printed) != 0 ||
            !strstr(e.text, cases[i].problem) || !cases[i].problem[0] != !e.text[0])
            fail_msg("%s: %s %s", cases[i].lines, e.text, buffer_text(&again));
        buffer_free(&again);
    }
}

static void each_class_has_its_folder(void **state)
{
    const struct notice_folder all[] = {{SPAN("phishing"), SPAN(".Junk")},
                                        {SPAN("not-yours"), SPAN(".Forged")}};
    assert_true(span_equal(notice_folder_of(all, 2, SPAN("not-yours")), SPAN(".Forged")));
    assert_int_equal(notice_folder_of(all, 2, SPAN("genuine")).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(each_class_has_its_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
