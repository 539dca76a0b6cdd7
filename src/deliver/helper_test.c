/* A helper whose server asks for what it must not have. What it may do stands in its configuration.
 * (What it does do as other users is tested end to end, as root.) */
#define _GNU_SOURCE
#include "base/test.h"

#include "deliver/helper.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct options options;
static struct directory *directory;
static struct arena arena;

static int set_up(void **state)
{
    static const char users[] = "domain host.test system least-uid 1\nalice@home.test\n";
    struct error e;
    options_defaults(&options);
    options.deliver_as = DELIVER_AS_YES;
    directory = directory_parse("users", span_of(users), &options, &e);
    return directory ? 0 : -1;
}

static int tear_down(void **state)
{
    directory_unref(&directory);
    options_free(&options);
    arena_clear(&arena);
    return 0;
}

static struct as_result ask(struct helper *h, struct as_request r)
{
    struct as_result result = {0};
    struct error e = {0};
    int message = memfd_create("message", MFD_CLOEXEC);
    r.sender = SPAN("x@example.org");
    r.now_ms = 1795520643000;
    if (!helper_ask(h, &r, message, 20000, &result, &arena, &e))
        fail_msg("%s", e.text);
    close(message);
    return result;
}

static void what_is_not_configured_is_not_done(void **state)
{
    static const struct {
        struct as_request request;
        const char *log;
    } cases[] = {
        {{AS_USER, SPAN("root"), SPAN(""), .recipient = SPAN("root@host.test")}, "not allow"},
        {{AS_MAILBOX, SPAN("root"), SPAN(""), .recipient = SPAN("root@host.test")}, "not allow"},
        {{AS_ENTRY, SPAN("root"), SPAN("|id"), .recipient = SPAN("root@host.test")}, "not allow"},
        /* a domain that is not the system's, and none at all */
        {{AS_USER, SPAN("daemon"), SPAN(""), .recipient = SPAN("daemon@home.test")}, "not allow"},
        {{AS_MAILBOX, SPAN("daemon"), SPAN(""), .recipient = SPAN("")}, "not allow"},
        {{AS_USER, SPAN("no such user"), SPAN(""), .recipient = SPAN("x@host.test")}, "no user"},
        {{AS_USER, SPAN(""), SPAN(""), .recipient = SPAN("x@host.test")}, "no user"},
        /* commands of aliases have a user of their own, and here there is none, whoever is named */
        {{AS_COMMAND, SPAN("daemon"), SPAN("|id"), .recipient = SPAN("x@host.test")}, "no user"},
    };
    struct error e;
    struct helper *h = helper_start(&options, directory, &e);
    assert_non_null(h);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct as_result r = ask(h, cases[i].request);
        assert_int_equal(r.outcome.kind, OUTCOME_DELAYED);
        if (span_find(r.log, span_of(cases[i].log)) == SPAN_NOT_FOUND)
            fail_msg("case %zu: %.*s", i, SPAN_F(r.log));
    }
    helper_free(&h);
    assert_null(h);
}

static void root_is_never_the_user_of_commands(void **state)
{
    struct error e;
    options.command_user = SPAN("root");
    struct helper *h = helper_start(&options, directory, &e);
    assert_non_null(h);
    struct as_result r = ask(h, (struct as_request){AS_COMMAND, SPAN_NONE, SPAN("|id"),
                                                    .recipient = SPAN("x@host.test")});
    assert_int_equal(r.outcome.kind, OUTCOME_DELAYED);
    assert_true(span_find(r.log, SPAN("not allow")) != SPAN_NOT_FOUND);
    helper_free(&h);
    options.command_user = SPAN_NONE;
}

static void nobody_waits_for_a_helper_that_is_stopped(void **state)
{
    struct as_result result;
    struct error e = {0};
    struct helper *h = helper_start(&options, directory, &e);
    assert_non_null(h);
    helper_stop(h);
    struct as_request r = {AS_USER, SPAN("root"), SPAN_NONE, .recipient = SPAN("root@host.test")};
    assert_false(helper_ask(h, &r, 0, 20000, &result, &arena, &e));
    assert_string_equal(e.text, "");
    helper_free(&h);
    char text[40000];
    memset(text, 'x', sizeof text);
    h = helper_start(&options, directory, &e);
    r.text = span_make(text, sizeof text); /* longer than a message of the socket may be */
    assert_false(helper_ask(h, &r, 0, 20000, &result, &arena, &e));
    assert_non_null(strstr(e.text, "longer"));
    helper_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_configured_is_not_done),
        cmocka_unit_test(root_is_never_the_user_of_commands),
        cmocka_unit_test(nobody_waits_for_a_helper_that_is_stopped),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
