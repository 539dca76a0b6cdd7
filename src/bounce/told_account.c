/* What a letter about an account says: what was done, what stood out, some of it, and what to do in
 * either case. The operator reads the commands for it, too. */
#include "bounce/told_inside.h"

#include "mail/encode.h"

#include <string.h>

enum { LONGEST_NAME = 320, LONGEST_COUNTRY = 100, LONGEST_SUBJECT = 200 };

static const char *say(const struct told *t, const char *english)
{
    return words(t->language, english);
}

static void tell_step(struct told *t, const char *english)
{
    told_add_words(t, TOLD_STEP, words(t->language, english));
}

struct span told_account_title(struct told *t, const struct account_letter *l)
{
    struct span account = told_shown(t, l->account, LONGEST_NAME);
    switch (l->kind) {
    case ACCOUNT_LETTER_SLOWED:
        return span_of(say(t, "Your mail leaves slowly"));
    case ACCOUNT_LETTER_HELD:
        if (l->is_for_postmaster) /* TRANSLATORS: in the subject; %1 is the name of an account. */
            return SAY(t, "Mail of the account %1 is held", account);
        return span_of(say(t, "Your mail is held until somebody has looked at it"));
    case ACCOUNT_LETTER_CHANGED:
        return span_of(told_changed_title(t, l));
    case ACCOUNT_LETTER_REVOKED:
        break;
    }
    if (l->is_for_postmaster) /* TRANSLATORS: in the subject; %1 is the name of an account. */
        return SAY(t, "Somebody else has used the account %1", account);
    return span_of(say(t, "Somebody else has sent mail through your account"));
}

/* ---- what was done */

static void tell_what(struct told *t, const struct account_letter *l)
{
    switch (l->kind) {
    case ACCOUNT_LETTER_SLOWED:
        told_add_words(t, TOLD_PARAGRAPH,
                       say(t, "Your account writes to many new people at once, so your mail server "
                              "lets such mail leave one by one."));
        return;
    case ACCOUNT_LETTER_HELD:
        if (!l->is_for_postmaster)
            told_add_words(t, TOLD_PARAGRAPH,
                           say(t, "Your account has sent in an unusual way, and somebody else may "
                                  "be using it."));
        /* TRANSLATORS: %1 is a time. */
        told_add(t, TOLD_PARAGRAPH,
                 SAY(t,
                     "Since %1 its mail to other servers waits. Nothing is lost, and nothing comes "
                     "back. Mail to people here, and all mail that comes in, goes on.",
                     told_time(t, l->since_ms, l->offset_minutes)));
        return;
    case ACCOUNT_LETTER_CHANGED:
        told_changes(t, l);
        return;
    case ACCOUNT_LETTER_REVOKED:
        break;
    }
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "What had not left for other servers yet is removed. For a week the "
                          "person who runs the mail server can bring it back."));
}

static struct span told_place(struct told *t, const struct account_letter *l)
{
    struct span from = told_shown(t, l->from, LONGEST_NAME);
    struct span country = told_shown(t, l->country, LONGEST_COUNTRY);
    /* TRANSLATORS: %1 is an address such as 192.0.2.1, %2 the country where it is. */
    return country.len ? SAY(t, "%1 (%2)", from, country) : from;
}

static void tell_numbers(struct told *t, const struct account_letter *l)
{
    told_add_row(t, say(t, "Account"), told_shown(t, l->account, LONGEST_NAME));
    if (l->from.len) /* TRANSLATORS: a label; an address such as 192.0.2.1 follows. */
        told_add_row(t, say(t, "Sent from"), told_place(t, l));
    if (l->recipients) /* TRANSLATORS: a label; a number follows. */
        told_add_row(t, say(t, "Recipients whose mail waits"), told_number(t, l->recipients));
}

static void tell_reasons(struct told *t, const struct account_letter *l)
{
    if (l->reason_count)
        told_add_words(t, TOLD_HEADING, say(t, "What stood out"));
    for (size_t i = 0; i < l->reason_count; i++)
        told_add(t, TOLD_PARAGRAPH, l->reasons[i]);
}

static void tell_samples(struct told *t, const struct account_letter *l)
{
    if (!l->sample_count)
        return;
    told_add_words(t, TOLD_HEADING,
                   l->kind == ACCOUNT_LETTER_REVOKED ? say(t, "Who has got such mail already")
                                                     : say(t, "Some of what is held"));
    for (size_t i = 0; i < l->sample_count; i++) {
        const struct account_letter_sample *s = &l->samples[i];
        struct buffer subject = BUFFER_EMPTY;
        encoded_words_decode(&subject, s->subject);
        struct span to = told_shown(t, s->to, LONGEST_NAME);
        struct span shown = told_shown(t, buffer_span(&subject), LONGEST_SUBJECT);
        told_add(t, TOLD_NAME, shown.len ? SAY(t, "%1: %2", to, shown) : to);
        buffer_free(&subject);
    }
}

/* ---- what to do */

static void tell_steps_of_owner(struct told *t)
{
    tell_step(t,
              "Check your computer and your phone for harmful software, or use a device that you "
              "trust for the next steps.");
    tell_step(t, "Choose a new password that you use nowhere else.");
    tell_step(t, "Change the password wherever else you used the same one.");
    tell_step(t,
              "Check forwarding and filters: intruders set them to read your mail or to hide the "
              "answers.");
    tell_step(t,
              "Check the recovery address and phone number, the signature and the automatic reply "
              "for changes that are not yours.");
}

static void tell_warning(struct told *t)
{
    told_add_words(t, TOLD_HEADING, say(t, "Words with which you can warn them"));
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "Somebody else has sent mail through my account. If you have got a mail "
                          "from me that you did not expect, please do not open its links or "
                          "attachments, and delete it. I have changed my password."));
}

static void tell_if_it_was_you(struct told *t, const struct account_letter *l)
{
    told_add_words(t, TOLD_HEADING, say(t, "If it was you"));
    if (l->kind == ACCOUNT_LETTER_CHANGED) {
        told_add_words(t, TOLD_PARAGRAPH, say(t, "You need do nothing."));
        return;
    }
    if (l->kind == ACCOUNT_LETTER_SLOWED)
        told_add_words(t, TOLD_PARAGRAPH, say(t, "You need do nothing: it is sent, only later."));
    told_add_words(t, TOLD_PARAGRAPH,
                   l->kind == ACCOUNT_LETTER_SLOWED
                       ? say(t, "Before you write to many the next time, tell the person who runs "
                                "your mail: then it leaves at once.")
                       : say(t, "If you sent this yourself, tell the person who runs your mail: "
                                "then it goes on its way."));
}

static void tell_owner(struct told *t, const struct account_letter *l)
{
    if (l->kind == ACCOUNT_LETTER_REVOKED) {
        told_add_words(t, TOLD_HEADING, say(t, "What to do"));
        tell_steps_of_owner(t);
        tell_warning(t);
        return;
    }
    tell_if_it_was_you(t, l);
    told_add_words(t, TOLD_HEADING, say(t, "If it was not you"));
    tell_steps_of_owner(t);
    if (l->kind == ACCOUNT_LETTER_CHANGED)
        tell_step(t, "Tell the person who runs your mail, by another way than mail: they see what "
                     "was changed, and can undo it.");
    else
        tell_step(
            t,
            "Tell the person who runs your mail, by another way than mail: they remove what still "
            "waits.");
}

static void tell_command(struct told *t, const struct account_letter *l, const char *act)
{
    told_add(t, TOLD_VERBATIM,
             arena_printf(t->arena, "plainpost account %s %.*s", act,
                          SPAN_F(told_shown(t, l->account, LONGEST_NAME))));
}

static void tell_postmaster(struct told *t, const struct account_letter *l)
{
    told_add_words(t, TOLD_HEADING, say(t, "What to do"));
    if (l->kind == ACCOUNT_LETTER_REVOKED) {
        tell_step(
            t, "Give the account a new password, and end what is still logged in by the old one.");
        tell_step(t, "Help its owner to look for changed forwardings and filters.");
        tell_warning(t);
        told_add_words(t, TOLD_PARAGRAPH, say(t, "If it was a mistake, bring the mail back:"));
        tell_command(t, l, "restore");
        return;
    }
    tell_step(
        t, "Ask the owner of the account, by another way than mail: whoever has the password reads "
           "the mail, too.");
    told_add_words(t, TOLD_PARAGRAPH, say(t, "It was the owner: let the mail go."));
    tell_command(t, l, "release");
    told_add_words(t, TOLD_PARAGRAPH, say(t, "It was somebody else: remove the mail."));
    tell_command(t, l, "revoke");
    told_add_words(t, TOLD_PARAGRAPH, say(t, "To see all of it:"));
    tell_command(t, l, "show");
}

static struct span letter_id(struct told *t, const struct account_letter *l)
{
    buffer_clear(&t->scratch);
    message_id_add(&t->scratch, l->id);
    return arena_copy(t->arena, buffer_span(&t->scratch));
}

static void tell_in_english(struct told *t, const struct account_letter *l)
{
    const struct language *own = t->language;
    t->language = language_english(own);
    told_add_words(t, TOLD_ECHO, "In English");
    told_add(t, TOLD_TITLE, told_account_title(t, l));
    tell_what(t, l);
    told_help(t, letter_id(t, l), false);
    t->language = own;
}

void account_letter_tell(struct told *t, const struct account_letter *l, struct arena *a)
{
    *t = (struct told){.language = l->language, .worst = OUTCOME_DELAYED, .arena = a};
    told_add(t, TOLD_TITLE, told_account_title(t, l));
    bool is_of_change = l->kind == ACCOUNT_LETTER_CHANGED; /* which may end in a list */
    if (is_of_change && !span_equal_nocase(l->account, l->to))
        tell_numbers(t, l);
    tell_what(t, l);
    if (!is_of_change)
        tell_numbers(t, l);
    tell_reasons(t, l);
    tell_samples(t, l);
    if (l->is_for_postmaster)
        tell_postmaster(t, l);
    else
        tell_owner(t, l);
    told_help(t, letter_id(t, l), false);
    if (strcmp(language_tag(t->language), "en") != 0)
        tell_in_english(t, l);
    buffer_free(&t->scratch);
}
