/* There and back; and as postsrsd 1.10 has written it (with the secret "tops3cr3t", on day 20819).
 */
#include "base/test.h"

#include "auth/srs.h"

#include <string.h>

enum { DAY = 86400 };
static const int64_t now = 20819LL * DAY + 5; /* 1 January 2027 */
static const struct span secrets[] = {SPAN("tops3cr3t"), SPAN("before")};
static const struct srs ours = {SPAN("ours.test"), {secrets, 2}};

static const char *forward(const struct srs *s, const char *sender, struct arena *a)
{
    struct span address;
    return srs_forward(s, span_of(sender), now, &address, a) ? arena_text(a, address) : "";
}

static void senders_become_ours(void **state)
{
    static const struct {
        const char *sender, *starts;
    } cases[] = {
        {"alice@example.org", "SRS0="},
        {"alice+tag=x@example.org", "SRS0="},
        {"SRS0=abcd=EF=example.org=alice@other.test", "SRS1="},
        {"srs0+abcd=EF=example.org=alice@other.test", "SRS1="},
        {"SRS1=wxyz=first.test==abcd=EF=example.org=alice@other.test", "SRS1="},
        {"SRS0@other.test", "SRS0="},                 /* an ordinary address */
        {"SRS1=wxyz=first.test@other.test", "SRS0="}, /* likewise */
        {"alice@ours.test", ""},
        {"Alice@OURS.test", ""},
        {"\"a b\"@example.org", ""},
        {"alice@[192.0.2.1]", ""},
        {"alice", ""},
        {"", ""},
        {"a23456789012345678901234567890123456789@example.org", "SRS0="}, /* 64 octets */
        {"a234567890123456789012345678901234567890@example.org", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span back = SPAN_NONE;
        const char *made = forward(&ours, cases[i].sender, &a);
        if (strncmp(made, cases[i].starts, 5) != 0 || (!cases[i].starts[0] && made[0]))
            fail_msg("%s: %s", cases[i].sender, made);
        if (cases[i].starts[0]) {
            assert_true(strlen(made) <= SRS_LONGEST_LOCAL + sizeof "@ours.test" - 1);
            assert_int_equal(srs_reverse(&ours, span_of(made), now, &back, &a), SRS_IS_TRUE);
            /* The one before us gets back his own. */
            const char *wanted = strncmp(made, "SRS0", 4) == 0 ? cases[i].sender
                                 : strstr(cases[i].sender, "first.test")
                                     ? "SRS0=abcd=EF=example.org=alice@first.test"
                                     : cases[i].sender;
            if (!span_equal_nocase(back, span_of(wanted)))
                fail_msg("%s: %s", made, arena_text(&a, back));
        }
        arena_clear(&a);
    }
}

static void what_comes_back_is_checked(void **state)
{
    static const struct {
        const char *change, *to; /* in the address of alice@example.org */
        int64_t days;
        enum srs_answer answer;
    } cases[] = {
        {"", "", 0, SRS_IS_TRUE},
        {"", "", 21, SRS_IS_TRUE},
        {"", "", 22, SRS_IS_TOO_OLD},
        {"", "", -1, SRS_IS_TRUE},
        {"", "", -2, SRS_IS_TOO_OLD},
        {"", "", 1024, SRS_IS_TRUE},
        {"SRS0=", "srs0-", 0, SRS_IS_TRUE},
        {"SRS0=", "SRS0+", 0, SRS_IS_TRUE},
        {"SRS0=", "SRS0.", 0, SRS_IS_NONE},
        {"SRS0=", "SRS1=", 0, SRS_IS_FORGED},
        {"SRS0=", "SRS0==", 0, SRS_IS_FORGED},
        {"example.org", "EXAMPLE.org", 0, SRS_IS_TRUE},
        {"=alice", "=Alice", 0, SRS_IS_TRUE},
        {"=alice", "=carol", 0, SRS_IS_FORGED},
        {"=alice", "=", 0, SRS_IS_FORGED},
        {"=alice", "", 0, SRS_IS_FORGED},
        {"example.org", "example.net", 0, SRS_IS_FORGED},
        {"@ours.test", "@other.test", 0, SRS_IS_NONE},
        {"@ours.test", "@OURS.TEST", 0, SRS_IS_TRUE},
        {"@ours.test", "", 0, SRS_IS_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span back;
        const char *made = forward(&ours, "alice@example.org", &a);
        const char *at = strstr(made, cases[i].change);
        assert_non_null(at);
        struct span changed = arena_printf(&a, "%.*s%s%s", (int)(at - made), made, cases[i].to,
                                           at + strlen(cases[i].change));
        enum srs_answer answer = srs_reverse(&ours, changed, now + cases[i].days * DAY, &back, &a);
        if (answer != cases[i].answer)
            fail_msg("case %zu: %s: %d", i, arena_text(&a, changed), (int)answer);
        arena_clear(&a);
    }
}

static void old_secrets_are_good_for_checking(void **state)
{
    const struct srs before = {ours.domain, {&secrets[1], 1}}, after = {ours.domain, {secrets, 1}};
    struct arena a = ARENA_EMPTY;
    struct span back, made = span_of(forward(&before, "alice@example.org", &a));
    assert_int_equal(srs_reverse(&ours, made, now, &back, &a), SRS_IS_TRUE);
    assert_int_equal(srs_reverse(&after, made, now, &back, &a), SRS_IS_FORGED);
    arena_clear(&a);
}

static void as_postsrsd_has_it(void **state)
{
    static const struct {
        const char *sender, *made;
    } cases[] = {
        {"alice@example.org", "SRS0=PF9X=KT=example.org=alice@ours.test"},
        {"Bob.Smith+x=y@Sub.Example.NET", "SRS0=tmjr=KT=Sub.Example.NET=Bob.Smith+x=y@ours.test"},
        {"SRS0=abcd=EF=example.org=alice@other.test",
         "SRS1=90za=other.test==abcd=EF=example.org=alice@ours.test"},
        {"srs0+abcd=EF=example.org=alice@other.test",
         "SRS1=8m6W=other.test=+abcd=EF=example.org=alice@ours.test"},
        {"SRS1=wxyz=first.test==abcd=EF=example.org=alice@other.test",
         "SRS1=v6si=first.test==abcd=EF=example.org=alice@ours.test"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        assert_string_equal(forward(&ours, cases[i].sender, &a), cases[i].made);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(senders_become_ours),
        cmocka_unit_test(what_comes_back_is_checked),
        cmocka_unit_test(old_secrets_are_good_for_checking),
        cmocka_unit_test(as_postsrsd_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
