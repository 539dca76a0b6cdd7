/* What is said whatever the cause: of tricks, of mail that is not theirs, of all that is no
 * failure. */
#include "bounce/advise_inside.h"

static const struct plan phishing = {
    TONE_DANGER,
    WORDS("A trick, not a true notice"),
    WORDS("This mail only looks like a notice: it is made to get your password, your money, or "
          "harmful software onto your device."),
    WORDS("Nothing of yours is held back: no message waits for you behind its links."),
    WORDS("No message of yours is behind it."),
    WORDS("You, if you have already clicked or typed something; otherwise nobody."),
    ACTOR_YOU,
    {{WORDS("Do not click on anything in it, do not open its attachments, and do not answer."),
      NO_PLACE},
     {WORDS("Report it as phishing in your mail program, then delete it."), PLACE_PHISHING},
     {WORDS("If you have typed in a password there, change it at once, and check that your mail is "
            "not being forwarded to somebody else."),
      PLACE_FORWARDING}}};

static const struct plan maybe_phishing = {
    TONE_DANGER,
    WORDS("Probably a trick, not a true notice"),
    WORDS("This mail looks like a notice, but it asks for something that true notices do not ask "
          "for."),
    WORDS("Most likely nothing of yours is held back, and no message waits for you behind its "
          "links."),
    WORDS("Most likely no message of yours is behind it."),
    WORDS("You, if you have already clicked or typed something; otherwise nobody."),
    ACTOR_YOU,
    {{WORDS("Do not click on anything in it, do not open its attachments, and do not answer."),
      NO_PLACE},
     {WORDS("If you are in doubt, ask the people who run your mail, but not by any address or "
            "number that stands in it."),
      PLACE_PHISHING},
     {WORDS("If you have typed in a password there, change it at once, and check that your mail is "
            "not being forwarded to somebody else."),
      PLACE_FORWARDING}}};

static const struct plan account_abused = {
    TONE_DANGER,
    WORDS("Somebody else seems to send mail through your account"),
    WORDS("The message left through your account, but the signs are that somebody else sent it."),
    WORDS("No, and that may be good: you probably did not write it."),
    WORDS("It left through your account; we think that it was not you."),
    WORDS("You, and now."),
    ACTOR_YOU,
    {{WORDS("Check your computer and your phone for harmful software, or use a device that you "
            "trust for the next steps."),
      NO_PLACE},
     {WORDS("Choose a new password that you use nowhere else."), NO_PLACE},
     {WORDS("End all other sessions, and remove devices and apps that you do not know."),
      PLACE_SESSIONS},
     {WORDS("Check forwarding and filters: intruders set them to read your mail or to hide the "
            "answers."),
      PLACE_FORWARDING},
     {WORDS(
          "Check the recovery address and phone number, the signature and the automatic reply for "
          "changes that are not yours."),
      NO_PLACE},
     {WORDS("Turn on log-in in two steps."), NO_PLACE},
     {WORDS("Change the password wherever else you used the same one."), NO_PLACE},
     {WORDS("Tell the people who run your mail: they can stop what is still on its way."),
      NO_PLACE},
     {WORDS("Warn the people whom you write to: they should not open links or attachments from you "
            "of the last days."),
      NO_PLACE}}};

static const struct plan spam_in_bounce = {
    TONE_CALM,
    WORDS("Somebody's spam came back to your address"),
    WORDS("This is a true notice, but what it returns is spam that somebody sent with your address "
          "on it."),
    WORDS("No, and nobody misses it."),
    WORDS("No. Somebody put your address on it as the sender; anybody can do that, as on an "
          "envelope."),
    WORDS("Nobody. Your account has not been broken into."),
    ACTOR_NOBODY,
    {{WORDS("Delete it, and do not click on anything in the returned message."), NO_PLACE}}};

static const struct plan not_yours = {
    TONE_CALM,
    WORDS("A notice about mail that you did not send"),
    WORDS(
        "Somebody sends mail with your address on it as the sender, and the notices about it come "
        "to you."),
    WORDS("It was not delivered; but it was not yours."),
    WORDS("No. Somebody put your address on it as the sender; anybody can do that, as on an "
          "envelope."),
    WORDS("Nobody. Your account is fine, and there is nothing to repair in it."),
    ACTOR_NOBODY,
    {{WORDS("Delete the notice; there is no need to answer it."), NO_PLACE},
     {WORDS("If many of them come, have them sorted into a folder; after some days it passes by "
            "itself."),
      NO_PLACE},
     {WORDS("If the domain is yours, have SPF, DKIM and DMARC set up for it, and signed return "
            "paths: then others can tell the forgeries, and these notices can be refused."),
      NO_PLACE}}};

static const struct plan auto_reply = {
    TONE_CALM,
    WORDS("An automatic reply"),
    WORDS("A mailbox answers by itself; it is not an error."),
    WORDS("Very likely. A mailbox answers by itself when a message has arrived."),
    "",
    WORDS("Nobody."),
    ACTOR_NOBODY,
    {{WORDS("Read its text: it may say when somebody is back, or to whom to write meanwhile."),
      NO_PLACE}}};

static const struct plan feedback = {
    TONE_TROUBLE,
    WORDS("Somebody marked a message as spam"),
    WORDS("A recipient, or their mail provider, reports a message from you as unwanted."),
    WORDS("Yes, but whoever got it does not want it."),
    "",
    WORDS("You, or whoever sends your newsletters."),
    ACTOR_YOU,
    {{WORDS("Take this recipient off your list, and do not write to them again, not even about "
            "this."),
      NO_PLACE},
     {WORDS("Check that everybody on the list has asked for your mail, and can leave it with one "
            "click."),
      NO_PLACE},
     {WORDS("If you did not send this message, change your password and tell the people who run "
            "your mail."),
      PLACE_SESSIONS}}};

static const struct plan challenge = {
    TONE_WAIT,
    WORDS("The recipient's mail filter wants an answer"),
    WORDS("A filter holds the message until somebody confirms that a person has sent it."),
    WORDS("Not yet. It is held until the question has been answered."),
    "",
    WORDS("You."),
    ACTOR_YOU,
    {{WORDS("If you wrote to this recipient, answer as the text asks, but never give a password."),
      NO_PLACE},
     {WORDS("If you did not, do nothing: somebody used your address as the sender."), NO_PLACE},
     {WORDS("If you would rather not answer, reach the recipient by another way."), NO_PLACE}}};

static const struct plan unknown = {
    TONE_TROUBLE,
    WORDS("It does not show what this notice is about"),
    WORDS("This looks like a notice of a mail system, but it does not say enough to be sure."),
    WORDS("It can't be told from this notice alone."),
    "",
    WORDS("You: only you can answer that question."),
    ACTOR_YOU,
    {{WORDS("If you did, take it that the message has not arrived, and reach the recipient by "
            "another way."),
      NO_PLACE},
     {WORDS("If you did not, delete the notice: somebody used your address as the sender."),
      NO_PLACE},
     {WORDS("Do not click on links in it, and do not type in a password."), NO_PLACE}}};

static const struct plan ordinary = {
    TONE_CALM,
    WORDS("Not a notice about undelivered mail"),
    WORDS("This is an ordinary mail: it does not tell what became of a message of yours."),
    NULL,
    NULL,
    NULL,
    ACTOR_NOBODY,
    {{NULL, NO_PLACE}}};

static const struct plan dmarc_report = {
    TONE_CALM,
    WORDS("A DMARC report, not a notice about undelivered mail"),
    WORDS("A mail provider tells, as a rule once a day, how much mail it got in the name of a "
          "domain, and from where."),
    NULL,
    NULL,
    WORDS("Nobody, unless you run that domain."),
    ACTOR_NOBODY,
    {{WORDS("If you run the domain, plainpost dmarc-report FILE says what the report means; FILE "
            "is this mail."),
      NO_PLACE},
     {WORDS("If you do not, delete it, and do not open its attachment."), NO_PLACE}}};

static const struct plan tls_report = {
    TONE_CALM,
    WORDS("A TLS report, not a notice about undelivered mail"),
    WORDS("A mail provider tells, as a rule once a day, how often it could, or could not, encrypt "
          "mail on its way to a domain."),
    NULL,
    NULL,
    WORDS("Nobody, unless you run that domain."),
    ACTOR_NOBODY,
    {{WORDS("If you run the domain, see whether the report counts failures: then its mail servers "
            "could not be reached with encryption, and it says why."),
      NO_PLACE},
     {WORDS("If you do not, delete it, and do not open its attachment."), NO_PLACE}}};

static const struct plan *plan_of_other_mail(const struct notice *n)
{
    return n->kind == NOTICE_DMARC_REPORT ? &dmarc_report
           : n->kind == NOTICE_TLS_REPORT ? &tls_report
                                          : &ordinary;
}

const struct plan *advise_plan(const struct notice *n, const struct verdict *v)
{
    switch (v->class) {
    case VERDICT_PHISHING:
        return v->confidence == CONFIDENCE_CERTAIN ? &phishing : &maybe_phishing;
    case VERDICT_ACCOUNT_ABUSED:
        return &account_abused;
    case VERDICT_SPAM_IN_BOUNCE:
        return &spam_in_bounce;
    case VERDICT_NOT_YOURS:
        return &not_yours;
    case VERDICT_NOT_A_BOUNCE:
        return plan_of_other_mail(n);
    case VERDICT_AUTO_REPLY:
    case VERDICT_GENUINE:
    case VERDICT_UNKNOWN:
        break;
    }
    switch (n->kind) {
    case NOTICE_AUTO_REPLY:
        return &auto_reply;
    case NOTICE_FEEDBACK_REPORT:
        return &feedback;
    case NOTICE_CHALLENGE:
        return &challenge;
    case NOTICE_NOT_A_BOUNCE:
    case NOTICE_DMARC_REPORT:
    case NOTICE_TLS_REPORT:
    case NOTICE_FAILURE:
    case NOTICE_DELAY:
    case NOTICE_SUCCESS:
        break;
    }
    if (v->class == VERDICT_AUTO_REPLY)
        return &auto_reply;
    return v->class == VERDICT_UNKNOWN ? &unknown : NULL;
}
