#include "base/test.h"

#include "config/options.h"

#include <string.h>

static const struct {
    const char *line, *printed, *problem;
} cases[] = {
    {"link-list DBL.example", "dbl.example", ""},
    {"link-list dbl.example answers 127.0.1.4/30,127.0.1.2 see https://dbl.example/",
     "dbl.example answers 127.0.1.4/30,127.0.1.2 see https://dbl.example/", ""},
    {"link-list key.dbl.example name \"the list\"", "key.dbl.example name \"the list\"", ""},
    {"link-list", "", "for example: link-list dbl.example"},
    {"link-list dbl", "", "\"dbl\" is no name of a list"},
    {"link-list dbl..example", "", "\"dbl..example\" is no name of a list"},
    {"link-list dbl.example points 5", "", "\"points\" is no setting of a list"},
    {"link-list dbl.example answers", "", "\"answers\" has no value behind it"},
    {"link-list dbl.example answers 192.0.2.1", "", "\"192.0.2.1\" is no answer of a list"},
    {"link-list dbl.example answers 127.0.0.2,,", "", "\"\" is no answer of a list"},
    {"link-list dbl.example name a name b", "", "\"name\" stands twice"},
    {"link-list a.example\nlink-list A.example", "", "there already is a link-list of this zone"},
};

static void lines_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error e = {""};
        struct buffer again = BUFFER_EMPTY;
        if (options_parse(&o, "test.conf", span_of(cases[i].line), &e)) {
            link_list_print(&again, &o.sending.link_lists[o.sending.link_list_count - 1]);
            options_free(&o);
        }
        if (strcmp(buffer_text(&again), cases[i].printed) != 0 ||
            !strstr(e.text, cases[i].problem) || !cases[i].problem[0] != !e.text[0])
            fail_msg("%s: %s %s", cases[i].line, e.text, buffer_text(&again));
        buffer_free(&again);
    }
}

static void answers_are_read(void **state)
{
    static const struct {
        const char *line;
        unsigned char record[4];
        enum link_list_answer answer;
    } rows[] = {
        {"link-list a.example", {127, 0, 1, 2}, LINK_LIST_HARMFUL},
        {"link-list a.example", {127, 0, 0, 2}, LINK_LIST_HARMFUL},
        {"link-list a.example", {127, 0, 0, 1}, LINK_LIST_SILENT},
        {"link-list a.example", {127, 255, 255, 254}, LINK_LIST_SILENT},
        {"link-list a.example", {192, 0, 2, 1}, LINK_LIST_SILENT},
        {"link-list a.example answers 127.0.1.4/30", {127, 0, 1, 7}, LINK_LIST_HARMFUL},
        {"link-list a.example answers 127.0.1.4/30", {127, 0, 1, 8}, LINK_LIST_OTHER},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct options o;
        struct error e = {""};
        assert_true(options_parse(&o, "test.conf", span_of(rows[i].line), &e));
        if (link_list_read(&o.sending.link_lists[0], span_make(rows[i].record, 4)) !=
            rows[i].answer)
            fail_msg("%s: row %zu", rows[i].line, i);
        options_free(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(answers_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
