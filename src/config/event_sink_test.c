#include "base/test.h"

#include "config/options.h"

#include <string.h>

static const struct {
    const char *lines, *problem; /* "": it is as one wrote it */
} cases[] = {
    {"events file /var/log/mail.events", ""},
    {"events command \"exec /usr/bin/taker --all\"", ""},
    {"events webhook https://app.example.org/mail?key=1", ""},
    {"events webhook https://192.0.2.1:8443/", ""},
    {"events webhook http://127.0.0.1:8080/mail", ""},
    {"events webhook http://127.9.9.9", ""},
    {"events webhook http://[::1]:8080/mail", ""},
    {"events webhook http://localhost:8080/mail", ""},
    {"events webhook HTTP://LOCALHOST", ""},
    {"events file /a\nevents file /b\nevents command /a", ""},
    {"events", "for example: events file /path/of/file"},
    {"events file", "events takes two words"},
    {"events file /a /b", "events takes two words"},
    {"events file \"\"", "events takes two words"},
    {"events pipe /a", "events takes two words"},
    {"events file /a\nevents file /a", "already"},
    {"events webhook http://app.example.org/", "needs https://"},
    {"events webhook http://127.0.0.1.example.org/", "needs https://"},
    {"events webhook http://localhost.example.org/", "needs https://"},
    {"events webhook http://128.0.0.1/", "needs https://"},
    {"events webhook http://[2001:db8::1]/", "needs https://"},
    {"events webhook http://127.0.0.1@192.0.2.1/", "no name and password"},
    {"events webhook http://127.0.0.1:x@192.0.2.1/", "no name and password"},
    {"events webhook https://me:secret@app.example.org/", "no name and password"},
    {"events webhook ftp://127.0.0.1/", "needs an address to post to"},
    {"events webhook https://", "needs an address to post to"},
    {"events webhook https:///path", "needs an address to post to"},
    {"events webhook \"https://app.example.org/a b\"", "needs an address to post to"},
};

static void sinks_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error e = {""};
        struct buffer text = BUFFER_EMPTY, again = BUFFER_EMPTY;
        buffer_printf(&text, "events-secret /etc/secret\n%s\n", cases[i].lines);
        if (options_parse(&o, "test.conf", buffer_span(&text), &e)) {
            for (size_t k = 0; k < o.event_sink_count; k++) {
                buffer_printf(&again, "%sevents ", k ? "\n" : "");
                event_sink_print(&again, &o.events[k]);
            }
            assert_int_equal(o.event_sink_count > 0, true);
            options_free(&o);
        }
        if (cases[i].problem[0] ? !strstr(e.text, cases[i].problem)
                                : strcmp(buffer_text(&again), cases[i].lines) != 0)
            fail_msg("%s: %s %s", cases[i].lines, e.text, buffer_text(&again));
        buffer_free(&text);
        buffer_free(&again);
    }
}

static void webhooks_are_signed(void **state)
{
    struct options o;
    struct error e;
    assert_false(
        options_parse(&o, "test.conf", SPAN("\nevents webhook https://app.example.org/\n"), &e));
    assert_non_null(strstr(e.text, "test.conf:2: events webhook needs events-secret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sinks_are_read),
        cmocka_unit_test(webhooks_are_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
