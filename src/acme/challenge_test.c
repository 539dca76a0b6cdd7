/* Only what an authority was promised is answered, and nothing else that lies there. */
#include "base/test.h"

#include "acme/challenge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[] = "/tmp/challenge_test.XXXXXX";
static char folder[sizeof place + 20];

static int begin(void **state)
{
    struct error e;
    if (!mkdtemp(place))
        return -1;
    snprintf(folder, sizeof folder, "%s/challenges", place);
    setenv("PLAINPOST_ACME_CHALLENGES", folder, 1);
    return challenge_clear(folder, &e) ? 0 : -1;
}

static int end(void **state)
{
    return rmdir(folder) + rmdir(place);
}

static int hook(const char *method, const char *type, const char *token, const char *answer)
{
    const char *words[] = {"/x/" CHALLENGE_HOOK, method, type, "mx.test", token, answer, NULL};
    return challenge_hook(6, (char **)(uintptr_t)words);
}

static bool answers(const char *token, const char *with)
{
    struct buffer out = BUFFER_EMPTY;
    bool does = challenge_answer(folder, span_of(token), &out);
    if (does)
        assert_string_equal(buffer_text(&out), with);
    buffer_free(&out);
    return does;
}

static void an_answer_is_there_while_it_is_wanted(void **state)
{
    struct stat st;
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_false(answers("to-ken_1", ""));
    assert_int_equal(hook("begin", "http-01", "to-ken_1", "to-ken_1.key"), 0);
    assert_true(answers("to-ken_1", "to-ken_1.key"));
    assert_false(answers("to-ken_2", ""));
    assert_int_equal(hook("done", "http-01", "to-ken_1", "to-ken_1.key"), 0);
    assert_false(answers("to-ken_1", ""));
    assert_int_equal(hook("begin", "http-01", "left", "over"), 0);
    struct error e;
    assert_true(challenge_clear(folder, &e));
    assert_false(answers("left", ""));
}

static void what_is_no_token_is_no_path(void **state)
{
    static const char *const bad[] = {"", ".", "..", "../x", "a/b", "a.b", "a b", "ä"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(challenge_is_token(span_of(bad[i])));
        assert_false(answers(bad[i], ""));
        assert_int_equal(hook("begin", "http-01", bad[i], "x"), 1);
    }
    assert_false(challenge_is_token(span_make(place, 1000)));
}

static void other_challenges_are_not_taken(void **state)
{
    assert_int_equal(hook("begin", "dns-01", "token", "x"), 1);
    assert_int_equal(hook("begin", "tls-alpn-01", "token", "x"), 1);
    assert_false(answers("token", ""));
    assert_int_equal(challenge_hook(2, (char *[]){folder, folder, NULL}), 1);
}

static void the_hook_is_known_by_its_name(void **state)
{
    assert_true(challenge_is_hook("acme-hook"));
    assert_true(challenge_is_hook("/var/lib/plainpost/acme/acme-hook"));
    assert_false(challenge_is_hook("/usr/bin/plainpost"));
    assert_false(challenge_is_hook("/acme-hook/plainpost"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_there_while_it_is_wanted),
        cmocka_unit_test(what_is_no_token_is_no_path),
        cmocka_unit_test(other_challenges_are_not_taken),
        cmocka_unit_test(the_hook_is_known_by_its_name),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
