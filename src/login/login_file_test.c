#include "base/test.h"

#include "login/login_file.h"

#include <string.h>

#define HASH "$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"
#define OTHER "$argon2id$v=19$m=65536,t=2,p=1$b3RoZXJzYWx0$b3RoZXI"
#define BEFORE                                                                                     \
    "# Ours\n\nalice@example.org " HASH " sender=sales@example.org app=phone:one app=desk:two\n"   \
    "bob@example.org   " HASH "  \n"

static const struct span senders[] = {SPAN("@example.net"), SPAN("*")};

/* clang-format off */
static const struct {
    struct login_edit edit;
    enum login_edited result;
    const char *after; /* NULL: does not matter */
} cases[] = {
    {{.name = SPAN("Alice@Example.org"), .password = SPAN(OTHER)}, LOGIN_CHANGED,
     "# Ours\n\nalice@example.org " OTHER " sender=sales@example.org app=phone:one app=desk:two\n"
     "bob@example.org   " HASH "  \n"},
    {{.name = SPAN("alice@example.org"), .senders = senders, .sender_count = 2}, LOGIN_CHANGED,
     "# Ours\n\nalice@example.org " HASH " sender=@example.net sender=* app=phone:one app=desk:two\n"
     "bob@example.org   " HASH "  \n"},
    {{.name = SPAN("alice@example.org"), .senders = senders, .sender_count = 0}, LOGIN_CHANGED,
     "# Ours\n\nalice@example.org " HASH " app=phone:one app=desk:two\nbob@example.org   " HASH "  \n"},
    {{.name = SPAN("alice@example.org"), .label = SPAN("phone")}, LOGIN_CHANGED,
     "# Ours\n\nalice@example.org " HASH " sender=sales@example.org app=desk:two\nbob@example.org   " HASH "  \n"},
    {{.name = SPAN("alice@example.org"), .label = SPAN("phone"), .app_word = SPAN("app=phone:new")}, LOGIN_CHANGED,
     "# Ours\n\nalice@example.org " HASH " sender=sales@example.org app=desk:two app=phone:new\n"
     "bob@example.org   " HASH "  \n"},
    {{.name = SPAN("bob@example.org"), .label = SPAN("phone")}, LOGIN_HAS_NO_APP, NULL},
    {{.name = SPAN("alice@example.org"), .is_removed = true}, LOGIN_CHANGED,
     "# Ours\n\nbob@example.org   " HASH "  \n"},
    {{.name = SPAN("carol@example.org"), .password = SPAN(OTHER), .senders = senders, .sender_count = 1}, LOGIN_ADDED,
     BEFORE "carol@example.org " OTHER " sender=@example.net\n"},
    {{.name = SPAN("carol@example.org"), .is_removed = true}, LOGIN_ADDED, BEFORE},
};
/* clang-format on */

static void edits(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct error e;
        struct login_edit edit = cases[i].edit;
        assert_int_equal(login_file_edit(&out, SPAN(BEFORE), &edit, &e), cases[i].result);
        if (cases[i].after && strcmp(buffer_text(&out), cases[i].after))
            fail_msg("row %zu: %s", i, buffer_text(&out));
        buffer_free(&out);
    }
}

static void a_fault_is_told(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct login_line l;
    struct error e;
    struct login_edit edit = {.name = SPAN("bob"), .is_removed = true};
    assert_int_equal(login_file_edit(&out, SPAN("alice\nbob nonsense\n"), &edit, &e),
                     LOGIN_UNREADABLE);
    assert_non_null(strstr(e.text, "line 2: "));
    assert_int_equal(login_file_find(SPAN("alice\nbob nonsense\n"), SPAN("carol"), &l, &e), -1);
    assert_int_equal(login_file_find(SPAN(BEFORE), SPAN("BOB@example.org"), &l, &e), 1);
    assert_int_equal(login_file_find(SPAN(BEFORE), SPAN("carol"), &l, &e), 0);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(edits), cmocka_unit_test(a_fault_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
