/* Which system wrote a notice: by what only it writes. The first row that fits names it; what a
 * system also adds to the mail that passes it, or what many share, stands last. */
#include "bounce/read_inside.h"

enum place {
    IN_TEXT,      /* of the notice, its first words */
    IN_SUBJECT,   /* … */
    IN_FROM,      /* the sender */
    IN_REPORTING, /* the host that reports */
    IN_FIELDS,    /* of the report: names that only it has */
    HAS_FIELD,    /* of the header */
    IN_MAILER,    /* X-Mailer, User-Agent */
    IN_RECEIVED,  /* the host that the notice came from first: the lowest Received field */
    IN_ID         /* Message-ID */
};

static const struct {
    const char *agent;
    enum place place;
    const char *what;
} rows[] = {
    {"Microsoft 365", IN_REPORTING, ".outlook.com"},
    {"Microsoft 365", IN_TEXT, ".protection.outlook.com/"},
    {"Outlook.com", IN_REPORTING, ".hotmail.com"},
    {"Outlook.com", IN_FROM, "postmaster@hotmail."},
    {"Outlook.com", IN_FROM, "postmaster@outlook."},
    {"Google Groups", IN_TEXT, "google groups"},
    {"Gmail", IN_FROM, "mailer-daemon@google"},
    {"Gmail", IN_FROM, "mailer-daemon@gmail"},
    {"Gmail", IN_REPORTING, "googlemail.com"},
    {"Gmail", IN_TEXT, "google tried to deliver your message"},
    {"Gmail", IN_TEXT, "support.google.com/mail/answer/7720"},
    {"Amazon WorkMail", IN_MAILER, "amazon workmail"},
    {"Amazon SES", IN_FROM, "amazonses.com"},
    {"Amazon SES", IN_REPORTING, "amazonses.com"},
    {"Amazon SES", IN_FROM, "sns.amazonaws.com"},
    {"Yahoo", IN_FROM, "mailer-daemon@yahoo"},
    {"Yahoo", IN_FROM, "@ymail"},
    {"Yahoo", IN_FROM, "arf.mail.yahoo"},
    {"AOL", IN_FROM, "@aol."},
    {"AOL", IN_FIELDS, "x-outbound-mail-relay"},
    {"iCloud", IN_REPORTING, ".icloud.com"},
    {"iCloud", IN_REPORTING, ".mac.com"},
    {"mail.ru", IN_FROM, "@corp.mail.ru"},
    {"mail.ru", IN_FROM, "mailer-daemon@mail.ru"},
    {"Yandex", IN_FROM, "@yandex."},
    {"Yandex", IN_FIELDS, "x-yandex-"},
    {"Zoho", HAS_FIELD, "X-ZohoMail-Bounce"},
    {"Zoho", IN_FROM, "@mail.zoho"},
    {"Zoho", IN_MAILER, "zoho mail"},
    {"SendGrid", IN_REPORTING, "sendgrid"},
    {"SendGrid", IN_FROM, "sendgrid"},
    {"SendGrid", IN_FIELDS, "x-sendgrid-"},
    {"Mailgun", IN_REPORTING, "mailgun"},
    {"Mimecast", IN_REPORTING, "mimecast"},
    {"Mimecast", HAS_FIELD, "X-Mimecast-Originator"},
    {"Barracuda", IN_REPORTING, "barracuda"},
    {"Barracuda", IN_FIELDS, "x-email-security-gateway"},
    {"Barracuda", IN_TEXT, "email security gateway at"},
    {"Barracuda", IN_TEXT, "barracuda"},
    {"Proofpoint", IN_REPORTING, ".pphosted.com"},
    {"MessageLabs", IN_REPORTING, "messagelabs.com"},
    {"MessageLabs", IN_FROM, "messagelabs"},
    {"FortiMail", IN_REPORTING, "fortimail"},
    {"FortiMail", IN_MAILER, "fortimail"},
    {"1&1", IN_FROM, "kundenserver.de"},
    {"1&1", IN_FROM, "@mx.1and1"},
    {"GMX", IN_FROM, "@gmx."},
    {"docomo", IN_FROM, "@docomo.ne.jp"},
    {"au", IN_FROM, "@ezweb.ne.jp"},
    {"au", IN_FROM, ".dion.ne.jp"},
    {"au", IN_ID, "auone-net.jp"},
    {"SoftBank", IN_FROM, "softbank.ne.jp"},
    {"Biglobe", IN_FROM, "biglobe.ne.jp"},
    {"Biglobe", IN_FROM, "@inacatv"},
    {"Verizon", IN_FROM, "vzwpix.com"},
    {"Verizon", IN_FROM, "vtext.com"},
    {"Facebook", IN_REPORTING, "facebook.com"},
    {"Facebook", IN_FROM, "@mx.facebook"},
    {"X5", IN_MAILER, "tm-aas"},
    {"Postfix", IN_FIELDS, "x-postfix-"},
    {"Postfix", IN_TEXT, "this is the postfix program"},
    {"Postfix", IN_TEXT, "this is the mail system at host"},
    {"Postfix", IN_SUBJECT, "postfix smtp server: errors"},
    {"OpenSMTPD", IN_TEXT, "an error has occurred while attempting to deliver a message for"},
    {"OpenSMTPD", IN_RECEIVED, "(opensmtpd)"},
    {"DragonFly Mail Agent", IN_TEXT, "this is the dragonfly mail agent"},
    {"qmail", IN_TEXT, "this is the qmail-send program"},
    {"qmail", IN_TEXT, "this is the mail delivery program"},
    {"qmail", IN_TEXT, "qmail-send"},
    {"s/qmail", IN_TEXT, "s/qmail"},
    {"Exim", HAS_FIELD, "X-Failed-Recipients"},
    {"Exim", IN_TEXT, "this message was created automatically by mail delivery software"},
    {"Exim", IN_RECEIVED, "(exim "},
    {"Courier", IN_TEXT, "this is a delivery status notification from "},
    {"Courier", IN_ID, "<courier."},
    {"Sendmail", IN_TEXT, "----- the following addresses had"},
    {"Sendmail", IN_TEXT, "----- transcript of session follows"},
    {"Sendmail", IN_SUBJECT, "returned mail: see transcript for details"},
    {"Lotus Domino", IN_TEXT, "your message couldn't be delivered to"},
    {"Lotus Domino", IN_FIELDS, "x-notes"},
    {"Lotus Domino", IN_TEXT, "domino"},
    {"GroupWise", IN_MAILER, "groupwise"},
    {"GroupWise", IN_MAILER, "novell"},
    {"GroupWise", IN_TEXT, "guinevere"},
    {"GWAVA", IN_MAILER, "gwava"},
    {"MDaemon", IN_MAILER, "mdaemon"},
    {"MDaemon", HAS_FIELD, "X-MDaemon-Deliver-To"},
    {"MDaemon", IN_TEXT, "mdaemon"},
    {"IMail", IN_MAILER, "<smtp32 v"},
    {"IMail", IN_TEXT, "undeliverable to "},
    {"MailEnable", IN_TEXT, "mailenable"},
    {"hMailServer", IN_TEXT, "hmailserver"},
    {"Kerio", IN_MAILER, "kerio"},
    {"SmarterMail", IN_TEXT, "smartermail"},
    {"Axigen", IN_MAILER, "axigen"},
    {"Zimbra", IN_MAILER, "zimbra"},
    {"CommuniGate Pro", IN_MAILER, "communigate pro"},
    {"CommuniGate Pro", IN_TEXT, "communigate pro"},
    {"InterMail", IN_TEXT, "this message was undeliverable due to the following reason"},
    {"InterMail", IN_TEXT, "intermail"},
    {"Openwave", IN_TEXT, "openwave"},
    {"Oracle Messaging Server", IN_TEXT,
     "this report relates to a message you sent with the following"},
    {"Oracle Messaging Server", IN_ID, "(built "},
    {"Sun Java System", IN_RECEIVED, "sun java"},
    {"Apache James", IN_TEXT, "james"},
    {"Apache James", IN_ID, "javamail"},
    {"MailMarshal", IN_TEXT, "mailmarshal"},
    {"MailMarshal", IN_MAILER, "mailmarshal"},
    {"SurfControl", IN_MAILER, "surfcontrol"},
    {"MIMEsweeper", IN_TEXT, "mimesweeper"},
    {"InterScan", IN_TEXT, "interscan"},
    {"InterScan", IN_FROM, "interscan"},
    {"McAfee", IN_TEXT, "mcafee"},
    {"MXLogic", IN_TEXT, "mxlogic"},
    {"m-FILTER", IN_MAILER, "m-filter"},
    {"Symantec", IN_FROM, "symantec"},
    {"PowerMTA", IN_TEXT, "powermta"},
    {"PowerMTA", IN_FIELDS, "x-powermta-"},
    {"KumoMTA", IN_REPORTING, "kumomta"},
    {"Momentum", IN_FIELDS, "x-msys"},
    {"Mailman", HAS_FIELD, "X-Mailman-Version"},
    {"fml", HAS_FIELD, "X-MLServer"},
    {"ezmlm", IN_TEXT, "ezmlm"},
    {"Listserv", IN_TEXT, "listserv"},
    {"Exchange", IN_TEXT, "microsoft exchange"},
    {"Exchange", HAS_FIELD, "X-MS-Exchange-Organization-SCL"},
    {"Exchange", HAS_FIELD, "X-MS-Exchange-Message-Is-Ndr"},
    {"Exchange", HAS_FIELD, "X-DSNContext"},
    {"Exchange", IN_TEXT, "did not reach the following recipient(s)"},
    {"Exchange", IN_MAILER, "internet mail service"},
    {"Exchange", IN_RECEIVED, "microsoft smtpsvc"},
    {"Exchange", IN_RECEIVED, "microsoft smtp server"},
    {"X.400", IN_FIELDS, "x400-"},
    {"Microsoft 365", HAS_FIELD, "X-MS-Exchange-CrossTenant-Id"},
    {"Microsoft 365", IN_TEXT, ".prod.outlook.com"},
    {"mail.ru", IN_RECEIVED, ".mail.ru"},
    {"Lotus Domino", HAS_FIELD, "X-MIMETrack"},
    {"Yahoo", IN_RECEIVED, ".yahoo.com"},
    {"Sendmail", IN_RECEIVED, " (8."},
    {"Postfix", IN_RECEIVED, "(postfix)"},
};

/* The last of its Received fields is the first that was written. */
static struct span first_hop(const struct reading *r)
{
    const struct survey *s = r->survey;
    for (size_t i = s->field_count; i; i--)
        if (span_equal_nocase(s->fields[i - 1].name, SPAN("Received")))
            return s->fields[i - 1].value;
    return SPAN_NONE;
}

static struct span report_fields(const struct survey *s)
{
    const struct survey_part *p = survey_part(s, PART_STATUS);
    return p ? p->text : SPAN_NONE;
}

static bool fits(const struct reading *r, const struct span *in, enum place place, const char *what)
{
    switch (place) {
    case IN_TEXT:
        return folded_has(&r->words, what);
    case IN_SUBJECT:
        return folded_has(&r->subject, what);
    case IN_FROM:
        return folded_has(&r->from, what);
    case HAS_FIELD:
        return survey_has_field(r->survey, what);
    case IN_REPORTING:
    case IN_FIELDS:
    case IN_MAILER:
    case IN_RECEIVED:
    case IN_ID:
        return span_find(in[place], span_of(what)) != SPAN_NOT_FOUND;
    }
    return false;
}

const char *read_agent(struct reading *r)
{
    enum { MOST = 2000 };
    struct span in[IN_ID + 1] = {{0}}, mailer = survey_field(r->survey, "X-Mailer", r->arena);
    if (!mailer.len)
        mailer = survey_field(r->survey, "User-Agent", r->arena);
    in[IN_REPORTING] = folded_text(r->notice->reporting, MOST, r->arena);
    in[IN_FIELDS] = folded_text(report_fields(r->survey), MOST, r->arena);
    in[IN_MAILER] = folded_text(mailer, MOST, r->arena);
    in[IN_RECEIVED] = folded_text(first_hop(r), MOST, r->arena);
    in[IN_ID] = folded_text(r->notice->message_id, MOST, r->arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (fits(r, in, rows[i].place, rows[i].what))
            return rows[i].agent;
    return "";
}
