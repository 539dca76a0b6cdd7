/* Whose keys sign, and which message needs no more signatures. */
#include "base/test.h"

#include "auth/dkim_author.h"
#include "auth/dkim_trial.h"

#include <string.h>

static struct dkim_signer keys[4];
enum { KEYS = COUNT_OF(keys) };

static int make_keys(void **state)
{
    keys[0] = (struct dkim_signer){SPAN("example.org"), SPAN("rsa"), dkim_trial_key(KEY_RSA)};
    keys[1] = (struct dkim_signer){SPAN("example.org"), SPAN("ed"), dkim_trial_key(KEY_ED25519)};
    keys[2] = (struct dkim_signer){SPAN("news.example.org"), SPAN("s1"), keys[1].key};
    keys[3] = (struct dkim_signer){SPAN("xn--bcher-kva.example"), SPAN("s1"), keys[1].key};
    return 0;
}

static int free_keys(void **state)
{
    for (int i = 0; i < 2; i++) {
        struct private_key *k = (struct private_key *)(uintptr_t)keys[i].key;
        private_key_free(&k);
    }
    return 0;
}

/* "1100": the first two were chosen. */
static void expect(const bool *is_chosen, size_t count, const char *want, const char *what)
{
    char got[KEYS + 1] = "";
    size_t sum = 0;
    for (size_t i = 0; i < KEYS; i++) {
        got[i] = is_chosen[i] ? '1' : '0';
        sum += is_chosen[i];
    }
    assert_int_equal(sum, count);
    if (strcmp(got, want) != 0)
        fail_msg("%s: %s, and not %s", what, got, want);
}

static void the_author_s_domain_chooses(void **state)
{
    static const struct {
        const char *header, *want;
    } cases[] = {
        {"From: a@example.org\r\n", "1100"},
        {"From: Alice <a@Example.ORG>\r\n", "1100"},
        {"From: a@news.example.org\r\n", "0010"},
        {"From: a@x.news.example.org\r\n", "0010"},
        {"From: a@mail.example.org\r\n", "1100"},
        {"From: a@b\303\274cher.example\r\n", "0001"},
        {"From: a@xn--bcher-kva.example\r\n", "0001"},
        {"From: a@example.org, b@news.example.org\r\n", "1110"},
        {"From: b@example.net, a@example.org\r\n", "1100"},
        {"From: a@example.net\r\n", "0000"},
        {"From: a@org\r\n", "0000"},
        {"From: a@notexample.org\r\n", "0000"},
        {"From: example.org\r\n", "0000"},
        {"From: \"a@example.org\" <b@example.net>\r\n", "0000"},
        {"Sender: a@example.org\r\n", "0000"},
        {"From: a@example.org\r\nfrom: b@example.net\r\n", "0000"},
        {"From: a@example.org\r\nno field\r\n", "0000"},
        {"", "0000"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer mail = BUFFER_EMPTY;
        bool is_chosen[KEYS];
        buffer_printf(&mail, "To: b@example.net\r\n%s\r\nHello\r\n", cases[i].header);
        size_t count = dkim_author_choose(keys, KEYS, buffer_span(&mail), is_chosen);
        expect(is_chosen, count, cases[i].want, cases[i].header);
        buffer_free(&mail);
    }
}

#define MAIL "From: a@example.org\r\nSubject: one two\r\n"
#define BODY "\r\nHello\r\n"
#define TAGS                                                                                       \
    "v=1; c=relaxed/relaxed; h=From:Subject; bh=Ba3gj8+xBPQLJTahTfzW6RbWQ/XPgESxkCi2B66PSQg=; "
#define OURS TAGS "a=ed25519-sha256; d=example.org; s=ed"

static void what_is_signed_needs_no_more(void **state)
{
    static const struct {
        const char *tags, *from, *to, *want;
    } cases[] = {
        {OURS, "", "", "0000"},
        {OURS, "Hello", "Hello ", "0000"},
        {OURS, "Hello", "Bye", "1100"}, /* it does not hold any more */
        {OURS, "one two", "[list] one two", "1100"},
        {OURS "; l=7", "Hello\r\n", "Hello\r\nyou\r\n", "0000"},
        {OURS "; l=8", "", "", "1100"},
        {TAGS "a=rsa-sha256; d=example.org; s=rsa", "", "", "0000"},
        {TAGS "a=ed25519-sha256; d=example.org; s=filter", "", "", "0000"}, /* a filter's own key */
        {TAGS "a=ed25519-sha256; d=example.org; s=filter", "Hello", "Bye", "1100"},
        {TAGS "a=ed25519-sha256; d=news.example.org; s=s1", "", "", "1100"}, /* another domain */
        {TAGS "a=rsa-sha256; d=example.net; s=s1", "", "", "1100"},
        {OURS, "d=example.org", "d=", "1100"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer mail = BUFFER_EMPTY, changed = BUFFER_EMPTY;
        bool is_chosen[KEYS];
        dkim_trial_sign(&mail, cases[i].tags, SPAN(MAIL));
        buffer_add_text(&mail, BODY);
        struct span text = buffer_span(&mail);
        size_t at = span_find(text, span_of(cases[i].from));
        buffer_add_span(&changed, span_first(text, at));
        buffer_add_text(&changed, cases[i].to);
        buffer_add_span(&changed, span_skip(text, at + strlen(cases[i].from)));
        text = buffer_span(&changed);
        assert_int_equal(dkim_author_choose(keys, KEYS, text, is_chosen), 2);
        size_t count = dkim_author_leave_signed(keys, KEYS, text, is_chosen);
        expect(is_chosen, count, cases[i].want, buffer_text(&changed));
        buffer_free(&mail);
        buffer_free(&changed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_author_s_domain_chooses),
        cmocka_unit_test(what_is_signed_needs_no_more),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
