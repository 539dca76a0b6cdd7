/* What a signed return path proves, and what it does not. */
#include "base/test.h"

#include "provenance/own_tag.h"

enum { TODAY = 20819, DAY = 86400 };
static const struct span secret[] = {SPAN("of the test")};
static const struct signing_secrets secrets = {secret, 1};

/* A record with 1k18vnm3nvg, <1@home.test>, of ann, to `count` recipients: bob, and so on. */
struct record {
    size_t count, uses;
    bool is_broken, can_not_count;
    int64_t days_later;
    size_t asked;
};

static enum return_tag_answer check(void *arg, struct span address, struct return_tag *t,
                                    struct arena *a)
{
    const struct record *r = arg;
    return return_tag_check(&secrets, address, (TODAY + r->days_later) * DAY, t, a);
}

static bool is_for(void *arg, const struct return_tag *t, struct span domain)
{
    (void)arg;
    return return_tag_is_for(&secrets, t, domain);
}

static bool ask(void *arg, const struct tag_question *q, struct tag_told *told, struct arena *a)
{
    struct record *r = arg;
    (void)a;
    r->asked++;
    bool is_it = q->queue_id.len ? span_equal(q->queue_id, SPAN("1k18vnm3nvg"))
                                 : span_equal(q->sender, SPAN("ann@home.test")) && q->day == TODAY;
    bool is_to = !q->to.len || span_equal(q->to, SPAN("bob@b.test"));
    if (is_it && is_to)
        *told = (struct tag_told){r->count, SPAN("<1@home.test>")};
    return !r->is_broken;
}

static bool count_uses(void *arg, struct span address, size_t *uses)
{
    const struct record *r = arg;
    (void)address;
    *uses = r->uses;
    return !r->can_not_count;
}

static struct span tagged(const char *id, struct arena *a)
{
    struct span address;
    assert_true(return_tag_make(&secrets, SPAN("ann@home.test"), span_of(id), TODAY, &address, a));
    return address;
}

static struct span steady(const char *domain, struct arena *a)
{
    return tagged(
        arena_text(a, return_tag_token(&secrets, SPAN("ann@home.test"), span_of(domain), TODAY, a)),
        a);
}

static struct notice_recipient bob = {.address = {"bob@b.test", 10}},
                               eve = {.address = {"eve@b.test", 10}},
                               moved = {.address = {"bob@new.test", 12},
                                        .original = {"bob@b.test", 10}},
                               carl = {.address = {"carl@c.test", 11}},
                               inside = {.address = {"bob@mx.in.b.test", 16}},
                               elsewhere = {.address = {"bob@bb.test", 11}},
                               mailbox = {.address = {"userx", 5}};

struct sample {
    const char *id;     /* of the tag; NULL: 1k18vnm3nvg */
    const char *domain; /* not NULL: a steady one for it */
    struct notice_recipient *names;
    const char *returns; /* a Message-ID */
    struct record record;
    enum tag_verdict want;
};

static void compare(const struct sample *c, size_t number)
{
    struct arena a = ARENA_EMPTY;
    struct record r = c->record;
    struct evidence e = {0};
    const struct tag_record record = {check, is_for, ask, count_uses, &r};
    const struct notice n = {.recipients = c->names,
                             .recipient_count = c->names != NULL,
                             .original = {.message_id = span_of(c->returns)}};
    struct span address =
        c->domain ? steady(c->domain, &a) : tagged(c->id ? c->id : "1k18vnm3nvg", &a);
    enum tag_verdict got = provenance_by_tag(&e, &record, &n, address, &a);
    if (got != c->want)
        fail_msg("case %zu: %d, not %d", number, got, c->want);
    bool counts = got == TAG_COUNTS;
    assert_int_equal(e.own_tag, counts ? ANSWER_YES : ANSWER_UNKNOWN);
    assert_int_equal(e.sent_to, counts ? ANSWER_YES : ANSWER_UNKNOWN);
    assert_int_equal(e.tagged.len > 0, counts && !c->domain);
    assert_true(
        span_equal(e.tagged_message_id, counts && !c->domain ? SPAN("1@home.test") : SPAN_NONE));
    assert_int_equal(e.is_sent, counts && !c->domain && !n.original.message_id.len
                                    ? ANSWER_YES
                                    : ANSWER_UNKNOWN);
    arena_clear(&a);
}

static void what_counts(void **state)
{
    static const struct sample cases[] = {
        {.names = &bob, .record = {.count = 1, .uses = 1}, .want = TAG_COUNTS},
        {.names = &bob, .record = {.count = 1, .days_later = 28}, .want = TAG_COUNTS},
        {.names = &bob, .record = {.count = 1, .days_later = 29}, .want = TAG_TOO_OLD},
        {.names = &moved, .record = {.count = 1}, .want = TAG_COUNTS},
        {.names = &eve, .record = {.count = 1}, .want = TAG_OTHER_RECIPIENT},
        {.names = &inside, .record = {.count = 2}, .want = TAG_COUNTS},
        {.names = &elsewhere, .record = {.count = 2}, .want = TAG_OTHER_RECIPIENT},
        {.domain = "b.test", .names = &inside, .record = {.count = 1}, .want = TAG_COUNTS},
        /* who names nobody */
        {.record = {.count = 1}, .want = TAG_COUNTS},
        {.record = {.count = 2}, .want = TAG_OTHER_RECIPIENT},
        {.names = &mailbox, .record = {.count = 1}, .want = TAG_COUNTS},
        {.names = &mailbox, .record = {.count = 2}, .want = TAG_OTHER_RECIPIENT},
        /* what is not there, or is no longer */
        {.id = "1k18vnm3nvh", .names = &bob, .record = {.count = 1}, .want = TAG_OTHER_RECIPIENT},
        {.names = &bob, .record = {.count = 0}, .want = TAG_OTHER_RECIPIENT},
        /* a mail of ours in a notice to the return path of another one */
        {.names = &bob, .returns = "1@home.test", .record = {.count = 1}, .want = TAG_COUNTS},
        {.names = &bob,
         .returns = "2@home.test",
         .record = {.count = 1},
         .want = TAG_OTHER_MESSAGE},
        /* again and again */
        {.names = &bob, .record = {.count = 1, .uses = 10}, .want = TAG_COUNTS},
        {.names = &bob, .record = {.count = 1, .uses = 11}, .want = TAG_WORN_OUT},
        {.names = &bob, .record = {.count = 2, .uses = 11}, .want = TAG_COUNTS},
        {.names = &bob, .record = {.count = 1, .is_broken = true}, .want = TAG_NOT_ASKED},
        {.names = &bob, .record = {.count = 1, .can_not_count = true}, .want = TAG_NOT_ASKED},
        /* for a day and a domain */
        {.domain = "b.test", .names = &bob, .record = {.count = 1}, .want = TAG_COUNTS},
        {.domain = "b.test", .names = &eve, .record = {.count = 1}, .want = TAG_OTHER_RECIPIENT},
        {.domain = "b.test", .names = &carl, .record = {.count = 1}, .want = TAG_OTHER_RECIPIENT},
        {.domain = "c.test", .names = &bob, .record = {.count = 1}, .want = TAG_OTHER_RECIPIENT},
        {.domain = "b.test", .record = {.count = 1}, .want = TAG_OTHER_RECIPIENT},
        {.domain = "b.test",
         .names = &bob,
         .returns = "2@home.test",
         .record = {.count = 1},
         .want = TAG_COUNTS},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        compare(&cases[i], i);
}

static void what_is_made_up_speaks_against_it(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct record r = {.count = 1};
    const struct tag_record record = {check, is_for, ask, count_uses, &r};
    const struct notice n = {.recipients = &bob, .recipient_count = 1};
    struct span good = tagged("1k18vnm3nvg", &a);
    struct evidence e = {0};
    struct span forged = arena_printf(&a, "carl+%.*s", SPAN_F(span_skip(good, 4)));
    assert_int_equal(provenance_by_tag(&e, &record, &n, forged, &a), TAG_FORGED);
    assert_int_equal(e.own_tag, ANSWER_NO);
    e = (struct evidence){0};
    assert_int_equal(provenance_by_tag(&e, &record, &n, SPAN("ann@home.test"), &a), TAG_NONE);
    assert_int_equal(e.own_tag, ANSWER_UNKNOWN);
    assert_int_equal(r.asked, 0);
    arena_clear(&a);
}

static void only_mine_is_mine(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct record r = {.count = 1};
    const struct tag_record record = {check, is_for, ask, count_uses, &r};
    const struct notice n = {.recipients = &bob, .recipient_count = 1};
    struct span good = tagged("1k18vnm3nvg", &a), ann = SPAN("Ann@home.test"),
                carl_too = SPAN("carl@home.test");
    struct evidence e = {.me = &carl_too, .me_count = 1};
    assert_int_equal(provenance_by_tag(&e, &record, &n, good, &a), TAG_NONE);
    e.me = &ann;
    assert_int_equal(provenance_by_tag(&e, &record, &n, good, &a), TAG_COUNTS);
    arena_clear(&a);
}

static void it_is_not_asked_for_ever(void **state)
{
    enum { MANY = 1000 };
    static struct notice_recipient many[MANY];
    struct arena a = ARENA_EMPTY;
    struct record r = {.count = 1};
    struct evidence e = {0};
    const struct tag_record record = {check, is_for, ask, count_uses, &r};
    const struct notice n = {.recipients = many, .recipient_count = MANY};
    for (size_t i = 0; i < MANY; i++)
        many[i] = eve;
    assert_int_equal(provenance_by_tag(&e, &record, &n, tagged("1k18vnm3nvg", &a), &a),
                     TAG_OTHER_RECIPIENT);
    assert_true(r.asked <= 100);
    arena_clear(&a);
}

#define TAG "ann+1k18vnm3nvg-3mak-yze4kg43gdy1p@home.test"

static void to_whom_it_came_stands_on_top(void **state)
{
    static const struct {
        const char *header;
        bool has;
    } cases[] = {
        {"Delivered-To: ann@home.test\nDelivered-To: " TAG "\nReceived: from a by b\n", true},
        {"Return-Path: <>\nX-Original-To: <" TAG ">\nReceived: from a by b\n", true},
        {"Received: from a by b with LMTP\nDelivered-To: " TAG "\nReceived: from a by b\n", true},
        {"Received: from a by b with ESMTP\nDelivered-To: " TAG "\n", false},
        {"Delivered-To: ann@home.test\nReceived: from a by b\nTo: " TAG "\n", false},
        {"To: " TAG "\n", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span message = arena_printf(&a, "%s\nText\n", cases[i].header);
        struct span found = own_tag_address(message, &a);
        if (!span_equal(found, cases[i].has ? SPAN(TAG) : SPAN_NONE))
            fail_msg("case %zu: %.*s", i, SPAN_F(found));
        arena_clear(&a);
    }
}

static void how_it_was_put_there_stands_on_top(void **state)
{
    static const struct {
        const char *header, *mailbox, *queue_id;
    } cases[] = {
        {"Return-Path: <>\nDelivered-To: ann@home.test\nDelivered-To: team@home.test\nReceived: "
         "from a (mx [192.0.2.7])\n\tby b with ESMTP id 1k18vnm3nvg\n\tfor <a@b>;\n\tdate\n",
         "ann@home.test", "1k18vnm3nvg"},
        {"Delivered-To: ann@home.test\nReceived: from id by b with ESMTPS (TLS 1.3)\n\tid "
         "1k18vnm3nvg;\n\tdate\n",
         "ann@home.test", "1k18vnm3nvg"},
        {"Received: from x by box with LMTP id 7\nDelivered-To: ann@home.test\nReceived: from a by "
         "b with SMTP id 1k18vnm3nvg\n",
         "ann@home.test", "1k18vnm3nvg"},
        {"Received: from a by b with SMTP id 2\nDelivered-To: ann@home.test\nReceived: by c id 3\n",
         "", "2"},
        {"Received: from a id 5\n", "", ""},
        {"Received: by b id\n", "", ""},
        {"Subject: by b id 5\n", "", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct own_delivery d = own_delivery_of(span_of(cases[i].header), &a);
        if (!span_equal(d.mailbox, span_of(cases[i].mailbox)) ||
            !span_equal(d.queue_id, span_of(cases[i].queue_id)))
            fail_msg("case %zu: %.*s, %.*s", i, SPAN_F(d.mailbox), SPAN_F(d.queue_id));
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_counts),
        cmocka_unit_test(what_is_made_up_speaks_against_it),
        cmocka_unit_test(only_mine_is_mine),
        cmocka_unit_test(it_is_not_asked_for_ever),
        cmocka_unit_test(to_whom_it_came_stands_on_top),
        cmocka_unit_test(how_it_was_put_there_stands_on_top),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
