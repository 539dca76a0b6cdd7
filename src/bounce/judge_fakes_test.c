/* Tricks as they are sent, in many languages: whoever wants a password writes what a mail system
 * might. None of them may be taken for a true notice; those that show themselves are named. */
#include "base/test.h"

#include "bounce/trial_notice.h"

#define HEAD(from, subject)                                                                        \
    "Return-Path: <web@host.invalid>\nFrom: " from "\nTo: Ann <ann@home.test>\nSubject: " subject  \
    "\nMIME-Version: 1.0\n"
#define TEXT(from, subject, words)                                                                 \
    HEAD(from, subject) "Content-Type: text/plain; charset=utf-8\n\n" words "\n"
#define PAGE(from, subject, html)                                                                  \
    HEAD(from, subject)                                                                            \
    "Content-Type: text/html; charset=utf-8\n\n<html><body>" html "</body></html>\n"
#define LINK(target, words) "<a href=\"" target "\">" words "</a>"
#define REPORT(from, subject, type, words)                                                         \
    HEAD(from, subject)                                                                            \
    "Auto-Submitted: auto-replied\n"                                                               \
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"                  \
    "--b\nContent-Type: " type "; charset=utf-8\n\n" words "\n"                                    \
    "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.home.test\n\n"           \
    "Final-Recipient: rfc822; bob@b.test\nAction: failed\nStatus: 5.0.0\n\n"
#define RETURNED                                                                                   \
    "--b\nContent-Type: text/rfc822-headers\n\nReceived: from a by b; Tue, 3 Mar 2026 09:11:05 "   \
    "+0000\nMessage-ID: <1@home.test>\nFrom: ann@home.test\nTo: bob@b.test\nSubject: Offer\n\n"
#define END "--b--\n"
#define WITH_FILE(from, subject, words, type, name)                                                \
    HEAD(from, subject)                                                                            \
    "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; "                 \
    "charset=utf-8\n\n" words "\n--b\nContent-Type: " type                                         \
    "\nContent-Disposition: attachment; filename=\"" name "\"\n\n<p>\n--b--\n"
#define DAEMON "Mail Delivery Subsystem <mailer-daemon@home.test>"
#define ADMIN "Mail Administrator <support@host.invalid>"

static const char *const phishing[] = {
    /* a full mailbox */
    TEXT(ADMIN, "Your mailbox is 98% full",
         "You can't receive new messages. Add more space free of charge:\n"
         "https://quota.host.invalid/?u=ann@home.test"),
    PAGE(ADMIN, "Mailbox storage alert",
         "<p>Your mailbox has reached its limit.</p>" LINK(
             "https://x.pages.dev/ann", "Upgrade storage") "<p>or it will be deactivated</p>"),
    TEXT("Amministratore <a@host.invalid>", "La sua casella di posta è piena",
         "Aumenta lo spazio entro 24 ore: https://q.host.invalid/?id=YW5uQGhvbWUudGVzdA"),
    TEXT("Beheer <a@host.invalid>", "Uw postvak is vol",
         "Meld u aan en vergroot uw postvak: https://q.host.invalid/?e=ann%40home.test"),
    TEXT("Suporte <a@host.invalid>", "Sua caixa de correio está cheia",
         "Faça login para aumentar o espaço: https://q.host.invalid/?e=ann@home.test"),
    TEXT("Administrator <a@host.invalid>", "Twoja skrzynka jest pełna",
         "Zaloguj się, aby zwiększyć pojemność: https://q.host.invalid/?e=ann@home.test"),
    TEXT("Администратор <a@host.invalid>", "Ваш почтовый ящик переполнен",
         "Войдите и подтвердите учетную запись: https://q.host.invalid/?e=ann@home.test"),
    TEXT("管理员 <a@host.invalid>", "您的邮箱已满",
         "请立即登录并扩容: https://q.host.invalid/?e=ann@home.test"),
    TEXT("관리자 <a@host.invalid>", "메일함 용량 초과",
         "지금 로그인하여 계정을 확인하세요: https://q.host.invalid/?e=ann@home.test"),
    TEXT("Yönetici <a@host.invalid>", "Posta kutusu doldu",
         "Hesabınızı doğrulamak için giriş yapın: https://q.host.invalid/?e=ann@home.test"),
    /* messages that wait */
    PAGE(DAEMON, "5 incoming messages could not be delivered",
         "<p>They are held on the server.</p>" LINK("https://m.host.invalid/a#ann@home.test",
                                                    "Retrieve messages")),
    PAGE("home.test Mail Server <noreply@host.invalid>", "Undelivered messages for ann",
         "<p>3 messages are pending because of a system error.</p>" LINK(
             "https://ipfs.io/ipfs/Qm/#ann@home.test", "Move to inbox")),
    PAGE("Quarantine <q@host.invalid>", "[home.test] Quarantine summary",
         "<table><tr><td>Invoice</td><td>" LINK("https://m.host.invalid/r?u=ann@home.test",
                                                "Release") "</td></tr></table>"),
    PAGE("Servizio Posta <q@host.invalid>", "Messaggi in quarantena",
         "<p>4 messaggi in attesa</p>" LINK("https://m.host.invalid/r?u=ann@home.test",
                                            "Rilascia tutti")),
    PAGE("E-mailbeheer <q@host.invalid>", "Berichten in quarantaine voor ann",
         LINK("https://m.host.invalid/r?u=ann@home.test", "Berichten vrijgeven")),
    PAGE("Correio <q@host.invalid>", "Mensagens pendentes na caixa de entrada",
         LINK("https://m.host.invalid/r?u=ann@home.test", "Liberar mensagens")),
    /* a password */
    PAGE("IT Support <it@host.invalid>", "Password for ann@home.test expires today",
         LINK("https://m.host.invalid/k?u=ann@home.test", "Keep same password")),
    TEXT("Mail team <it@host.invalid>", "Your email account",
         "Reply to this message with your email and password, or your account will be closed."),
    PAGE(ADMIN, "Mailbox validation",
         "<form action=\"https://m.host.invalid/\">E-mail <input name=u> "
         "Password <input type=password name=p></form>"),
    /* files */
    WITH_FILE(DAEMON, "Undelivered Mail Returned to Sender",
              "Your message to bob@b.test could not be "
              "delivered. Open the attached report.",
              "text/html", "report.html"),
    WITH_FILE(DAEMON, "Mail delivery failed: returning message to sender",
              "Your message to bob@b.test "
              "could not be delivered. See the file. Password: 1234",
              "application/octet-stream", "message.zip"),
    WITH_FILE("Postmaster <postmaster@home.test>", "Delivery failure",
              "Your message did not reach bob@b.test.", "application/x-msdownload", "details"),
    /* reports as mail systems build them */
    REPORT(DAEMON, "Undeliverable: Offer", "text/html",
           "<p>Your message to bob@b.test was held back.</p>" LINK(
               "https://m.host.invalid/?i=ann@home.test", "Continue")) END,
    REPORT(DAEMON, "Undeliverable: Offer", "text/html",
           "<p>Your message to bob@b.test was held back.</p>" LINK(
               "https://m.host.invalid/?i=ann@home.test", "Fortfahren")) RETURNED END,
    REPORT(DAEMON, "Undelivered Mail Returned to Sender", "text/plain",
           "Please sign in to confirm your account: "
           "https://m.host.invalid/c/1") RETURNED END,
    REPORT("Microsoft Outlook <postmaster@home.test>", "Undeliverable: Offer", "text/html",
           "<p>Your message to bob@b.test couldn't be delivered.</p>" LINK(
               "https://login-microsoftonline.host.invalid/", "Fix it now")) RETURNED END,
    REPORT(DAEMON, "Delivery Status Notification (Failure)", "text/html",
           "<p>Message blocked.</p>" LINK("https://m.host.invalid/x",
                                          "https://mail.google.com/messages")) RETURNED END,
    REPORT(DAEMON, "Delivery Status Notification (Failure)", "text/html",
           "<p>Message blocked.</p>" LINK("http://192.0.2.7/mail", "Mensaje completo"))
        RETURNED END,
    REPORT(DAEMON, "Delivery Status Notification (Failure)", "text/html",
           "<p>Message blocked.</p>" LINK("https://home-test.web.app/", "Bericht ansehen"))
        RETURNED END,
    /* hidden from filters */
    PAGE(DAEMON, "Delivery Status Notification (Failure)",
         "<p>Si\xE2\x80\x8Bgn i\xE2\x80\x8Bn to rel\xC2\xAD"
         "ease "
         "your messages: https://m.host.invalid/</p>"),
    "Return-Path: <a@host.invalid>\nFrom: " DAEMON
    "\nTo: ann@home.test\nSubject: Delivery failure\nMIME-Version: 1.0\n"
    "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nYour "
    "message to bob@b.test "
    "could not be delivered. Sorry about that.\n--b\nContent-Type: text/html\n\n<p>Sign in to "
    "release it</p>" LINK("https://m.host.invalid/", "here") "\n--b--\n",
    PAGE(DAEMON, "Mail delivery failed",
         "<p>5 messages wait.</p>" LINK("https://eur01.safelinks.protection.outlook.com/"
                                        "?url=https%3A%2F%2Fm.host.invalid%2F&amp;data=x",
                                        "Show them")),
    /* languages whose words nobody here knows */
    PAGE(DAEMON, "Mail delivery failed",
         "<p>ข้อความของคุณถึง bob@b.test ไม่ได้ถูกส่ง</p>" LINK("https://m.host.invalid/", "กู้คืน")),
    PAGE(DAEMON, "Mail delivery failed",
         "<p>لم يتم تسليم رسالتك إلى bob@b.test</p>" LINK("https://m.host.invalid/", "استعادة")),
};

static void tricks_are_named(void **state)
{
    int failed = 0;
    for (size_t i = 0; i < COUNT_OF(phishing); i++) {
        struct arena a = ARENA_EMPTY;
        struct verdict v = trial_verdict(phishing[i], &a);
        if (v.class != VERDICT_PHISHING) {
            failed++;
            print_error("%s\n%s (%s)\n", phishing[i], verdict_name(v.class),
                        confidence_name(v.confidence));
        }
        arena_clear(&a);
    }
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tricks_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
