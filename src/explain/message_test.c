/* The public header: what it shows is what the engine found, wishes change it, and what is not
 * known is not there. */
#include "base/test.h"

#include "bounce/advise.h"

#include <plainpost/explain.h>
#include <string.h>

static const char full[] =
    "From: MAILER-DAEMON@mx.example.net\r\nTo: alice@example.org\r\n"
    "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
    "Date: Tue, 24 Nov 2026 11:44:03 +0000\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    "--b\r\n\r\nI'm sorry to have to inform you that your message could not be delivered.\r\n"
    "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; mx.example.net\r\nArrival-Date: Tue, 24 Nov 2026 11:44:00 +0000\r\n\r\n"
    "Final-Recipient: rfc822; bob@example.com\r\nOriginal-Recipient: rfc822; bobby@example.com\r\n"
    "Action: failed\r\nStatus: 5.2.2\r\nRemote-MTA: dns; mx.example.com\r\n"
    "Diagnostic-Code: smtp; 552 5.2.2 mailbox \xff"
    "full\r\n\r\n"
    "Final-Recipient: rfc822; carol@example.com\r\nAction: delivered\r\nStatus: 2.1.5\r\n\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\n"
    "From: alice@example.org\r\nTo: bob@example.com\r\nSubject: Lunch\r\n"
    "Message-ID: <m1@example.org>\r\nDate: Tue, 24 Nov 2026 11:43:00 +0000\r\n\r\nHello\r\n"
    "--b--\r\n";

static const char trick[] =
    "From: Mail Delivery System <admin@example.invalid>\r\nTo: alice@example.org\r\n"
    "Subject: Undelivered mail\r\nContent-Type: text/html\r\n\r\n"
    "<p>Your messages to bob@example.com could not be delivered. Verify your password to release "
    "them: <a href=\"http://evil.example.invalid/\">https://mail.example.org/release</a>"
    ", sign in now.</p>\r\n";

static struct plainpost_message *read(const char *text)
{
    struct plainpost_message *m;
    assert_int_equal(plainpost_message_read(&m, text, strlen(text)), PLAINPOST_OK);
    return m;
}

static bool has_fact(struct plainpost_message *m, const char *fact)
{
    const struct plainpost_evidence *e = NULL;
    while ((e = plainpost_evidence_next(m, e)))
        if (strcmp(e->fact, fact) == 0)
            return true;
    return false;
}

static void recipients_are_shown_one_after_the_other(void **state)
{
    struct plainpost_message *m = read(full);
    const struct plainpost_recipient *r = plainpost_recipient_next(m, NULL);
    assert_string_equal(r->address, "bob@example.com");
    assert_string_equal(r->original, "bobby@example.com");
    assert_int_equal(r->action, PLAINPOST_ACTION_FAILED);
    assert_string_equal(r->status, "5.2.2");
    assert_int_equal(r->code, 552);
    assert_int_equal(r->cause, PLAINPOST_CAUSE_INBOX_FULL);
    assert_null(r->variant);
    assert_int_equal(r->permanent, 1);
    assert_int_equal(r->who_acts, PLAINPOST_WHO_RECIPIENT);
    assert_string_equal(r->remote, "mx.example.com");
    assert_non_null(strstr(r->diagnostic, "552 5.2.2 mailbox"));
    assert_int_equal(r->last_attempt_ms, 0);
    assert_string_equal(r->headline, "Inbox full");
    r = plainpost_recipient_next(m, r);
    assert_string_equal(r->address, "carol@example.com");
    assert_null(r->original);
    assert_int_equal(r->action, PLAINPOST_ACTION_DELIVERED);
    assert_int_equal(r->cause, PLAINPOST_CAUSE_NONE);
    assert_int_equal(r->who_acts, PLAINPOST_WHO_UNKNOWN);
    assert_int_equal(r->permanent, 0);
    assert_null(r->diagnostic);
    assert_null(r->headline);
    assert_null(plainpost_recipient_next(m, r));
    plainpost_message_free(&m);
    assert_null(m);
    plainpost_message_free(&m);
}

static void notice_and_original_are_shown(void **state)
{
    struct plainpost_message *m = read(full);
    const struct plainpost_notice *n = plainpost_message_notice(m);
    const struct plainpost_original *o = plainpost_message_original(m);
    assert_int_equal(n->kind, PLAINPOST_KIND_FAILURE);
    assert_string_equal(n->reporting, "mx.example.net");
    assert_string_equal(n->subject, "Undelivered Mail Returned to Sender");
    assert_true(n->date_ms == 1795520643000 && n->arrival_ms == 1795520640000);
    assert_true(n->recipients == 2 && n->further_recipients == 0);
    assert_null(n->message_id);
    plainpost_message_set_language(m, "de"); /* the original outlives it */
    assert_string_equal(o->message_id, "m1@example.org");
    assert_string_equal(o->subject, "Lunch");
    assert_string_equal(o->from, "alice@example.org");
    assert_true(o->date_ms == 1795520580000);
    assert_null(o->meeting);
    assert_true(o->header_size == strlen(o->header) && strncmp(o->header, "From: alice", 11) == 0);
    plainpost_message_free(&m);
}

static void what_is_known_decides(void **state)
{
    static const struct {
        enum plainpost_known what;
        enum plainpost_answer answer, from_here;
        enum plainpost_class is;
        enum plainpost_confidence confidence;
        const char *fact;
    } cases[] = {
        {PLAINPOST_IS_SENT, PLAINPOST_NOT_KNOWN, PLAINPOST_NOT_KNOWN, PLAINPOST_CLASS_GENUINE,
         PLAINPOST_CONFIDENCE_LIKELY, "names-recipient"},
        {PLAINPOST_IS_SENT, PLAINPOST_YES, PLAINPOST_YES, PLAINPOST_CLASS_GENUINE,
         PLAINPOST_CONFIDENCE_CERTAIN, "sent"},
        {PLAINPOST_IS_SENT, PLAINPOST_NO, PLAINPOST_NO, PLAINPOST_CLASS_NOT_YOURS,
         PLAINPOST_CONFIDENCE_VERY_LIKELY, "not-sent"},
        {PLAINPOST_OWN_SIGNATURE, PLAINPOST_YES, PLAINPOST_YES, PLAINPOST_CLASS_GENUINE,
         PLAINPOST_CONFIDENCE_CERTAIN, "own-signature"},
        {PLAINPOST_OWN_SIGNATURE, PLAINPOST_NO, PLAINPOST_NO, PLAINPOST_CLASS_NOT_YOURS,
         PLAINPOST_CONFIDENCE_VERY_LIKELY, "own-signature-broken"},
        {PLAINPOST_OWN_TAG, PLAINPOST_YES, PLAINPOST_YES, PLAINPOST_CLASS_GENUINE,
         PLAINPOST_CONFIDENCE_CERTAIN, "own-tag"},
    };
    struct plainpost_message *m = read(full);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(plainpost_message_set_known(m, cases[i].what, cases[i].answer), 0);
        const struct plainpost_verdict *v = plainpost_message_verdict(m);
        assert_int_equal(v->is, cases[i].is);
        assert_int_equal(v->confidence, cases[i].confidence);
        assert_int_equal(v->is_from_here, cases[i].from_here);
        assert_true(has_fact(m, cases[i].fact));
        plainpost_message_set_known(m, cases[i].what, PLAINPOST_NOT_KNOWN);
    }
    plainpost_message_set_known(m, PLAINPOST_IS_SENT, PLAINPOST_YES);
    plainpost_message_set_known(m, PLAINPOST_SUSPECT, PLAINPOST_YES);
    assert_int_equal(plainpost_message_verdict(m)->is, PLAINPOST_CLASS_ACCOUNT_ABUSED);
    plainpost_message_free(&m);
}

static void an_address_of_mine_counts(void **state)
{
    struct plainpost_message *m = read(full);
    for (int i = 0; i < 9; i++)
        assert_int_equal(plainpost_message_add_me(m, "someone@example.org"), PLAINPOST_OK);
    assert_int_equal(plainpost_message_verdict(m)->is, PLAINPOST_CLASS_NOT_YOURS);
    assert_int_equal(plainpost_message_add_me(m, "alice@example.org"), PLAINPOST_OK);
    assert_int_equal(plainpost_message_verdict(m)->is, PLAINPOST_CLASS_GENUINE);
    assert_true(has_fact(m, "from-me"));
    plainpost_message_free(&m);
}

static void a_trick_has_no_recipients(void **state)
{
    struct plainpost_message *m = read(trick);
    assert_int_equal(plainpost_message_verdict(m)->is, PLAINPOST_CLASS_PHISHING);
    assert_int_equal(plainpost_message_notice(m)->kind, PLAINPOST_KIND_NOT_A_BOUNCE);
    assert_null(plainpost_recipient_next(m, NULL));
    assert_int_equal(plainpost_message_advice(m)->who_acts, PLAINPOST_WHO_YOU);
    plainpost_message_free(&m);
}

static void words_are_in_the_language_and_for_the_audience(void **state)
{
    struct plainpost_message *m = read(full);
    assert_string_equal(plainpost_message_advice(m)->who, "The recipient.");
    const struct plainpost_step *s = plainpost_step_next(m, NULL);
    assert_non_null(s->text);
    plainpost_message_set_language(m, "xx, de-AT");
    plainpost_message_set_time_zone(m, 60);
    assert_non_null(strstr(plainpost_message_advice(m)->headline, "Postfach voll"));
    assert_string_equal(plainpost_recipient_next(m, NULL)->headline, "Postfach voll");
    assert_non_null(strstr(plainpost_message_form(m, PLAINPOST_TEXT, NULL), "12:44 Uhr (UTC+1)"));
    plainpost_message_set_language(m, NULL);
    const char *person = plainpost_message_advice(m)->would_settle;
    assert_non_null(strstr(person, "your folder of sent messages"));
    plainpost_message_set_audience(m, PLAINPOST_OPERATOR);
    assert_null(strstr(plainpost_message_advice(m)->would_settle, "your folder"));
    plainpost_message_free(&m);
}

static void all_forms_are_made(void **state)
{
    static const char *const parts[] = {[PLAINPOST_TEXT] = "Did it arrive?",
                                        [PLAINPOST_JSON] = "{\"version\":1,\"file\":\"a.eml\",",
                                        [PLAINPOST_HTML] = "<!DOCTYPE html>",
                                        [PLAINPOST_LETTER] = "bob@example.com"};
    struct plainpost_message *m = read(full);
    plainpost_message_set_name(m, "a.eml");
    for (int i = PLAINPOST_TEXT; i <= PLAINPOST_LETTER; i++) {
        size_t size;
        const char *form = plainpost_message_form(m, (enum plainpost_form)i, &size);
        assert_int_equal(size, strlen(form));
        assert_non_null(strstr(form, parts[i]));
        assert_ptr_equal(form, plainpost_message_form(m, (enum plainpost_form)i, NULL));
    }
    plainpost_message_set_name(m, NULL);
    assert_non_null(strstr(plainpost_message_form(m, PLAINPOST_JSON, NULL), "\"file\":\"-\""));
    assert_null(plainpost_message_form(m, (enum plainpost_form)9, NULL));
    plainpost_message_free(&m);
}

static void bad_arguments_change_nothing(void **state)
{
    struct plainpost_message *m = (struct plainpost_message *)1;
    assert_int_equal(plainpost_message_read(&m, NULL, 1), PLAINPOST_BAD_ARGUMENT);
    assert_null(m);
    assert_int_equal(plainpost_message_read(&m, full, PLAINPOST_LARGEST_MESSAGE + 1),
                     PLAINPOST_TOO_LARGE);
    assert_null(m);
    assert_int_equal(plainpost_message_read(&m, NULL, 0), PLAINPOST_OK);
    assert_int_equal(plainpost_message_verdict(m)->is, PLAINPOST_CLASS_NOT_A_BOUNCE);
    plainpost_message_free(&m);
    m = read(full);
    const struct plainpost_advice *a = plainpost_message_advice(m);
    assert_int_equal(plainpost_message_add_me(m, "alice"), PLAINPOST_BAD_ARGUMENT);
    assert_int_equal(plainpost_message_add_me(m, NULL), PLAINPOST_BAD_ARGUMENT);
    assert_int_equal(plainpost_message_set_time_zone(m, 1441), PLAINPOST_BAD_ARGUMENT);
    assert_int_equal(plainpost_message_set_time_zone(m, -1441), PLAINPOST_BAD_ARGUMENT);
    assert_int_equal(plainpost_message_set_width(m, 19), PLAINPOST_BAD_ARGUMENT);
    assert_int_equal(plainpost_message_set_width(m, 1001), PLAINPOST_BAD_ARGUMENT);
    assert_int_equal(plainpost_message_set_known(m, PLAINPOST_IS_SENT, (enum plainpost_answer)3),
                     PLAINPOST_BAD_ARGUMENT);
    assert_int_equal(plainpost_message_set_known(m, (enum plainpost_known)9, PLAINPOST_YES),
                     PLAINPOST_BAD_ARGUMENT);
    assert_string_equal(a->headline, "Inbox full: bobby@example.com");
    plainpost_message_free(&m);
}

static void what_comes_from_the_mail_is_made_harmless(void **state)
{
    struct plainpost_message *m = read(full);
    assert_string_equal(plainpost_message_harmless(m, "a\033[31mb\n"), "a<U+001B>[31mb<U+000A>");
    assert_string_equal(plainpost_message_harmless(m, NULL), "");
    plainpost_message_free(&m);
}

/* Numbers are for ever: whoever changes one breaks programs that are long built. */
static void numbers_and_names_stay(void **state)
{
    static const char *const kinds[] = {"not-a-bounce", "failure",         "delay",    "success",
                                        "auto-reply",   "feedback-report", "challenge"};
    static const char *const causes[] = {"",
                                         "unknown",
                                         "address-not-found",
                                         "domain-not-found",
                                         "inbox-full",
                                         "account-disabled",
                                         "message-too-large",
                                         "blocked-content",
                                         "blocked-reputation",
                                         "blocked-policy",
                                         "sender-auth-failed",
                                         "too-many",
                                         "could-not-reach",
                                         "server-problem",
                                         "relay-denied",
                                         "loop"};
    static const char *const classes[] = {"unknown",        "genuine",     "not-yours",
                                          "account-abused", "phishing",    "spam-in-bounce",
                                          "auto-reply",     "not-a-bounce"};
    static const char *const who[] = {
        "", "you", "recipient", "their-operator", "your-operator", "nobody"};
    static const char *const actions[] = {"",          "failed",  "delayed",
                                          "delivered", "relayed", "expanded"};
    static const char *const sure[] = {"unknown", "likely", "very-likely", "certain"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        assert_string_equal(plainpost_kind_name((enum plainpost_kind)i), kinds[i]);
    for (size_t i = 0; i < COUNT_OF(causes); i++)
        assert_string_equal(plainpost_cause_name((enum plainpost_cause)i), causes[i]);
    for (size_t i = 0; i < COUNT_OF(classes); i++)
        assert_string_equal(plainpost_class_name((enum plainpost_class)i), classes[i]);
    for (size_t i = 0; i < COUNT_OF(who); i++)
        assert_string_equal(plainpost_who_name((enum plainpost_who)i), who[i]);
    for (size_t i = 0; i < COUNT_OF(actions); i++)
        assert_string_equal(plainpost_action_name((enum plainpost_action)i), actions[i]);
    for (size_t i = 0; i < COUNT_OF(sure); i++)
        assert_string_equal(plainpost_confidence_name((enum plainpost_confidence)i), sure[i]);
    assert_string_equal(plainpost_cause_name((enum plainpost_cause)COUNT_OF(causes)), "");
    assert_string_equal(plainpost_kind_name((enum plainpost_kind)99), "");
    assert_string_equal(plainpost_class_name((enum plainpost_class)99), "");
    assert_int_equal(plainpost_explain_version(), PLAINPOST_EXPLAIN_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recipients_are_shown_one_after_the_other),
        cmocka_unit_test(notice_and_original_are_shown),
        cmocka_unit_test(what_is_known_decides),
        cmocka_unit_test(an_address_of_mine_counts),
        cmocka_unit_test(a_trick_has_no_recipients),
        cmocka_unit_test(words_are_in_the_language_and_for_the_audience),
        cmocka_unit_test(all_forms_are_made),
        cmocka_unit_test(bad_arguments_change_nothing),
        cmocka_unit_test(what_comes_from_the_mail_is_made_harmless),
        cmocka_unit_test(numbers_and_names_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
