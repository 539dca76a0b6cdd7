#include "base/test.h"

#include "auth/dkim_signature.h"

#define BH "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
#define START "v=1; a=rsa-sha256; "
#define WHO "d=example.org; s=s1; "
#define END BH "; b=Zm9v"

static bool read_value(struct dkim_signature *s, const char *value, struct arena *a,
                       struct error *e)
{
    struct span text = arena_printf(a, "DKIM-Signature: %s\r\n", value);
    struct header_iterator it = header_start(text);
    struct header_field f;
    assert_int_equal(header_next(&it, &f), 1);
    return dkim_signature_parse(s, &f, a, e);
}

static void signatures_are_read(void **state)
{
    static const struct {
        const char *value, *want; /* algorithm header/body domain selector identity h t x l */
    } cases[] = {
        {START WHO "h=From; " END, "rsa s/s example.org s1 @example.org From 0 0 -"},
        {"v=1; a=Ed25519-SHA256; c=relaxed; d=Example.ORG; s=S_1.x; h= from : TO:: ; " END,
         "ed25519 r/s example.org s_1.x @example.org from,TO 0 0 -"},
        {START "c=simple/relaxed; i=joe@news.Example.org; q=dns/txt:x; t=1528637909; x=1528637910; "
               "l=0; " WHO "h=From; z=From:x|To:y; unknown=1; " END,
         "rsa s/r example.org s1 joe@news.Example.org From 1528637909 1528637910 0"},
        {START "c=Relaxed/Relaxed; d=b\xc3\xbc"
               "cher.example; s=s1; h=From; " END,
         "rsa r/r xn--bcher-kva.example s1 @xn--bcher-kva.example From 0 0 -"},
        {START WHO "h=From;\r\n\t" BH ";\r\n\tb=Zm\r\n\t9v\r\n\t;",
         "rsa s/s example.org s1 @example.org From 0 0 -"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct dkim_signature s;
        struct error e;
        struct buffer got = BUFFER_EMPTY;
        if (!read_value(&s, cases[i].value, &a, &e))
            fail_msg("%s: %s", cases[i].value, e.text);
        buffer_printf(&got, "%s %c/%c %.*s %.*s %.*s ",
                      s.algorithm == DKIM_RSA_SHA256 ? "rsa" : "ed25519",
                      s.has_relaxed_header ? 'r' : 's', s.has_relaxed_body ? 'r' : 's',
                      SPAN_F(s.domain), SPAN_F(s.selector), SPAN_F(s.identity));
        for (size_t n = 0; n < s.name_count; n++)
            buffer_printf(&got, "%s%.*s", n ? "," : "", SPAN_F(s.names[n]));
        buffer_printf(&got, " %llu %llu ", (unsigned long long)s.made_s,
                      (unsigned long long)s.expires_s);
        if (s.has_body_length)
            buffer_printf(&got, "%llu", (unsigned long long)s.body_length);
        else
            buffer_add_char(&got, '-');
        assert_string_equal(buffer_text(&got), cases[i].want);
        assert_true(span_equal(s.octets, SPAN("foo")));
        assert_int_equal(s.body_hash.len, 32);
        buffer_free(&got);
        arena_clear(&a);
    }
}

static void what_can_never_hold_is_told(void **state)
{
    static const struct {
        const char *value, *says;
    } cases[] = {
        {"", "it does not tell the version (v=)"},
        {"v=1", "it does not tell the algorithm (a=)"},
        {START "s=s1; h=From; " END, "it does not tell the domain (d=)"},
        {START "d=example.org; h=From; " END, "it does not tell the selector (s=)"},
        {START WHO END, "it does not tell the fields (h=)"},
        {START WHO "h=From; b=Zm9v", "it does not tell the hash of the body (bh=)"},
        {START WHO "h=From; " BH "; b=", "it does not tell the signature itself (b=)"},
        {"v=2; a=rsa-sha256; " WHO "h=From; " END, "its version is \"2\", and not 1 (v=)"},
        {"v=1; a=rsa-sha1; " WHO "h=From; " END, "SHA-1, which proves nothing any more"},
        {"v=1; a=dsa; " WHO "h=From; " END, "its algorithm \"dsa\" is not known (a=)"},
        {START "c=nowsp; " WHO "h=From; " END, "\"nowsp\" is neither simple nor relaxed (c=)"},
        {START "c=simple/nowsp; " WHO "h=From; " END, "\"nowsp\" is neither"},
        {START "c=simple/simple/simple; " WHO "h=From; " END, "\"simple\" is neither"},
        {START "d=-; s=s 1; h=From; " END, "\"s 1\" is no name that the DNS could have (s=)"},
        {START "d=a..b; s=s1; h=From; " END, "\"a..b\" is no name that the DNS could have (d=)"},
        {START "d=a.; s=s1; h=From; " END, "\"a.\" is no name that the DNS could have (d=)"},
        {START "i=@example.net; " WHO "h=From; " END, "outside of its domain, \"@example.net\""},
        {START "i=@badexample.org; " WHO "h=From; " END, "outside of its domain"},
        {START "i=joe; " WHO "h=From; " END, "outside of its domain"},
        {START WHO "h=To:Date; " END, "it leaves out who the message is from (h=)"},
        {START WHO "h=From; " BH "; b=%%", "is no base64 (b=)"},
        {START WHO "h=From; bh=Zm9v; b=Zm9v", "the hash of the body is none (bh=)"},
        {START WHO "h=From; t=-1; " END, "\"-1\" is no number as it should be (t=)"},
        {START WHO "h=From; x=; " END, "\"\" is no number as it should be (x=)"},
        {START WHO "h=From; t=1000000000000; " END, "(t=)"},
        {START WHO "h=From; l=99999999999999999999; " END, "(l=)"},
        {START WHO "h=From; t=5; x=5; " END, "it had expired before it was made (t=, x=)"},
        {START WHO "h=From; q=http; " END, "not to be had from the DNS (q=)"},
        {START WHO "h=From; " END "; d=example.net", "the tag d= is there twice"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct dkim_signature s;
        struct error e = {""};
        if (read_value(&s, cases[i].value, &a, &e) || !strstr(e.text, cases[i].says))
            fail_msg("%s: \"%s\", not \"%s\"", cases[i].value, e.text, cases[i].says);
        arena_clear(&a);
    }
}

static void what_is_too_much_is_refused(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct dkim_signature s;
    struct error e;
    struct buffer value = BUFFER_EMPTY;
    buffer_add_text(&value, START WHO END "; h=From");
    for (int i = 1; i < MOST_SIGNED_FIELDS; i++)
        buffer_add_text(&value, ":To");
    assert_true(read_value(&s, buffer_text(&value), &a, &e));
    assert_int_equal(dkim_signature_covers(&s, SPAN("to")), MOST_SIGNED_FIELDS - 1);
    buffer_add_text(&value, ":To");
    assert_false(read_value(&s, buffer_text(&value), &a, &e));
    assert_string_equal(e.text, "it names more than 300 fields (h=)");
    buffer_clear(&value);
    buffer_add_text(&value, START WHO "h=From; " END "; z=");
    while (value.len < LONGEST_SIGNATURE_FIELD)
        buffer_add_char(&value, 'x');
    assert_false(read_value(&s, buffer_text(&value), &a, &e));
    assert_string_equal(e.text, "it is longer than 16384 bytes");
    buffer_free(&value);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_read),
        cmocka_unit_test(what_can_never_hold_is_told),
        cmocka_unit_test(what_is_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
