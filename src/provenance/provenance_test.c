/* What a record of what was sent proves, and what it does not. (Signatures: own_signature_test.c,
 * and tests/e2e/test_dkim.py.) */
#include "base/test.h"

#include "provenance/provenance.h"

enum { DAY = 86400 };

/* A record with one message: <1@home.test>, of ann, to bob, at 10,000 s. */
struct record {
    bool is_broken, is_of_one_user, has_passed;
    int64_t since_s;
    size_t asked, looked;
};

static bool is_of(const struct evidence *e, struct span address)
{
    for (size_t i = 0; i < e->me_count; i++)
        if (span_equal(e->me[i], address))
            return true;
    return !e->me_count;
}

static bool ask(void *arg, struct span id, struct span to, const struct evidence *e,
                struct sent_told *told)
{
    struct record *r = arg;
    bool is_there = (!id.len || span_equal(id, SPAN("1@home.test"))) &&
                    (!to.len || span_equal(to, SPAN("bob@b.test")));
    r->asked++;
    *told = (struct sent_told){.is_whole = !r->is_of_one_user,
                               .since_ms = r->since_s * 1000,
                               .count = is_there,
                               .has_passed = r->has_passed,
                               .is_by_me = is_there && is_of(e, SPAN("ann@home.test"))};
    return !r->is_broken;
}

static bool sends(void *arg, struct span address)
{
    (void)arg;
    return span_ends_nocase(address, SPAN("@home.test"));
}

/* Of the last 28 days: to bob, about lunch. */
static bool look(void *arg, struct span sender, int64_t since_ms, lately_fn *see, void *of)
{
    struct record *r = arg;
    r->looked++;
    bool goes_on = !span_equal(sender, SPAN("ann@home.test")) ||
                   see(of, &(struct lately_sent){SPAN("lunch?"), SPAN("bob@b.test"), true});
    return goes_on && !r->is_broken && r->since_s * 1000 <= since_ms;
}

static struct notice_recipient recipients[] = {{.address = {"eve@b.test", 10}},
                                               {.address = {"bob@b.test", 10}}};

static struct notice about(const char *message_id)
{
    return (struct notice){
        .to = SPAN("Ann <ann@home.test>"),
        .recipients = recipients,
        .recipient_count = 2,
        .original = {.message_id = span_of(message_id), .date_ms = 10000 * 1000LL}};
}

static struct evidence asked_of(struct record *r, struct notice n, struct evidence e)
{
    const struct sent_record record = {ask, sends, r, {look, r}};
    provenance_by_record(&e, &record, &n);
    return e;
}

static void what_is_there_was_sent(void **state)
{
    (void)state;
    struct record r = {0};
    struct evidence e = asked_of(&r, about("1@home.test"), (struct evidence){0});
    assert_true(e.is_sent == ANSWER_YES && e.sent_to == ANSWER_YES);
    struct notice n = about("1@home.test");
    n.recipient_count = 1; /* eve */
    e = asked_of(&r, n, (struct evidence){0});
    assert_true(e.is_sent == ANSWER_YES && e.sent_to == ANSWER_NO);
    n.recipient_count = 0;
    e = asked_of(&r, n, (struct evidence){0});
    assert_true(e.is_sent == ANSWER_YES && e.sent_to == ANSWER_UNKNOWN);
    /* A mailbox that lacks it was a part of what was sent. */
    e = asked_of(&r, about("1@home.test"), (struct evidence){.is_sent = ANSWER_NO});
    assert_true(e.is_sent == ANSWER_YES);
}

static void what_others_sent_is_not_mine(void **state)
{
    (void)state;
    struct record r = {0};
    const struct span me = SPAN("carl@home.test");
    const struct evidence of_carl = {.me = &me, .me_count = 1};
    struct evidence e = asked_of(&r, about("1@home.test"), of_carl);
    assert_true(e.is_sent == ANSWER_UNKNOWN && e.sent_to == ANSWER_UNKNOWN);
}

static void what_is_not_there_was_not_sent_if_all_is_known(void **state)
{
    (void)state;
    struct record r = {.since_s = 10000 - 3600};
    struct evidence e = asked_of(&r, about("2@home.test"), (struct evidence){0});
    assert_true(e.is_sent == ANSWER_NO && e.sent_to == ANSWER_UNKNOWN);

    r.since_s++; /* it may have been sent just before */
    e = asked_of(&r, about("2@home.test"), (struct evidence){0});
    assert_true(e.is_sent == ANSWER_UNKNOWN);
    r = (struct record){.has_passed = true}; /* a stranger's, to a list of ours */
    e = asked_of(&r, about("2@home.test"), (struct evidence){0});
    assert_true(e.is_sent == ANSWER_UNKNOWN);
    r = (struct record){.is_of_one_user = true};
    e = asked_of(&r, about("2@home.test"), (struct evidence){0});
    assert_true(e.is_sent == ANSWER_UNKNOWN);
    r = (struct record){.is_broken = true};
    e = asked_of(&r, about("2@home.test"), (struct evidence){0});
    assert_true(e.is_sent == ANSWER_UNKNOWN);

    r = (struct record){0};
    e = asked_of(&r, about("2@home.= test"), (struct evidence){0}); /* quoted, and broken by it */
    assert_true(e.is_sent == ANSWER_UNKNOWN);

    struct notice n = about("2@home.test");
    n.original.date_ms = 0; /* nobody knows when it was written: at the earliest 28 days before */
    r = (struct record){0};
    e = asked_of(&r, n, (struct evidence){0});
    assert_true(e.is_sent == ANSWER_UNKNOWN);
    n.date_ms = (int64_t)(28 * DAY + 5) * 1000;
    r.since_s = 5;
    e = asked_of(&r, n, (struct evidence){0});
    assert_true(e.is_sent == ANSWER_NO);
    r.since_s++;
    e = asked_of(&r, n, (struct evidence){0});
    assert_true(e.is_sent == ANSWER_UNKNOWN);
    e = asked_of(&r, n, (struct evidence){.now_ms = n.date_ms + 1000}); /* that is known better */
    assert_true(e.is_sent == ANSWER_NO);
    n = about("2@home.test");
    n.to = SPAN("ann@elsewhere.test"); /* whose mail does not leave from here */
    e = asked_of(&r, n, (struct evidence){0});
    assert_true(e.is_sent == ANSWER_UNKNOWN);
    const struct span me = SPAN("ann@home.test");
    e = asked_of(&r, n, (struct evidence){.me = &me, .me_count = 1});
    assert_true(e.is_sent == ANSWER_NO && e.wrote_to == ANSWER_YES);
    const struct span carl = SPAN("carl@home.test");
    e = asked_of(&r, n, (struct evidence){.me = &carl, .me_count = 1});
    assert_true(e.is_sent == ANSWER_NO && e.wrote_to == ANSWER_UNKNOWN);
}

static void without_a_message_id_it_tells_whether_i_wrote_to_them(void **state)
{
    (void)state;
    struct record r = {0};
    const struct span me = SPAN("ann@home.test"), carl = SPAN("carl@home.test");
    struct evidence e = asked_of(&r, about(""), (struct evidence){.me = &me, .me_count = 1});
    assert_true(e.is_sent == ANSWER_UNKNOWN && e.wrote_to == ANSWER_YES);
    e = asked_of(&r, about(""), (struct evidence){.me = &carl, .me_count = 1});
    assert_true(e.wrote_to == ANSWER_UNKNOWN);
    e = asked_of(&r, about(""), (struct evidence){0});
    assert_true(e.wrote_to == ANSWER_UNKNOWN);
}

/* Where the record is of one alone, it needs no address to be. */
static void a_record_of_one_tells_whether_they_wrote(void **state)
{
    (void)state;
    struct record r = {0};
    const struct sent_record record = {ask, sends, &r, .is_of_one = true};
    struct notice n = about("");
    struct evidence e = {0};
    provenance_by_record(&e, &record, &n);
    assert_true(e.is_sent == ANSWER_UNKNOWN && e.wrote_to == ANSWER_YES);
}

static void what_is_told_is_added(void **state)
{
    (void)state;
    static const struct {
        enum answer known, told, sum;
    } cases[] = {
        {ANSWER_UNKNOWN, ANSWER_UNKNOWN, ANSWER_UNKNOWN},
        {ANSWER_UNKNOWN, ANSWER_YES, ANSWER_YES},
        {ANSWER_UNKNOWN, ANSWER_NO, ANSWER_NO},
        {ANSWER_YES, ANSWER_UNKNOWN, ANSWER_YES},
        {ANSWER_YES, ANSWER_YES, ANSWER_YES},
        {ANSWER_YES, ANSWER_NO, ANSWER_YES}, /* that was of a part */
        {ANSWER_NO, ANSWER_UNKNOWN, ANSWER_NO},
        {ANSWER_NO, ANSWER_YES, ANSWER_YES},
        {ANSWER_NO, ANSWER_NO, ANSWER_NO},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum answer known = cases[i].known, told = cases[i].told, sum = cases[i].sum;
        struct evidence e = {.is_sent = known,
                             .sent_to = known,
                             .wrote_to = known,
                             .own_signature = known,
                             .own_tag = known,
                             .own_domain = SPAN("known")};
        const struct evidence t = {.is_sent = told,
                                   .sent_to = told,
                                   .wrote_to = told,
                                   .own_signature = told,
                                   .own_tag = told,
                                   .own_domain = SPAN("told"),
                                   .account_is_suspect = told == ANSWER_YES,
                                   .tagged = SPAN("id"),
                                   .tagged_message_id = SPAN("1@a")};
        provenance_add(&e, &t);
        assert_true(e.is_sent == sum && e.sent_to == sum && e.wrote_to == sum);
        assert_true(e.own_signature == sum && e.own_tag == sum);
        assert_int_equal(e.account_is_suspect, told == ANSWER_YES);
        bool is_known = told == ANSWER_UNKNOWN || known == ANSWER_YES;
        assert_true(span_equal(e.own_domain, is_known ? SPAN("known") : SPAN("told")));
        assert_int_equal(e.tagged.len > 0 && e.tagged_message_id.len > 0, told == ANSWER_YES);
    }
}

/* Each row is nothing like what was sent, but for one thing. */
static void without_a_message_id_it_is_compared(void **state)
{
    (void)state;
    static const struct {
        const char *what, *me, *subject, *named;
        enum notice_kind kind; /* 0: a failure */
        bool has_no_header, has_no_date;
        struct record record;
        struct evidence evidence;
        enum answer is_sent;
    } cases[] = {
        {"about somebody else's mail", .is_sent = ANSWER_NO},
        {"a delay", .kind = NOTICE_DELAY, .is_sent = ANSWER_NO},
        {"about lunch", .subject = "Re: lunch?"},
        {"to bob", .named = "Bob@b.test"},
        {"without a subject", .subject = " "},
        {"without a header", .has_no_header = true},
        {"without a time", .has_no_date = true},
        {"a complaint", .kind = NOTICE_FEEDBACK_REPORT},
        {"an automatic reply", .kind = NOTICE_AUTO_REPLY},
        {"whose mail does not leave from here", .me = "ann@elsewhere.test"},
        {"to nobody who is known", .me = ""},
        {"the record is young", .record = {.since_s = 28 * DAY + 1}},
        {"the record is as old as a notice may be", .record = {.since_s = 28 * DAY},
         .is_sent = ANSWER_NO},
        {"the record can't be asked", .record = {.is_broken = true}},
        {"a mailbox has it", .evidence = {.is_sent = ANSWER_YES}, .is_sent = ANSWER_YES},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct record r = cases[i].record;
        struct notice n = about("");
        struct notice_recipient named = {
            .address = span_of(cases[i].named ? cases[i].named : "eve@c.test")};
        const struct span me = span_of(cases[i].me ? cases[i].me : "ann@home.test");
        struct evidence e = cases[i].evidence;
        e.me = &me;
        e.me_count = me.len > 0;
        n.kind = cases[i].kind ? cases[i].kind : NOTICE_FAILURE;
        n.recipients = &named;
        n.recipient_count = 1;
        n.date_ms = cases[i].has_no_date ? 0 : (int64_t)56 * DAY * 1000;
        n.original.subject = span_of(cases[i].subject ? cases[i].subject : "Cheap watches");
        n.original.header = span_of(cases[i].has_no_header ? "" : "Subject: x\n");
        e = asked_of(&r, n, e);
        if (e.is_sent != cases[i].is_sent)
            fail_msg("%s: %d", cases[i].what, (int)e.is_sent);
    }
}

static void it_is_not_asked_for_ever(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static struct notice_recipient many[MANY];
    struct record r = {0};
    struct notice n = about("1@home.test");
    for (size_t i = 0; i < MANY; i++)
        many[i].address = SPAN("eve@b.test");
    n.recipients = many;
    n.recipient_count = MANY;
    asked_of(&r, n, (struct evidence){0});
    assert_true(r.asked <= 101);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_was_sent),
        cmocka_unit_test(what_others_sent_is_not_mine),
        cmocka_unit_test(what_is_not_there_was_not_sent_if_all_is_known),
        cmocka_unit_test(without_a_message_id_it_tells_whether_i_wrote_to_them),
        cmocka_unit_test(a_record_of_one_tells_whether_they_wrote),
        cmocka_unit_test(what_is_told_is_added),
        cmocka_unit_test(without_a_message_id_it_is_compared),
        cmocka_unit_test(it_is_not_asked_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
