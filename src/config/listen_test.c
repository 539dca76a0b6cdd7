#include "base/test.h"

#include "config/options.h"

#include <string.h>

static const struct listen *parse(struct options *o, const char *listen)
{
    struct error e;
    struct buffer text = BUFFER_EMPTY;
    buffer_printf(&text, "listen %s\n", listen);
    if (!options_parse(o, "test.conf", buffer_span(&text), &e))
        fail_msg("%s: %s", listen, e.text);
    buffer_free(&text);
    return o->listen;
}

static void settings_are_read(void **state)
{
    static const unsigned char in_proxy[16] = {[10] = 0xFF, 0xFF, 192, 0, 2, 15};
    static const unsigned char out_of_it[16] = {[10] = 0xFF, 0xFF, 192, 0, 2, 16};
    static const unsigned char v6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};
    struct options o;
    const struct listen *l =
        parse(&o, "[::]:2525 max-sessions 500 hostname In.Example.org trusted none "
                  "proxy 192.0.2.0/28,2001:db8::1 xclient all max-message-size 1MB");
    assert_true(span_equal(l->at.host, SPAN("::")) && l->at.port == 2525 && !l->socket.len);
    assert_true(span_equal(l->hostname, SPAN("in.example.org")));
    assert_true(l->max_sessions == 500 && l->max_message_size == 1 << 20);
    assert_true(l->trusted.is_set && !networks_contain(&l->trusted, v6));
    assert_true(networks_contain(&l->proxy, in_proxy) && networks_contain(&l->proxy, v6));
    assert_false(networks_contain(&l->proxy, out_of_it));
    assert_true(networks_contain(&l->xclient, out_of_it) && networks_contain(&l->xclient, v6));
    options_free(&o);

    l = parse(&o, "127.0.0.1:25");
    assert_false(l->trusted.is_set || l->proxy.is_set || l->xclient.is_set);
    assert_true(!l->hostname.len && !l->max_sessions && !l->max_message_size && !l->mode);
    options_free(&o);
}

static void submission_stands_alone(void **state)
{
    struct options o;
    struct error e;
    struct buffer printed = BUFFER_EMPTY;
    const struct listen *l = parse(&o, "127.0.0.1:587 max-sessions 7 submission hostname a.test\n"
                                       "logins x");
    assert_true(l->is_submission && l->max_sessions == 7 && l->hostname.len);
    listen_print(&printed, l);
    assert_string_equal(buffer_text(&printed),
                        "127.0.0.1:587 submission hostname a.test max-sessions 7");
    options_free(&o);
    assert_false(
        options_parse(&o, "x", SPAN("logins x\nlisten [::]:587 submission submission"), &e));
    assert_non_null(strstr(e.text, "twice"));
    assert_false(options_parse(&o, "x", SPAN("listen [::]:587 submission"), &e));
    assert_non_null(strstr(e.text, "x:1: nobody can log in"));
    buffer_free(&printed);
}

static void a_unix_socket_belongs_to_the_owner_or_the_group(void **state)
{
    static const struct {
        const char *listen;
        unsigned mode;
        const char *group;
    } cases[] = {
        {"/run/smtp", 0600, ""},
        {"/run/smtp group mail", 0660, "mail"},
        {"/run/smtp mode 0666", 0666, ""},
        {"/run/smtp group mail mode 640", 0640, "mail"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        const struct listen *l = parse(&o, cases[i].listen);
        assert_true(span_equal(l->socket, SPAN("/run/smtp")) && !l->at.host.len);
        assert_int_equal(l->mode, cases[i].mode);
        assert_true(span_equal(l->group, span_of(cases[i].group)));
        options_free(&o);
    }
}

static void listeners_survive_printing(void **state)
{
    static const char *const lines[] = {
        "192.0.2.1:25",
        "[::1]:25 hostname mx.example.org",
        "mx.example.org:2525 trusted none",
        ("0.0.0.0:25 trusted 192.0.2.0/24,0:0:0:0:0:0:0:1/128 proxy 10.0.0.1/32 "
         "xclient 0:0:0:0:0:0:0:0/0 max-sessions 7 max-message-size 100KB"),
        "/run/smtp mode 0600",
        "\"/run/with blank\" hostname a.example trusted none mode 0660 group mail",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct options o;
        struct buffer printed = BUFFER_EMPTY;
        listen_print(&printed, parse(&o, lines[i]));
        assert_string_equal(buffer_text(&printed), lines[i]);
        options_free(&o);
        buffer_free(&printed);
    }
}

static void faults_are_told_with_line_and_remedy(void **state)
{
    static const struct {
        const char *text, *where, *words;
    } cases[] = {
        {"\nlisten 25", "test.conf:2: ", "/run/plainpost/smtp"},
        {"listen run/smtp", "test.conf:1: ", "/run/plainpost/smtp"},
        {"listen 192.0.2.1:25 colour red", "test.conf:1: ", "no setting \"colour\"; there are"},
        {"listen 192.0.2.1:25 192.0.2.2:25", "test.conf:1: ", "no setting \"192.0.2.2:25\""},
        {"listen 192.0.2.1:25 hostname", "test.conf:1: ", "behind \"hostname\" its value"},
        {"listen 192.0.2.1:25 hostname a..b", "test.conf:1: ", "a host name: mail.example.org"},
        {"listen 192.0.2.1:25 max-sessions 0", "test.conf:1: ", "between 1 and 1000000"},
        {"listen 192.0.2.1:25 max-message-size 1KB", "test.conf:1: ", "between 64KB and 1GB"},
        {"listen 192.0.2.1:25 proxy ,", "test.conf:1: ", "192.0.2.0/24,2001:db8::1"},
        {"listen 192.0.2.1:25 proxy 192.0.2.1,", "test.conf:1: ", "192.0.2.0/24,2001:db8::1"},
        {"listen 192.0.2.1:25 xclient yes", "test.conf:1: ", "192.0.2.0/24,2001:db8::1"},
        {"listen 192.0.2.1:25 trusted \"\"", "test.conf:1: ", "or none, or all"},
        {"listen 192.0.2.1:25 mode 0600", "test.conf:1: ", "only a Unix socket has a \"mode\""},
        {"listen 192.0.2.1:25 group mail", "test.conf:1: ", "listen /run/plainpost/smtp"},
        {"listen /run/smtp mode 0400", "test.conf:1: ", "octal digits: 0660"},
        {"listen /run/smtp mode 0680", "test.conf:1: ", "octal digits: 0660"},
        {"listen /run/smtp mode 7777", "test.conf:1: ", "octal digits: 0660"},
        {"listen /run/smtp group \"\"", "test.conf:1: ", "a name"},
        {"listen 192.0.2.1:25 proxy all proxy none", "test.conf:1: ", "\"proxy\" stands twice"},
        {"listen 192.0.2.1:25\nlisten 192.0.2.1:25 trusted none", "test.conf:2: ", "already is"},
        {"listen 192.0.2.1:25\n\nlisten [::ffff:192.0.2.1]:25", "test.conf:3: ", "already is"},
        {"listen mx.example.org:25\nlisten MX.example.org:25", "test.conf:2: ", "already is"},
        {"listen /run/a\nlisten /run/a", "test.conf:2: ", "already is"},
        {"\nlisten 192.0.2.1:25 max-message-size 63MB", "test.conf:2: ", "segment-size larger"},
        {"listen 192.0.2.1:25 max-message-size 60MB\nmax-memory-in-flight 55MB",
         "test.conf:2: ", "max-memory-in-flight larger"},
    };
    char path[200];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error e;
        if (options_parse(&o, "test.conf", span_of(cases[i].text), &e))
            fail_msg("taken: %s", cases[i].text);
        if (strncmp(e.text, cases[i].where, strlen(cases[i].where)) ||
            !strstr(e.text, cases[i].words))
            fail_msg("%s: \"%s\" has no \"%s\"", cases[i].text, e.text, cases[i].words);
    }
    for (size_t len = 107; len <= 108; len++) {
        struct options o;
        struct error e;
        memset(path, 'x', sizeof path);
        memcpy(path, "listen /", 8);
        path[7 + len] = 0;
        assert_int_equal(options_parse(&o, "test.conf", span_of(path), &e), len == 107);
        if (len == 107)
            options_free(&o);
        else
            assert_non_null(strstr(e.text, "107 characters at most; this one has 108"));
    }
}

static void listeners_of_one_port_may_stand_side_by_side(void **state)
{
    struct options o;
    parse(&o, "0.0.0.0:25\nlisten [::]:25\nlisten 192.0.2.1:25 trusted none\nlisten 0.0.0.0:26");
    assert_int_equal(o.listen_count, 4);
    options_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_read),
        cmocka_unit_test(submission_stands_alone),
        cmocka_unit_test(a_unix_socket_belongs_to_the_owner_or_the_group),
        cmocka_unit_test(listeners_survive_printing),
        cmocka_unit_test(faults_are_told_with_line_and_remedy),
        cmocka_unit_test(listeners_of_one_port_may_stand_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
