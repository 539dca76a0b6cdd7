#include "base/test.h"

#include "config/options.h"

#include <string.h>

static const struct {
    const char *lines, *printed, *problem;
} cases[] = {
    {"authenticate example.org refuse", "example.org refuse", ""},
    {"authenticate *.Example.ORG off", "*.example.org off", ""},
    {"authenticate * note\nauthenticate * off", "", "there already is an authenticate for this"},
    {"authenticate", "", "for example: authenticate example.org refuse"},
    {"authenticate example.org", "", "authenticate takes two words"},
    {"authenticate example.org refuse now", "", "authenticate takes two words"},
    {"authenticate example..org note", "", "\"example..org\" is no domain"},
    {"authenticate example.org reject", "", "behind the domain stands off, note or refuse"},
};

static const struct {
    const char *line, *printed, *problem;
} forwarders[] = {
    {"authenticate-trust 192.0.2.0/24", "192.0.2.0/24", ""},
    {"authenticate-trust 2001:db8::1", "2001:db8:0:0:0:0:0:1/128", ""},
    {"authenticate-trust Lists.example.org", "lists.example.org", ""},
    {"authenticate-trust *.example.org", "", "a domain, or a network"},
    {"authenticate-trust a b", "", "takes one value"},
};

static void compare(const char *line, const char *printed, const char *problem, bool is_forwarder)
{
    struct options o;
    struct error e = {""};
    struct buffer again = BUFFER_EMPTY;
    if (options_parse(&o, "test.conf", span_of(line), &e)) {
        if (is_forwarder)
            forwarder_print(&again, &o.forwarders[o.forwarder_count - 1]);
        else
            authenticate_print(&again, &o.authenticate[o.authenticate_count - 1]);
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
        compare(cases[i].lines, cases[i].printed, cases[i].problem, false);
    for (size_t i = 0; i < COUNT_OF(forwarders); i++)
        compare(forwarders[i].line, forwarders[i].printed, forwarders[i].problem, true);
}

static void the_line_that_fits_best_counts(void **state)
{
    static const struct {
        const char *lines, *domain;
        enum authenticate_policy policy;
    } rows[] = {
        {"", "example.org", AUTHENTICATE_NOTE},
        {"authenticate example.org off", "example.net", AUTHENTICATE_NOTE},
        {"authenticate example.org refuse", "EXAMPLE.org", AUTHENTICATE_REFUSE},
        {"authenticate * off\nauthenticate example.org refuse", "example.org", AUTHENTICATE_REFUSE},
        {"authenticate * off\nauthenticate example.org refuse", "example.net", AUTHENTICATE_OFF},
        {"authenticate *.example.org off\nauthenticate * refuse", "a.example.org",
         AUTHENTICATE_OFF},
        {"authenticate *.example.org off\nauthenticate * refuse", "example.org",
         AUTHENTICATE_REFUSE},
        {"authenticate *.a.example.org refuse\nauthenticate *.example.org off", "b.a.example.org",
         AUTHENTICATE_REFUSE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct options o;
        struct error e = {""};
        assert_true(options_parse(&o, "test.conf", span_of(rows[i].lines), &e));
        if (authenticate_policy_for(o.authenticate, o.authenticate_count,
                                    span_of(rows[i].domain)) != rows[i].policy)
            fail_msg("%s: %s", rows[i].lines, rows[i].domain);
        options_free(&o);
    }
}

static void a_forwarder_has_what_is_below_it(void **state)
{
    static const struct {
        const char *forwarder, *domain;
        bool has;
    } rows[] = {
        {"example.org", "example.org", true},     {"example.org", "Lists.Example.org", true},
        {"example.org", "badexample.org", false}, {"lists.example.org", "example.org", false},
        {"192.0.2.0/24", "192.0.2.0/24", false},  {"example.org", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena a = ARENA_EMPTY;
        struct forwarder f;
        assert_true(forwarder_parse(span_of(rows[i].forwarder), &f, &a));
        if (forwarder_has_domain(&f, span_of(rows[i].domain)) != rows[i].has)
            fail_msg("%s: %s", rows[i].forwarder, rows[i].domain);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(the_line_that_fits_best_counts),
        cmocka_unit_test(a_forwarder_has_what_is_below_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
