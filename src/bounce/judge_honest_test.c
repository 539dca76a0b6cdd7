/* Honest mail that has something of a trick: cards with buttons, links to help, words that ask.
 * None of it may be called one. */
#include "base/test.h"

#include "bounce/trial_notice.h"

#define HEAD(from, subject)                                                                        \
    "Return-Path: <>\nFrom: " from "\nTo: Ann <ann@home.test>\nSubject: " subject                  \
    "\nMIME-Version: 1.0\n"
#define TEXT(from, subject, words)                                                                 \
    HEAD(from, subject) "Content-Type: text/plain; charset=utf-8\n\n" words "\n"
#define PAGE(from, subject, html)                                                                  \
    HEAD(from, subject)                                                                            \
    "Content-Type: text/html; charset=utf-8\n\n<html><body>" html "</body></html>\n"
#define LINK(target, words) "<a href=\"" target "\">" words "</a>"
#define CARD(from, subject, words, html)                                                           \
    HEAD(from, subject)                                                                            \
    "Auto-Submitted: auto-replied\n"                                                               \
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"                  \
    "--b\nContent-Type: multipart/alternative; boundary=c\n\n"                                     \
    "--c\nContent-Type: text/plain; charset=utf-8\n\n" words                                       \
    "\n--c\nContent-Type: text/html; charset=utf-8\n\n" html "\n--c--\n"                           \
    "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.a.test\n\n"              \
    "Final-Recipient: rfc822; bob@b.test\nAction: failed\nStatus: 5.1.1\n"                         \
    "Remote-MTA: dns; mx.b.test\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n"
#define RETURNED                                                                                   \
    "--b\nContent-Type: text/rfc822-headers\n\nReceived: from a by b; Tue, 3 Mar 2026 09:11:05 "   \
    "+0000\nMessage-ID: <1@home.test>\nFrom: ann@home.test\nTo: bob@b.test\nSubject: Offer\n\n"
#define END "--b--\n"
#define GMAIL "Mail Delivery Subsystem <mailer-daemon@googlemail.com>"
#define M365 "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@home.test>"
#define DAEMON "Mail Delivery System <MAILER-DAEMON@mx.a.test>"
#define LOGO "<img src=\"https://www.gstatic.com/images/icon.png\">"

static const char *const genuine[] = {
    /* cards of Gmail */
    CARD(GMAIL, "Delivery Status Notification (Failure)",
         "** Address not found **\n\nYour message wasn't delivered to bob@b.test because the "
         "address "
         "couldn't be found, or is unable to receive mail.\n\nLearn more here: "
         "https://support.google.com/mail/?p=NoSuchUser\n\nThe response was:\n\n550 5.1.1 no such "
         "user",
         LOGO "<h1>Address not found</h1>Your message wasn't delivered to " LINK(
             "mailto:bob@b.test", "bob@b.test")
             LINK("https://support.google.com/mail/?p=NoSuchUser", "LEARN MORE")) RETURNED END,
    CARD(GMAIL, "Delivery Status Notification (Failure)",
         "** Nachricht blockiert **\n\nDie Nachricht an bob@b.test wurde blockiert. Technische "
         "Details finden Sie "
         "unten.\n\nWEITERE INFORMATIONEN: https://support.google.com/mail/answer/69585",
         LOGO LINK("https://support.google.com/mail/answer/69585", "WEITERE INFORMATIONEN")) END,
    CARD(GMAIL, "Delivery Status Notification (Delay)",
         "** 配信未完了 **\n\nbob@b.test へのメールの送信中に一時的な問題が発生しました。\n\n"
         "https://support.google.com/mail/answer/7720",
         LOGO LINK("https://support.google.com/mail/answer/7720", "詳細")) END,
    CARD(GMAIL, "Delivery Status Notification (Failure)",
         "** Se ha bloqueado el mensaje **\n\nSe ha bloqueado tu mensaje para bob@b.test.\n",
         LOGO LINK("https://support.google.com/mail/answer/69585", "MÁS INFORMACIÓN")) END,
    CARD(GMAIL, "Delivery Status Notification (Failure)",
         "** You're not allowed to post **\n\nYou may need to join the group. "
         "https://groups.google.com/a/b.test/group/team/subscribe",
         LINK("https://groups.google.com/a/b.test/group/team/subscribe", "JOIN THE GROUP"))
        RETURNED END,
    /* notices of Exchange Online */
    CARD(M365, "Undeliverable: Offer",
         "Your message to bob@b.test couldn't be delivered.\n\nHow to Fix It\nTo verify the "
         "address, open the message in "
         "your Sent folder and choose Send "
         "Again.\n<https://go.microsoft.com/fwlink/?LinkId=389361>\n"
         "Was this helpful? Send feedback to "
         "Microsoft<https://go.microsoft.com/fwlink/?LinkId=525921>.\n",
         LINK("https://products.office.com/en/CMSImages/a.png",
              "Office 365") "<p>Couldn't be delivered</p>" LINK("https://go.microsoft.com/fwlink/"
                                                                "?LinkID=389361",
                                                                "Send feedback to Microsoft"))
        RETURNED END,
    CARD(M365, "Unzustellbar: Angebot",
         "Ihre Nachricht an bob@b.test konnte nicht zugestellt werden.\nbob wurde bei b.test nicht "
         "gefunden.\nSo beheben "
         "Sie das Problem: Überprüfen Sie die Adresse und senden Sie die Nachricht erneut.\n",
         LINK("https://aka.ms/ndr", "Weitere Informationen")) RETURNED END,
    CARD(M365, "Non remis : Offre",
         "Votre message à bob@b.test n'a pas pu être remis.\nVérifiez votre orthographe et "
         "renvoyez le message.\n",
         LINK("https://go.microsoft.com/fwlink/?LinkID=389361", "En savoir plus")) RETURNED END,
    CARD(M365, "配信不能: 見積",
         "bob@b.test へのメッセージを配信できませんでした。\nアドレスを確認してください。\n",
         LINK("https://go.microsoft.com/fwlink/?LinkID=389361", "詳細情報")) RETURNED END,
    /* its own domain, or the refusing one's, has a page of help */
    CARD(DAEMON, "Undelivered Mail Returned to Sender",
         "I could not deliver your message. See http://www.a.test/help/bounces.html\n",
         "<p>See " LINK("http://www.a.test/help/bounces.html", "our help") "</p>") RETURNED END,
    CARD(DAEMON, "Undelivered Mail Returned to Sender",
         "<bob@b.test>: host mx.b.test said: 550 5.1.1 no such user, see "
         "https://postmaster.b.test/e/511\n",
         "<p>550 5.1.1 no such user</p>") END,
    /* a server asks for a log-in, and it is sent on */
    TEXT(DAEMON, "Mail delivery failed: returning message to sender",
         "A message that you sent could not be delivered to one or more of its recipients. This is "
         "a permanent error. "
         "The following address(es) failed:\n\n  bob@b.test\n    host smtp.gmail.com said: "
         "534-5.7.14 "
         "<https://accounts.google.com/signin/continue?sarp=1> Please log in via\n    534-5.7.14 "
         "your web browser and "
         "then try again.\n"),
    TEXT(DAEMON, "failure notice",
         "Hi. This is the qmail-send program at a.test.\nI'm afraid I wasn't able to deliver your "
         "message to the "
         "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work "
         "out.\n\n<bob@b.test>:\n"
         "192.0.2.7 failed after I sent the message.\nRemote host said: 550 5.2.1 Dieses Postfach "
         "ist gesperrt. Bitte "
         "melden Sie sich an.\n"),
    TEXT(DAEMON, "failure notice",
         "Hi. This is the qmail-send program at a.test.\nI'm afraid I wasn't able to deliver your "
         "message to the "
         "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work "
         "out.\n\n<bob@b.test>:\n"
         "Remote host said: 554 5.7.1 blocked, see https://www.spamhaus.org/query/ip/192.0.2.7\n"),
    TEXT(DAEMON, "Undelivered Mail Returned to Sender",
         "This is the mail system at host mx.a.test.\n\n<bob@b.test>: host mx.b.test[192.0.2.9] "
         "said: 550 blocked using "
         "bl.c.test; see http://bl.c.test/lookup?ip=192.0.2.7 (in reply to RCPT TO command)\n"),
    TEXT(DAEMON, "Undelivered Mail Returned to Sender",
         "This is the mail system at host mx.a.test.\n\n<bob@b.test>: host mx.b.test[192.0.2.9] "
         "said: 552 5.2.2 mailbox "
         "full. Your mailbox will be deactivated, please sign in to make room (in reply to RCPT TO "
         "command)\n"),
};

static const char *const ordinary[] = {
    /* of keepers of mailboxes, about their own places */
    PAGE("Google <no-reply@accounts.google.com>", "Your Gmail storage is 90% full",
         LINK("https://accounts.google.com/AccountChooser?Email=ann@home.test&amp;continue=https://"
              "one.google.com/",
              "Get more storage") "Sign in to see more"),
    PAGE("Microsoft 365 <quarantine@messaging.microsoft.com>", "You have messages in quarantine",
         LINK("https://security.microsoft.com/quarantine?id=1", "Release")
             LINK("https://security.microsoft.com/", "Review message")),
    PAGE("Help desk <it@home.test>", "Your mailbox has moved",
         "Please sign in to the new webmail and confirm your account "
         "within 24 hours: " LINK("https://webmail.home.test/login?u=ann@home.test", "Webmail")),
    TEXT("Mimecast <digest@home.test>", "Messages on hold: quarantine",
         "Release your messages: https://login-uk.mimecast.com/m/digest?u=ann@home.test"),
    PAGE("Proofpoint <quarantine@home.test>", "End user digest: 5 messages in quarantine",
         LINK("https://us1.proofpointessentials.com/index.php?u=ann@home.test", "Release")),
    /* for many, or for whoever has just signed up */
    PAGE("Shop <news@shop.test>", "Free storage boxes",
         LINK("https://shop.test/x?c=1&amp;e=ann@home.test", "Shop now")),
    "List-Unsubscribe: <https://news.test/u>\n" PAGE(
        "News <news@news.test>", "More storage for your photos",
        "Sign in to claim it. Upgrade storage now. " LINK("https://news.test/x?e=ann@home.test",
                                                          "Sign in")),
    PAGE("Forum <noreply@forum.test>", "Welcome",
         "Please confirm your email address. " LINK("https://forum.test/confirm?e=ann@home.test",
                                                    "Confirm")),
    TEXT("Bank <info@bank.test>", "Your statement", "Log in to see it: https://bank.test/login"),
    TEXT("list-owner@a.test", "Your message to team awaits moderator approval",
         "Your mail to 'team' is being held until the list moderator can review it. To cancel it "
         "visit\n"
         "https://a.test/mailman/confirm/team/0123456789abcdef"),
    TEXT("Bob <bob@b.test>", "Re: mailbox",
         "The mailbox by your gate is broken. See https://photos.b.test/1?x=2"),
    TEXT("Bob <bob@b.test>", "Password for the wiki",
         "It's on the board. Log in to https://wiki.b.test/ and have a look."),
    TEXT("Eve <eve@b.test>", "Fwd: inbox zero", "Great text: https://medium.com/@x/inbox-zero"),
};

static int count_wrong(const char *const *messages, size_t count, enum verdict_class wanted)
{
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        struct arena a = ARENA_EMPTY;
        struct verdict v = trial_verdict(messages[i], &a);
        if (v.class == VERDICT_PHISHING || (wanted == VERDICT_GENUINE && v.class != wanted)) {
            wrong++;
            print_error("%s\n%s (%s):", messages[i], verdict_name(v.class),
                        confidence_name(v.confidence));
            for (size_t f = 0; f < v.fact_count; f++)
                print_error(" %s[%.*s]", v.facts[f].name, SPAN_F(v.facts[f].detail));
            print_error("\n\n");
        }
        arena_clear(&a);
    }
    return wrong;
}

static void honest_notices_are_genuine(void **state)
{
    assert_int_equal(count_wrong(genuine, COUNT_OF(genuine), VERDICT_GENUINE), 0);
}

static void ordinary_mail_is_no_trick(void **state)
{
    assert_int_equal(count_wrong(ordinary, COUNT_OF(ordinary), VERDICT_NOT_A_BOUNCE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_notices_are_genuine),
        cmocka_unit_test(ordinary_mail_is_no_trick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
