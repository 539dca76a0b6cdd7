/* Senders of others as addresses of ours, our own signed return paths, the secrets behind both, and
 * what a report to one of them leads to. */
#include "base/test.h"

#include "address/expand.h"
#include "address/returns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/plainpost-returns-XXXXXX";
static char users[sizeof folder + 24], secrets[sizeof folder + 24], tags[sizeof folder + 24];

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    chmod(path, mode);
}

static int make_folder(void **state)
{
    if (!mkdtemp(folder))
        return 1;
    snprintf(users, sizeof users, "%s/users", folder);
    snprintf(secrets, sizeof secrets, "%s/srs-secrets", folder);
    snprintf(tags, sizeof tags, "%s/return-path-secrets", folder);
    write_file(users, "domain home.test\nalice@home.test\n", 0600);
    return 0;
}

static int remove_folder(void **state)
{
    unlink(users);
    unlink(secrets);
    return rmdir(folder);
}

static int remove_secrets(void **state)
{
    unlink(secrets);
    unlink(tags);
    return 0;
}

static void options(struct options *o)
{
    options_defaults(o);
    o->users = span_of(users);
    o->state = span_of(folder);
    o->srs = SPAN("srs.test");
}

static struct directory *load(const struct options *o)
{
    struct file_marks marks = {0};
    struct error e = {""};
    struct directory *d = directory_load(o, &marks, &e);
    if (!d)
        fail_msg("%s", e.text);
    file_marks_free(&marks);
    return d;
}

static size_t lines_of_secrets(char *first)
{
    char line[200];
    size_t count = 0;
    FILE *f = fopen(secrets, "r");
    assert_non_null(f);
    for (; fgets(line, sizeof line, f); count += line[0] != '\n')
        if (!count)
            memcpy(first, line, sizeof line);
    fclose(f);
    return count;
}

static void secrets_take_turns(void **state)
{
    struct options o;
    struct error e;
    struct stat found;
    char first[200], second[200], now[200];
    options(&o);
    assert_true(returns_keep_secrets(&o, &e));
    assert_int_equal(lines_of_secrets(first), 1);
    assert_true(stat(secrets, &found) == 0 && (found.st_mode & 0777) == 0600);
    assert_true(returns_keep_secrets(&o, &e)); /* it is young */
    assert_int_equal(lines_of_secrets(now), 1);
    assert_string_equal(now, first);
    struct timeval month_ago[2] = {{found.st_mtim.tv_sec - 31 * 86400, 0},
                                   {found.st_mtim.tv_sec - 31 * 86400, 0}};
    utimes(secrets, month_ago);
    assert_true(returns_keep_secrets(&o, &e));
    assert_int_equal(lines_of_secrets(second), 2);
    assert_string_not_equal(second, first);
    utimes(secrets, month_ago);
    assert_true(returns_keep_secrets(&o, &e)); /* the first has gone */
    assert_int_equal(lines_of_secrets(now), 2);
    assert_string_not_equal(now, second);
    options_free(&o);
}

static void secrets_of_others_are_left_alone(void **state)
{
    struct options o;
    struct error e;
    options(&o);
    o.srs_secrets = span_of(secrets);
    assert_false(returns_keep_secrets(&o, &e));
    assert_non_null(strstr(e.text, "cannot read"));
    write_file(secrets, "ours\n", 0644);
    assert_false(returns_keep_secrets(&o, &e));
    assert_non_null(strstr(e.text, "can be read or written by others"));
    chmod(secrets, 0600);
    struct timeval once[2] = {{1000, 0}, {1000, 0}};
    utimes(secrets, once);
    assert_true(returns_keep_secrets(&o, &e));
    char first[200];
    assert_int_equal(lines_of_secrets(first), 1);
    assert_string_equal(first, "ours\n");
    write_file(secrets, "\n\n", 0600);
    struct file_marks marks = {0};
    assert_null(directory_load(&o, &marks, &e));
    assert_non_null(strstr(e.text, "there is no secret in"));
    file_marks_free(&marks);
    options_free(&o);
}

/* What `address` leads to in a message from `sender`; empty: it stands alone. */
static struct span expanded(struct directory *d, const char *sender, struct span address,
                            struct arena *a)
{
    struct recipient r = {.address = address};
    struct envelope e = {.reverse_path = span_of(sender), .recipients = &r, .recipient_count = 1};
    if (!expand_recipients(d, &e, a))
        return SPAN_NONE;
    assert_int_equal(e.recipient_count, 2);
    assert_true(e.recipients[0].is_expanded && e.recipients[1].parent == 1);
    assert_true(envelope_is_sent_on(&e, 1) && !envelope_is_sent_on(&e, 0));
    return e.recipients[1].address;
}

static void a_report_goes_on_to_the_sender(void **state)
{
    struct options o;
    struct arena a = ARENA_EMPTY;
    struct span address, back;
    struct error e;
    options(&o);
    struct directory *none = load(&o); /* who can't read the secrets, or before there are any */
    assert_false(returns_sender(none, SPAN("bob@example.org"), &address, &a));
    assert_int_equal(returns_find(none, SPAN("SRS0=a=b=c=d@srs.test"), &back, &a), SRS_IS_NONE);
    directory_unref(&none);
    assert_true(returns_keep_secrets(&o, &e));
    struct directory *d = load(&o);
    assert_true(returns_sender(d, SPAN("bob@example.org"), &address, &a));
    assert_true(span_ends_nocase(address, SPAN("=example.org=bob@srs.test")));
    assert_true(span_equal(expanded(d, "", address, &a), SPAN("bob@example.org")));
    assert_true(span_equal(expanded(d, "eve@example.net", address, &a), SPAN_NONE));
    assert_true(
        span_equal(expanded(d, "", SPAN("SRS0=AAAA=BB=example.org=bob@srs.test"), &a), SPAN_NONE));
    directory_unref(&d);
    arena_clear(&a);
    options_free(&o);
}

static enum return_path path_for(const char *text, const char *sender, const char *recipient)
{
    struct options o;
    struct error e = {""};
    if (!options_parse(&o, "test", span_of(text), &e))
        fail_msg("%s", e.text);
    enum return_path path = returns_path_for(&o, span_of(sender), span_of(recipient));
    options_free(&o);
    return path;
}

static void the_options_say_whose_return_path_is_signed(void **state)
{
#define ON "sign-return-paths home.test\n"
    static const struct {
        const char *options, *sender, *recipient;
        enum return_path path;
    } cases[] = {
        {"", "alice@home.test", "bob@b.test", RETURN_PATH_PLAIN},
        {ON, "alice@home.test", "bob@b.test", RETURN_PATH_TAGGED},
        {ON, "Alice@HOME.test", "bob@b.test", RETURN_PATH_TAGGED},
        {ON, "alice@other.test", "bob@home.test", RETURN_PATH_PLAIN},
        {"sign-return-paths *\n", "alice@other.test", "bob@b.test", RETURN_PATH_TAGGED},
        {"sign-return-paths alice@home.test\n", "carol@home.test", "bob@b.test", RETURN_PATH_PLAIN},
        {ON "sign-return-paths-steady b.test\n", "alice@home.test", "bob@b.test",
         RETURN_PATH_STEADY},
        {ON "sign-return-paths-steady b.test\n", "alice@home.test", "bob@c.test",
         RETURN_PATH_TAGGED},
        {ON "sign-return-paths-steady from:alice@home.test\n", "alice@home.test", "bob@c.test",
         RETURN_PATH_STEADY},
        {ON "sign-return-paths-except b.test\n", "alice@home.test", "bob@b.test",
         RETURN_PATH_PLAIN},
        {ON "sign-return-paths-except from:alice@home.test\n", "alice@home.test", "bob@b.test",
         RETURN_PATH_PLAIN},
        {ON "sign-return-paths-steady *\nsign-return-paths-except b.test\n", "alice@home.test",
         "bob@b.test", RETURN_PATH_PLAIN},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (path_for(cases[i].options, cases[i].sender, cases[i].recipient) != cases[i].path)
            fail_msg("case %zu: %s", i, cases[i].options);
}

static void a_signed_return_path_leads_to_its_sender(void **state)
{
    struct options o;
    struct arena a = ARENA_EMPTY;
    struct return_tag tag;
    struct span address, matches[] = {SPAN("home.test")};
    struct error e;
    struct returns_mail m = {.sender = SPAN("alice@home.test"),
                             .recipient = SPAN("bob@b.test"),
                             .queue_id = SPAN("1k18vnm3nvg"),
                             .accepted_ms = 1};
    options(&o);
    o.return_paths.signs = matches;
    o.return_paths.sign_count = 1;
    struct directory *none = load(&o);
    assert_false(returns_sign(none, &o, &m, &address, &a));
    directory_unref(&none);
    assert_true(returns_keep_secrets(&o, &e));
    struct directory *d = load(&o);
    assert_true(returns_sign(d, &o, &m, &address, &a));
    assert_int_equal(returns_check(d, address, &tag, &a), RETURN_TAG_TRUE);
    assert_true(span_equal(tag.id, m.queue_id));
    assert_true(span_equal(expanded(d, "", address, &a), m.sender));
    assert_true(span_equal(expanded(d, "robot@b.test", address, &a), m.sender));
    assert_int_equal(returns_check(d, m.sender, &tag, &a), RETURN_TAG_NONE);
    o.return_paths.steady = matches; /* not for bob */
    o.return_paths.steady_count = 1;
    assert_true(returns_sign(d, &o, &m, &address, &a));
    m.recipient = SPAN("bob@home.test");
    assert_true(returns_sign(d, &o, &m, &address, &a));
    assert_int_equal(returns_check(d, address, &tag, &a), RETURN_TAG_TRUE);
    assert_true(tag.is_steady && returns_is_for(d, &tag, SPAN("home.test")));
    assert_false(returns_is_for(d, &tag, SPAN("b.test")));
    directory_unref(&d);
    arena_clear(&a);
    o.return_paths.signs = o.return_paths.steady = NULL;
    options_free(&o);
}

static void since_when_all_leaves_signed(void **state)
{
#define MONTH 2600000
#define LONG_NAME "a123456789b123456789c123456789d123456789"
    static const struct {
        const char *options, *sender, *recipient;
        int64_t age_s; /* of the file */
        const char *secrets;
        bool may, may_in_file_of_others; /* a notice now come to the plain address */
    } cases[] = {
        {ON, "alice@home.test", "bob@b.test", MONTH, "ours\n", false, false},
        {ON, "Alice@Home.test", "bob@b.test", MONTH, "ours\n", false, false},
        {ON, "alice@home.test", "bob@b.test", 27 * 86400, "ours\n", true, true},
        {ON, "alice@home.test", "bob@b.test", 0, "new\nours\n", false, true},
        {ON, "alice@home.test", "bob@home.test", MONTH, "ours\n", true, true},
        {ON, "alice@other.test", "bob@b.test", MONTH, "ours\n", true, true},
        {"sign-return-paths *\n", "alice@other.test", "bob@b.test", MONTH, "ours\n", true, true},
        {ON, "list-bounces@home.test", "bob@b.test", MONTH, "ours\n", true, true},
        {ON, "alice+" LONG_NAME "@home.test", "bob@b.test", MONTH, "ours\n", true, true},
        {ON "sign-return-paths-steady *\n", "alice@home.test", "bob@b.test", MONTH, "ours\n", false,
         false},
        {ON "sign-return-paths-except b.test\n", "alice@home.test", "bob@b.test", MONTH, "ours\n",
         true, true},
        {ON "sign-return-paths-except from:alice@home.test\n", "alice@home.test", "bob@c.test",
         MONTH, "ours\n", true, true},
        {"", "alice@home.test", "bob@b.test", MONTH, "ours\n", true, true},
        /* to whomever */
        {ON, "alice@home.test", "", MONTH, "ours\n", false, false},
        {ON, "alice@home.test", "", 27 * 86400, "ours\n", true, true},
        {ON "sign-return-paths-except b.test\n", "alice@home.test", "", MONTH, "ours\n", true,
         true},
        {ON "sign-return-paths-except from:alice@home.test\n", "alice@home.test", "", MONTH,
         "ours\n", true, true},
        {ON "sign-return-paths-except from:bob@home.test\n", "alice@home.test", "", MONTH, "ours\n",
         false, false},
        {ON "sign-return-paths-except *\n", "alice@home.test", "", MONTH, "ours\n", true, true},
        {"", "alice@home.test", "", MONTH, "ours\n", true, true},
    };
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        bool is_of_others = i % 2;
        struct options o;
        struct error e = {""};
        if (!options_parse(&o, "test", span_of(cases[i / 2].options), &e))
            fail_msg("%s", e.text);
        o.users = span_of(users);
        o.state = span_of(folder);
        o.return_paths.secrets = is_of_others ? span_of(tags) : SPAN_NONE;
        write_file(tags, cases[i / 2].secrets, 0600);
        time_t at = time(NULL) - (time_t)cases[i / 2].age_s;
        utimes(tags, (struct timeval[]){{at, 0}, {at, 0}});
        struct directory *d = load(&o);
        bool may = returns_signed_since_ms(d, span_of(cases[i / 2].sender),
                                           span_of(cases[i / 2].recipient)) >
                   (time(NULL) - INT64_C(28) * 86400) * 1000;
        if (may != (is_of_others ? cases[i / 2].may_in_file_of_others : cases[i / 2].may))
            fail_msg("case %zu", i / 2);
        directory_unref(&d);
        options_free(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(secrets_take_turns, remove_secrets),
        cmocka_unit_test_teardown(secrets_of_others_are_left_alone, remove_secrets),
        cmocka_unit_test_teardown(a_report_goes_on_to_the_sender, remove_secrets),
        cmocka_unit_test(the_options_say_whose_return_path_is_signed),
        cmocka_unit_test_teardown(a_signed_return_path_leads_to_its_sender, remove_secrets),
        cmocka_unit_test_teardown(since_when_all_leaves_signed, remove_secrets),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
