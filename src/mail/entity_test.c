#include "base/test.h"

#include "mail/entity.h"

static void references(void **state)
{
    static const struct {
        const char *text, *decoded;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"a &amp; b &lt;c&gt; &quot;d&quot; &apos;", "a & b <c> \"d\" '"},
        {"&eacute;&Eacute;&szlig;&euro;&hellip;", "éÉß€…"},
        {"&Omega;&thetasym;&zwnj;&AElig;", "ΩϑÆ"},
        {"a&nbsp;b&#160;c&#xA0;d", "a b c d"},
        {"&#8364;&#x20AC;&#X20ac;", "€€€"},
        {"&#128512;", "😀"},
        {"&#146;&#150;&#x80;", "’–€"}, /* as HTML says, Windows-1252 */
        {"&#39 &#39s", "' 's"},        /* no semicolon */
        {"&amp &lt&gt", "& <>"},
        {"?a=1&lt=2&copy=3&ampere=4", "?a=1&lt=2&copy=3&ampere=4"},
        {"https&colon;&sol;&sol;evil&period;test", "https://evil.test"},
        {"&unknown; &; &# &#x; &#xg; &", "&unknown; &; &# &#x; &#xg; &"},
        {"&#0;&#xD800;&#1114112;&#999999999999", "\uFFFD\uFFFD\uFFFD\uFFFD"},
        {"&&amp;amp;", "&&amp;"}, /* once only */
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        entities_decode(&out, span_of(cases[i].text));
        assert_string_equal(buffer_text(&out), cases[i].decoded);
    }
    buffer_free(&out);
}

/* The table is searched by halves, so each of these is a way through it. */
static void names_at_both_ends_and_between(void **state)
{
    static const char *const texts[] = {"&AElig;",   "&zwnj;",   "&Aacute;", "&yuml;",   "&zeta;",
                                        "&NewLine;", "&Ccaron;", "&ast;",    "&middot;", "&lstrok;",
                                        "&verbar;",  "&Zeta;",   "&Zcaron;", "&aacute;"};
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        buffer_clear(&out);
        entities_decode(&out, span_of(texts[i]));
        assert_true(out.len < 4 && span_find_char(buffer_span(&out), '&') == SPAN_NOT_FOUND);
    }
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references),
        cmocka_unit_test(names_at_both_ends_and_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
