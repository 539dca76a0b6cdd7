#include "base/test.h"

#include "config/options.h"

#include <string.h>

static void lines_are_read(void **state)
{
    static const struct {
        const char *line, *printed, *problem;
    } rows[] = {
        {"authenticate-trust 192.0.2.0/24", "192.0.2.0/24", ""},
        {"authenticate-trust 2001:db8::1", "2001:db8:0:0:0:0:0:1/128", ""},
        {"authenticate-trust Lists.example.org", "lists.example.org", ""},
        {"authenticate-trust *.example.org", "", "a domain, or a network"},
        {"authenticate-trust a b", "", "takes one value"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct options o;
        struct error e = {""};
        struct buffer again = BUFFER_EMPTY;
        if (options_parse(&o, "test.conf", span_of(rows[i].line), &e)) {
            forwarder_print(&again, &o.forwarders[o.forwarder_count - 1]);
            options_free(&o);
        }
        if (strcmp(buffer_text(&again), rows[i].printed) != 0 || !strstr(e.text, rows[i].problem) ||
            !rows[i].problem[0] != !e.text[0])
            fail_msg("%s: %s %s", rows[i].line, e.text, buffer_text(&again));
        buffer_free(&again);
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
        cmocka_unit_test(a_forwarder_has_what_is_below_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
