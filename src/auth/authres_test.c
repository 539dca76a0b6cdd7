#include "base/test.h"

#include "auth/authres.h"

#include <string.h>

/* A reading, short: "server|method=result(reason) type.name=value|…" */
static void add_short(struct buffer *out, const struct authres *r)
{
    buffer_add_span(out, r->server);
    for (size_t i = 0; i < r->count; i++) {
        const struct authres_result *each = &r->results[i];
        buffer_printf(out, "|%.*s=%.*s", SPAN_F(each->method), SPAN_F(each->result));
        if (each->reason.len)
            buffer_printf(out, "(%.*s)", SPAN_F(each->reason));
        for (size_t n = 0; n < each->count; n++)
            buffer_printf(out, " %.*s.%.*s=%.*s", SPAN_F(each->properties[n].type),
                          SPAN_F(each->properties[n].name), SPAN_F(each->properties[n].value));
    }
}

/* RFC 8601 appendix B, and what is seen elsewhere. */
static void fields_are_read(void **state)
{
    static const struct {
        const char *text, *read; /* NULL: it is none */
    } cases[] = {
        {" example.org 1; none", "example.org"},
        {" example.org; none", "example.org"},
        {" example.com;\r\n          spf=pass smtp.mailfrom=example.net",
         "example.com|spf=pass smtp.mailfrom=example.net"},
        {" example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n spf=pass "
         "smtp.mailfrom=example.net",
         "example.com|auth=pass smtp.auth=sender@example.net|spf=pass smtp.mailfrom=example.net"},
        {" example.com;\r\n dkim=fail reason=\"bad (signature)\" header.d=mail.example.net",
         "example.com|dkim=fail(bad (signature)) header.d=mail.example.net"},
        {" foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait "
         "for "
         "it) fail\r\n policy (A dot can go here) . (like that) expired\r\n (this surprised me) = "
         "(as I wasn't expecting it) 1362471462",
         "foo.example.net|dkim=fail policy.expired=1362471462"},
        {"x;dkim=pass header.i=@example.org header.b=aB/c+d=; spf=none;",
         "x|dkim=pass header.i=@example.org header.b=aB/c+d=|spf=none"},
        {"x; iprev=pass policy.iprev=2001:db8::1 (mx.example)",
         "x|iprev=pass policy.iprev=2001:db8::1"},
        {"x; spf=pass smtp.mailfrom=\"a \\\"b\"@example.org",
         "x|spf=pass smtp.mailfrom=a \"b@example.org"},
        {"\"my server\"; none", "my server"},
        {"x; dmarc=pass (p=reject) header.from=\xc3\xbc.example",
         "x|dmarc=pass header.from=\xc3\xbc.example"},
        {"", NULL},
        {"x", NULL},
        {"x;", NULL},
        {"; none", NULL},
        {"x 2; none", NULL},
        {"x; spf", NULL},
        {"x; spf=", NULL},
        {"x; spf=pass smtp", NULL},
        {"x; spf=pass smtp.mailfrom=", NULL},
        {"x; spf=pass smtp.mailfrom=\"a", NULL},
        {"x; spf=pass (a", NULL},
        {"x; spf=pass smtp.mailfrom=a reason=b", NULL},
        {"x (", NULL},
        {"a b; none", NULL},
        {"x; none; spf=pass", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer got = BUFFER_EMPTY;
        struct authres r;
        struct error e = {""};
        bool ok = authres_parse(&r, span_of(cases[i].text), &a, &e);
        if (ok)
            add_short(&got, &r);
        if (ok != (cases[i].read != NULL) || (ok && strcmp(buffer_text(&got), cases[i].read)) ||
            (!ok && !e.text[0]))
            fail_msg("%s: %d %s %s", cases[i].text, ok, buffer_text(&got), e.text);
        buffer_free(&got);
        arena_clear(&a);
    }
}

static void fields_are_written(void **state)
{
    char longer[1000];
    memset(longer, 'x', sizeof longer);
    struct authres_result results[] = {
        {.method = SPAN("spf"),
         .result = SPAN("fail"),
         .reason = SPAN("not named\r\nX: \"y\""),
         .properties = {{SPAN("smtp"), SPAN("mailfrom"), SPAN("a b@example.org")},
                        {SPAN("smtp"), SPAN("helo"), span_make(longer, sizeof longer)}},
         .count = 2},
        {.method = SPAN("dmarc"),
         .result = SPAN("pass"),
         .reason = SPAN_NONE,
         .properties = {{SPAN("header"), SPAN("from"), SPAN("example.org")}},
         .count = 1},
    };
    struct authres r = {SPAN("mx.example.org"), results, 2}, again;
    struct buffer out = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct error e;
    authres_write(&out, &r);
    static const char start[] =
        "Authentication-Results: mx.example.org;\r\n"
        "\tspf=fail reason=\"not namedX: \\\"y\\\"\" smtp.mailfrom=\"a b@example.org\"\r\n"
        "\tsmtp.helo=xxx";
    assert_memory_equal(out.at, start, sizeof start - 1);
    assert_true(span_ends_nocase(buffer_span(&out),
                                 SPAN("xxx;\r\n\tdmarc=pass header.from=example.org\r\n")));
    assert_true(authres_parse(&again, span_skip(buffer_span(&out), 23), &a, &e));
    assert_int_equal(again.count, 2);
    assert_int_equal(again.results[0].properties[1].value.len, 300);
    buffer_clear(&out);
    r.count = 0;
    authres_write(&out, &r);
    assert_string_equal(buffer_text(&out), "Authentication-Results: mx.example.org; none\r\n");
    buffer_free(&out);
    arena_clear(&a);
}

static void those_with_our_name_go(void **state)
{
    static const char header[] =
        "Authentication-Results: mx.example.org; spf=pass\r\n"
        "authentication-results :\r\n MX.example.ORG (x) 1;\r\n spf=pass\r\n"
        "Authentication-Results: \"mx.example.org\"; none\r\n"
        "Authentication-Results: other.example; spf=pass\r\n"
        "Authentication-Results: mx.example.org.evil.example; none\r\n"
        "Authentication-Results: (\r\n"
        "Authentication-Results: mx.example.org 7; x\r\n"
        "X-Authentication-Results: mx.example.org; none\r\n"
        "\r\nbody";
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(authres_remove(&out, span_of(header), SPAN("mx.example.org")), 5);
    assert_string_equal(buffer_text(&out),
                        "Authentication-Results: other.example; spf=pass\r\n"
                        "Authentication-Results: mx.example.org.evil.example; none\r\n"
                        "X-Authentication-Results: mx.example.org; none\r\n"
                        "\r\nbody");
    buffer_free(&out);
}

static void fields_of_a_server_are_joined(void **state)
{
    static const struct {
        const char *header, *joined;
        size_t count;
    } cases[] = {
        {"From: a\r\n", "", 0},
        {"Authentication-Results: other.example; spf=pass\r\n", "", 0},
        {"Authentication-Results: mx.example; none\r\n", "mx.example; none", 1},
        {"Authentication-Results: MX.example 1;\r\n spf=pass (a; b) x.y=\"c;d\" ;\r\n "
         "dkim=none;\r\n",
         "mx.example; spf=pass (a; b) x.y=\"c;d\";\r\n\tdkim=none", 1},
        {"authentication-results: mx.example; none\r\nAuthentication-Results: other.example; "
         "arc=pass\r\n"
         "Authentication-Results: mx.example; spf=pass\r\n",
         "mx.example; spf=pass", 2},
        {"Authentication-Results: mx.example; spf=pass (no end\r\n", "mx.example; spf=pass (no end",
         1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        assert_int_equal(authres_join(&out, span_of(cases[i].header), SPAN("mx.example")),
                         cases[i].count);
        assert_string_equal(buffer_text(&out), cases[i].joined);
        buffer_free(&out);
    }
}

static void instances_are_read(void **state)
{
    static const struct {
        const char *value;
        bool is_one;
        uint64_t instance;
        const char *rest;
    } cases[] = {
        {" i=1; mx.example; spf=pass\r\n", true, 1, "mx.example; spf=pass"},
        {" (first) i = 50 (of 50);x", true, 50, "x"},
        {"i=1", false, 0, ""},
        {"I=1; x", false, 0, ""},
        {"i=a; x", false, 0, ""},
        {"i=; x", false, 0, ""},
        {"i=100; x", false, 0, ""},
        {"mx.example; i=1;", false, 0, ""},
        {"i=1 mx.example; spf=pass", false, 0, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t instance = 0;
        struct span rest = SPAN_NONE;
        assert_int_equal(authres_take_instance(span_of(cases[i].value), &instance, &rest),
                         cases[i].is_one);
        assert_true(!cases[i].is_one || instance == cases[i].instance);
        assert_true(span_equal(rest, span_of(cases[i].rest)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read),        cmocka_unit_test(fields_are_written),
        cmocka_unit_test(those_with_our_name_go), cmocka_unit_test(fields_of_a_server_are_joined),
        cmocka_unit_test(instances_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
