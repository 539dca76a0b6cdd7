#include "base/test.h"

#include "base/visible.h"
#include "mail/charset.h"

/* What each octet sequence is in UTF-8. Written with octal escapes, which end by themselves. */
static void text_of_many_character_sets(void **state)
{
    static const struct {
        const char *charset, *octets, *utf8;
    } cases[] = {
        {"", "plain", "plain"},
        {"utf-8", "gr\303\274\303\237e", "grüße"},
        {"UTF8", "\342\202\254", "€"},
        {"us-ascii", "caf\303\251", "café"},
        {"us-ascii", "caf\351", "café"},
        {"iso-8859-1", "caf\351 \2035", "café ƒ5"},
        {"ISO_8859-1", "\223quoted\224 \200", "“quoted” €"},
        {"latin1", "caf\303\251", "café"},
        {"iso-8859-2", "\243\363d\274", "Łódź"},
        {"ISO8859-2", "\261\225", "ą•"},
        {"iso-8859-5", "\277\340\330\322\325\342", "Привет"},
        {"iso-8859-7", "\352\341\353\347\354\335\361\341", "καλημέρα"},
        {"iso-8859-8-i", "\371\354\345\355", "שלום"},
        {"iso-8859-9", "\335stanbul \360\376", "İstanbul ğş"},
        {"iso-8859-15", "5 \244", "5 €"},
        {"windows-1250", "P\370\355li\232", "Příliš"},
        {"windows-1251", "\317\360\350\342\345\362", "Привет"},
        {"cp1251", "\317\360\350\342\345\362", "Привет"},
        {"win-1251", "\317\360\350\342\345\362", "Привет"},
        {"x-cp1251", "\317\360\350\342\345\362", "Привет"},
        {"windows-1251", "\320\237\321\200\320\270\320\262\320\265\321\202", "Привет"},
        {"windows-1256", "\343\321\315\310\307", "مرحبا"},
        {"windows-1257", "\320vok\340", "Švoką"},
        {"windows-1258", "Vi\352\362t", "Việt"},
        {"koi8-r", "\360\322\311\327\305\324", "Привет"},
        {"koi8-u", "\360\322\311\327\246\324", "Привіт"},
        {"ibm850", "\204\224\201", "äöü"},
        {"tis-620", "\312\307\321\312\264\325", "สวัสดี"},
        {"macintosh", "caf\216", "café"},
        {"gb2312", "\304\343\272\303", "你好"},
        {"gb2312", "\351F", "镕"}, /* of GBK */
        {"gbk", "\304\343\272\303", "你好"},
        {"gb18030", "\304\343\2010\2044", "你¢"},
        {"hz-gb-2312", "~{Dc:C~}~~ ok", "你好~ ok"},
        {"big5", "\247A\246n", "你好"},
        {"euc-kr", "\276\310\263\347", "안녕"},
        {"ks_c_5601-1987", "\226\276\310", NULL},
        {"euc-kr", "\301\242\227\243", NULL},
        {"iso-2022-kr", "\033$)C\016>H3g\017", "안녕"},
        {"utf-7", "Hi Mom +Jjo-!", "Hi Mom ☺!"},
        {"utf-16be", "\0g\0o", ""}, /* the table ends it; below with its length */
        /* nobody knows it, or it is none */
        {"x-nonsense", "caf\351", "café"},
        {"utf-8//TRANSLIT", "caf\303\251", "café"},
        {"///////", "a", "a"},
        /* a footer in Windows-1252 below UTF-8, and a character that was cut off */
        {"utf-8", "\303\274 Informaci\363n \222", "ü Información ’"},
        {"utf-8", "gr\303\274n und \342\202", "grün und \uFFFD"},
        {"utf-8", "\360\237\230", "\uFFFD"},
        /* not at all what it is said to be */
        {"gb2312", "gr\303\274\303\237e aus K\303\266ln, und viel Text", NULL},
        {"big5", "\350\253\213\346\263\250\346\204\217", "請注意"},
        {"euc-kr", "\354\225\210\353\205\225\355\225\230\354\204\270\354\232\224", "안녕하세요"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        charset_to_utf8(&out, span_of(cases[i].octets), span_of(cases[i].charset));
        if (cases[i].utf8)
            assert_string_equal(buffer_text(&out), cases[i].utf8);
        assert_true(utf8_is_valid(buffer_span(&out)));
    }
    buffer_free(&out);
}

static void japanese_whatever_it_is_called(void **state)
{
    static const struct {
        const char *charset, *octets, *utf8;
    } cases[] = {
        {"iso-2022-jp", "\033$BF|K\\8l\033(B!", "日本語!"},
        {"iso-2022-jp", "\033$@F|K\\\033(J.", "日本."},
        {"ISO-2022-JP", "\033$B-!-j\033(B", "①㈱"},        /* NEC's row 13 */
        {"iso-2022-jp", "\033(I65@\033(B", "ｶｵﾀ"},         /* half-width kana */
        {"iso-2022-jp", "\01665@\017 ok", "ｶｵﾀ ok"},       /* … by shifts */
        {"iso-2022-jp", "\033$BF|\033(B\266\265", "日ｶｵ"}, /* … with eight bits */
        {"iso-2022-jp-1", "\033$(D0!\033(B", "丂"},        /* JIS X 0212 */
        {"iso-2022-jp-ms", "\033$BF|K\\\033(B", "日本"},
        {"iso-2022-jp", "\033$BF|K\\\nplain\n", "日本\nplain\n"}, /* a lost escape */
        {"iso-2022-jp", "\033$BF", "F"},                          /* cut off */
        {"iso-2022-jp", "\033$BF|", "日"},
        {"iso-2022-jp", "\306\374\313\334\270\354", "日本語"},             /* EUC-JP */
        {"iso-2022-jp", "\223\372\226{\214\352", "日本語"},                /* Shift_JIS */
        {"iso-2022-jp", "\346\227\245\346\234\254\350\252\236", "日本語"}, /* UTF-8 */
        {"shift_jis", "\223\372\226{\214\352 \207@ \212\224", "日本語 ① 株"},
        {"Shift-JIS", "\266\265\300", "ｶｵﾀ"},
        {"shift_jis", "\306\374\313\334\270\354\244\316", NULL}, /* kana as well as EUC-JP */
        {"shift_jis", "\244\263\244\354\244\317\261\321\270\354\375\376", NULL},
        {"x-sjis", "\033$BF|K\\\033(B", "日本"},
        {"euc-jp", "\306\374\313\334 \255\241 \216\266", "日本 ① ｶ"},
        {"euc-jp", "\223\372\226{\214\352", "日本語"},
        {"windows-31j", "\223\372", "日"},
        {"", "\033$BF|K\\\033(B", "日本"}, /* nothing was said: a raw header */
        {"utf-8", "\346\227\245", "日"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        charset_to_utf8(&out, span_of(cases[i].octets), span_of(cases[i].charset));
        if (cases[i].utf8)
            assert_string_equal(buffer_text(&out), cases[i].utf8);
        assert_true(utf8_is_valid(buffer_span(&out)));
    }
    buffer_free(&out);
}

static void nul_is_dropped_everywhere(void **state)
{
    static const char *const charsets[] = {"",        "utf-8",  "iso-8859-1",  "iso-8859-2",
                                           "gb18030", "euc-jp", "iso-2022-jp", "utf-7"};
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(charsets); i++) {
        buffer_clear(&out);
        charset_to_utf8(&out, SPAN("a\0b\0"), span_of(charsets[i]));
        assert_string_equal(buffer_text(&out), "ab");
        assert_int_equal(out.len, 2);
    }
    buffer_clear(&out);
    charset_to_utf8(&out, SPAN("\0g\0o"), SPAN("utf-16be"));
    assert_string_equal(buffer_text(&out), "go");
    buffer_clear(&out);
    charset_to_utf8(&out,
                    SPAN("\xff\xfe"
                         "g\0o\0"),
                    SPAN("utf-16"));
    assert_string_equal(buffer_text(&out), "go");
    buffer_free(&out);
}

/* iconv knows more characters than Unicode has, and would end the name at the NUL. */
static void what_is_made_is_utf8(void **state)
{
    static const struct {
        struct span charset, octets;
    } cases[] = {{SPAN("ucs-4be"), SPAN("\0\x13\xEF\xBE\0\0\0a")},
                 {SPAN("utf-8\0\0utf-16"), SPAN("A\xF4\xBE\xBE\xBE a")},
                 {SPAN("utf-8\0"), SPAN("\xED\xA0\x80 a")}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        charset_to_utf8(&out, cases[i].octets, cases[i].charset);
        assert_true(utf8_is_valid(buffer_span(&out)));
        assert_int_equal(out.at[out.len - 1], 'a');
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_many_character_sets),
        cmocka_unit_test(japanese_whatever_it_is_called),
        cmocka_unit_test(what_is_made_is_utf8),
        cmocka_unit_test(nul_is_dropped_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
