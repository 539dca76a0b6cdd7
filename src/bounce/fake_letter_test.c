#include "bounce/fake_letter.h"

#include "base/test.h"

#include <string.h>

static const struct span reasons[] = {SPAN("48 of them.")};

static struct fake_wishes wishes(const struct language *l)
{
    return (struct fake_wishes){.to = SPAN("bob@example.net"),
                                .from = SPAN("alice@example.org"),
                                .language = l,
                                .now_ms = 1795519200000};
}

static bool show(struct buffer *out, const char *name, const struct language *l,
                 enum fake_form form)
{
    const struct fake_letter letter = {span_of(name), reasons, COUNT_OF(reasons)};
    const struct fake_wishes w = wishes(l);
    struct error e;
    buffer_clear(out);
    return fake_letter_show(out, &letter, &w, form, &e);
}

static void each_is_shown_in_each_language_and_form(void **state)
{
    const char *name, *what;
    struct buffer english = BUFFER_EMPTY, other = BUFFER_EMPTY;
    for (size_t i = 0; (name = fake_letter_name(i, &what)); i++) {
        assert_true(show(&english, name, NULL, FAKE_TEXT));
        for (size_t n = 1; language_at(n); n++) {
            assert_true(show(&other, name, language_at(n), FAKE_TEXT));
            assert_string_not_equal(buffer_text(&other), buffer_text(&english));
        }
        assert_true(show(&other, name, NULL, FAKE_CARD));
        assert_non_null(strstr(buffer_text(&other), "<html"));
    }
    buffer_free(&english);
    buffer_free(&other);
}

static void it_says_what_it_is_about(void **state)
{
    static const struct {
        const char *name, *says;
    } table[] = {
        {"account-slowed", "Your mail leaves slowly\n"},
        {"account-held", "Recipients whose mail waits: 212"},
        {"account-held", "48 of them."},
        {"account-held", "bob@example.net: Minutes of Monday"},
        {"account-revoked", "Words with which you can warn them"},
        {"forwarding-changed", "sent on to:\n  somebody@example.net\n"},
        {"filters-changed", "The filters of your mail were changed\n"},
        {"password-changed", "The password of your account was changed\n"},
        {"postmaster-held", "plainpost account release alice@example.org"},
        {"postmaster-revoked", "plainpost account restore alice@example.org"},
        {"link-known", "It is known here as harmful."},
        {"link-listed", "list.example"},
        {"link-alike", "looks like example.test"},
        {"link-other", "Its text names example.test"},
        {"shown-addresses", "Your message showed 180 addresses"},
    };
    struct buffer text = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (!show(&text, table[i].name, NULL, FAKE_TEXT) ||
            !strstr(buffer_text(&text), table[i].says))
            fail_msg("%s: no \"%s\" in\n%s", table[i].name, table[i].says, buffer_text(&text));
    buffer_free(&text);
}

static void what_cannot_be_shown_says_why(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    const struct fake_letter none = {.name = SPAN("account-lost")},
                             held = {.name = SPAN("link-known")};
    struct fake_wishes w = wishes(NULL);
    assert_false(fake_letter_show(&out, &none, &w, FAKE_TEXT, &e));
    assert_non_null(strstr(e.text, "--letter account-lost: there is no such letter"));
    w.from = SPAN("alice@somebody.org");
    assert_false(fake_letter_show(&out, &held, &w, FAKE_TEXT, &e));
    assert_non_null(strstr(e.text, "may be somebody's address"));
    assert_int_equal(out.len, 0);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_shown_in_each_language_and_form),
        cmocka_unit_test(it_says_what_it_is_about),
        cmocka_unit_test(what_cannot_be_shown_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
