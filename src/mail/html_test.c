#define _GNU_SOURCE
#include "base/test.h"

#include "mail/html.h"

#include <string.h>
#include <time.h>

static void what_a_reader_sees(void **state)
{
    static const struct {
        const char *html, *text;
    } cases[] = {
        {"", ""},
        {"plain &amp; simple", "plain & simple"},
        {"a  b\n\tc", "a b c"},
        {"<b>bold</b> <i>it</i>alic", "bold italic"},
        {"one<br>two<BR/>three", "one\ntwo\nthree"},
        {"a<br><br><br><br>b", "a\n\nb"},
        {"<p>one</p><p>two</p>", "one\n\ntwo\n\n"},
        {"<p>one<p>two", "one\n\ntwo"},
        {"<div>one</div><div>two <span>x</span></div>", "one\ntwo x\n"},
        {"<div><div><div>deep</div></div></div>after", "deep\nafter"},
        {"<h1>Title</h1>text", "Title\n\ntext"},
        {"<ul><li>one<li>two</ul>", "one\ntwo\n\n"},
        {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc\n\n"},
        {"<pre>550 5.1.1\n   no such user\r\n</pre>x", "550 5.1.1\n   no such user\n\nx"},
        {"<head><title>No</title><style>p {color: red}</style></head>yes", "yes"},
        {"a<script>if (a < b) document.write('<p>no</p>')</script>b", "ab"},
        {"a<SCRIPT>no</sCrIpT >b", "ab"},
        {"a<!-- no > <p>no -->b", "ab"},
        {"a<!-->b", "ab"},
        {"a<!--[if mso]>no<![endif]-->b<![if !mso]>c<![endif]>", "abc"},
        {"<!DOCTYPE html><?xml version=\"1.0\"?>a", "a"},
        {"a<o:p>&nbsp;</o:p>b", "a b"},
        {"<a title=\"x > y\">in</a>", "in"},
        {"<img alt='>'>after", "after"},
        {"<p don't>text", "text"},
        /* broken */
        {"a < b and c > d", "a < b and c > d"},
        {"a<b", "a<b"},
        {"1 <2> <user@example.org>:<b>x</b>", "1 <2> <user@example.org>:x"},
        {"a<p class=\"never ends>b", "a\n\nb"},
        {"a</p></div></td>b", "a\n\nb"},
        {"a<!-- never ends", "a"},
        {"a<script>never ends", "a"},
        {"a<", "a<"},
        {"</>x<>y", "x<>y"},
        /* hidden */
        {"a<span style=\"display:none\">no</span>b", "ab"},
        {"a<div style='DISPLAY : NONE !important'>no<div>no</div>no</div>b", "a\nb"},
        {"a<div hidden>no</div>b", "a\nb"},
        {"a<span style=\"font-size:0px\">no</span>b", "ab"},
        {"a<span style=\"color:red;font-size:0\">no</span>b", "ab"},
        {"a<span style=\"font-size:0.9em\">yes</span>b", "ayesb"},
        {"a<span style=\"line-font-size:0\">yes</span>b", "ayesb"},
        {"a<span style=\"opacity:0\">no</span><span style=\"opacity:0.5\">yes</span>", "ayes"},
        {"a<div style=\"max-height:0;overflow:hidden\">no</div>b", "a\nb"},
        {"<p style=\"display:none\">no<p>yes", "yes"},
        {"a<img style=\"display:none\">b", "ab"},
        {"a<span style=\"display:none\">never ends", "a"},
        {"<span style=\"display:none\">no<br><div>no</div></span>b", "b"},
        /* what stands in UTF-8 stays */
        {"gr\303\274n&uuml;", "grünü"},
    };
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct html h;
        html_read(span_of(cases[i].html), &h, &a);
        assert_string_equal(arena_copy(&a, h.text).at, cases[i].text);
    }
    arena_clear(&a);
}

static void where_links_lead(void **state)
{
    static const struct {
        const char *html, *links; /* "target=text|" */
    } cases[] = {
        {"<a href=\"https://a.test/?x=1&amp;y=2\">Click <b>here</b></a>",
         "https://a.test/?x=1&y=2=Click here|"},
        {"<A HREF = 'https://a.test'>x</A>", "https://a.test=x|"},
        {"<a href=https://a.test/b>x</a>", "https://a.test/b=x|"},
        {"<a href=\" https://a.\n te\tst \">x</a>", "https://a. test=x|"},
        {"<a href=\"a.test\">one<a href=\"b.test\">two", "a.test=one|b.test=two|"},
        {"<a name=\"here\">x</a><a href=\"\">y</a>", ""},
        {"<a href=x.test><img src=y.png alt='Sign in'></a>", "x.test=Sign in|"},
        {"<area href=a.test>", "a.test=|"},
        {"<form action=a.test><input type=password></form>", "a.test=|"},
        {"<iframe src=a.test></iframe><script src=b.test></script>", "a.test=|b.test=|"},
        {"<base href=\"https://a.test/\"><a href=\"in\">x</a><a href=\"mailto:b@c.test\">y</a>",
         "https://a.test/in=x|mailto:b@c.test=y|"},
        {"<a class=x href=a.test href=b.test>x</a>", "a.test=x|"},
        {"<a data-href=a.test>x</a>", ""},
        {"<a style=\"display:none\" href=a.test>x</a>", "a.test=|"},
    };
    struct arena a = ARENA_EMPTY;
    struct buffer links = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct html h;
        buffer_clear(&links);
        html_read(span_of(cases[i].html), &h, &a);
        for (size_t n = 0; n < h.link_count; n++)
            buffer_printf(&links, "%.*s=%.*s|", SPAN_F(h.links[n].target), SPAN_F(h.links[n].text));
        assert_string_equal(buffer_text(&links), cases[i].links);
    }
    arena_clear(&a);
    buffer_free(&links);
}

static void what_it_asks_and_would_do(void **state)
{
    enum { FORM = 1, PASSWORD = 2, SCRIPT = 4, HIDDEN = 8 };
    static const struct {
        const char *html;
        int flags;
    } cases[] = {
        {"<p>text", 0},
        {"<form action=x><input name=y></form>", FORM},
        {"<input type = \"Password\">", FORM | PASSWORD},
        {"<script>x</script>", SCRIPT},
        {"<object data=x><embed src=y>", SCRIPT},
        {"<p style=\"display:none\">secret</p>", HIDDEN},
        {"<p style=\"display:none\"> </p>", 0},
        {"<!-- <script> <form> -->", 0},
        {"&lt;script&gt;", 0},
        {"</script></form>", 0},
    };
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct html h;
        html_read(span_of(cases[i].html), &h, &a);
        assert_int_equal((h.has_form ? FORM : 0) | (h.has_password ? PASSWORD : 0) |
                             (h.has_script ? SCRIPT : 0) | (h.has_hidden ? HIDDEN : 0),
                         cases[i].flags);
    }
    arena_clear(&a);
}

/* Much of each, none of which comes to an end: time grows with the size, no faster. */
static void time_is_linear(void **state)
{
    enum { LENGTH = 300000 };
    static const char *const pieces[] = {
        "<a",
        "<",
        "<a ",
        "<!--",
        "<a href=\"",
        "<a href='x",
        "<a x=\">",
        "<script>",
        "</",
        "<title></",
        "&",
        "&amp",
        "&#",
        "<a x= ",
        "<div style=\"",
        "<div hidden>",
        "<a href=x>",
        "<!",
        "<p style=x:y; ",
        "<a href=\"x>'",
        "<td></td>",
        "<pre>",
        "<img alt=x>",
        "<input>",
        "\t<br> ",
    };
    struct arena a = ARENA_EMPTY;
    struct buffer text = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct timespec from, to;
        struct html h;
        buffer_clear(&text);
        while (text.len < LENGTH)
            buffer_add_text(&text, pieces[i]);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
        html_read(buffer_span(&text), &h, &a);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
        assert_true((double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9 <
                    2);
        assert_true(a.total < 60 * LENGTH);
        arena_clear(&a);
    }
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_reader_sees),
        cmocka_unit_test(where_links_lead),
        cmocka_unit_test(what_it_asks_and_would_do),
        cmocka_unit_test(time_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
