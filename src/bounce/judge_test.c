/* Fakes and honest notices, in many languages; and whose message it was. */
#include "base/test.h"

#include "bounce/judge.h"
#include "bounce/read.h"

static struct verdict judged(const char *message, const struct evidence *e, struct arena *a)
{
    static const struct evidence nothing;
    struct notice n;
    struct survey s;
    struct verdict v;
    notice_read(&n, &s, span_of(message), a);
    notice_judge(&v, &n, &s, e ? e : &nothing, a);
    return v;
}

static void expect(const char *message, const struct evidence *e, enum verdict_class class,
                   enum confidence confidence)
{
    struct arena a = ARENA_EMPTY;
    struct verdict v = judged(message, e, &a);
    if (v.class != class || v.confidence != confidence)
        fail_msg("%s: %s (%s), not %s (%s)", message, verdict_name(v.class),
                 confidence_name(v.confidence), verdict_name(class), confidence_name(confidence));
    arena_clear(&a);
}

#define HEAD(from, subject)                                                                        \
    "From: " from "\nTo: ann@home.test\nSubject: " subject                                         \
    "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
#define DAEMON "Mail Delivery Subsystem <mailer-daemon@a.test>"

static void tricks_are_seen(void **state)
{
    static const char *const cases[] = {
        HEAD(DAEMON,
             "Delivery Status Notification (Failure)") "5 messages could not be delivered. Sign in "
                                                       "to release your "
                                                       "messages: "
                                                       "https://x.invalid/?u=ann@home.test\n",
        HEAD("Postmaster <postmaster@a.test>",
             "Ihr Postfach ist voll") "Melden Sie sich an und bestätigen Sie Ihr Konto, "
                                      "sonst wird es in 24 Stunden gesperrt.\n",
        HEAD("Webmail <x@a.test>",
             "Votre boîte est pleine") "Connectez-vous et confirmez votre compte.\n",
        HEAD("Soporte <x@a.test>",
             "Su contraseña caduca hoy") "Conservar mi contraseña: "
                                         "https://x.invalid/?e=ann%40home.test\n",
        HEAD("IT <x@a.test>",
             "メールボックスの容量") "24時間以内に停止されます。ログインしてください\n",
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect(cases[i], NULL, VERDICT_PHISHING, CONFIDENCE_CERTAIN);
}

static void ordinary_mail_is_none(void **state)
{
    static const char *const cases[] = {
        HEAD("News <news@shop.test>", "Spring sale") "Sign in to your account and release your "
                                                     "wishes! Verify your account.\n",
        HEAD("List <list-owner@a.test>",
             "Membership reminder") "Your options: https://a.test/options/ann@home.test\n",
        HEAD("Bob <bob@a.test>", "Lunch?") "Please log in to the wiki first. See you.\n",
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect(cases[i], NULL, VERDICT_NOT_A_BOUNCE, CONFIDENCE_LIKELY);
}

#define NOTICE HEAD(DAEMON, "Delivery Status Notification (Failure)") NOTICE_BODY
#define NOTICE_BODY                                                                                \
    "** Address not found **\n\nYour message wasn't delivered to bob@b.test because the address "  \
    "couldn't be found.\n\nLEARN MORE: https://support.google.com/mail/answer/6596\n\n"            \
    "The response was:\n\n550 5.1.1 The email account that you tried to reach does not exist.\n\n" \
    "----- Original message -----\n\nReceived: from x by y; z\nMessage-ID: <1@home.test>\n"        \
    "From: ann@home.test\nTo: bob@b.test\nSubject: x\n"
#define NAMELESS                                                                                   \
    HEAD(DAEMON, "Undeliverable: x")                                                               \
    "Your message did not reach bob@b.test.\n\n550 5.1.1 no such user\n\n"                         \
    "----- Original message -----\n\nFrom: ann@home.test\nTo: bob@b.test\nSubject: x\n"
#define BULK NOTICE "List-Unsubscribe: <https://spam.invalid/>\n"

static void whose_message_it_was_decides(void **state)
{
    static const struct span ann[] = {SPAN("ann@home.test")}, eve[] = {SPAN("eve@home.test")};
    static const struct {
        const char *message;
        struct evidence evidence;
        enum verdict_class class;
        enum confidence confidence;
    } cases[] = {
        {NOTICE "\n", {0}, VERDICT_GENUINE, CONFIDENCE_LIKELY},
        {NOTICE "\n", {.me = ann, .me_count = 1}, VERDICT_GENUINE, CONFIDENCE_LIKELY},
        {NOTICE "\n", {.me = eve, .me_count = 1}, VERDICT_NOT_YOURS, CONFIDENCE_LIKELY},
        {NOTICE "\n", {.is_sent = ANSWER_YES}, VERDICT_GENUINE, CONFIDENCE_CERTAIN},
        {NOTICE "\n", {.is_sent = ANSWER_NO}, VERDICT_NOT_YOURS, CONFIDENCE_VERY_LIKELY},
        {NOTICE "\n",
         {.own_tag = ANSWER_YES, .is_sent = ANSWER_NO},
         VERDICT_GENUINE,
         CONFIDENCE_CERTAIN},
        {NOTICE "\n", {.own_tag = ANSWER_NO}, VERDICT_NOT_YOURS, CONFIDENCE_LIKELY},
        {NAMELESS "\n", {.is_sent = ANSWER_NO}, VERDICT_NOT_YOURS, CONFIDENCE_LIKELY},
        {NOTICE "\n", {.own_signature = ANSWER_NO}, VERDICT_NOT_YOURS, CONFIDENCE_VERY_LIKELY},
        {NOTICE "\n", {.own_signature = ANSWER_YES}, VERDICT_GENUINE, CONFIDENCE_CERTAIN},
        {NOTICE "\n",
         {.own_signature = ANSWER_YES, .is_sent = ANSWER_NO},
         VERDICT_GENUINE,
         CONFIDENCE_CERTAIN},
        {NOTICE "\n",
         {.own_signature = ANSWER_NO, .is_sent = ANSWER_YES},
         VERDICT_GENUINE,
         CONFIDENCE_CERTAIN},
        {BULK "\n", {.own_signature = ANSWER_NO}, VERDICT_SPAM_IN_BOUNCE, CONFIDENCE_LIKELY},
        {NOTICE "\n",
         {.is_sent = ANSWER_YES, .account_is_suspect = true},
         VERDICT_ACCOUNT_ABUSED,
         CONFIDENCE_VERY_LIKELY},
        {NOTICE "\n", {.account_is_suspect = true}, VERDICT_GENUINE, CONFIDENCE_LIKELY},
        {BULK "\n", {.is_sent = ANSWER_NO}, VERDICT_SPAM_IN_BOUNCE, CONFIDENCE_LIKELY},
        {BULK "\n", {0}, VERDICT_GENUINE, CONFIDENCE_LIKELY},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect(cases[i].message, &cases[i].evidence, cases[i].class, cases[i].confidence);
}

/* Its header can be copied by anybody who ever got a mail from there. */
static void proof_makes_no_trick_honest(void **state)
{
#define ASKING(words) HEAD(DAEMON, "Delivery Status Notification (Failure)") words NOTICE_BODY
    static const struct evidence proven = {
        .own_signature = ANSWER_YES, .own_domain = SPAN("home.test"), .is_sent = ANSWER_YES};
    expect(ASKING("Sign in to release your messages: https://x.invalid/?u=ann@home.test\n\n"),
           &proven, VERDICT_PHISHING, CONFIDENCE_CERTAIN);
    expect(ASKING("Please sign in.\n\n"), &proven, VERDICT_GENUINE, CONFIDENCE_LIKELY);
    expect(ASKING(""), &proven, VERDICT_GENUINE, CONFIDENCE_CERTAIN);
}

/* … nor a report of something else that is sent in the form of one. */
static void a_report_speaks_of_mail(void **state)
{
#define REPORT(words)                                                                              \
    "From: " DAEMON "\nTo: ann@home.test\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"          \
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"                  \
    "--b\nContent-Type: text/plain; charset=utf-8\n\n" words                                       \
    "\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.a.test\n\n"            \
    "Final-Recipient: rfc822; bob@b.test\nAction: failed\nStatus: 5.1.1\n\n"                       \
    "--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <1@home.test>\n"                        \
    "From: ann@home.test\nTo: bob@b.test\nSubject: x\n\n--b--\n"
#define SHOP                                                                                       \
    "Dear friend, own your automated shopping mall today! Sales are booming, and all that you do " \
    "is to watch the orders come in."
    static const struct evidence proven = {.own_signature = ANSWER_YES,
                                           .own_tag = ANSWER_YES,
                                           .is_sent = ANSWER_YES,
                                           .sent_to = ANSWER_YES},
                                 foreign = {.is_sent = ANSWER_NO};
    static const char *const honest[] = {
        REPORT("Sorry."),
        REPORT(SHOP "\nbob@b.test: we are closed"),
        REPORT(
            "Das hat leider nicht geklappt: die Nachricht ist unzustellbar. Der Postmaster hilft "
            "Ihnen gern weiter, wenn Sie ihm diese Nachricht schicken."),
        REPORT(
            "The group that you tried to contact may not exist, or you may not write to it. Visit "
            "the help of Google Groups for more about it, please."),
    };
    for (size_t i = 0; i < COUNT_OF(honest); i++)
        expect(honest[i], &proven, VERDICT_GENUINE, CONFIDENCE_CERTAIN);
    expect(REPORT(""), &proven, VERDICT_GENUINE, CONFIDENCE_VERY_LIKELY);
    expect(REPORT(SHOP), &proven, VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN);
    expect(REPORT(SHOP " Your warranty has expired. Ask for our Domino set!"), &proven,
           VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN);
    expect(REPORT(SHOP), NULL, VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN);
    expect(REPORT("\x89PNG\x01\x02\x03\x04\x05\x06\x07\x08\x01\x02" SHOP), &proven, VERDICT_GENUINE,
           CONFIDENCE_VERY_LIKELY);
    expect(REPORT("\x01" SHOP), &proven, VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN);
    expect(REPORT("\n--b\nContent-Type: image/png\n\nPNG"), &proven, VERDICT_UNKNOWN,
           CONFIDENCE_UNKNOWN);
    expect(REPORT("\n--b\nContent-Type: text/html\n\n<p><img src=x></p>"), &proven, VERDICT_UNKNOWN,
           CONFIDENCE_UNKNOWN);
    expect(REPORT("\n--b\nContent-Type: text/html\n\n<p>Sorry</p>"), &proven, VERDICT_GENUINE,
           CONFIDENCE_CERTAIN);
    expect(REPORT("Sorry.\n--b\nContent-Type: image/png\n\nPNG"), &proven, VERDICT_GENUINE,
           CONFIDENCE_CERTAIN);
    expect(REPORT(SHOP), &foreign, VERDICT_NOT_YOURS, CONFIDENCE_VERY_LIKELY);
}

static void the_signature_is_named(void **state)
{
    static const struct {
        enum answer answer;
        const char *fact;
    } cases[] = {{ANSWER_YES, "own-signature"}, {ANSWER_NO, "own-signature-broken"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        const struct evidence e = {.own_signature = cases[i].answer,
                                   .own_domain = SPAN("home.test")};
        struct verdict v = judged(NOTICE "\n", &e, &a);
        assert_string_equal(v.facts[0].name, cases[i].fact);
        assert_true(span_equal(v.facts[0].detail, SPAN("home.test")));
        arena_clear(&a);
    }
}

#define COMPLAINT                                                                                  \
    "From: fbl@b.test\nTo: ann@home.test\nSubject: complaint\nMIME-Version: 1.0\n"                 \
    "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"                  \
    "--b\n\nThis is an abuse report.\n--b\nContent-Type: message/feedback-report\n\n"              \
    "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n\n--b\nContent-Type: message/rfc822\n\n"   \
    "Message-ID: <1@home.test>\nFrom: ann@home.test\nTo: bob@b.test\nSubject: x\n\nx\n--b--\n"

static void complaints_are_judged_alike(void **state)
{
    static const struct evidence sent = {.is_sent = ANSWER_YES}, not_sent = {.is_sent = ANSWER_NO},
                                 abused = {.own_tag = ANSWER_YES, .account_is_suspect = true};
    expect(COMPLAINT, NULL, VERDICT_GENUINE, CONFIDENCE_LIKELY);
    expect(COMPLAINT, &sent, VERDICT_GENUINE, CONFIDENCE_CERTAIN);
    expect(COMPLAINT, &not_sent, VERDICT_NOT_YOURS, CONFIDENCE_VERY_LIKELY);
    expect(COMPLAINT, &abused, VERDICT_ACCOUNT_ABUSED, CONFIDENCE_VERY_LIKELY);
}

/* Whoever has one mail of theirs can ask so, too. */
static void challenges_are_never_certain(void **state)
{
#define ASKED                                                                                      \
    "Return-Path: <>\nAuto-Submitted: auto-replied\nFrom: bob@b.test\nTo: ann@home.test\n"         \
    "Subject: Re: Lunch\n\nPlease confirm that you are a human: https://b.test/ask\n\n"
#define CHALLENGE                                                                                  \
    ASKED                                                                                          \
    "-----Original Message-----\nMessage-ID: <1@home.test>\nFrom: ann@home.test\n"                 \
    "To: bob@b.test\nSubject: Lunch\n\n"
    static const struct evidence sent = {.is_sent = ANSWER_YES}, not_sent = {.is_sent = ANSWER_NO},
                                 tagged = {.own_tag = ANSWER_YES};
    expect(ASKED, &tagged, VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN);
    expect(CHALLENGE, NULL, VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN);
    expect(CHALLENGE, &sent, VERDICT_GENUINE, CONFIDENCE_LIKELY);
    expect(CHALLENGE, &not_sent, VERDICT_NOT_YOURS, CONFIDENCE_VERY_LIKELY);
}

/* What was proven is not of whom the notice names, or of long ago. */
static void proof_must_fit(void **state)
{
    static const struct evidence to_others = {.is_sent = ANSWER_YES, .sent_to = ANSWER_NO},
                                 to_him = {.is_sent = ANSWER_YES, .sent_to = ANSWER_YES},
                                 wrote = {.wrote_to = ANSWER_YES}, never = {.wrote_to = ANSWER_NO},
                                 renamed = {.is_sent = ANSWER_NO, .wrote_to = ANSWER_YES};
    expect(NOTICE "\n", &to_others, VERDICT_GENUINE, CONFIDENCE_VERY_LIKELY);
    expect(NOTICE "\n", &to_him, VERDICT_GENUINE, CONFIDENCE_CERTAIN);
    expect("Date: Tue, 3 Mar 2026 10:00:00 +0000\n" NOTICE
           "Date: Tue, 3 Feb 2026 10:00:00 +0000\n\n",
           &to_him, VERDICT_GENUINE, CONFIDENCE_CERTAIN);
    expect("Date: Tue, 3 Mar 2026 10:00:00 +0000\n" NOTICE
           "Date: Tue, 3 Jan 2026 10:00:00 +0000\n\n",
           &to_him, VERDICT_GENUINE, CONFIDENCE_VERY_LIKELY);
    expect(NOTICE "\n", &wrote, VERDICT_GENUINE, CONFIDENCE_VERY_LIKELY);
    expect(NOTICE "\n", &never, VERDICT_GENUINE, CONFIDENCE_LIKELY);
    expect(NOTICE "\n", &renamed, VERDICT_NOT_YOURS, CONFIDENCE_LIKELY);
    expect(ASKING("Please sign in.\n\n"), &wrote, VERDICT_GENUINE, CONFIDENCE_LIKELY);
}

static void facts_speak_for_or_against(void **state)
{
    static const struct evidence e = {.is_sent = ANSWER_YES, .own_signature = ANSWER_NO};
    static const struct span eve[] = {SPAN("eve@home.test")};
    static const struct evidence forged = {.me = eve, .me_count = 1, .own_tag = ANSWER_NO};
    struct arena a = ARENA_EMPTY;
    struct verdict v = judged(NOTICE "\n", &e, &a);
    for (size_t i = 0; i < v.fact_count; i++)
        assert_int_equal(v.facts[i].is_against, !strcmp(v.facts[i].name, "own-signature-broken"));
    v = judged(NOTICE "\n", &forged, &a);
    assert_int_equal(v.class, VERDICT_NOT_YOURS);
    for (size_t i = 0; i < v.fact_count; i++)
        assert_false(v.facts[i].is_against);
    arena_clear(&a);
}

static void a_trick_is_no_notice(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct notice n;
    struct survey s;
    notice_read(&n, &s, span_of(NOTICE "\n"), &a);
    notice_settle(&n, &(struct verdict){.class = VERDICT_GENUINE});
    assert_int_equal(n.kind, NOTICE_FAILURE);
    notice_settle(&n, &(struct verdict){.class = VERDICT_PHISHING});
    assert_int_equal(n.kind, NOTICE_NOT_A_BOUNCE);
    assert_int_equal(n.recipient_count, 0);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tricks_are_seen),
        cmocka_unit_test(ordinary_mail_is_none),
        cmocka_unit_test(whose_message_it_was_decides),
        cmocka_unit_test(proof_makes_no_trick_honest),
        cmocka_unit_test(a_report_speaks_of_mail),
        cmocka_unit_test(the_signature_is_named),
        cmocka_unit_test(complaints_are_judged_alike),
        cmocka_unit_test(challenges_are_never_certain),
        cmocka_unit_test(proof_must_fit),
        cmocka_unit_test(facts_speak_for_or_against),
        cmocka_unit_test(a_trick_is_no_notice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
