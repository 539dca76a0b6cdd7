#include "base/test.h"

#include "config/options_table.h"

#include <stdio.h>
#include <string.h>

static bool parse(struct options *o, struct error *e, const char *text)
{
    e->text[0] = '\0';
    return options_parse(o, "test.conf", span_of(text), e);
}

static void expect_error(const char *text, const char *where, const char *words)
{
    struct options o;
    struct error e;
    if (parse(&o, &e, text)) {
        options_free(&o);
        fail_msg("taken: %s", text);
    }
    if (strncmp(e.text, where, strlen(where)) != 0 || !strstr(e.text, words))
        fail_msg("%s: \"%s\" has no \"%s\" at \"%s\"", text, e.text, words, where);
}

static void every_default_is_taken_and_printed_as_itself(void **state)
{
    struct buffer text = BUFFER_EMPTY, printed = BUFFER_EMPTY, again = BUFFER_EMPTY;
    struct options o;
    struct error e;
    for (size_t i = 0; i < options_count(); i++) {
        struct span lines = span_of(option_at(i)->standard);
        assert_true(strlen(option_at(i)->manual) > 20);
        while (lines.len) {
            struct span word = span_cut(&lines, '\n');
            buffer_printf(&text, "%s ", option_at(i)->name);
            if (option_at(i)->type == OPTION_TEXT)
                word_print(&text, word);
            else
                buffer_add_span(&text, word);
            buffer_add_char(&text, '\n');
        }
    }
    options_defaults(&o);
    options_print(&printed, &o);
    options_free(&o);
    assert_true(parse(&o, &e, buffer_text(&text)));
    options_print(&again, &o);
    options_free(&o);
    assert_string_equal(buffer_text(&printed), buffer_text(&again));
    assert_true(parse(&o, &e, buffer_text(&printed)));
    buffer_clear(&again);
    options_print(&again, &o);
    options_free(&o);
    assert_string_equal(buffer_text(&printed), buffer_text(&again));
    buffer_free(&text);
    buffer_free(&printed);
    buffer_free(&again);
}

static void a_log_has_a_form(void **state)
{
    static const struct {
        const char *value;
        bool is_taken;
    } cases[] = {
        {"plain", true},           {"json", true},          {"syslog", true},
        {"journald", true},        {"syslog:/run/x", true}, {"journald:/run/x", true},
        {"plain:/x", false},       {"json:/x", false},      {"syslog:", false},
        {"syslog:dev/log", false}, {"Syslog", false},       {"file", false},
    };
    struct options o;
    struct error e;
    char line[200];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        snprintf(line, sizeof line, "log %s", cases[i].value);
        assert_int_equal(parse(&o, &e, line), cases[i].is_taken);
        if (!cases[i].is_taken) {
            assert_non_null(strstr(e.text, "log can't be"));
            continue;
        }
        assert_true(span_equal(o.log, span_of(cases[i].value)));
        options_free(&o);
    }
    snprintf(line, sizeof line, "log syslog:/%0107d", 0); /* unix(7) */
    assert_false(parse(&o, &e, line));
}

static const char *unit_of(enum option_type type)
{
    return type == OPTION_DURATION ? "ms" : "";
}

/* Some options must fit together; the others are put out of the way. */
static const char *helper_for(const char *name)
{
    return !strcmp(name, "max-message-size")       ? "segment-size 4GB\nmax-memory-in-flight 1GB\n"
           : !strcmp(name, "segment-size")         ? "max-message-size 64KB\n"
           : !strcmp(name, "max-memory-in-flight") ? "max-message-size 64KB\n"
           : !strcmp(name, "retry-first")          ? "retry-max 7d\n"
           : !strcmp(name, "retry-max")            ? "retry-first 100ms\n"
           : !strcmp(name, "greylist-wait")        ? "greylist-retry 7d\n"
           : !strcmp(name, "greylist-retry")       ? "greylist-wait 1s\n"
                                                   : "";
}

static void every_bound_holds(void **state)
{
    struct options o;
    struct error e;
    for (size_t i = 0; i < options_count(); i++) {
        const struct option *t = option_at(i);
        char text[200];
        if (t->type != OPTION_NUMBER && t->type != OPTION_SIZE && t->type != OPTION_DURATION)
            continue;
        const uint64_t values[] = {t->least, t->most, t->least - 1, t->most + 1};
        for (int k = 0; k < 4; k++) {
            if (k == 2 && !t->least)
                continue;
            snprintf(text, sizeof text, "%s%s %llu%s\n", helper_for(t->name), t->name,
                     (unsigned long long)values[k], unit_of(t->type));
            int line = 1;
            char where[40];
            for (const char *at = helper_for(t->name); (at = strchr(at, '\n')); at++)
                line++;
            snprintf(where, sizeof where, "test.conf:%d: ", line);
            if (k >= 2) {
                expect_error(text, where, "must be between");
                continue;
            }
            bool fits = strcmp(t->name, "segment-size") != 0 || k == 1; /* 2 MB to spare */
            assert_int_equal(parse(&o, &e, text), fits);
            uint64_t value;
            if (fits) {
                memcpy(&value, (char *)&o + t->offset, sizeof value);
                assert_true(value == values[k]);
                options_free(&o);
            }
        }
        snprintf(text, sizeof text, "\n%s\n", t->name);
        expect_error(text, "test.conf:2: ", "needs a value, for example");
        snprintf(text, sizeof text, "%s 18446744073709551616%s", t->name, unit_of(t->type));
        expect_error(text, "test.conf:1: ", "must be between");
        snprintf(text, sizeof text, "%s many", t->name);
        expect_error(text, "test.conf:1: ", "write it as");
    }
}

static void values_are_read(void **state)
{
    struct options o;
    struct error e;
    assert_true(parse(&o, &e,
                      "# a comment\r\n\n  hostname\tMX.Example.org # and here\n"
                      "listen 0.0.0.0:25\nlisten [::1]:2525\nlisten mx.example.org:26\n"
                      "trusted 10.0.0.0/8\ntrusted 2001:db8::/32\ntrusted 192.0.2.1\n"
                      "state \"/var/with blank/and \\\"quotes\\\" \\\\\"\n"
                      "route Example.NET 192.0.2.7:25\nroute * [2001:db8::1]:24\n"
                      "client-message-rate 60/1m\nnetwork-recipient-rate 1000/90s\n"
                      "max-message-size 10mb\nmin-data-rate 0\nretry-first 500ms\nexpire 36h"));
    assert_true(span_equal(o.hostname, SPAN("mx.example.org")));
    assert_int_equal(o.listen_count, 3);
    assert_true(span_equal(o.listen[1].at.host, SPAN("::1")) && o.listen[1].at.port == 2525);
    assert_true(span_equal(o.listen[2].at.host, SPAN("mx.example.org")));
    assert_int_equal(o.trusted_count, 3);
    assert_int_equal(o.trusted[0].prefix, 104);
    assert_int_equal(o.trusted[1].prefix, 32);
    assert_int_equal(o.trusted[2].prefix, 128);
    assert_true(span_equal(o.state, SPAN("/var/with blank/and \"quotes\" \\")));
    assert_int_equal(o.route_count, 2);
    assert_true(span_equal(o.routes[0].match, SPAN("example.net")));
    assert_true(span_equal(o.routes[1].target.server.host, SPAN("2001:db8::1")));
    assert_true(o.max_message_size == 10u << 20 && o.min_data_rate == 0 && o.retry_first == 500 &&
                o.expire == 36 * 3600000LL);
    assert_true(o.client_message_rate.count == 60 && o.client_message_rate.period_ms == 60000);
    assert_true(o.network_recipient_rate.count == 1000 &&
                o.network_recipient_rate.period_ms == 90000 && !o.client_recipient_rate.count);
    assert_true(o.max_recipients == 1000); /* not named: the default */
    options_free(&o);
}

static void relay_domains_are_read(void **state)
{
    static const struct {
        const char *line, *print;
    } cases[] = {
        {"X.Test any", "x.test any"},
        {"*.X.Test ask", "*.x.test ask"},
        {"x.test ask else defer", "x.test ask"},
        {"x.test ask else accept", "x.test ask else accept"},
        {"x.test recipients sqlite:/a/B.db", "x.test recipients sqlite:/a/B.db"},
        {"x.test recipients \"/a b\"", "x.test recipients \"/a b\""},
        {"bücher.test any", "bücher.test any"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error e;
        struct buffer text = BUFFER_EMPTY, print = BUFFER_EMPTY;
        buffer_printf(&text, "route * mx\nrelay-domain %s\n", cases[i].line);
        if (!parse(&o, &e, buffer_text(&text)))
            fail_msg("%s", e.text);
        assert_int_equal(o.relay_domain_count, 1);
        relay_domain_print(&print, &o.relay_domains[0]);
        assert_string_equal(buffer_text(&print), cases[i].print);
        buffer_free(&text);
        buffer_free(&print);
        options_free(&o);
    }
}

static void faults_are_told_with_file_line_and_remedy(void **state)
{
    static const struct {
        const char *text, *where, *words;
    } cases[] = {
        {"hostnam x", "test.conf:1: ", "did you mean \"hostname\"?"},
        {"\n\nfoo-bar-baz 1", "test.conf:3: ", "plainpost config default"},
        {"hostname a b", "test.conf:1: ", "\"quotes\""},
        {"hostname a..b", "test.conf:1: ", "a host name: mail.example.org"},
        {"hostname a\nhostname b", "test.conf:2: ", "already given in line 1"},
        {"hostname", "test.conf:1: ", "for example: hostname plainpost.test"},
        {"hostname # x", "test.conf:1: ", "needs a value"},
        {"route", "test.conf:1: ", "for example: route example.org 192.0.2.7:25"},
        {"relay-domain", "test.conf:1: ", "for example: relay-domain example.org ask"},
        {"relay-domain x.test", "test.conf:1: ", "who of it gets mail"},
        {"relay-domain x.test asks", "test.conf:1: ", "who of it gets mail"},
        {"relay-domain x.test any one", "test.conf:1: ", "who of it gets mail"},
        {"relay-domain x.test ask or accept", "test.conf:1: ", "who of it gets mail"},
        {"relay-domain x.test ask else", "test.conf:1: ", "who of it gets mail"},
        {"relay-domain x.test ask else refuse", "test.conf:1: ", "who of it gets mail"},
        {"relay-domain x.test recipients", "test.conf:1: ", "who of it gets mail"},
        {"relay-domain x.test recipients \"\"", "test.conf:1: ", "who of it gets mail"},
        {"relay-domain a@x.test any", "test.conf:1: ", "\"a@x.test\" is no domain"},
        {"relay-domain * any", "test.conf:1: ", "\"*\" is no domain"},
        {"relay-domain x.test any\nrelay-domain X.test ask",
         "test.conf:2: ", "keep one of the two"},
        {"route y.test mx\nrelay-domain x.test any",
         "test.conf:2: ", "no route leads to the relay-domain x.test"},
        {"relay-domain *.x.test any\nroute x.test mx", "test.conf:1: ", "no route leads"},
        {"relay-domain x.test any\nroute *.x.test mx", "test.conf:1: ", "no route leads"},
        {"guard-limit", "test.conf:1: ", "for example: guard-limit new-hour 60"},
        {"guard-limit new-hour", "test.conf:1: ", "the name of a limit and its value"},
        {"guard-limit new-houl 60", "test.conf:1: ", "no limit \"new-houl\""},
        {"guard-limit new-hour none", "test.conf:1: ", "from 1 to 60000"},
        {"guard-accounts on", "test.conf:1: ", "hold"},
        {"users-query", "test.conf:1: ", "users-query \"SELECT address"},
        {"state \"open", "test.conf:1: ", "add a \""},
        {"state \"\"", "test.conf:1: ", "write it as a path"},
        {"state a\x01", "test.conf:1: ", "control character"},
        {"state a\x7f", "test.conf:1: ", "control character"},
        {"hostname a\xff", "test.conf:1: ", "can't be \"a<FF>\""},
        {"max-errors \xc2\x9b", "test.conf:1: ", "can't be \"<U+009B>\""},
        {"hostname aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xbc",
         "test.conf:1: ", "aaa…\""},
        {"route a.b \xe2\x80\xae:25", "test.conf:1: ", "mail can't go to \"<U+202E>"},
        {"state a b c d e f g h i j k l m n o p q r s t u v w x y",
         "test.conf:1: ", "too many words"},
        {"listen 25", "test.conf:1: ", "127.0.0.1:25 or [::1]:25"},
        {"listen ::1:25", "test.conf:1: ", "127.0.0.1:25 or [::1]:25"},
        {"listen 127.0.0.1:0", "test.conf:1: ", "127.0.0.1:25 or [::1]:25"},
        {"listen 127.0.0.1:65536", "test.conf:1: ", "127.0.0.1:25 or [::1]:25"},
        {"listen [::1:25", "test.conf:1: ", "127.0.0.1:25 or [::1]:25"},
        {"trusted 10.0.0.0/33", "test.conf:1: ", "192.0.2.0/24"},
        {"trusted 10.0.0/8", "test.conf:1: ", "192.0.2.0/24"},
        {"trusted 10.0.0.256", "test.conf:1: ", "192.0.2.0/24"},
        {"trusted 10.0.0.1.", "test.conf:1: ", "192.0.2.0/24"},
        {"trusted 10.0.0.1/", "test.conf:1: ", "192.0.2.0/24"},
        {"trusted 1::2::3", "test.conf:1: ", "192.0.2.0/24"},
        {"trusted 1:2:3:4:5:6:7:8:", "test.conf:1: ", "192.0.2.0/24"},
        {"trusted ::1:", "test.conf:1: ", "192.0.2.0/24"},
        {"trusted 1:2:3", "test.conf:1: ", "192.0.2.0/24"},
        {"trusted ::12345", "test.conf:1: ", "192.0.2.0/24"},
        {"trusted ::/129", "test.conf:1: ", "192.0.2.0/24"},
        {"route example.org", "test.conf:1: ", "route example.org 192.0.2.7:25"},
        {"route a.b 192.0.2.7", "test.conf:1: ", "a server (192.0.2.7:25"},
        {"route a.b c:1\nroute A.B d:1", "test.conf:2: ", "already is a route"},
        {"route a..b mx", "test.conf:1: ", "route * mx"},
        {"route from:@b mx", "test.conf:1: ", "route * mx"},
        {"route * mxx", "test.conf:1: ", "lmtp:/path/of/socket"},
        {"route * lmtp:", "test.conf:1: ", "lmtp:/path/of/socket"},
        {"route * mx:", "test.conf:1: ", "lmtp:/path/of/socket"},
        {"route * discard", "test.conf:1: ", "reason"},
        {"route * refuse it has moved", "test.conf:1: ", "in quotes"},
        {"route * mx source", "test.conf:1: ", "mx source 192.0.2.1,192.0.2.2*3"},
        {"route * mx source here", "test.conf:1: ", "mx source 192.0.2.1,192.0.2.2*3"},
        {"route * mx source 192.0.2.1*0", "test.conf:1: ", "mx source 192.0.2.1,192.0.2.2*3"},
        {"route * mx from 192.0.2.1", "test.conf:1: ", "mx source 192.0.2.1,192.0.2.2*3"},
        {"dns 192.0.2.53", "test.conf:1: ", "192.0.2.53:53"},
        {"dns ns.example.org:53", "test.conf:1: ", "192.0.2.53:53"},
        {"dns-anchor", "test.conf:1: ", "/path/of/file"},
        {"max-message-size 10TB", "test.conf:1: ", "10240, 10KB, 25MB, 1GB"},
        {"expire 5", "test.conf:1: ", "500ms, 30s, 5m, 4h, 5d"},
        {"client-message-rate 60", "test.conf:1: ", "60/1m, 1000/1h; or none"},
        {"client-message-rate /1m", "test.conf:1: ", "60/1m, 1000/1h; or none"},
        {"client-message-rate 60/", "test.conf:1: ", "60/1m, 1000/1h; or none"},
        {"client-message-rate 0/1m", "test.conf:1: ", "between 1 and 1000000; \"0\""},
        {"client-message-rate 60/500ms", "test.conf:1: ", "between 1s and 1d; \"500ms\""},
        {"client-message-rate 60/2d", "test.conf:1: ", "between 1s and 1d; \"2d\""},
        {"client-message-rate 60/1", "test.conf:1: ", "500ms, 30s, 5m, 4h, 5d"},
        {"max-errors 5s", "test.conf:1: ", "a whole number"},
        {"max-errors -5", "test.conf:1: ", "a whole number"},
        {"\nmax-message-size 63MB", "test.conf:2: ", "segment-size larger"},
        {"\nsegment-size 1MB", "test.conf:2: ", "segment-size larger"},
        {"\nmax-memory-in-flight 49MB", "test.conf:2: ", "max-memory-in-flight larger"},
        {"\n\nretry-first 5h", "test.conf:3: ", "retry-first must not be longer"},
        {"\nretry-max 1m\n", "test.conf:2: ", "retry-first must not be longer"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_error(cases[i].text, cases[i].where, cases[i].words);
}

/* What options_print writes is read as the same. */
static void odd_values_survive_printing(void **state)
{
    static const char *const paths[] = {"plain", "with blank", "#hash", "a\"b",       "\"",
                                        "a b\\", "tab\there",  "\\",    "gr\xc3\xbcn"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct options o, back;
        struct error e;
        struct buffer out = BUFFER_EMPTY;
        options_defaults(&o);
        o.state = span_of(paths[i]);
        options_print(&out, &o);
        if (!parse(&back, &e, buffer_text(&out)))
            fail_msg("%s: %s", paths[i], e.text);
        assert_true(span_equal(back.state, o.state));
        options_free(&back);
        options_free(&o);
        buffer_free(&out);
    }
}

static void targets_survive_printing(void **state)
{
    static const char *const routes[] = {
        "* mx",
        "*.example.net mx:other.example.org",
        "a@example.net 192.0.2.7:25",
        "example.net [2001:db8::7]:25 source 2001:db8::1,192.0.2.1*3",
        "from:example.org smarthost.example.org:587",
        "from:a@example.org lmtp:127.0.0.1:24",
        "x.example.net lmtp:/run/dovecot/lmtp",
        "y.example.net discard \"only for tests\"",
        "z.example.net refuse \"5.1.6 it \\\"moved\\\"\"",
    };
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        struct options o;
        struct error e;
        struct buffer text = BUFFER_EMPTY, printed = BUFFER_EMPTY;
        buffer_printf(&text, "route %s\n", routes[i]);
        if (!parse(&o, &e, buffer_text(&text)))
            fail_msg("%s: %s", routes[i], e.text);
        options_print(&printed, &o);
        if (!strstr(buffer_text(&printed), buffer_text(&text)))
            fail_msg("%s: not in %s", routes[i], buffer_text(&printed));
        struct target *t = &o.routes[0].target, back;
        buffer_clear(&printed);
        target_print(&printed, t);
        if (t->kind <= TARGET_LMTP) {
            assert_true(target_parse_name(buffer_span(&printed), &back, &o.arena));
            assert_true(back.kind == t->kind && back.server.port == t->server.port &&
                        span_equal(back.domain, t->domain) && span_equal(back.socket, t->socket) &&
                        back.source_count == t->source_count);
        }
        options_free(&o);
        buffer_free(&text);
        buffer_free(&printed);
    }
}

static void odd_networks_survive_printing(void **state)
{
    static const char *const networks[] = {"::ffff:0:0/90", "::/0", "0.0.0.0/0", "2001:db8::1/128"};
    for (size_t i = 0; i < COUNT_OF(networks); i++) {
        struct options o, back;
        struct error e;
        struct buffer out = BUFFER_EMPTY;
        buffer_printf(&out, "trusted %s", networks[i]);
        assert_true(parse(&o, &e, buffer_text(&out)));
        buffer_clear(&out);
        options_print(&out, &o);
        if (!parse(&back, &e, buffer_text(&out)))
            fail_msg("%s: %s", networks[i], e.text);
        assert_int_equal(back.trusted[0].prefix, o.trusted[0].prefix);
        assert_memory_equal(back.trusted[0].address, o.trusted[0].address, 16);
        options_free(&back);
        options_free(&o);
        buffer_free(&out);
    }
}

static void networks_contain_their_addresses(void **state)
{
    static const struct {
        const char *network;
        unsigned char address[16];
        bool is_inside;
    } cases[] = {
        {"10.0.0.0/8", {[10] = 0xFF, 0xFF, 10, 1, 2, 3}, true},
        {"10.0.0.0/8", {[10] = 0xFF, 0xFF, 11, 1, 2, 3}, false},
        {"192.0.2.128/25", {[10] = 0xFF, 0xFF, 192, 0, 2, 255}, true},
        {"192.0.2.128/25", {[10] = 0xFF, 0xFF, 192, 0, 2, 127}, false},
        {"192.0.2.1", {[10] = 0xFF, 0xFF, 192, 0, 2, 1}, true},
        {"192.0.2.1", {[10] = 0xFF, 0xFF, 192, 0, 2, 2}, false},
        {"0.0.0.0/0", {[10] = 0xFF, 0xFF, 1, 2, 3, 4}, true},
        {"0.0.0.0/0", {[15] = 1}, false},
        {"::/0", {0x20, 1}, true},
        {"2001:db8::/33", {0x20, 0x01, 0x0d, 0xb8, 0x7f}, true},
        {"2001:db8::/33", {0x20, 0x01, 0x0d, 0xb8, 0x80}, false},
        {"::1", {[15] = 1}, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error e;
        char text[60];
        snprintf(text, sizeof text, "trusted %s", cases[i].network);
        assert_true(parse(&o, &e, text));
        assert_int_equal(o.trusted_count, 1);
        assert_int_equal(network_contains(&o.trusted[0], cases[i].address), cases[i].is_inside);
        options_free(&o);
    }
}

static void the_manual_names_every_option(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    options_print_manual(&out);
    for (size_t i = 0; i < options_count(); i++) {
        char item[80] = ".It Ic "; /* with every hyphen as roff wants it */
        size_t len = strlen(item);
        for (const char *c = option_at(i)->name; *c; c++)
            len += (size_t)snprintf(item + len, sizeof item - len, *c == '-' ? "\\-" : "%c", *c);
        assert_non_null(strstr(buffer_text(&out), item));
    }
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_is_taken_and_printed_as_itself),
        cmocka_unit_test(every_bound_holds),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(relay_domains_are_read),
        cmocka_unit_test(faults_are_told_with_file_line_and_remedy),
        cmocka_unit_test(odd_values_survive_printing),
        cmocka_unit_test(targets_survive_printing),
        cmocka_unit_test(odd_networks_survive_printing),
        cmocka_unit_test(networks_contain_their_addresses),
        cmocka_unit_test(a_log_has_a_form),
        cmocka_unit_test(the_manual_names_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
