/* A notice without a tag: each row is one that disproves, but for one thing. */
#include "base/test.h"

#include "provenance/no_tag.h"

enum { DAY = 86400, NOW = 100 * DAY };

static const struct span me[] = {SPAN("ann@home.test"), SPAN("ann.box@home.test")};

/* Of ann, whose mail is signed for a month, and who has written to bob. */
struct house {
    int64_t signed_days;  /* to c.test and whomever it is for longer */
    const char *plain_to; /* a domain to which it is not; NULL: there is none */
    const char *left_to;  /* bob@b.test, if NULL */
    const char *subject;
    bool left_plain, is_short, sends_nothing;
};

static int64_t signed_since_ms(void *arg, struct span sender, struct span recipient)
{
    const struct house *h = arg;
    bool is_plain =
        h->plain_to && (!recipient.len || span_ends_nocase(recipient, span_of(h->plain_to)));
    int64_t since = NOW - (h->signed_days ? h->signed_days : 28) * DAY;
    return is_plain || !span_equal_nocase(sender, me[0]) ? INT64_MAX : since * 1000;
}

static bool ask(void *arg, struct span id, struct span to, const struct evidence *e,
                struct sent_told *t)
{
    (void)arg, (void)id, (void)to, (void)e;
    *t = (struct sent_told){0};
    return true;
}

static bool sends(void *arg, struct span address)
{
    return !((struct house *)arg)->sends_nothing && span_equal_nocase(address, me[0]);
}

static bool look(void *arg, struct span sender, int64_t since_ms, lately_fn *see, void *of)
{
    const struct house *h = arg;
    struct arena a = ARENA_EMPTY;
    const struct lately_sent sent = {
        lately_subject(span_of(h->subject ? h->subject : "Lunch?"), &a),
        lately_address(span_of(h->left_to ? h->left_to : "bob@b.test"), &a), h->left_plain};
    assert_int_equal(since_ms, INT64_C(72) * DAY * 1000);
    bool goes_on = !span_equal(sender, me[0]) || see(of, &sent);
    arena_clear(&a);
    return goes_on && !h->is_short;
}

static enum no_tag found(const struct house *h, struct evidence *e, const struct notice *n,
                         const struct plain_arrival *came)
{
    void *house = (void *)(uintptr_t)h;
    const struct plain_record plain = {signed_since_ms, house};
    const struct sent_record record = {ask, sends, house, {look, house}};
    return provenance_by_no_tag(e, &plain, &record, n, came);
}

#define IS_MISSING .expected = NO_TAG_IS_MISSING
#define SAYS_NOTHING .expected = NO_TAG_SAYS_NOTHING
#define DISPROVES .expected = NO_TAG_DISPROVES

static const struct {
    const char *what;
    struct house house;
    struct evidence evidence;
    struct plain_arrival came; /* where empty, to ann's plain address */
    enum notice_kind kind;     /* 0: a failure */
    const char *to, *recipient, *header;
    bool has_sender, names_nobody, is_of_program;
    enum no_tag expected;
} cases[] = {
    {"about somebody else's mail", DISPROVES},
    {"a delay", .kind = NOTICE_DELAY, DISPROVES},
    {"in other letters", .came = {SPAN("Ann@HOME.test")}, DISPROVES},
    {"a name beside the address", .to = "\"Ann, of Home\" <Ann@home.test>", DISPROVES},
    {"it names nobody, and there are no exceptions", .names_nobody = true, DISPROVES},
    {"an exception for others", .house = {.plain_to = "@list.test"}, DISPROVES},
    {"signed for longer", .house = {.signed_days = 200}, DISPROVES},
    {"he returns a hop of a spammer's", .header = "Received: from a by mx.spam.test; x\r\n",
     DISPROVES},
    /* what left before tags began, or without one */
    {"signed for 27 days", .house = {.signed_days = 27}, SAYS_NOTHING},
    {"to whom mail is excepted", .house = {.plain_to = "@c.test"}, SAYS_NOTHING},
    {"it names nobody, and there is an exception", .house = {.plain_to = "@list.test"},
     .names_nobody = true, SAYS_NOTHING},
    {"some has left plain lately, to whomever", .house = {.left_plain = true}, IS_MISSING},
    {"to an address that is not signed", .came = {SPAN("list-bounces@home.test")},
     .to = "list-bounces@home.test", SAYS_NOTHING},
    {"nothing of his leaves from here", .house = {.sends_nothing = true}, SAYS_NOTHING},
    {"the ledger is too young, or has forgotten", .house = {.is_short = true}, IS_MISSING},
    {"it names nobody, and some has left plain", .house = {.left_plain = true},
     .names_nobody = true, SAYS_NOTHING},
    /* by whom it comes, and how */
    {"from one of our own, or with a sender", .has_sender = true, SAYS_NOTHING},
    {"to whom is not known", .came = {SPAN("")}, .to = "ann@home.test", SAYS_NOTHING},
    {"for a program", .is_of_program = true, SAYS_NOTHING},
    {"sent on from another mailbox of hers", .to = "ann@university.test", IS_MISSING},
    {"to nobody", .to = "undisclosed-recipients:;", IS_MISSING},
    {"its message has passed through a server of ours",
     .header = "Received: from a by mx2.home.test; x\r\n", IS_MISSING},
    {"… in another form", .header = "Received: from a\r\n by mx2.home.test\r\n\twith ESMTP; x\r\n",
     IS_MISSING},
    /* what may go to the author */
    {"a receipt", .kind = NOTICE_SUCCESS, SAYS_NOTHING},
    {"a complaint", .kind = NOTICE_FEEDBACK_REPORT, SAYS_NOTHING},
    {"an automatic reply", .kind = NOTICE_AUTO_REPLY, SAYS_NOTHING},
    {"a challenge", .kind = NOTICE_CHALLENGE, SAYS_NOTHING},
    {"no notice", .kind = NOTICE_LAST_KIND, SAYS_NOTHING},
    /* what may be hers */
    {"she has written to the recipient", .evidence = {.wrote_to = ANSWER_YES}, SAYS_NOTHING},
    {"she wrote to the recipient lately, by an alias", .house = {.left_to = "Eve@c.test"},
     IS_MISSING},
    {"she wrote under that subject", .house = {.subject = "Cheap watches"}, IS_MISSING},
    /* what is told already stays as it is */
    {"it is among what was sent", .evidence = {.is_sent = ANSWER_YES}, SAYS_NOTHING},
    {"it is not", .evidence = {.is_sent = ANSWER_NO}, SAYS_NOTHING},
    {"it has our signature", .evidence = {.own_signature = ANSWER_YES}, SAYS_NOTHING},
    {"it came to a tag", .evidence = {.own_tag = ANSWER_YES}, SAYS_NOTHING},
};

static void each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct notice_recipient named = {
            .address = span_of(cases[i].recipient ? cases[i].recipient : "eve@c.test")};
        const struct notice n = {
            .kind = cases[i].kind == NOTICE_LAST_KIND ? NOTICE_NOT_A_BOUNCE
                    : cases[i].kind                   ? cases[i].kind
                                                      : NOTICE_FAILURE,
            .to = span_of(cases[i].to ? cases[i].to : "ann@home.test"),
            .recipients = &named,
            .recipient_count = !cases[i].names_nobody,
            .original = {.subject = SPAN("Cheap watches"), .header = span_of(cases[i].header)}};
        struct evidence e = cases[i].evidence;
        const struct evidence before = e;
        struct plain_arrival came = cases[i].came;
        e.me = me;
        e.me_count = cases[i].is_of_program ? 0 : 2;
        came.address = came.address.at ? came.address : me[0];
        came.time_ms = INT64_C(1000) * NOW;
        came.is_from_stranger = !cases[i].has_sender;
        enum no_tag is = found(&cases[i].house, &e, &n, &came);
        if (is != cases[i].expected)
            fail_msg("%s: %d", cases[i].what, (int)is);
        assert_int_equal(e.own_tag, is == NO_TAG_DISPROVES ? (int)ANSWER_NO : (int)before.own_tag);
    }
}

static void not_all_recipients_are_known(void **state)
{
    (void)state;
    struct house h = {0};
    struct notice_recipient named[] = {{.address = SPAN("eve@c.test")}, {.address = SPAN("")}};
    struct notice n = {.kind = NOTICE_FAILURE,
                       .to = SPAN("ann@home.test"),
                       .recipients = named,
                       .recipient_count = 1};
    const struct plain_arrival came = {me[0], INT64_C(1000) * NOW, true};
    struct evidence e = {.me = me, .me_count = 1};
    named[0].original = SPAN("ann@list.test");
    h.plain_to = "@list.test";
    assert_int_equal(found(&h, &e, &n, &came), NO_TAG_SAYS_NOTHING);
    named[0].original = SPAN_NONE;
    n.recipient_count = 2;
    assert_int_equal(found(&h, &e, &n, &came), NO_TAG_SAYS_NOTHING);
    h.plain_to = NULL;
    n.recipient_count = 1;
    n.further_count = 1; /* among whom may be any that she wrote to */
    assert_int_equal(found(&h, &e, &n, &came), NO_TAG_SAYS_NOTHING);
    n.further_count = 0;
    assert_int_equal(found(&h, &e, &n, &came), NO_TAG_DISPROVES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row),
        cmocka_unit_test(not_all_recipients_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
