#include "base/test.h"

#include "abuse/redact.h"

#define ANN "I+At2tVpgdPibEudqZA6"
#define HEAD "Content-Transfer-Encoding: "

static const struct {
    const char *text, *redacted;
} cases[] = {
    {"To: ann@example.org, bob@example.net\r\n", "To: " ANN "@example.org, bob@example.net\r\n"},
    {"To: Ann <Ann@Example.ORG>\r\n", "To: Ann <" ANN "@Example.ORG>\r\n"},
    {"x?to=ann%40example.org&y", "x?to=" ANN "%40example.org&y"},
    {"<bounce-ann=example.org@b.test>", "<bounce-" ANN "=example.org@b.test>"},
    {"Dear ann&#64;example.org", "Dear " ANN "&#64;example.org"},
    {"ann@example.organn@example.org", ANN "@example.org" ANN "@example.org"},
    {"ann@example.or", "ann@example.or"},
    {"ann", "ann"},
    {"", ""},
    {HEAD "quoted-printable\r\n\r\nDear ann@exam=\r\nple.org=21\r\n",
     HEAD "quoted-printable\r\n\r\nDear " ANN "@example.org!\r\n"},
    {HEAD "base64\r\n\r\nRGVhciBhbm5AZXhhbXBsZS5vcmch\r\n",
     HEAD "base64\r\n\r\nRGVhciBJK0F0MnRWcGdkUGliRXVkcVpBNkBleGFtcGxlLm9yZyE="},
    {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" HEAD
     "base64\r\n\r\nYW5uQGV4YW1wbGUub3Jn\r\n--b\r\n" HEAD
     "quoted-printable\r\n\r\nann@exam=\r\nple.org\r\n--b--\r\n",
     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" HEAD
     "base64\r\n\r\nSStBdDJ0VnBnZFBpYkV1ZHFaQTZAZXhhbXBsZS5vcmc=\r\n--b\r\n" HEAD
     "quoted-printable\r\n\r\n" ANN "@example.org\r\n--b--\r\n"},
    {HEAD "base64\r\n\r\nRGVhciBzaXI=\r\n", HEAD "base64\r\n\r\nRGVhciBzaXI=\r\n"},
};

static void addresses_are_hidden(void **state)
{
    (void)state;
    static const struct span ann[] = {SPAN("ann@example.org")};
    const struct redaction r = {SPAN("key"), ann, 1};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        redact_message(&out, span_of(cases[i].text), &r);
        assert_string_equal(buffer_text(&out), cases[i].redacted);
        buffer_free(&out);
    }
}

/* As different servers write him. */
static void the_same_reader_has_the_same_name(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    redact_address(&out, SPAN("Ann@Example.org"), SPAN("key"));
    assert_string_equal(buffer_text(&out), ANN "@Example.org");
    buffer_free(&out);
}

static void another_key_gives_another_name(void **state)
{
    (void)state;
    struct buffer one = BUFFER_EMPTY, other = BUFFER_EMPTY;
    redact_address(&one, SPAN("ann@example.org"), SPAN("1"));
    redact_address(&other, SPAN("ann@example.org"), SPAN("2"));
    assert_string_not_equal(buffer_text(&one), buffer_text(&other));
    assert_int_equal(one.len, other.len);
    buffer_free(&one);
    buffer_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_hidden),
        cmocka_unit_test(the_same_reader_has_the_same_name),
        cmocka_unit_test(another_key_gives_another_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
