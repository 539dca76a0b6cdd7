#include "base/test.h"

#include "config/options.h"

#include <string.h>

static const struct {
    const char *lines, *printed, *problem;
} cases[] = {
    {"authenticate example.org refuse", "example.org refuse", ""},
    {"authenticate *.Example.ORG off", "*.example.org off", ""},
    {"authenticate * note\nauthenticate * off", "",
     "there already is another authenticate for this"},
    {"authenticate", "", "for example: authenticate example.org refuse"},
    {"authenticate example.org", "", "authenticate takes two words"},
    {"authenticate example.org refuse now", "", "authenticate takes two words"},
    {"authenticate example..org note", "", "\"example..org\" is no domain"},
    {"authenticate example.org reject", "", "behind the domain stands off, note or refuse"},
    {"judge-notices example.org refuse", "example.org refuse", ""},
    {"judge-notices example.org", "", "judge-notices takes two words"},
    {"judge-notices x..y off", "", "Write it as judge-notices example.org refuse"},
    {"judge-notices * off\njudge-notices * off", "", "there already is another judge-notices"},
};

static void compare(const char *line, const char *printed, const char *problem)
{
    struct options o;
    struct error e = {""};
    struct buffer again = BUFFER_EMPTY;
    if (options_parse(&o, "test.conf", span_of(line), &e)) {
        domain_policy_print(&again, o.notices.judge_count
                                        ? &o.notices.judge[o.notices.judge_count - 1]
                                        : &o.authenticate[o.authenticate_count - 1]);
        options_free(&o);
    }
    if (strcmp(buffer_text(&again), printed) != 0 || !strstr(e.text, problem) ||
        !problem[0] != !e.text[0])
        fail_msg("%s: %s %s", line, e.text, buffer_text(&again));
    buffer_free(&again);
}

static void lines_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        compare(cases[i].lines, cases[i].printed, cases[i].problem);
}

static void the_line_that_fits_best_counts(void **state)
{
    static const struct {
        const char *lines, *domain;
        enum domain_policy_word policy;
    } rows[] = {
        {"", "example.org", POLICY_NOTE},
        {"authenticate example.org off", "example.net", POLICY_NOTE},
        {"authenticate example.org refuse", "EXAMPLE.org", POLICY_REFUSE},
        {"authenticate * off\nauthenticate example.org refuse", "example.org", POLICY_REFUSE},
        {"authenticate * off\nauthenticate example.org refuse", "example.net", POLICY_OFF},
        {"authenticate *.example.org off\nauthenticate * refuse", "a.example.org", POLICY_OFF},
        {"authenticate *.example.org off\nauthenticate * refuse", "example.org", POLICY_REFUSE},
        {"authenticate *.a.example.org refuse\nauthenticate *.example.org off", "b.a.example.org",
         POLICY_REFUSE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct options o;
        struct error e = {""};
        assert_true(options_parse(&o, "test.conf", span_of(rows[i].lines), &e));
        if (domain_policy_of(o.authenticate, o.authenticate_count, span_of(rows[i].domain)) !=
            rows[i].policy)
            fail_msg("%s: %s", rows[i].lines, rows[i].domain);
        options_free(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(the_line_that_fits_best_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
