#include "base/test.h"

#include "transport/mta_sts.h"

static void records_are_found(void **state)
{
    static const struct {
        const char *texts[3], *id; /* NULL: no policy */
    } cases[] = {
        {{"v=STSv1; id=20160831085700Z;"}, "20160831085700Z"},
        {{"v=STSv1; id=20160831085700Z"}, "20160831085700Z"},
        {{"v=STSv1;id=1"}, "1"},
        {{"v=STSv1 ;  id = 1 ; "}, "1"},
        {{"v=STSv1; new=thing; id=a1;"}, "a1"},
        {{"v=STSv1; id=12345678901234567890123456789012"}, "12345678901234567890123456789012"},
        {{"v=spf1 -all", "v=STSv1; id=1;", "hello"}, "1"},
        {{"v=STSv1; id=1;", "v=STSv1; id=1;"}, NULL}, /* RFC 8461 3.1: not exactly one */
        {{"v=STSv1; id=1;", "v=STSv2; id=2;"}, "1"},
        {{"v=STSv1; id=123456789012345678901234567890123"}, NULL},
        {{"v=STSv1; id=a-b"}, NULL},
        {{"v=STSv1; id="}, NULL},
        {{"v=STSv1;"}, NULL},
        {{"v=STSv1"}, NULL},
        {{"v=STSv10; id=1"}, NULL},
        {{"V=STSv1; id=1"}, NULL},
        {{"id=1; v=STSv1"}, NULL},
        {{""}, NULL},
        {{NULL}, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span texts[3], id = SPAN_NONE;
        size_t count = 0;
        while (count < 3 && cases[i].texts[count]) {
            texts[count] = span_of(cases[i].texts[count]);
            count++;
        }
        bool ok = sts_record_find(texts, count, &id);
        if (ok != (cases[i].id != NULL) || (ok && !span_equal(id, span_of(cases[i].id))))
            fail_msg("case %zu: %d \"%.*s\"", i, ok, SPAN_F(id));
    }
}

/* As "mode max_age mx mx", or what is wrong. */
static void describe(struct buffer *out, bool ok, const struct sts_policy *p, const struct error *e)
{
    static const char *const modes[] = {"none", "testing", "enforce"};
    buffer_clear(out);
    if (!ok) {
        buffer_printf(out, "!%s", e->text);
        return;
    }
    buffer_printf(out, "%s %u", modes[p->mode], p->max_age);
    for (size_t i = 0; i < p->mx_count; i++)
        buffer_printf(out, " %.*s", SPAN_F(p->mx[i]));
}

static void policies_are_read(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n"
         "mx: backupmx.example.com\r\nmax_age: 604800\r\n",
         "enforce 604800 mail.example.com *.example.net backupmx.example.com"},
        {"version: STSv1\nmode: testing\nmx: a.example\nmax_age: 86400", "testing 86400 a.example"},
        {"version:STSv1\nmode:none\nmax_age:0", "none 0"},
        {"\n version : STSv1 \n\nmode: none\nmax_age: 60\n\n", "none 60"},
        {"version: STSv1\nmode: none\nmode: enforce\nmax_age: 1\nmax_age: x\nversion: y\n",
         "none 1"},
        {"version: STSv1\nmode: none\nmax_age: 9999999999\n", "none 31557600"},
        {"version: STSv1\nmode: none\nmax_age: 1\nfuture_thing: any: words\n", "none 1"},
        {"max_age: 1\nmx: a.example\nmode: enforce\nversion: STSv1", "enforce 1 a.example"},
        {"mode: none\nmax_age: 1", "!it has no line \"version:\""},
        {"version: STSv1\nmax_age: 1", "!it has no line \"mode:\""},
        {"version: STSv1\nmode: none", "!it has no line \"max_age:\""},
        {"version: STSv1\nmode: testing\nmax_age: 1", "!it has no line \"mx:\""},
        {"version: STSv2\nmode: none\nmax_age: 1", "!its version is \"STSv2\", and not STSv1"},
        {"version: STSv1\nmode: Enforce\nmax_age: 1", "!its mode \"Enforce\" is not known"},
        {"version: STSv1\nmode: none\nmax_age: -1", "!its max_age \"-1\" is no number of seconds"},
        {"version: STSv1\nmode: none\nmax_age: 10000000000",
         "!its max_age \"10000000000\" is no number of seconds"},
        {"version: STSv1\nmode: enforce\nmx: *.*.example\nmax_age: 1",
         "!its mail server \"*.*.example\" is no name of a host"},
        {"version: STSv1\nmode: enforce\nmx: [192.0.2.1]\nmax_age: 1",
         "!its mail server \"[192.0.2.1]\" is no name of a host"},
        {"<html>\n<title>Not found</title>",
         "!the line \"<html>\" is not written as \"name: value\""},
        {"", "!it has no line \"version:\""},
    };
    struct buffer got = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct error e;
        struct sts_policy p;
        bool ok = sts_policy_parse(&p, span_of(cases[i].text), &a, &e);
        describe(&got, ok, &p, &e);
        if (!span_equal(buffer_span(&got), span_of(cases[i].want)))
            fail_msg("case %zu: %s", i, buffer_text(&got));
        arena_clear(&a);
    }
    buffer_free(&got);
}

static void a_policy_of_any_length_is_bounded(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct sts_policy p;
    struct error e;
    buffer_add_text(&text, "version: STSv1\nmode: enforce\nmax_age: 1\n");
    for (int i = 0; i < STS_MOST_MX + 5; i++)
        buffer_printf(&text, "mx: mx%d.example\n", i);
    assert_true(sts_policy_parse(&p, buffer_span(&text), &a, &e));
    assert_int_equal(p.mx_count, STS_MOST_MX);
    while (text.len <= STS_LONGEST_POLICY)
        buffer_add_text(&text, "x: y\n");
    assert_false(sts_policy_parse(&p, buffer_span(&text), &a, &e));
    assert_string_equal(e.text, "it is longer than 64 KiB");
    buffer_free(&text);
    arena_clear(&a);
}

static void hosts_match(void **state)
{
    static const struct {
        const char *pattern, *host;
        bool matches;
    } cases[] = {
        {"mx.example.org", "mx.example.org", true},
        {"mx.example.org", "MX.example.ORG", true},
        {"mx.example.org", "mx.example.org.", true},
        {"mx.example.org", "mx2.example.org", false},
        {"mx.example.org", "a.mx.example.org", false},
        {"*.example.org", "mx.example.org", true},
        {"*.Example.org", "mx.example.org", true},
        {"*.example.org", "a.mx.example.org", false}, /* one label only */
        {"*.example.org", "example.org", false},
        {"*.example.org", ".example.org", false},
        {"*.example.org", "mxexample.org", false},
        {"*.example.org", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span pattern = span_of(cases[i].pattern);
        struct sts_policy p = {.mx = &pattern, .mx_count = 1};
        if (sts_policy_has_host(&p, span_of(cases[i].host)) != cases[i].matches)
            fail_msg("%s: %s", cases[i].pattern, cases[i].host);
    }
}

enum { DAY = 86400, MINUTE = 60 };

/* Times in seconds before now. "uses", "fetches", "waits". */
static void plans_are_made(void **state)
{
    static const struct {
        const char *known_id; /* NULL: no policy */
        int64_t fetched_ago;
        uint32_t max_age;
        int64_t tried_ago;  /* 0: never */
        const char *record; /* NULL: none */
        const char *want;
    } cases[] = {
        {NULL, 0, 0, 0, NULL, "---"},
        {NULL, 0, 0, 0, "1", "-fw"},
        {NULL, 0, 0, 4 * MINUTE, "1", "---"},
        {NULL, 0, 0, 5 * MINUTE, "1", "-fw"},
        {"1", 60, 7 * DAY, 0, "1", "u--"},
        {"1", 60, 7 * DAY, 0, NULL, "u--"}, /* who takes the record away takes nothing away */
        {"1", 60, 7 * DAY, 0, "2", "ufw"},
        {"1", 60, 7 * DAY, 1, "2", "u--"}, /* the new one can't be had just now */
        {"1", DAY - 1, 7 * DAY, 0, "1", "u--"},
        {"1", DAY, 7 * DAY, 0, "1", "uf-"},
        {"1", DAY, 7 * DAY, 0, NULL, "uf-"},
        {"1", DAY, 7 * DAY, MINUTE, "1", "u--"},
        {"1", DAY / 4, DAY, 0, "1", "u--"},
        {"1", DAY / 2, DAY, 0, "1", "uf-"}, /* in time, though it lives for a day only */
        {"1", 7 * DAY - 1, 7 * DAY, 0, "1", "uf-"},
        {"1", 7 * DAY, 7 * DAY, 0, "1", "-fw"},
        {"1", 7 * DAY, 7 * DAY, 0, NULL, "---"},
        {"1", 1, 0, 0, "1", "-fw"},          /* max_age 0 */
        {"1", -DAY, 7 * DAY, 0, "1", "uf-"}, /* fetched in the future: the clock was put back */
        {"1", 60, 7 * DAY, -DAY, "2", "ufw"},
    };
    const int64_t now = 1000 * (int64_t)DAY * 1000;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sts_memory m = {.max_age = cases[i].max_age};
        struct sts_record r = {cases[i].record != NULL, span_of(cases[i].record)};
        if (cases[i].known_id) {
            m.id = span_of(cases[i].known_id);
            m.fetched_ms = now - cases[i].fetched_ago * 1000;
        }
        if (cases[i].tried_ago)
            m.tried_ms = now - cases[i].tried_ago * 1000;
        struct sts_plan plan = sts_plan_make(&m, &r, now);
        char got[] = {plan.uses_policy ? 'u' : '-', plan.fetches ? 'f' : '-',
                      plan.waits ? 'w' : '-', 0};
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("case %zu: %s, wanted %s", i, got, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_found),
        cmocka_unit_test(policies_are_read),
        cmocka_unit_test(a_policy_of_any_length_is_bounded),
        cmocka_unit_test(hosts_match),
        cmocka_unit_test(plans_are_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
