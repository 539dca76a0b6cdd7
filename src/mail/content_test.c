#include "base/test.h"

#include "mail/content.h"

static void encodings_as_they_come(void **state)
{
    static const struct {
        enum mime_encoding encoding;
        const char *body, *octets;
    } cases[] = {
        {MIME_BASE64, "aGVsbG8=", "hello"},
        {MIME_BASE64, "aGVs\r\nbG8=\r\n", "hello"},
        {MIME_BASE64, "aGVsbG8", "hello"},               /* no padding */
        {MIME_BASE64, "a!G-V s\tb*G8=", "hello"},        /* what is not of the alphabet */
        {MIME_BASE64, "aGVsbG8=aGVsbG8=", "hellohello"}, /* several runs */
        {MIME_BASE64, "a", ""},                          /* cut off */
        {MIME_BASE64, "aGVsbG", "hell"},
        {MIME_BASE64, "====", ""},
        {MIME_BASE64, "", ""},
        {MIME_QUOTED, "a=3Db=C3=a9", "a=b\303\251"},
        {MIME_QUOTED, "soft=\r\nline=\nend", "softlineend"},
        {MIME_QUOTED, "soft=  \t\r\nline", "softline"}, /* blanks that some server put there */
        {MIME_QUOTED, "100=% =ZZ =4", "100=% =ZZ =4"},  /* not encoded at all */
        {MIME_QUOTED, "end=", "end"},
        {MIME_QUOTED, "a =\r\n\r\nb", "a \r\nb"},
        {MIME_7BIT, "=41", "=41"},
        {MIME_UNKNOWN, "=41", "=41"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        content_decode(&out, span_of(cases[i].body), cases[i].encoding);
        assert_string_equal(buffer_text(&out), cases[i].octets);
    }
    buffer_free(&out);
}

static void fields_for_people(void **state)
{
    static const struct {
        const char *value, *text;
    } cases[] = {
        {" plain ", "plain"},
        {" folded\r\n value", "folded value"},
        {"=?utf-8?q?gr=C3=BCn?=", "grün"},
        {"=?UTF-8?B?Z3LDvG4=?=", "grün"},
        {"=?iso-8859-1?Q?a_b=5Fc?= d", "a b_c d"},
        {"a =?utf-8?q?b?= =?utf-8?q?c?= d", "a bc d"},
        {"=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab"},
        {"=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"},
        /* a character cut in two, by words of either kind */
        {"=?utf-8?q?gr=C3?= =?UTF-8?q?=BCn?=", "grün"},
        {"=?utf-8?B?Z3LD?= =?utf-8?Q?=BCn?=", "grün"},
        {"=?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?S1wbKEI=?=", "日本"},
        {"=?utf-8?q?a?= =?iso-8859-1?q?=E9?=", "aé"}, /* two sets are not joined */
        {"=?utf-8*en?q?lang?=", "lang"},
        /* what programs make of it */
        {"=?utf-8?q?blanks in it?=", "blanks in it"},
        {"=?utf-8?q?a?==?utf-8?q?b?=", "ab"},
        {"\"=?utf-8?q?quoted?=\" <a@b.example>", "\"quoted\" <a@b.example>"},
        {"in=?utf-8?q?side?=", "inside"},
        {"=?utf-8?b?Z3LDvG4?=", "grün"},
        {"=?utf-8?q?100=?=", "100="},
        {"=?utf-8?q?=C3=BC=0Anext=0A?=", "ü next"},
        {"=?utf-8?q?\?= empty", " empty"},
        /* no encoded words */
        {"=?utf-8?x?a?=", "=?utf-8?x?a?="},
        {"=?utf-8?q?never ends", "=?utf-8?q?never ends"},
        {"=?=?=?utf-8?q?a?=", "=?=?a"},
        {"what =? is", "what =? is"},
        {"=?a b?q?c?=", "=?a b?q?c?="},
        /* raw octets */
        {"caf\303\251", "café"},
        {"caf\351", "café"},
        {"\033$BF|K\\\033(B", "日本"},
        {"=?big5?B?p0GmbsKj?=", NULL},
    };
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span text = arena_copy(&a, content_field(span_of(cases[i].value), &a));
        if (cases[i].text)
            assert_string_equal(text.at, span_trim(span_of(cases[i].text)).at);
    }
    arena_clear(&a);
}

static void parameters(void **state)
{
    static const struct {
        const char *field, *value; /* of "name" */
    } cases[] = {
        {"a/b; name=c", "c"},
        {"a/b; NAME = \"c d\" ; x=y", "c d"},
        {"a/b; x=\"a;name=no\"; name=yes", "yes"},
        {"a/b; name=\"q\\\"uote\\\\\"", "q\"uote\\"},
        {"a/b; name=\"folded\r\n here\"", "folded here"},
        {"a/b; name=\"never ends", "never ends"},
        {"a/b; name=", ""},
        {"a/b; name", ""},
        {"a/b; names=x", ""},
        {"a/b;;; name=c;", "c"},
        {"a/b; name=blanks in it; x=y", "blanks in it"},
        {"a/b; name==?utf-8?q?gr=C3=BCn.txt?=", "grün.txt"},
        {"a/b; name=\"=?utf-8?q?gr=C3=BCn.txt?=\"", "grün.txt"},
        {"a/b; name=caf\303\251", "café"},
        /* RFC 2231 */
        {"a/b; name*=utf-8''gr%C3%BCn", "grün"},
        {"a/b; name*=iso-8859-1'de'gr%fcn", "grün"},
        {"a/b; name*=''plain", "plain"},
        {"a/b; name*0=\"very \"; name*1=long", "very long"},
        {"a/b; name*0*=utf-8''gr%C3; name*1*=%BCn; name*2=\"%41\"", "grün%41"},
        {"a/b; name*1=b; name*0=a; name*2=c", "abc"},
        {"a/b; name*2=c; name*1=b; name*0=a", "abc"},
        {"a/b; name*0=a; name*2=c", "a"}, /* a hole */
        {"a/b; name=short; name*=utf-8''gr%C3%BCn", "grün"},
        {"a/b; name*=no-quotes", "no-quotes"},
        {"a/b; name*=utf-8''100%", "100%"},
        {"a/b; name*x=c; name*99999999999999999999=d", ""},
        {"a/b; name*", ""},
    };
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span value = content_parameter(span_of(cases[i].field), "name", &a);
        assert_string_equal(arena_copy(&a, value).at, cases[i].value);
    }
    arena_clear(&a);
}

static void text_parts(void **state)
{
    static const struct {
        const char *part, *text;
    } cases[] = {
        {"\r\nplain", "plain"},
        {"Content-Type: text/plain; charset=iso-8859-1\r\n\r\ncaf\351", "café"},
        {"Content-Type: text/plain; charset=\"utf-8\"\n"
         "Content-Transfer-Encoding: quoted-printable\n\ngr=C3=BCn",
         "grün"},
        {"Content-Type: text/html;\n charset=iso-2022-jp\n\n\033$BF|K\\\033(B", "日本"},
        {"Content-Type: text/plain; charset=UTF-7\n\nHi +AOk-", "Hi é"},
        {"Content-Type: text/plain; charset=hz-gb-2312\n\n~{Dc~}", "你"},
        {"Content-Transfer-Encoding: BASE64\n\nZ3LDvG4=", "grün"},
        {"\nnothing said: gr\303\274n", "nothing said: grün"},
    };
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mime_entity e;
        mime_parse(span_of(cases[i].part), false, &e);
        assert_string_equal(arena_copy(&a, content_text(&e, &a)).at, cases[i].text);
    }
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodings_as_they_come),
        cmocka_unit_test(fields_for_people),
        cmocka_unit_test(parameters),
        cmocka_unit_test(text_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
