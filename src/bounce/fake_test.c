/* Each notice of each system, read as `plainpost explain` reads it: it is to find what was to be
 * said. Where a system does not tell all of it, there is less to find, and here is why. */
#include "base/test.h"

#include "bounce/fake_inside.h"
#include "bounce/read.h"

#include <string.h>

static const struct fake_wishes usual = {.system = FAKE_POSTFIX,
                                         .kind = NOTICE_FAILURE,
                                         .cause = {CAUSE_INBOX_FULL, VARIANT_NONE},
                                         .to = SPAN("bob@example.net"),
                                         .from = SPAN("alice@example.org"),
                                         .now_ms = 1795510000000};

static struct span write_fake(const struct fake_wishes *w, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    if (!fake_write(&out, w, &e))
        fail_msg("%s", e.text);
    return arena_keep(a, &out);
}

static struct notice read_fake(const struct fake_wishes *w, struct arena *a)
{
    struct notice n;
    struct survey *s = arena_new(a, sizeof *s);
    notice_read(&n, s, write_fake(w, a), a);
    return n;
}

/* ---- what is to be found in a notice */

/* A warning of Exchange says of every cause that the message is delayed, no more. */
static bool is_bare(const struct fake_wishes *w)
{
    return w->system == FAKE_EXCHANGE && w->kind == NOTICE_DELAY;
}

static enum cause expected_cause(const struct fake_wishes *w)
{
    return is_bare(w) ? CAUSE_COULD_NOT_REACH : w->cause.cause;
}

/* The variant is left open: where none was asked for; where plainpost found the reason by itself,
 * whose words stand in the text for people only; and where the system says in the same breath that
 * it has given up: qmail always, others behind a word as short as "refused". */
static bool tells_variant(const struct fake_wishes *w, const struct fake_reply *r)
{
    bool is_brief = w->system == FAKE_EXIM || w->system == FAKE_EXCHANGE;
    bool is_short = w->system == FAKE_QMAIL || (is_brief && w->cause.variant == VARIANT_REFUSED);
    bool has_expired = w->kind == NOTICE_FAILURE && r->status.class == 4;
    return w->cause.variant != VARIANT_NONE && !(w->system == FAKE_PLAINPOST && !r->code) &&
           !(has_expired && is_short) && !is_bare(w);
}

/* Exim reports the class alone, and a status that a server gave stands in its words; they count
 * unless they are temporary, and Exim has given up. qmail has nothing but the words. Who gives up
 * may say so by a status of its own. */
static struct status expected_status(const struct fake_wishes *w, const struct fake_reply *r)
{
    uint8_t class = w->kind == NOTICE_DELAY ? 4 : 5;
    bool has_expired = w->kind == NOTICE_FAILURE && r->status.class == 4;
    if (is_bare(w))
        return STATUS(4, 4, 7);
    if (w->system == FAKE_PLAINPOST && has_expired)
        return STATUS(4, 4, 7);
    if (w->system == FAKE_EXCHANGE && has_expired)
        return STATUS(5, 4, 300);
    if (w->system == FAKE_EXIM && (!r->code || has_expired))
        return STATUS(class, 0, 0);
    if (w->system == FAKE_QMAIL && !r->words[0])
        return STATUS_NONE;
    return STATUS(has_expired ? 4 : class, r->status.subject, r->status.detail);
}

static enum notice_action expected_action(enum notice_kind kind)
{
    return kind == NOTICE_FAILURE ? ACTION_FAILED
           : kind == NOTICE_DELAY ? ACTION_DELAYED
                                  : ACTION_RELAYED;
}

static void check_recipient(const struct fake_wishes *w, const struct notice *n)
{
    const struct fake_reply *r = fake_reply_find(w->system, w->cause);
    const struct notice_recipient *to = n->recipients;
    struct status status = expected_status(w, r);
    bool is_right = n->kind == w->kind && n->recipient_count == 1 &&
                    span_equal(to->address, w->to) && to->action == expected_action(w->kind) &&
                    to->cause.cause == expected_cause(w) && status_equal(to->status, status) &&
                    (!tells_variant(w, r) || to->cause.variant == w->cause.variant);
    if (!is_right)
        fail_msg("%s %s %s/%s was read as %s, %zu recipients, %s/%s, %d.%d.%d",
                 fake_system_name(w->system), notice_kind_name(w->kind), cause_name(w->cause.cause),
                 variant_name(w->cause.variant), notice_kind_name(n->kind), n->recipient_count,
                 n->recipient_count ? cause_name(to->cause.cause) : "",
                 n->recipient_count ? variant_name(to->cause.variant) : "",
                 n->recipient_count ? to->status.class : 0,
                 n->recipient_count ? to->status.subject : 0,
                 n->recipient_count ? to->status.detail : 0);
}

static void check_envelope(const struct fake_wishes *w, const struct notice *n)
{
    static const char *const agents[] = {"", "Postfix", "Gmail", "Exchange", "Exim", "qmail"};
    if (w->system != FAKE_PLAINPOST)
        assert_string_equal(n->agent, agents[w->system]);
    assert_true(span_find(n->to, w->from) != SPAN_NOT_FOUND);
    assert_int_equal(n->date_ms, w->now_ms);
    assert_true(span_equal(n->original.subject, SPAN("Minutes of Monday")));
}

static size_t check_kind(enum fake_system system, enum notice_kind kind)
{
    size_t count = 0;
    for (unsigned i = 0; i < CAUSE_COUNT * VARIANT_COUNT; i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer out = BUFFER_EMPTY;
        struct error e;
        struct fake_wishes w = usual;
        w.system = system;
        w.kind = kind;
        w.cause = (struct cause_found){i / VARIANT_COUNT, i % VARIANT_COUNT};
        if (fake_write(&out, &w, &e)) {
            struct notice n = read_fake(&w, &a);
            check_recipient(&w, &n);
            check_envelope(&w, &n);
            count++;
        } else {
            assert_true(w.cause.variant != VARIANT_NONE); /* every cause can be told */
        }
        buffer_free(&out);
        arena_clear(&a);
    }
    return count;
}

static void failures_are_read_back(void **state)
{
    for (enum fake_system s = 0; s < FAKE_SYSTEM_COUNT; s++)
        assert_true(check_kind(s, NOTICE_FAILURE) > 2 * CAUSE_COUNT - 3);
}

static void delays_are_read_back(void **state)
{
    static const enum fake_system tell[] = {FAKE_POSTFIX, FAKE_GMAIL, FAKE_EXCHANGE, FAKE_EXIM};
    for (size_t i = 0; i < COUNT_OF(tell); i++)
        assert_true(check_kind(tell[i], NOTICE_DELAY) > 2 * CAUSE_COUNT - 3);
}

static void successes_are_read_back(void **state)
{
    static const enum fake_system tell[] = {FAKE_POSTFIX, FAKE_EXCHANGE, FAKE_EXIM};
    for (size_t i = 0; i < COUNT_OF(tell); i++) {
        struct arena a = ARENA_EMPTY;
        struct fake_wishes w = usual;
        w.system = tell[i];
        w.kind = NOTICE_SUCCESS;
        struct notice n = read_fake(&w, &a);
        assert_int_equal(n.kind, NOTICE_SUCCESS);
        assert_int_equal(n.recipient_count, 1);
        assert_int_equal(n.recipients->action, ACTION_RELAYED);
        assert_true(status_equal(n.recipients->status, STATUS(2, 0, 0)));
        check_envelope(&w, &n);
        arena_clear(&a);
    }
}

/* ---- what may stand in one */

static void only_reserved_names_are_taken(void **state)
{
    static const struct {
        const char *domain;
        bool is_fine;
    } cases[] = {
        {"example.org", true},
        {"EXAMPLE.com", true},
        {"mail.example.net", true},
        {"a.b.test", true},
        {"test", true},
        {"x.invalid", true},
        {"localhost", true},
        {"a.localhost", true},
        {"shop.example", true},
        {"example.edu", false},
        {"notexample.org", false},
        {"example.org.com", false},
        {"plainpost.org", false},
        {"testing", false},
        {"[192.0.2.1]", false},
        {"mytest", false},
        {"xn--example.org", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (fake_domain_is_reserved(span_of(cases[i].domain)) != cases[i].is_fine)
            fail_msg("%s", cases[i].domain);
}

static void what_can_not_be_is_refused_in_words(void **state)
{
    static const struct {
        struct fake_wishes wishes;
        const char *says;
    } cases[] = {
        {{.to = SPAN("bob@plainpost.org"), .from = SPAN("a@example.org")}, "somebody's address"},
        {{.to = SPAN("b@example.org"), .from = SPAN("a@plainpost.org")}, "a@plainpost.org may be"},
        {{.to = SPAN("bob"), .from = SPAN("a@example.org")}, "\"bob\" is no mail address"},
        {{.to = SPAN("b@example.org\r\nX: y"), .from = SPAN("a@example.org")}, "no mail address"},
        {{.to = SPAN("b\xc3\xb6@example.org"), .from = SPAN("a@example.org")}, "of ASCII only"},
        {{.system = FAKE_GMAIL,
          .kind = NOTICE_SUCCESS,
          .to = SPAN("b@example.org"),
          .from = SPAN("a@example.org")},
         "gmail writes no notices of the kind success; it has: failure, delay"},
        {{.system = FAKE_QMAIL,
          .kind = NOTICE_DELAY,
          .to = SPAN("b@example.org"),
          .from = SPAN("a@example.org")},
         "it has: failure"},
        {{.cause = {CAUSE_INBOX_FULL, VARIANT_SPAM},
          .to = SPAN("b@example.org"),
          .from = SPAN("a@example.org")},
         "never says inbox-full/spam"},
        {{.kind = NOTICE_DELAY,
          .cause = {CAUSE_COULD_NOT_REACH, VARIANT_EXPIRED},
          .to = SPAN("b@example.org"),
          .from = SPAN("a@example.org")},
         "has not expired"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fake_wishes w = cases[i].wishes;
        struct buffer out = BUFFER_EMPTY;
        struct error e;
        if (w.kind == NOTICE_NOT_A_BOUNCE)
            w.kind = NOTICE_FAILURE;
        if (w.system == FAKE_PLAINPOST)
            w.system = FAKE_POSTFIX;
        assert_false(fake_write(&out, &w, &e));
        if (!strstr(e.text, cases[i].says) || out.len)
            fail_msg("“%s” does not say “%s”", e.text, cases[i].says);
    }
}

static void other_languages_are_refused(void **state)
{
    struct fake_wishes w = usual;
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    w.language = language_find(SPAN("de"));
    assert_false(fake_write(&out, &w, &e));
    assert_non_null(strstr(e.text, "English only"));
}

static void names_are_found(void **state)
{
    struct cause_found c;
    enum fake_system s;
    assert_true(fake_cause_find(SPAN("too-many/rate"), &c));
    assert_true(c.cause == CAUSE_TOO_MANY && c.variant == VARIANT_RATE);
    assert_true(fake_cause_find(SPAN("inbox-full"), &c) && c.variant == VARIANT_NONE);
    assert_false(fake_cause_find(SPAN("inbox"), &c) || fake_cause_find(SPAN("loop/x"), &c));
    assert_true(fake_system_find(SPAN("exim"), &s) && s == FAKE_EXIM);
    assert_false(fake_system_find(SPAN("Exim "), &s));
}

/* Local parts may hold what means something in HTML, in a comment, in a header. */
static void odd_addresses_stay_what_they_are(void **state)
{
    static const char *const addresses[] = {"\"a b\"@example.net", "\"x<b>y\"@example.net",
                                            "a&b{to}@example.net", "\"(c)\"@example.net",
                                            "--x@example.net"};
    for (size_t i = 0; i < COUNT_OF(addresses) * FAKE_SYSTEM_COUNT; i++) {
        struct arena a = ARENA_EMPTY;
        struct fake_wishes w = usual;
        w.system = (enum fake_system)(i % FAKE_SYSTEM_COUNT);
        w.to = span_of(addresses[i / FAKE_SYSTEM_COUNT]);
        struct span message = write_fake(&w, &a);
        assert_true(span_find(message, w.to) != SPAN_NOT_FOUND);
        assert_true(span_find(message, SPAN("x<b>y\"@example.net</")) == SPAN_NOT_FOUND);
        arena_clear(&a);
    }
}

static void lines_end_in_lf_and_are_short(void **state)
{
    for (unsigned i = 0; i < FAKE_SYSTEM_COUNT * CAUSE_COUNT; i++) {
        struct arena a = ARENA_EMPTY;
        struct fake_wishes w = usual;
        w.system = (enum fake_system)(i / CAUSE_COUNT);
        w.cause.cause = (enum cause)(i % CAUSE_COUNT);
        struct span rest = write_fake(&w, &a);
        assert_true(rest.at[rest.len - 1] == '\n');
        assert_true(span_find_char(rest, '\r') == SPAN_NOT_FOUND);
        while (rest.len)
            assert_true(span_cut(&rest, '\n').len <= 998);
        arena_clear(&a);
    }
}

static void the_same_wishes_give_the_same_notice(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct fake_wishes other = usual;
    other.cause.cause = CAUSE_LOOP;
    struct notice one = read_fake(&usual, &a), two = read_fake(&other, &a);
    assert_true(span_equal(write_fake(&usual, &a), write_fake(&usual, &a)));
    assert_false(span_equal(one.message_id, two.message_id));
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_are_read_back),
        cmocka_unit_test(delays_are_read_back),
        cmocka_unit_test(successes_are_read_back),
        cmocka_unit_test(only_reserved_names_are_taken),
        cmocka_unit_test(what_can_not_be_is_refused_in_words),
        cmocka_unit_test(other_languages_are_refused),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(odd_addresses_stay_what_they_are),
        cmocka_unit_test(lines_end_in_lf_and_are_short),
        cmocka_unit_test(the_same_wishes_give_the_same_notice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
